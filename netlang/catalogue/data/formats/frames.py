"""Tables of columns with types, in the formats of Parquet, Arrow and NDJSON, are read by polars."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from netlang.catalogue.data.formats.blocks import RowBlocks, check_alike
from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed
from netlang.catalogue.data.formats.gathering import Counted, Gathering
from netlang.catalogue.data.formats.guarded import Found, guarded
from netlang.catalogue.data.formats.series import add_series, keep_limited
from netlang.catalogue.data.formats.source import Damaged, Source
from netlang.system.ahead import ahead
from netlang.system.machine import memory_limit
from netlang.system.pattern import files_of, is_pattern

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.source import Slice

_ROWS = 1 << 16  # of a slice
_BLOCK = 1 << 22  # bytes of lines that are read at once


class InFrames(Source):
    """A source of columns with types, some rows at a time. No line of text holds a row of it."""

    gathering: type[Gathering] = Gathering
    """What holds the cells of a column."""

    @abstractmethod
    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Some columns of all rows, some rows at a time: one frame at least, which may have none.

        Raises Damaged.
        """

    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> Mapping[int, Gathering]:
        gathered = {column: self.gathering(column in as_text) for column in columns}
        for frame in self.frames([self.header[column] for column in columns]):
            for series, cells in zip(frame, gathered.values(), strict=True):
                add_series(cells, series)
            if not all(keep_limited(gathered[column]) for column in limited):
                break
        return gathered

    def slices(self) -> Iterator[Slice]:
        first = 1
        for frame in self.frames(self.header):
            yield first, {series.name: series for series in frame}
            first += len(frame)


class _Frames(InFrames):
    """The table in a file's content."""

    def __init__(self, content: Content) -> None:
        """Raises Damaged."""
        self.file, self.content = content.file, content
        self.kind = FRAMES[ending_of(content.file.name)]
        self.header = self.guarded(self.names)

    @abstractmethod
    def names(self) -> list[str]:
        """The names of the columns."""

    @abstractmethod
    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """As ``frames``, and raises what polars does."""

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        frames = self.read(columns)
        while (frame := self.guarded(lambda: next(frames, None))) is not None:
            yield frame

    def guarded(self, read: Callable[[], Found]) -> Found:
        return guarded(self.kind, read)


class Packed(_Frames):
    """A table of Parquet or Arrow, of which polars reads no more than it needs."""

    def __init__(self, content: Content) -> None:
        self._source: Path | bytes = content.file
        name = content.file.name
        # Polars maps an Arrow file, and whoever cuts off a mapped file ends the process.
        is_mapped = FRAMES[ending_of(name)] == "Arrow"
        if not content.is_large or is_packed(name) or (is_mapped and _has_room(content.file)):
            with content.open() as file:
                self._source = file.read()
        super().__init__(content)

    def names(self) -> list[str]:
        if isinstance(self._source, Path) and is_pattern(self._source):
            check_alike(files_of(self._source))
        return self._lazy().collect_schema().names()

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        if isinstance(self._source, Path):
            yield from in_blocks(RowBlocks(self._source), columns)
            return
        for first in range(0, max(1, self._count()), _ROWS):
            yield self._lazy().select(columns).slice(first, _ROWS).collect()

    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> dict[int, Gathering]:
        """A column is read at a time, which is faster than some rows of all."""
        gathered = dict[int, Gathering]()
        for column in columns:
            cells = gathered[column] = Gathering(column in as_text)
            series = self._column(self.header[column])
            are_texts = cells.as_text or not series.dtype.is_numeric()
            size = _ROWS if column in limited and are_texts else len(series)
            for first in range(0, len(series), max(1, size)):
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
            add_series(cells, self._column(self.header[column]).head(rows))
            cells.is_cut_off = True
        return gathered

    def _column(self, name: str) -> pl.Series:
        return self.guarded(lambda: self._lazy().select(pl.col(name)).collect().to_series())

    def _count(self) -> int:
        return int(self._lazy().select(pl.len()).collect().item())

    def _lazy(self) -> pl.LazyFrame:
        # With glob, polars would take a name such as `t[1].parquet` for a pattern of others.
        scan = pl.scan_parquet if self.kind == "Parquet" else pl.scan_ipc
        source = self._source
        return scan(source if isinstance(source, bytes) else [*files_of(source)], glob=False)


class InBlocks(InFrames):
    """The blocks of a file. A column's cells are counted, and only the first of them are kept."""

    gathering = Counted

    def __init__(self, blocks: RowBlocks) -> None:
        self.blocks, self.file, self.header = blocks, blocks.file, blocks.header

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        return in_blocks(self.blocks, columns)


def in_blocks(blocks: RowBlocks, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Some columns of all blocks, some rows at a time.  Raises Damaged and Changed."""
    for frame in ahead(lambda block: blocks.read(block, columns), range(len(blocks))):
        yield from frame.iter_slices(_ROWS) if len(frame) else [frame]


def _has_room(file: Path) -> bool:
    """Whether a file may be in memory as a whole."""
    return 2 * file.stat().st_size <= memory_limit()


class Lines(_Frames):
    """A table of NDJSON: an object in each line, with a value for each column.

    The types are those that hold the values of all lines: a column of numbers and texts has texts.
    """

    def names(self) -> list[str]:
        found, rows = pl.DataFrame(), 0
        for block in self._blocks():
            try:
                if not rows:  # the columns are in the order of the first row, before all others
                    first = next(filter(bytes.strip, block.splitlines()), b"{}")
                    found = self._read(first, None).clear()
                frame = self._read(block, None)
            except pl.exceptions.PolarsError:
                raise self._fault(block, rows) from None
            found = pl.concat([found, frame.clear()], how="diagonal_relaxed")
            rows += len(frame)
        self._schema = found.schema
        return self._schema.names()

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        schema, any_rows = {name: self._schema[name] for name in columns}, False
        for block in self._blocks():
            yield self._read(block, schema)
            any_rows = True
        if not any_rows:
            yield pl.DataFrame(schema=schema)

    def _fault(self, block: bytes, rows: int) -> Damaged:
        """What is wrong in a block of lines, behind so many ``rows``."""
        lines = filter(bytes.strip, block.splitlines())
        for row, line in enumerate(lines, rows + 1):
            try:
                self._read(line, None)
            except pl.exceptions.PolarsError:
                return Damaged(f"row {row} is no object of JSON", "mend that line")
        help = "give all rows numbers, or texts; null is an empty cell"
        return Damaged("one of its columns has values of several kinds", help)

    def _blocks(self) -> Iterator[bytes]:
        with self.content.open() as file:
            while block := file.read(_BLOCK):
                yield block + file.readline()

    def _read(self, block: bytes, schema: dict[str, pl.DataType] | None) -> pl.DataFrame:
        if not block.strip():
            return pl.DataFrame(schema=schema)
        return pl.read_ndjson(block, schema=schema, infer_schema_length=None)
