"""What commands print: text, tables, JSON, progress and differences."""
