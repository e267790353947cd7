"""Business days and cut-offs of company, warehouse, carrier and bank."""
