"""A CSV file as columns of checked numbers: every cell is looked at before training starts."""

from __future__ import annotations

import contextlib
import math
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from threading import Lock

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.bad_cells import Refused
from netlang.catalogue.data.cache import as_before
from netlang.catalogue.data.cells import is_number, number, numbers
from netlang.catalogue.data.datafile import locate, read_bytes
from netlang.catalogue.data.header import is_row, is_row_for_sure, names
from netlang.catalogue.data.precision import blurred
from netlang.catalogue.data.repeated import copies
from netlang.catalogue.data.rows import Malformed, Ragged, Rows
from netlang.catalogue.data.target import Target, read_target
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.data import (
    Blurred,
    DataFileUnreadable,
    EmptyData,
    NoSuchColumn,
    RaggedRow,
)
from netlang.language.origin import Read
from netlang.language.source import Span
from netlang.system.files import SIZE_LIMIT
from netlang.system.record import Record

_MANY = 32  # inputs


class Table(Record):
    """``inputs`` has the numbers of ``columns``, row by row; ``line`` is one to write above the
    first, if that is a row of data.
    """

    rows: int
    columns: tuple[str, ...]
    inputs: array[float]
    target: Target
    target_name: str
    line: str

    @cached_property
    def blurred_target(self) -> tuple[Blurred, ...]:
        """The target, if it is numbers that training cannot tell apart."""
        found = blurred(self.target_name, self.target.values) if self.target.values else None
        return (found,) if found else ()

    @cached_property
    def blurred_inputs(self) -> tuple[Blurred, ...]:
        """The inputs that training cannot tell apart as they stand in the file."""
        width = len(self.columns)
        columns = (self.inputs[index::width] for index in range(width))
        found = map(blurred, self.columns, columns)
        return tuple(one for one in found if one)

    @cached_property
    def constant_inputs(self) -> tuple[str, ...]:
        """The inputs of one number alone; of many, those of zeros apart.

        A picture's border and a rare word are 0 in all rows by nature.
        """
        width = len(self.columns)
        first, last = self.inputs[:width], self.inputs[-width:]
        return tuple(
            name
            for index, name in enumerate(self.columns)
            if first[index] == last[index]
            and (first[index] or width < _MANY)
            and self.inputs[index::width].count(first[index]) == self.rows
        )

    @cached_property
    def has_constant_target(self) -> bool:
        """Whether there is one number to predict, for all rows."""
        values = self.target.values
        return len(values) > 1 and values.count(values[0]) == len(values)

    @cached_property
    def typical_target(self) -> float:
        """The mean size of the numbers to predict; 0 if there are none."""
        values = self.target.values
        return sum(map(abs, values)) / len(values) if values else 0.0

    @cached_property
    def copies(self) -> int:
        """The rows that are copies of an earlier one, 0 where that is natural."""
        return copies(self.inputs, len(self.columns), self.target.values or self.target.labels)


