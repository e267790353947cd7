"""Write files as the partners of an invented shop would: their layouts, their encodings, their habits."""
