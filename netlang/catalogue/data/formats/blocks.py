"""A file of Parquet or Arrow in blocks of rows, of which each is read without the others."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from netlang.catalogue.data.formats.endings import FRAMES, ending_of
from netlang.catalogue.data.formats.frames import guarded
from netlang.catalogue.data.formats.gathering import Counted
from netlang.catalogue.data.formats.series import add_series, keep_limited
from netlang.catalogue.data.formats.source import Changed, Source

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.source import Slice

STREAMED = tuple(ending for ending, kind in FRAMES.items() if kind in ("Parquet", "Arrow"))
"""The endings of files that are read in blocks."""

_CELLS = 1 << 22  # of a block, at most
_FEWEST, _MOST = 1 << 10, 1 << 17  # rows of a block


class RowBlocks:
    """The blocks of a ``file``, as it is now. What cannot be read raises Damaged, and a file that
    was written anew since then Changed.
    """

    def __init__(self, file: Path) -> None:
        self.file, self._kind = file, FRAMES[ending_of(file.name)]
        self._state = self._state_now()
        self.header = guarded(self._kind, lambda: self._lazy().collect_schema().names())
        self.rows = guarded(self._kind, lambda: int(self._lazy().select(pl.len()).collect().item()))
        self.size = min(max(_CELLS // max(1, len(self.header)), _FEWEST), _MOST)

    def __len__(self) -> int:
        return -(-self.rows // self.size)

    def read(self, block: int, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of a block, counted from 0."""
        if self._state_now() != self._state:
            raise Changed
        lazy = self._lazy().select(columns).slice(block * self.size, self.size)
        return guarded(self._kind, lambda: lazy.collect().rechunk())

    def _lazy(self) -> pl.LazyFrame:
        scan = pl.scan_parquet if self._kind == "Parquet" else pl.scan_ipc
        return scan(self.file, glob=False)

    def _state_now(self) -> tuple[int, ...]:
        found = os.stat(self.file)
        return found.st_ino, found.st_size, found.st_mtime_ns


class InBlocks(Source):
    """The same as a source. A column's cells are counted, and only the first of them are kept."""

    def __init__(self, blocks: RowBlocks) -> None:
        self.blocks, self.file, self.header = blocks, blocks.file, blocks.header

    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> Mapping[int, Counted]:
        gathered = {column: Counted(column in as_text) for column in columns}
        for frame in self._frames([self.header[column] for column in columns]):
            for series, cells in zip(frame, gathered.values(), strict=True):
                add_series(cells, series)
            if not all(keep_limited(gathered[column]) for column in limited):
                break
        return gathered

    def slices(self) -> Iterator[Slice]:
        first = 1
        for frame in self._frames(self.header):
            yield first, {series.name: series for series in frame}
            first += len(frame)

    def _frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for block in range(max(1, len(self.blocks))):
            yield self.blocks.read(block, columns)
