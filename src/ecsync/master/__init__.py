"""The master's tables, engine, bulk load, counters and migrations."""
