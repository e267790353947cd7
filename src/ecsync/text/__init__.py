"""Pure functions over text: folding, widths, addresses, postcodes, phones, amounts, dates."""
