"""Tables: a CSV file is read, checked and split, and its mistakes are told where they stand."""
