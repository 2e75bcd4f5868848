"""A CSV file becomes columns of numbers, and every cell is checked before training starts."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path

from netlang.catalogue.data.tables.bad_cells import BadCells
from netlang.catalogue.data.tables.cache import Cache, state_of
from netlang.catalogue.data.tables.cells import parse_number, parse_numbers
from netlang.catalogue.data.tables.datafile import check_text, lacking, locate, read, unreadable
from netlang.catalogue.data.tables.header import Header
from netlang.catalogue.data.tables.request import TableRequest
from netlang.catalogue.data.tables.rows import Malformed, Ragged, Rows
from netlang.catalogue.data.tables.table import Column, Table
from netlang.catalogue.data.tables.target import read_target
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import RaggedRow
from netlang.system.fingerprint import Fingerprint

_cache = Cache()


def read_table(request: TableRequest) -> tuple[Fingerprint, Table]:
    """The file as it was read, and the table in it.

    Raises DiagnosticError for a file, row or cell that cannot be used.
    """
    found = locate(request)
    known = found.fingerprint or _cache.fingerprint(found.path)
    if known and (table := _cache.table(known, request)):
        return known, table
    before = None if found.fingerprint else state_of(found.path)
    known, content = read(request, found)
    _cache.add_fingerprint(known, before)
    table = _cache.table(known, request) or _parsed(known.path, content, request)
    _cache.add_table(known, request, len(content), table)
    return known, table


def _parsed(path: Path, content: bytes, request: TableRequest) -> Table:
    """Raises DiagnosticError."""
    check_text(request, content)
    try:
        return _Reader(Rows(path, content, request.delimiter), request).table()
    except Malformed as error:
        raise unreadable(request, f"line {error.line}: {error}", error.help) from None


class _Reader:
    """Reads a table once; ``count`` is the number of rows so far."""

    def __init__(self, rows: Rows, request: TableRequest) -> None:
        self.rows, self.request, self.count = rows, request, 0
        self.bad = BadCells(rows, request)

    def table(self) -> Table:
        """Raises DiagnosticError, Malformed."""
        if not self.rows.header:
            raise self._without_rows()
        header, request = Header(self.rows, self.request), self.request
        try:
            inputs, target = header.inputs(), header.names.index(request.target)
            values, cells = self._read(inputs, target)
        except Ragged as ragged:
            raise DiagnosticError(self._ragged(ragged)) from None
        goal = read_target(cells, request.task)
        for refusal in goal.refusals:
            self.bad.add(target, refusal.row, cells[refusal.row], refusal)
        if self.bad:
            raise DiagnosticError(*self.bad.messages(self.count))
        columns = tuple(
            Column(header.names[column], "number", numbers)
            for column, numbers in zip(inputs, values, strict=True)
        )
        return Table(self.count, columns, goal, header.line_above())

    def _read(self, inputs: Sequence[int], target: int) -> tuple[list[array[float]], list[str]]:
        """The numbers of each input, and the target's cells.  Raises Ragged, Malformed."""
        values, cells = [array("d") for _ in inputs], list[str]()
        same: dict[str, str] = {}  # cells of the same text are kept once
        pick = itemgetter(*inputs)
        for rows in self.rows.chunks():
            stripped = (row[target].strip() for row in rows)
            cells.extend(same.setdefault(cell, cell) for cell in stripped)
            picked = map(pick, rows)
            flat = list(picked if len(inputs) == 1 else chain.from_iterable(picked))
            found = parse_numbers(flat)
            if found is None:
                self._add_bad(flat, inputs)
            elif not self.bad:
                for index, numbers in enumerate(values):
                    numbers.extend(found[index :: len(inputs)])
            self.count += len(rows)
        if not self.count:
            raise self._without_rows()
        assert self.bad or {*map(len, values)} == {self.count}
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
        span, used = self.rows.row(found.row), self.request.at("path")
        widths = len(cells), len(header)
        return RaggedRow(span, used, found.row + 1, *widths, self.rows.delimiter, surplus)

    def _without_rows(self) -> DiagnosticError:
        help = "the first line names the columns, each line after it is a sample"
        return lacking(self.request, "rows of data", help)
