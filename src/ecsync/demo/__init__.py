"""The demo shop: a believable day played against a throwaway SFTP server."""
