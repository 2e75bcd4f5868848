"""A file becomes a table of columns, and every cell is checked before training starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.columns.bad_cells import BadCells
from netlang.catalogue.data.columns.cache import Cache, state_of
from netlang.catalogue.data.columns.faults import Faults
from netlang.catalogue.data.columns.kinds import are_categories, categories, mistakes, numbers
from netlang.catalogue.data.columns.table import Column, ReadTable
from netlang.catalogue.data.columns.target import read_target
from netlang.catalogue.data.formats import small_text
from netlang.catalogue.data.formats.datafile import (
    Content,
    check_packed,
    check_text,
    lacking,
    locate,
    read,
    unreadable,
)
from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.header import Header
from netlang.catalogue.data.formats.request import TableRequest
from netlang.catalogue.data.formats.rows import Malformed, Ragged, Rows
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import RaggedRow
from netlang.language.diagnostics.messages.files import unreachable
from netlang.language.paths import Gone, Located
from netlang.system.files import why_unreadable
from netlang.system.fingerprint import Fingerprint

_cache = Cache()

Gather = Callable[[Rows, Sequence[int], Collection[int], Collection[int]], Mapping[int, Gathering]]


def read_table(request: TableRequest) -> tuple[Fingerprint, ReadTable]:
    """The file as it was read, and the table in it.

    Raises DiagnosticError for a file, row or cell that cannot be used.
    """
    found = locate(request)
    known = found.fingerprint or _cache.fingerprint(found.path)
    if known and (table := _cache.table(known, request)):
        _check(request, found, known)
        return known, table
    before = None if found.fingerprint else state_of(found.path)
    content = read(request, found)
    try:
        read_it = _read_large if content.is_large else _read
        known, table = read_it(request, content)
    except DiagnosticError:
        if found.expected:  # that it has changed since the run explains more
            _check(request, found, content.fingerprint())
        raise
    except OSError as error:  # a disk fails, or a large file is removed while it is read
        reason, help = why_unreadable(content.file, error)
        raise unreadable(request, reason, help or "read it again") from None
    _check(request, found, known)
    _cache.add_fingerprint(known, before)
    _cache.add_table(known, request, table.size if content.is_large else len(content.data), table)
    return known, table


def _check(request: TableRequest, found: Located, known: Fingerprint) -> None:
    """Raises DiagnosticError if the file is not what a run has read that wants it again."""
    try:
        found.check(known)
    except Gone as gone:
        raise DiagnosticError(unreachable(gone, request.at("path"), request.path)) from None


def _read(request: TableRequest, content: Content) -> tuple[Fingerprint, ReadTable]:
    """Read a file that is in memory, unless its table is known."""
    known = content.fingerprint()
    return known, _cache.table(known, request) or _parsed(request, content)


def _read_large(request: TableRequest, content: Content) -> tuple[Fingerprint, ReadTable]:
    """Read a large file, and what tells it from others beside, as both take their time."""
    _cache.forget_tables()
    state = state_of(content.file)
    with ThreadPoolExecutor(1) as beside:
        known = beside.submit(content.fingerprint)
        table = _parsed(request, content)
        if state != state_of(content.file):
            raise unreadable(request, "it changed while it was read", "read it when it is whole")
        return known.result(), table


def _parsed(request: TableRequest, content: Content) -> ReadTable:
    """The table in a file, in whatever format.  Raises DiagnosticError."""
    if is_packed(content.file.name):
        check_packed(request, content)
    if ending_of(content.file.name) in FRAMES:
        return _parsed_frame(request, content)
    if not content.is_large:
        check_text(request, content)
        return _parsed_text(request, content, small_text.gather)
    # Importing polars takes time, and few tables are large.
    from netlang.catalogue.data.formats import large_text

    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(check_text, request, content)
        try:
            table = _parsed_text(request, content, large_text.gather)
        except (DiagnosticError, UnicodeDecodeError):
            checked.result()  # which says so if the file is no text at all
            raise
        checked.result()
    return table


def _parsed_text(request: TableRequest, content: Content, gather: Gather) -> ReadTable:
    try:
        rows = Rows(content.file, content.open, request.separator)
        return _Reader(rows, request, gather).table()
    except Malformed as error:
        raise unreadable(request, f"line {error.line}: {error}", error.help) from None


def _parsed_frame(request: TableRequest, content: Content) -> ReadTable:
    from netlang.catalogue.data.formats import frames

    name = content.file.name
    kind = FRAMES[ending_of(name)]
    source: Path | bytes = content.file
    if not content.is_large or is_packed(name):
        with content.open() as file:
            source = file.read()
    try:
        frame = frames.Frame(content.file, source)
        return _Reader(frame, request, frames.gather).table()
    except frames.Damaged:
        help = f"save it anew as {kind}, or let the end of its name say what it is"
        raise unreadable(request, f"it is no {kind} file, or damaged", help) from None
    except frames.Unfit as error:
        left = as_source((*request.ignore, error.column))
        help = f"write it as numbers or texts, or leave it out: `ignore={left}`"
        raise unreadable(request, str(error), help) from None


class _Reader:
    """Reads a table; ``count`` is the number of its rows, once they are read."""

    def __init__(self, rows: Rows, request: TableRequest, gather: Gather) -> None:
        self.rows, self.request, self.gather, self.count = rows, request, gather, 0
        self.bad = BadCells(rows, request)

    def table(self) -> ReadTable:
        """Raises DiagnosticError, Malformed."""
        if not self.rows.header:
            raise self._without_rows()
        header, request = Header(self.rows, self.request), self.request
        try:
            inputs, others, target = header.inputs(), header.others(), header.target()
            as_text = {target, *map(header.names.index, request.categories)}
            gathered = self._gathered([*inputs, *others, target], as_text, inputs)
        except Ragged as ragged:
            raise DiagnosticError(self._ragged(ragged)) from None
        goal = read_target(gathered[target], request.task)
        for refusal in goal.refusals:
            if refusal.is_missing and request.missing == "drop":
                continue
            self.bad.add(target, gathered[target].vocabulary, refusal.code, refusal)
        found = {column: self._column(column, gathered[column]) for column in (*inputs, *others)}
        if self.bad:
            raise DiagnosticError(*self.bad.messages(self.count))
        of_inputs = {column: found[column] for column in inputs}
        if messages := [*Faults(self.rows, request, of_inputs, gathered).messages()]:
            raise DiagnosticError(*messages)
        columns, beside = ([*map(found.__getitem__, some)] for some in (inputs, others))
        return ReadTable(self.count, tuple(columns), goal, header.line_above(), tuple(beside))

    def _gathered(
        self, columns: Sequence[int], as_text: Collection[int], inputs: Collection[int]
    ) -> Mapping[int, Gathering]:
        """The cells of some columns; those of categories are read as texts, to know their names.

        Raises Ragged, Malformed, DiagnosticError.
        """
        limited = {*inputs} - {*as_text}
        if self.request.task != "classification":
            limited.add(columns[-1])  # the target
        gathered = self.gather(self.rows, columns, as_text, limited)
        self.count = gathered[columns[0]].rows
        if not self.count:
            raise self._without_rows()
        mixed = {
            column
            for column, cells in gathered.items()
            if not cells.as_text and cells.numbers and are_categories(cells)
        }
        if not mixed:
            return gathered
        return {**gathered, **self.gather(self.rows, [*mixed], mixed, ())}

    def _column(self, column: int, cells: Gathering) -> Column:
        name = self.rows.header[column]
        if are_categories(cells):
            return categories(name, cells)
        for code in mistakes(cells):
            self.bad.add(column, cells.vocabulary, code)
        return numbers(name, cells)

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
