"""Data sets say where samples come from, and describe them before any is loaded."""

from netlang.catalogue.data.csv_file import CSV
from netlang.catalogue.data.dataset import DataSet, Description, Samples, Split
from netlang.catalogue.data.disc import Disc
from netlang.catalogue.data.pipeline import ColumnError, Pipeline

__all__ = ["CSV", "ColumnError", "DataSet", "Description", "Disc", "Pipeline", "Samples", "Split"]
