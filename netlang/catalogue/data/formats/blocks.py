"""A file of Parquet or Arrow in blocks of rows, of which each is read without the others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path

import polars as pl

from netlang.catalogue.data.formats.endings import FRAMES, ending_of
from netlang.catalogue.data.formats.guarded import FAULTS, guarded
from netlang.catalogue.data.formats.row_groups import rows_of_groups
from netlang.catalogue.data.formats.source import Changed, Damaged

_CELLS = 1 << 24  # of a block, at most
_FEW = 1 << 17  # rows: smaller row groups are a block together
_PAGE = 1 << 16  # rows: where a row group is cut, it is at a multiple of this


class RowBlocks:
    """The blocks of a ``file``, as it is now. What cannot be read raises Damaged, and a file that
    was written anew since then Changed.

    A row group of Parquet is unpacked as a whole, so that a block is one, or some that are small;
    or, where a group has too many cells, a part of it. A row may become more numbers than it has
    cells: a block has few enough rows for so many.
    """

    def __init__(self, file: Path, numbers: int = 0) -> None:
        self.file, self._kind = file, FRAMES[ending_of(file.name)]
        self._state = self._state_now()
        scan = pl.scan_parquet if self._kind == "Parquet" else pl.scan_ipc
        # It keeps what the end of the file says: to read that for each block takes time.
        self._lazy = scan(file, glob=False)
        self.header = guarded(self._kind, lambda: self._lazy.collect_schema().names())
        self.rows = guarded(self._kind, lambda: int(self._lazy.select(pl.len()).collect().item()))
        self._most = max(1, _CELLS // max(1, len(self.header), numbers))

    @cached_property
    def firsts(self) -> list[int]:
        """The first row of each block, and behind them the number of rows."""
        few = min(_FEW, self._most)
        sizes, found = list[int](), 0
        for rows in self._groups or _slices(self.rows, few):
            if found and found + rows > few:
                sizes.append(found)
                found = 0
            found += rows
            if found > few:
                sizes += _parts(found, self._most)
                found = 0
        sizes += [found] if found or not sizes else []
        return [*accumulate(sizes, initial=0)]

    def __len__(self) -> int:
        return len(self.firsts) - 1

    @property
    def sizes(self) -> list[int]:
        """How many rows each block has."""
        return [end - first for first, end in pairwise(self.firsts)]

    def read(self, block: int, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of a block, counted from 0."""
        first, end = self.firsts[block : block + 2]
        lazy = self._lazy.select(columns)
        try:
            found = lazy.slice(first, end - first).collect().rechunk()
        except FAULTS:
            self._check()  # that it has changed explains more
            raise self._damage(lazy, first, end) from None
        self._check()
        return found

    def _check(self) -> None:
        """Raises Changed."""
        if self._state_now() != self._state:
            raise Changed

    def _damage(self, columns: pl.LazyFrame, first: int, end: int) -> Damaged:
        """What is wrong in some rows: the first part of them that cannot be read."""
        part = f"rows {first + 1:,} to {end:,}"
        for number, (begin, behind) in enumerate(pairwise([*accumulate(self._groups, initial=0)])):
            if begin >= end or behind <= first:
                continue
            try:
                columns.slice(begin, behind - begin).collect()
            except FAULTS:
                part = f"row group {number}, counted from 0: rows {begin + 1:,} to {behind:,}"
                break
        help = f"save the table as {self._kind} anew, or go on from the last checkpoint with a copy"
        return Damaged(f"it is damaged in {part}", help)

    @cached_property
    def _groups(self) -> Sequence[int]:
        """How many rows each row group has, where it is known."""
        if self._kind != "Parquet":
            return ()
        return guarded(self._kind, lambda: rows_of_groups(self.file))

    def _state_now(self) -> tuple[int, ...]:
        found = os.stat(self.file)
        return found.st_ino, found.st_size, found.st_mtime_ns


def _slices(rows: int, size: int) -> Iterator[int]:
    """So many ``rows`` in slices of a ``size``, the last of which may be smaller."""
    for first in range(0, rows, size):
        yield min(size, rows - first)


def _parts(rows: int, most: int) -> Iterator[int]:
    """The same in about equal parts of at most so many, cut at whole pages if these are small."""
    size = -(-rows // -(-rows // most))
    pages = -(-size // _PAGE) * _PAGE
    return _slices(rows, pages if pages <= most else size)
