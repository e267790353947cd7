"""Stock ledger, allocation, set products, channel quantities."""
