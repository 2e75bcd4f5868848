"""A table that is in memory already: whoever calls from Python has it, and no file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.series import add_series, keep_limited
from netlang.catalogue.data.formats.source import Source

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.source import Slice

_ROWS = 1 << 16  # of texts that are looked at before it is asked whether they are too many


class HeldTable(Source):
    """The columns of ``frame``, which messages call by a ``name``. No line of text has a row.

    Those of ``named`` are texts by their type, and so their cells name categories.
    """

    def __init__(self, frame: pl.DataFrame, name: str, named: Collection[str] = ()) -> None:
        self.frame, self.header, self.file = frame, frame.columns, Path(name)
        self.named = frozenset(named)

    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> dict[int, Gathering]:
        gathered = {column: Gathering(column in as_text) for column in columns}
        for column, cells in gathered.items():
            series = self.frame.to_series(column)
            are_texts = cells.as_text or not series.dtype.is_numeric()
            size = _ROWS if column in limited and are_texts else max(1, len(series))
            for first in range(0, len(series), size):
                add_series(cells, series.slice(first, size))
                if column in limited and not keep_limited(cells):
                    return self._head(columns, as_text, cells.rows)
        return gathered

    def _head(
        self, columns: Sequence[int], as_text: Collection[int], rows: int
    ) -> dict[int, Gathering]:
        """The cells of so many rows."""
        gathered = {column: Gathering(column in as_text) for column in columns}
        for column, cells in gathered.items():
            add_series(cells, self.frame.to_series(column).head(rows))
            cells.is_cut_off = True
        return gathered

    def slices(self) -> Iterator[Slice]:
        yield 1, {series.name: series for series in self.frame}
