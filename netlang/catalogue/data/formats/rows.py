"""Rows of a CSV file are read many at a time; the span of a row or a cell is found on demand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Never

from netlang.catalogue.data.formats.source import Changed, Malformed, Ragged, Source
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record

if TYPE_CHECKING:
    from _csv import Reader

_CELLS = 1 << 16  # of a chunk: enough that what is done once for each chunk takes no time


class Mark(Record):
    """A ``row``, which begins in a ``line`` of the text, behind so many ``bytes``. The header has
    the number -1.
    """

    row: int
    line: int
    bytes: int


_START = Mark(-1, 1, 0)  # of a file, where its header is


class Rows(Source):
    """A table of text, whose rows have as many cells as the header.

    Lines without a cell are no rows. The text is UTF-8, in a stream of bytes that ``open`` opens at
    its start, whenever it is read; if it ``comes_once``, no row is looked up later. Of all rows, a
    few are in memory at a time.
    """

    def __init__(
        self, file: Path, open: Callable[[], IO[bytes]], delimiter: str, comes_once: bool = False
    ) -> None:
        self.file, self.open, self.delimiter, self.comes_once = file, open, delimiter, comes_once
        self._end = re.compile(rf"[{re.escape(delimiter)}\n]")  # of a cell
        # Rows whose line and place in the stream of bytes are known, where a search may begin.
        self.marks = [_START]
        with self._text(self.open(), _START) as text:
            lines = self._cells(text)
            self.header = self._read_header(lines)
            self.header_lines = lines.line_num  # up to the end of the header

    def chunks(
        self, rest: IO[bytes] | None = None, mark: Mark = _START
    ) -> Iterator[list[list[str]]]:
        """All rows, many at a time, or those in the ``rest`` of the text, which begins at ``mark``.

        Raises Malformed, Ragged.
        """
        width = len(self.header)
        count = max(1, _CELLS // max(1, width))
        with self._text(rest or self.open(), mark) as text:
            lines, number = self._cells(text), max(mark.row, 0)
            full = filter(None, lines)
            if mark.row < 0:
                next(full, None)  # the header
            while True:
                rows = list[list[str]]()
                try:
                    rows.extend(islice(full, count))
                except csv.Error as error:
                    self._check(rows, number)
                    if self.comes_once:
                        line = mark.line - 1 + lines.line_num
                        raise Malformed(line, str(error), "mend that line") from None
                    self._find_fault(mark)
                if not rows:
                    return
                if {*map(len, rows)} != {width}:
                    self._check(rows, number)
                yield rows
                number += len(rows)

    def first_rows(self) -> list[list[str]]:
        return next(self.chunks(), [])

    def row(self, number: int) -> Span | None:
        if self.comes_once:
            return None
        source = self._excerpt(*self._lines_of(number))
        return Span(source, 0, len(source.text.rstrip("\n")))

    def cell(self, number: int, column: int) -> Span | None:
        if self.comes_once:
            return None
        source, start = self._excerpt(*self._lines_of(number)), 0
        for _ in range(column):
            start = self._end_of_cell(source.text, start) + 1
        return Span(source, start, self._end_of_cell(source.text, start))

    def _excerpt(self, first: int, last: int) -> SourceFile:
        """Some lines of the text, which a message shows."""
        mark = next(mark for mark in reversed(self.marks) if mark.line <= first)
        with self._from(mark) as text:
            lines = "".join(islice(text, first - mark.line, last - mark.line + 1))
        return SourceFile(str(self.file), lines, self.file, first_line=first)

    def _read_header(self, lines: Reader) -> list[str]:
        """The names of the columns; none if the file has no cell.  Raises Malformed."""
        try:
            return [cell.strip() for cell in next(filter(None, lines), [])]
        except csv.Error as error:
            if self.comes_once:
                raise Malformed(lines.line_num, str(error), "mend that line") from None
            self._find_fault(_START)

    def _text(self, stream: IO[bytes], mark: Mark) -> io.TextIOWrapper:
        """The text in a stream that begins at ``mark``; line breaks of any kind become "\\n"."""
        # A byte-order mark that stands elsewhere than at the start is a character of a cell.
        return io.TextIOWrapper(stream, "utf-8" if mark.bytes else "utf-8-sig", newline=None)

    def _from(self, mark: Mark) -> io.TextIOWrapper:
        stream = self.open()
        if stream.seekable():
            stream.seek(mark.bytes)
        left = 0 if stream.seekable() else mark.bytes
        while left and (piece := stream.read(min(left, _CELLS))):
            left -= len(piece)
        return self._text(stream, mark)

    def _cells(self, text: io.TextIOWrapper) -> Reader:
        """The cells of each line."""
        return csv.reader(text, delimiter=self.delimiter, strict=True)

    def _check(self, rows: list[list[str]], first: int) -> None:
        """Raises Ragged for the first of these rows that is, the numbers of which are from
        ``first`` on.
        """
        for number, cells in enumerate(rows, first):
            if len(cells) != len(self.header):
                raise Ragged(number, cells)

    def _find_fault(self, mark: Mark) -> Never:
        """Raise Malformed or Ragged for the first row from ``mark`` on that is."""
        for number, _, cells in self._numbered(mark):
            if number >= 0:
                self._check([cells], number)
        raise Changed

    def _lines_of(self, number: int) -> tuple[int, int]:
        """The first and the last line of a row."""
        mark = next(mark for mark in reversed(self.marks) if mark.row <= number)
        for row, lines, _ in self._numbered(mark):
            if row == number:
                return lines
        raise Changed

    def _numbered(self, mark: Mark) -> Iterator[tuple[int, tuple[int, int], list[str]]]:
        """Read the file once more, from ``mark`` on: each row's number, its first and last line,
        and its cells.  Raises Malformed.
        """
        above = mark.line - 1
        with self._from(mark) as text:
            lines, number, start = self._cells(text), mark.row, mark.line
            try:
                for cells in lines:
                    if cells:
                        yield number, (start, above + lines.line_num), cells
                        number += 1
                    start = above + lines.line_num + 1
            except csv.Error as error:
                raise self._malformed(start, str(error)) from None

    def _malformed(self, line: int, reason: str) -> Malformed:
        """``reason`` is the csv module's, which names its limit but not the cell."""
        closed = 'a `"` that opens a cell has to be closed'
        if "field limit" not in reason:
            return Malformed(line, reason, f"mend that line; {closed}")
        help = f"shorten it; {closed}" if '"' in self._excerpt(line, line).text else "shorten it"
        return Malformed(line, f"a cell has over {csv.field_size_limit():,} characters", help)

    def _end_of_cell(self, text: str, start: int) -> int:
        """Where a cell that starts at ``start`` ends: at a delimiter, a line break or the end."""
        end = start
        if text.startswith('"', start):
            end = text.find('"', start + 1)
            while text.startswith('""', end):
                end = text.find('"', end + 2)
        found = self._end.search(text, end)
        return found.start() if found else len(text)
