"""A file of Parquet or Arrow in blocks of rows, of which each is read without the others."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from itertools import accumulate, chain, pairwise
from pathlib import Path

import polars as pl

from netlang.catalogue.data.formats.endings import FRAMES, ending_of
from netlang.catalogue.data.formats.guarded import FAULTS, guarded
from netlang.catalogue.data.formats.row_groups import rows_of_groups
from netlang.catalogue.data.formats.source import Changed, Damaged
from netlang.system.pattern import files_of

_CELLS = 1 << 24  # of a block, at most
_FEW = 1 << 17  # rows: smaller row groups are a block together
_PAGE = 1 << 16  # rows: where a row group is cut, it is at a multiple of this


class RowBlocks:
    """The blocks of a ``file``, or of several that are alike, as they are now. What cannot be read
    raises Damaged, and a file that was written anew since then Changed.

    A row group of Parquet is unpacked as a whole, so that a block is one, or some that are small;
    or, where a group has too many cells, a part of it. A row may become more numbers than it has
    cells: a block has few enough rows for so many.
    """

    def __init__(self, file: Path, numbers: int = 0) -> None:
        self.file, self._kind = file, FRAMES[ending_of(file.name)]
        self._files = files_of(file)
        self._state = self._state_now()
        scan = pl.scan_parquet if self._kind == "Parquet" else pl.scan_ipc
        # Each keeps what the end of its file says: to read that for each block takes time.
        self._lazy = [scan(one, glob=False) for one in self._files]
        self.header = guarded(self._kind, lambda: self._lazy[0].collect_schema().names())
        if len(self._files) > 1:
            check_alike(self._files)
        each = pl.concat([one.select(pl.len()) for one in self._lazy])
        rows: list[int] = guarded(self._kind, lambda: each.collect().to_series().to_list())
        self._of_files = [*accumulate(rows, initial=0)]  # the first row of each, and their number
        self.rows = self._of_files[-1]
        self._most = max(1, _CELLS // max(1, len(self.header), numbers))

    @cached_property
    def firsts(self) -> list[int]:
        """The first row of each block, and behind them the number of rows."""
        few = min(_FEW, self._most)
        sizes, found = list[int](), 0
        for rows in [*chain.from_iterable(self._groups)] or _slices(self.rows, few):
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
        parts = [self._part(number, first, end, columns) for number in self._between(first, end)]
        self._check()
        return pl.concat(parts).rechunk()

    def _part(self, number: int, first: int, end: int, columns: Sequence[str]) -> pl.DataFrame:
        """The rows of a block that are in one of the files."""
        lazy, before = self._lazy[number].select(columns), self._of_files[number]
        begin = max(first - before, 0)
        try:
            return lazy.slice(begin, end - before - begin).collect()
        except FAULTS:
            self._check()  # that it has changed explains more
            raise self._damage(number, lazy, begin, end - before) from None

    def _between(self, first: int, end: int) -> range:
        """The numbers of the files that have these rows; the first one, if there are none."""
        begin = bisect_right(self._of_files, first, hi=len(self._lazy)) - 1
        return range(begin, max(begin + 1, bisect_left(self._of_files, end, hi=len(self._lazy))))

    def _check(self) -> None:
        """Raises Changed."""
        if self._state_now() != self._state:
            raise Changed

    def _damage(self, number: int, lazy: pl.LazyFrame, first: int, end: int) -> Damaged:
        """What is wrong in some rows of a file: the first part of them that cannot be read."""
        part = f"rows {first + 1:,} to {end:,}"
        groups = self._groups[number] if self._groups else ()
        for group, (begin, behind) in enumerate(pairwise([*accumulate(groups, initial=0)])):
            if begin >= end or behind <= first:
                continue
            try:
                lazy.slice(begin, behind - begin).collect()
            except FAULTS:
                part = f"row group {group}, counted from 0: rows {begin + 1:,} to {behind:,}"
                break
        if len(self._files) > 1:
            part += f" of `{self._files[number].name}`"
        help = f"save the table as {self._kind} anew, or go on from the last checkpoint with a copy"
        return Damaged(f"it is damaged in {part}", help)

    @cached_property
    def _groups(self) -> Sequence[Sequence[int]]:
        """How many rows each row group of each file has, where it is known."""
        if self._kind != "Parquet":
            return ()
        return guarded(self._kind, lambda: [*map(rows_of_groups, self._files)])

    def _state_now(self) -> list[tuple[int, ...]]:
        found = map(os.stat, self._files)
        return [(one.st_ino, one.st_size, one.st_mtime_ns) for one in found]


def check_alike(files: Sequence[Path]) -> None:
    """Raises Damaged where files of Parquet have other columns than the first of them."""
    first, *others = (guarded("Parquet", partial(pl.read_parquet_schema, one)) for one in files)
    for file, schema in zip(files[1:], others, strict=True):
        for name in dict.fromkeys([*first, *schema]):
            if first.get(name) == schema.get(name):
                continue
            has = [
                f"`{one.name}` has the column `{name}` as {own[name]}"
                if name in own
                else f"`{one.name}` has no column `{name}`"
                for one, own in ((file, schema), (files[0], first))
            ]
            help = "give all files the same columns, or name those that have the same"
            raise Damaged(f"{has[0]}, and {has[1]}", help)


def _slices(rows: int, size: int) -> Iterator[int]:
    """So many ``rows`` in slices of a ``size``, the last of which may be smaller."""
    for first in range(0, rows, size):
        yield min(size, rows - first)


def _parts(rows: int, most: int) -> Iterator[int]:
    """The same in about equal parts of at most so many, cut at whole pages if these are small."""
    size = -(-rows // -(-rows // most))
    pages = -(-size // _PAGE) * _PAGE
    return _slices(rows, pages if pages <= most else size)
