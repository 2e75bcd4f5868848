"""Text: source and spans, syntax, shapes, and the messages about all of them."""
