"""What people read: differences, tables, work lists; reads the master, never decides."""
