"""Making a project: a few answers become an ecsync.toml, folders and an empty master."""
