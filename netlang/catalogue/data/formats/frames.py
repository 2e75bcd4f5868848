"""Tables of columns with types, in the formats of Parquet, Arrow and NDJSON, are read by polars.

A column is read at a time. Numbers are taken as they are, and all else as the text that a table of
text would have for it; so the same rules make inputs and targets of both.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.formats.endings import FRAMES, ending_of
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.large_text import Block, add_series, keep_limited
from netlang.catalogue.data.formats.rows import Rows
from netlang.language.source import Span
from netlang.system.packages import silence

_UNKNOWN = Block(b"e-", ord(","), False)  # cells that may be written in any way

Source = Path | bytes
Found = TypeVar("Found")


class Damaged(Exception):
    """Raised for a file that is not in the format that its name says."""


class Unfit(Exception):
    """Raised for a ``column`` of a type that is neither number nor text."""

    def __init__(self, column: str, kind: str) -> None:
        super().__init__(f"the column `{column}` holds values of the type {kind}")
        self.column = column


class Frame(Rows):
    """A table whose columns are read when they are asked for. No line of text holds a row of it.

    Raises Damaged.
    """

    def __init__(self, file: Path, source: Source) -> None:
        self.file, self.source, self.delimiter = file, source, ","
        self.header = _guarded(self._names)

    def column(self, index: int) -> pl.Series:
        """Raises Damaged."""
        name = self.header[index]
        return _guarded(lambda: self._read(name))

    def chunks(self, rest: Any = None) -> Iterator[list[list[str]]]:
        return iter(())

    def row(self, number: int) -> Span | None:
        return None

    def cell(self, number: int, column: int) -> Span | None:
        return None

    def _names(self) -> list[str]:
        return self._lazy.collect_schema().names()

    def _read(self, name: str) -> pl.Series:
        return self._lazy.select(pl.col(name)).collect().to_series()

    @cached_property
    def _lazy(self) -> pl.LazyFrame:
        # With glob, polars would take a name such as `t[1].parquet` for a pattern of others.
        match FRAMES[ending_of(self.file.name)]:
            case "Parquet":
                return pl.scan_parquet(self._opened(), glob=False)
            case "Arrow":
                return pl.scan_ipc(self._opened(), glob=False)
            case _:
                opened = self._opened()
                data = opened.read_bytes() if isinstance(opened, Path) else opened
                return pl.read_ndjson(data, infer_schema_length=None).lazy()

    def _opened(self) -> Path | io.BytesIO:
        return self.source if isinstance(self.source, Path) else io.BytesIO(self.source)


def gather(
    frame: Rows, columns: Sequence[int], as_text: Collection[int], limited: Collection[int]
) -> dict[int, Gathering]:
    """The cells of some columns, by column.  Raises Damaged, Unfit."""
    assert isinstance(frame, Frame)
    gathered = dict[int, Gathering]()
    for column in columns:
        cells = gathered[column] = Gathering(column in as_text)
        series = frame.column(column)
        if not cells.as_text and series.dtype.is_numeric():
            _add_numbers(cells, series)
        elif len(series):
            add_series(cells, _texts(series), _UNKNOWN)
        if column in limited:
            keep_limited(cells)
    return gathered


def _add_numbers(cells: Gathering, series: pl.Series) -> None:
    """Add cells that are numbers, but for missing ones, and for what no 32-bit float can hold."""
    nulls, numbers = series.is_null().to_numpy(), np.array(series.cast(pl.Float64).to_numpy())
    others = np.flatnonzero(~(np.abs(numbers) <= LARGEST))
    texts = ["" if nulls[row] else repr(float(numbers[row])) for row in others.tolist()]
    codes = [*map(cells.vocabulary.add, texts, others.tolist())]
    if len(codes) == len(numbers):
        cells.add_codes(np.array(codes, np.int32).data)
        return
    numbers[others] = np.nan
    cells.add_numbers(numbers.data)


def _texts(series: pl.Series) -> pl.Series:
    """The cells as a table of text would have them.  Raises Unfit."""
    kind = series.dtype
    if kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration):
        raise Unfit(series.name, str(kind))
    return series.cast(pl.String)


def _guarded(read: Callable[[], Found]) -> Found:
    """What ``read`` gives.  Raises Damaged where polars fails, and says nothing else."""
    try:
        with silence():
            return read()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise Damaged(str(error)) from None
