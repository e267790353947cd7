"""Shipping instructions, ship dates, results, recalls, notices."""
