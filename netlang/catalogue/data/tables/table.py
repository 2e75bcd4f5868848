"""A table is what a data file holds, once every cell of it is known to be right."""

from __future__ import annotations

from array import array

from netlang.catalogue.data.tables.target import Target
from netlang.system.record import Record


class Table(Record):
    """``inputs`` are the numbers of ``columns``, row by row. ``line`` is one to write above the
    file's first line, if that is a row of data; "" if not.
    """

    rows: int
    columns: tuple[str, ...]
    inputs: array[float]
    target: Target
    line: str

    def column(self, index: int) -> array[float]:
        return self.inputs[index :: len(self.columns)]
