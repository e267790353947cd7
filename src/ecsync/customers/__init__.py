"""Customers over all channels and the retention of personal data."""
