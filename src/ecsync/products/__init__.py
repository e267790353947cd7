"""Product master, set components, channel listings, aliases."""
