"""A CSV file as columns of checked numbers: every cell is looked at before training starts."""

from __future__ import annotations

import csv
import io
import math
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from netlang.arguments import as_source
from netlang.data.cells import number
from netlang.data.targets import read_target
from netlang.diagnostics import DiagnosticError
from netlang.diagnostics.data import (
    BadCell,
    DataFileUnreadable,
    EmptyData,
    ForbiddenPath,
    NoSuchColumn,
    RaggedRow,
)
from netlang.diagnostics.suggest import nearest
from netlang.record import Record
from netlang.source import OutOfBounds, SourceFile, Span

SIZE_LIMIT = 1 << 25

_NO_TABLES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz"))


class Table(Record):
    """``inputs`` by column; for classes ``labels`` are numbers into ``classes``, else ``values``.

    ``groups`` are the rows of each class, or all rows: what a split takes its share of.
    """

    rows: int
    inputs: dict[str, list[float]]
    classes: tuple[str, ...] | None
    labels: Sequence[int]
    values: Sequence[float]
    groups: list[list[int]]


def read_table(
    path: str,
    target: str,
    ignore: Sequence[str],
    task: str,
    delimiter: str,
    place: Span | None,
    at: Callable[[str], Span | None],
) -> Table:
    """Raises DiagnosticError for a file, row or cell that cannot be used."""
    source = _source(path, place, at("path"))
    place = at("path")
    header, rows = _rows(source, path, delimiter, place)
    for argument, columns in (("target", (target,)), ("ignore", ignore)):
        for column in columns:
            if column not in header:
                raise DiagnosticError(NoSuchColumn(at(argument), column, path, tuple(header)))
    names = [name for name in header if name != target and name not in ignore]
    if "" in names:
        reason = "one of its columns has no name"
        help = 'give it one in the first line, or leave it out: `ignore=[""]`'
        raise DiagnosticError(DataFileUnreadable(place, path, reason, help))
    if not names:
        help = "a table needs a column beside its target"
        raise DiagnosticError(EmptyData(place, f"`{path}` has no input column", help))
    reader = _Reader(source, delimiter, place, header, rows)
    at_target = header.index(target)
    goal = read_target([row.cells[at_target] for row in rows], task)
    for refusal in goal.refusals:
        reader.refuse(rows[refusal.row], at_target, refusal.wanted, refusal.help)
    inputs = {name: reader.numbers(name) for name in names}
    reader.finish()
    groups = _groups(goal.classes, goal.labels, len(rows))
    return Table(len(rows), inputs, goal.classes, goal.labels, goal.values, groups)


class _Row(Record):
    number: int  # counted as the file's lines of data are, from 1
    line: int
    cells: list[str]


def located(path: str, used: Span | None) -> Path:
    """The file of that name. A .net file is confined to its folder, and Python is not.

    Raises OutOfBounds.
    """
    return used.source.locate(path) if used else Path(path)


def _source(path: str, used: Span | None, place: Span | None) -> SourceFile:
    """The text of the file; ``used`` is where a .net file uses it, ``place`` where it is named."""
    source = used.source if used else SourceFile("", "")
    try:
        file = located(path, used)
    except OutOfBounds as problem:
        name = Path(path).name
        beside = name if (source.folder / name).is_file() else None
        raise DiagnosticError(ForbiddenPath(place, path, str(problem), beside)) from None
    if file.suffix.lower() in _NO_TABLES:
        reason = "it is no table of text, and such files can run code when they are read"
        help = "save the data as CSV"
        raise DiagnosticError(DataFileUnreadable(place, path, reason, help))
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            help = "name a file of comma-separated values"
            raise DiagnosticError(DataFileUnreadable(place, path, "it is no regular file", help))
        if status.st_size > SIZE_LIMIT:
            help = "take a part of it; a table is held in memory as a whole"
            raise DiagnosticError(DataFileUnreadable(place, path, "it is over 32 MiB", help))
        text = file.read_bytes().decode("utf-8-sig")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DiagnosticError(
            DataFileUnreadable(place, path, reason, _hint(path, source.folder))
        ) from error
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
        help = "save it as UTF-8 text"
        raise DiagnosticError(DataFileUnreadable(place, path, reason, help)) from error
    return SourceFile(str(file), text, file)


