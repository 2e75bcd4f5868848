"""A table as a data set: what a file says of it, which rows are for what, and their samples."""

from netlang.catalogue.data.table.data_set import CSV, Table

__all__ = ["CSV", "Table"]
