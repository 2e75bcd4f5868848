"""CSV files are read, checked and split here, and messages point at their mistakes."""
