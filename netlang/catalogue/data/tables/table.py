"""A CSV file becomes columns of numbers, and every cell is checked before training starts."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from pathlib import Path

from netlang.catalogue.data.tables.bad_cells import BadCells
from netlang.catalogue.data.tables.cache import Cache, state_of
from netlang.catalogue.data.tables.cells import parse_number, parse_numbers
from netlang.catalogue.data.tables.datafile import Request
from netlang.catalogue.data.tables.header import Header, is_row_for_sure, names_to_write
from netlang.catalogue.data.tables.oddities import Oddities
from netlang.catalogue.data.tables.rows import Malformed, Ragged, Rows
from netlang.catalogue.data.tables.target import Target, read_target
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.data import EmptyData, RaggedRow
from netlang.language.run_record import Fingerprint
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

    @cached_property
    def oddities(self) -> Oddities:
        return Oddities(self)


_cache = Cache()


def read_table(asked: Request) -> tuple[Fingerprint, Table]:
    """The file as it was read, and the table in it.

    Raises DiagnosticError for a file, row or cell that cannot be used.
    """
    how = asked.target, asked.ignore, asked.task, asked.delimiter
    found = asked.file.locate()
    known = found.fingerprint or _cache.fingerprint(found.path)
    table = _cache.table((known.sha256, *how)) if known else None
    if known and table:
        return known, table
    before = None if found.fingerprint else state_of(found.path)
    read, content = asked.file.read(found)
    _cache.add_fingerprint(read, before)
    table = _cache.table((read.sha256, *how))
    if table is None:
        table = _parsed(read.path, content, asked)
        _cache.add_table((read.sha256, *how), len(content), table)
    return read, table


def _parsed(path: Path, content: bytes, asked: Request) -> Table:
    """Raises DiagnosticError."""
    file = asked.file
    if (nul := content.find(0)) >= 0:
        reason = f"byte {nul} is NUL, which is in no text but UTF-16 or UTF-32"
        raise file.unreadable(reason, "save it as UTF-8 text")
    try:
        content.decode()
        return _Reader(Rows(path, content, asked.delimiter), asked).table()
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
        raise file.unreadable(reason, "save it as UTF-8 text") from None
    except Malformed as error:
        raise file.unreadable(f"line {error.line}: {error}", error.help) from None


class _Reader:
    """Reads a table once; ``count`` is the number of rows so far."""

    def __init__(self, rows: Rows, asked: Request) -> None:
        self.rows, self.asked, self.span = rows, asked, asked.file.span
        self.bad = BadCells(rows, self.span)
        self.count = 0
        self.nameless = False  # whether the first line is a row of data

    def table(self) -> Table:
        """Raises DiagnosticError, Malformed."""
        header, asked = self.rows.header, self.asked
        if not header:
            raise self._without_rows()
        try:
            inputs, target = Header(self.rows, asked).inputs(), header.index(asked.target)
            values, cells = self._read(inputs, target)
        except Ragged as ragged:
            raise DiagnosticError(self._ragged(ragged)) from None
        goal = read_target(cells, asked.task)
        for refusal in goal.refusals:
            self.bad.add(target, refusal.row, cells[refusal.row], refusal)
        if self.bad:
            raise DiagnosticError(*self.bad.messages(asked.ignore, self.count))
        columns = tuple(header[column] for column in inputs)
        line = names_to_write(len(header), "", self.rows.delimiter) if self.nameless else ""
        return Table(self.count, columns, values, goal, line)

    def _read(self, inputs: Sequence[int], target: int) -> tuple[array[float], list[str]]:
        """The inputs' numbers, row by row, and the target's cells.  Raises Ragged, Malformed."""
        values, cells = array("d"), list[str]()
        same: dict[str, str] = {}  # cells of the same text are kept once
        pick = itemgetter(*inputs)
        for rows in self.rows.chunks():
            if not self.count:
                self.nameless = is_row_for_sure(self.rows.header, rows[0])
            stripped = (row[target].strip() for row in rows)
            cells.extend(same.setdefault(cell, cell) for cell in stripped)
            picked = map(pick, rows)
            flat = list(picked if len(inputs) == 1 else chain.from_iterable(picked))
            found = parse_numbers(flat)
            if found is None:
                self._add_bad(flat, inputs)
            elif not self.bad:
                values.extend(found)
            self.count += len(rows)
        if not self.count:
            raise self._without_rows()
        assert self.bad or len(values) == self.count * len(inputs)
        return values, cells

    def _add_bad(self, flat: Sequence[str], inputs: Sequence[int]) -> None:
        """``flat`` has the inputs' cells of the next rows, row by row."""
        for index, column in enumerate(inputs):
            cells = flat[index :: len(inputs)]
            if parse_numbers(cells) is not None:
                continue
            for row, cell in enumerate(cells, self.count):
                if math.isnan(parse_number(cell.strip())):
                    self.bad.add(column, row, cell)

    def _ragged(self, found: Ragged) -> RaggedRow:
        cells, header = found.cells, self.rows.header
        surplus = ""
        if len(cells) == len(header) + 1 and not cells[-1].strip():
            surplus = "row"
        elif len(header) == len(cells) + 1 and not header[-1]:
            surplus = "header"
        span, delimiter = self.rows.row(found.row), self.rows.delimiter
        row, width = found.row + 1, len(header)
        return RaggedRow(span, self.span, row, len(cells), width, delimiter, surplus)

    def _without_rows(self) -> DiagnosticError:
        help = "the first line names the columns, each line after it is a sample"
        what = f"`{self.asked.file.path}` has no rows of data"
        return DiagnosticError(EmptyData(self.span, what, "", help))