def _hint(path: str, folder: Path) -> str:
    """The file that was meant, or where files are looked for."""
    try:
        beside = [
            str(found.relative_to(folder))
            for found in (folder / path).parent.iterdir()
            if found.suffix == Path(path).suffix
        ]
    except (OSError, ValueError):
        beside = []
    if meant := nearest(path, beside):
        return f"did you mean `{meant}`?"
    return "a data file's path is relative to the folder of the file that names it"


def _rows(
    source: SourceFile, path: str, delimiter: str, place: Span | None
) -> tuple[list[str], list[_Row]]:
    lines = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[_Row] = []
    line = 1
    try:
        for cells in lines:
            if cells and not header:
                header = [cell.strip() for cell in cells]
                _check_delimiter(header, path, place)
            elif cells:
                rows.append(_Row(len(rows) + 1, line, cells))
                if len(cells) != len(header):
                    span = _line(source, line)
                    raise DiagnosticError(
                        RaggedRow(span, place, len(rows), len(cells), len(header))
                    )
            line = lines.line_num + 1
    except csv.Error as error:
        reason = f"line {line}: {error}"
        help = 'mend that line; a `"` that opens a cell has to be closed'
        raise DiagnosticError(DataFileUnreadable(place, path, reason, help)) from error
    if not rows:
        help = "the first line names the columns, each line after it is a sample"
        raise DiagnosticError(EmptyData(place, f"`{path}` has no rows of data", help))
    for name in header:
        if header.count(name) > 1:
            reason = f"two of its columns are called `{name}`"
            help = "give one of them another name in the file's first line"
            raise DiagnosticError(DataFileUnreadable(place, path, reason, help))
    return header, rows


def _check_delimiter(header: list[str], path: str, place: Span | None) -> None:
    """A header of one cell that holds another delimiter was not written for this one."""
    found = [other for other in (";", "\t", "|", ",") if len(header) == 1 and other in header[0]]
    if found:
        shown = as_source(found[0])
        reason = f"its cells seem to be separated by {shown}"
        help = f"add `delimiter={shown}` to `CSV(...)`"
        raise DiagnosticError(DataFileUnreadable(place, path, reason, help))


class _Reader:
    """Reads columns; keeps the first cell of each that cannot be used, and how many there are."""

    def __init__(
        self,
        source: SourceFile,
        delimiter: str,
        place: Span | None,
        header: list[str],
        rows: list[_Row],
    ) -> None:
        self.source, self.delimiter, self.place = source, delimiter, place
        self.header, self.rows = header, rows
        self.first: dict[int, tuple[_Row, str, str]] = {}  # by column
        self.refused: Counter[int] = Counter()

    def numbers(self, column: str) -> list[float]:
        at = self.header.index(column)
        help = f'mend the cell, or leave the column out: `ignore=["{column}"]`'
        values = []
        for row in self.rows:
            value = number(row.cells[at].strip())
            if math.isnan(value):
                self.refuse(row, at, "a number", help)
            values.append(value)
        return values

    def refuse(self, row: _Row, at: int, wanted: str, help: str) -> None:
        self.first.setdefault(at, (row, wanted, help))
        self.refused[at] += 1

    def finish(self) -> None:
        """Raises DiagnosticError, with one message for each column of which a cell was refused."""
        if self.first:
            raise DiagnosticError(*map(self._refused, self.first))

    def _refused(self, at: int) -> BadCell:
        row, wanted, help = self.first[at]
        span, count = _cell(self.source, row.line, at, self.delimiter), self.refused[at]
        whole = count == len(self.rows) > 1
        return BadCell(
            *(span, self.place, row.number, self.header[at], row.cells[at], wanted, help),
            *(count - 1, whole),
        )


def _groups(classes: tuple[str, ...] | None, labels: Sequence[int], rows: int) -> list[list[int]]:
    if classes is None:
        return [list(range(rows))]
    groups: list[list[int]] = [[] for _ in classes]
    for row, label in enumerate(labels):
        groups[label].append(row)
    return groups


def _line(source: SourceFile, number: int) -> Span:
    start = source.offset(number)
    return Span(source, start, start + len(source.line(number)))


def _cell(source: SourceFile, line: int, at: int, delimiter: str) -> Span:
    """The cell ``at`` of a line; the whole line where quotes make it hard to say."""
    span = _line(source, line)
    if '"' in span.text:
        return span
    cells = span.text.split(delimiter)
    start = span.start + sum(len(cell) + 1 for cell in cells[:at])
    return Span(source, start, start + len(cells[at]))
