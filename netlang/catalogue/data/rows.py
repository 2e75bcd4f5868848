"""The rows of a CSV file, many at a time, and where in its text a row or a cell stands."""

from __future__ import annotations

import bisect
import csv
import io
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Never

from netlang.language.source import SourceFile, Span
from netlang.system.record import Record

if TYPE_CHECKING:
    from _csv import Reader

_CELLS = 1 << 16  # of a chunk: enough that what is done once for each chunk takes no time


class Malformed(Exception):
    """Raised for quotes that make no cells; its text says why, ``line`` where the row starts."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Ragged(Exception):
    """Raised for a row, counted from 0, whose ``cells`` are not as many as the header's."""

    def __init__(self, row: int, cells: list[str]) -> None:
        super().__init__(row)
        self.row, self.cells = row, cells


class Chunk(Record):
    """Rows that follow each other; ``first`` is the number of the first one, from 0."""

    first: int
    rows: list[list[str]]


class Rows:
    """A file's ``header``, and its rows of as many cells; lines without a cell are no rows.

    Its text, which is UTF-8, is decoded while it is read, and as a whole only where a span of it is
    asked for.
    """

    def __init__(self, file: Path, data: bytes, delimiter: str) -> None:
        self.file, self.data, self.delimiter = file, data, delimiter
        self._end = re.compile(rf"[{re.escape(delimiter)}\n]")  # of a cell
        # Line breaks of any kind become "\n", as they are in `source`.
        text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=None)
        self._lines = csv.reader(text, delimiter=delimiter, strict=True)
        self._starts: list[tuple[int, int]] = []  # the first row of each chunk, and its line
        self.header = self._read_header()

    @cached_property
    def source(self) -> SourceFile:
        text = self.data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return SourceFile(str(self.file), text, self.file)

    def chunks(self) -> Iterator[Chunk]:
        """Raises Malformed, Ragged."""
        width, first = len(self.header), 0
        while True:
            line = self._lines.line_num + 1
            self._starts.append((first, line))
            try:
                rows = list(islice(self._lines, max(1, _CELLS // max(1, width))))
            except csv.Error:
                self._fault(first, line)
            if not rows:
                return
            widths = set(map(len, rows))
            if 0 in widths:
                rows = [row for row in rows if row]
            if not widths <= {0, width}:
                self._fault(first, line)
            if rows:
                yield Chunk(first, rows)
            first += len(rows)

    def row(self, number: int) -> Span:
        """Where the row of that number stands, without the line break that ends it."""
        start = self._start(number)
        text, end = self.source.text, start
        while True:
            end = self._end_of_cell(end)
            if end == len(text) or text[end] == "\n":
                return Span(self.source, start, end)
            end += 1

    def cell(self, number: int, column: int) -> Span:
        """Where a cell stands, with its quotes."""
        start = self._start(number)
        for _ in range(column):
            start = self._end_of_cell(start) + 1
        return Span(self.source, start, self._end_of_cell(start))

    def _read_header(self) -> list[str]:
        """The names of the columns; none if the file has no cell."""
        line = 1
        try:
            for cells in self._lines:
                if cells:
                    return [cell.strip() for cell in cells]
                line = self._lines.line_num + 1
        except csv.Error as error:
            raise Malformed(line, str(error)) from None
        return []

    def _fault(self, number: int, line: int) -> Never:
        """Raises Malformed or Ragged for the first row from that line on which is."""
        lines, start = self._reader_from(line), line
        try:
            for cells in lines:
                if cells and len(cells) != len(self.header):
                    raise Ragged(number, cells)
                number += bool(cells)
                start = line + lines.line_num
        except csv.Error as error:
            raise Malformed(start, str(error)) from None
        raise AssertionError("the rows have no fault")

    def _start(self, number: int) -> int:
        """Where in the text the row of that number starts."""
        chunk = bisect.bisect_right(self._starts, number, key=itemgetter(0)) - 1
        first, line = self._starts[chunk]
        lines, start = self._reader_from(line), line
        for cells in lines:
            first += bool(cells)
            if first > number:
                break
            start = line + lines.line_num
        return self.source.offset(start)

    def _reader_from(self, line: int) -> Reader:
        lines = io.StringIO(self.source.text[self.source.offset(line) :], newline="\n")
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _end_of_cell(self, start: int) -> int:
        """Where a cell ends that starts there: at a delimiter, a line break or the text's end."""
        text, end = self.source.text, start
        if text.startswith('"', start):
            end = text.find('"', start + 1)
            while text.startswith('""', end):
                end = text.find('"', end + 2)
        found = self._end.search(text, end)
        return found.start() if found else len(text)