class _Recent:
    """The tables read last: a file is compiled several times by commands such as ``test``.

    As many as files of the largest size allowed would hold, so that one large table is not kept
    when another is read. What is in a file tells whether it is the same.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # tables may be read in several threads
        self._tables: dict[tuple[object, ...], tuple[int, Table]] = {}

    def get(self, key: tuple[object, ...]) -> Table | None:
        with self._lock:
            if key not in self._tables:
                return None
            self._tables[key] = found = self._tables.pop(key)  # the last one again
            return found[1]

    def add(self, key: tuple[object, ...], size: int, table: Table) -> None:
        with self._lock:
            self._tables[key] = size, table
            while len(self._tables) > 1 and self._size() > SIZE_LIMIT:
                del self._tables[next(iter(self._tables))]

    def _size(self) -> int:
        return sum(size for size, _ in self._tables.values())


_recent = _Recent()


def read_table(
    path: str,
    target: str,
    ignore: Sequence[str],
    task: str,
    delimiter: str,
    span: Span | None,
    at: Callable[[str], Span | None],
) -> tuple[Read, Table]:
    """The file as it was read, and the table in it.

    Raises DiagnosticError for a file, row or cell that cannot be used.
    """
    found = locate(path, span, at("path"))
    asked = (target, tuple(ignore), task, delimiter)
    read = found.read or as_before(found.path)
    table = _recent.get((read.sha256, *asked)) if read else None
    if read and table:
        return read, table
    read, data = read_bytes(found, path, span, at("path"))
    table = _recent.get((read.sha256, *asked))
    if table is None:
        span = at("path")
        if (nul := data.find(0)) >= 0:
            reason = f"byte {nul} is NUL, which is in no text but UTF-16 or UTF-32"
            unreadable = DataFileUnreadable(span, path, reason, "save it as UTF-8 text")
            raise DiagnosticError(unreadable)
        try:
            rows = Rows(read.path, data, delimiter)
            table = _Reader(rows, path, span).table(target, ignore, task, at)
        except UnicodeDecodeError:
            raise DiagnosticError(_not_utf_8(data, path, span)) from None
        except Malformed as error:
            reason = f"line {error.line}: {error}"
            help = 'mend that line; a `"` that opens a cell has to be closed'
            raise DiagnosticError(DataFileUnreadable(span, path, reason, help)) from None
        _recent.add((read.sha256, *asked), len(data), table)
    return read, table


def _not_utf_8(data: bytes, path: str, span: Span | None) -> DataFileUnreadable:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
        return DataFileUnreadable(span, path, reason, "save it as UTF-8 text")
    raise AssertionError("all of it is UTF-8")


class _Reader:
    """Reads a table once; ``count`` are the rows so far."""

    def __init__(self, rows: Rows, path: str, span: Span | None) -> None:
        self.rows, self.path, self.span = rows, path, span
        self.refused = Refused(rows, span)
        self.count = 0
        self.nameless = False  # whether the first line is a row of data

    def table(
        self, target: str, ignore: Sequence[str], task: str, at: Callable[[str], Span | None]
    ) -> Table:
        """Raises DiagnosticError, Malformed."""
        header = self.rows.header
        self._check_header()
        left_out = {target, *ignore}
        inputs = [column for column, name in enumerate(header) if name not in left_out]
        try:
            self._check_known(target, ignore, at)
            self._check_names(target, inputs)
            values, cells = self._read(inputs, header.index(target))
        except Ragged as ragged:
            raise DiagnosticError(self._ragged(ragged)) from None
        goal = read_target(cells, task)
        for refusal in goal.refusals:
            self.refused.add(header.index(target), refusal.row, cells[refusal.row], refusal)
        if self.refused:
            raise DiagnosticError(*self.refused.messages(ignore, self.count))
        columns = tuple(header[column] for column in inputs)
        line = names(len(header), "", self.rows.delimiter) if self.nameless else ""
        return Table(self.count, columns, values, goal, target, line)

    def _check_header(self) -> None:
        header = self.rows.header
        if not header:
            raise DiagnosticError(self._without_rows())
        # A header of one cell that holds another delimiter was not written for this one.
        delimiters = (";", "\t", "|", ",")
        found = [other for other in delimiters if len(header) == 1 and other in header[0]]
        if found:
            shown = as_source(found[0])
            reason = f"its cells seem to be separated by {shown}"
            raise self._unreadable(reason, f"add `delimiter={shown}` to `CSV(...)`")

    def _check_known(
        self, target: str, ignore: Sequence[str], at: Callable[[str], Span | None]
    ) -> None:
        """Raises DiagnosticError, Malformed, Ragged."""
        header = self.rows.header
        known = {*header}
        for argument, columns in (("target", (target,)), ("ignore", ignore)):
            for column in columns:
                if column not in known:
                    self._check_first_rows(nameless=not column)
                    line = self._names_to_write(target)
                    missing = NoSuchColumn(at(argument), column, self.path, tuple(header), line)
                    raise DiagnosticError(missing)

    def _check_first_rows(self, nameless: bool) -> None:
        """What seems to be a column without a name may be a delimiter too many: rows tell.

        Raises Malformed, Ragged.
        """
        if nameless:
            next(self.rows.chunks(), None)

    def _names_to_write(self, target: str) -> str:
        """A line for a file whose first line seems to be a row of data; "" for others."""
        header = self.rows.header
        with contextlib.suppress(Ragged, Malformed, StopIteration):
            if is_row(header, next(self.rows.chunks()).rows[0]):
                return names(len(header), target, self.rows.delimiter)
        return ""

    def _check_names(self, target: str, inputs: Collection[int]) -> None:
        """Each input and the target have a name of their own; those left out need none.

        Raises DiagnosticError, Malformed, Ragged.
        """
        header = self.rows.header
        if not inputs:
            help = "a table needs a column beside its target"
            reason = f"`{self.path}` has no input column"
            raise DiagnosticError(EmptyData(self.span, reason, help))
        called = Counter(header[column] for column in inputs)
        called += Counter({target: header.count(target)})
        self._check_first_rows(nameless="" in called)
        if called[""] == 1:
            help = 'give it one in the first line, or leave it out: `ignore=[""]`'
            raise self._unreadable("one of its columns has no name", help)
        if called[""]:
            help = 'give them names in the first line, or leave them out: `ignore=[""]`'
            raise self._unreadable(f"{called['']} of its columns have no name", help)
        for name, count in called.items():
            if count > 1:
                many = "two" if count == 2 else str(count)
                reason = f"{many} of its columns are called `{name}`"
                help = "give one of them another name in the file's first line"
                if name != target:
                    help += f", or leave all of them out: `ignore=[{as_source(name)}]`"
                if line := is_number(name) and self._names_to_write(""):
                    reason += ": its first line seems to be a row of data"
                    help = f"write a line of names above it, such as `{line}`"
                raise self._unreadable(reason, help)

    def _read(self, inputs: Sequence[int], target: int) -> tuple[array[float], list[str]]:
        """The inputs' numbers, row by row, and the target's cells.  Raises Ragged, Malformed."""
        values, cells = array("d"), list[str]()
        same: dict[str, str] = {}  # cells of the same text are kept once
        pick = itemgetter(*inputs)
        for chunk in self.rows.chunks():
            if chunk.first == 0:
                self.nameless = is_row_for_sure(self.rows.header, chunk.rows[0])
            self.count += len(chunk.rows)
            stripped = (row[target].strip() for row in chunk.rows)
            cells.extend(same.setdefault(cell, cell) for cell in stripped)
            picked = map(pick, chunk.rows)
            flat = list(picked if len(inputs) == 1 else chain.from_iterable(picked))
            found = numbers(flat)
            if found is None:
                self._refuse_some(flat, chunk.first, inputs)
            elif not self.refused:
                values.extend(found)
        if not self.count:
            raise DiagnosticError(self._without_rows())
        assert self.refused or len(values) == self.count * len(inputs)
        return values, cells

    def _refuse_some(self, flat: Sequence[str], first: int, inputs: Sequence[int]) -> None:
        """``flat`` has the inputs' cells, row by row from row ``first`` on."""
        for index, column in enumerate(inputs):
            cells = flat[index :: len(inputs)]
            if numbers(cells) is not None:
                continue
            for row, cell in enumerate(cells, first):
                if math.isnan(number(cell.strip())):
                    self.refused.add(column, row, cell)

    def _ragged(self, found: Ragged) -> RaggedRow:
        cells, header = found.cells, self.rows.header
        surplus = ""
        if len(cells) == len(header) + 1 and not cells[-1].strip():
            surplus = "row"
        elif len(header) == len(cells) + 1 and not header[-1]:
            surplus = "header"
        span, delimiter = self.rows.row(found.row), self.rows.delimiter
        return RaggedRow(
            *(span, self.span, found.row + 1, len(cells), len(header), delimiter, surplus)
        )

    def _unreadable(self, reason: str, help: str) -> DiagnosticError:
        return DiagnosticError(DataFileUnreadable(self.span, self.path, reason, help))

    def _without_rows(self) -> EmptyData:
        help = "the first line names the columns, each line after it is a sample"
        return EmptyData(self.span, f"`{self.path}` has no rows of data", help)
