"""Data sets say where samples come from, and describe them before any is loaded."""

from netlang.catalogue.data.dataset import DataSet, Description, Samples, Split
from netlang.catalogue.data.disc import Disc
from netlang.catalogue.data.pipeline import ColumnError, Pipeline
from netlang.catalogue.data.table import CSV, Table

__all__ = [
    "CSV",
    "ColumnError",
    "DataSet",
    "Description",
    "Disc",
    "Pipeline",
    "Samples",
    "Split",
    "Table",
]
