"""Journals, tax, the write-back of sales, the proof that books balance."""
