"""Data sets: where samples come from, and what is known of them before any is loaded."""

from netlang.data.dataset import DataSet, Description, Samples, Split, Units
from netlang.data.disc import Disc
from netlang.data.table import CSV

__all__ = ["CSV", "DataSet", "Description", "Disc", "Samples", "Split", "Units"]
