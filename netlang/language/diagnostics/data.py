"""E040x, E0410, W0608, W0613: data files, which are shown where they are wrong and are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.diagnostics.suggest import clear, nearest
from netlang.language.source import Span
from netlang.system.record import Record

_LISTED = 5  # columns that are told of one by one
_NAMED = 12  # columns of which the name is told
_SHOWN = 40  # characters of a cell


class DataFileUnreadable(Diagnostic):
    code: ClassVar = "E0403"
    path: str
    reason: str
    help: str

    @property
    def title(self) -> str:
        return f"cannot read the data file `{self.path}`: {self.reason}"

    @property
    def label(self) -> str:
        return "named here"

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help,)


class _InDataFile(Diagnostic):
    """``span`` is in the data file, ``used`` where the .net file names it."""

    used: Span | None

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.used, "read here"),) if self.used else ()


class NoSuchColumn(Diagnostic):
    """``line`` is one to write above the first, if that seems to be a row of data."""

    code: ClassVar = "E0404"
    column: str
    path: str
    columns: tuple[str, ...]
    line: str = ""

    @property
    def title(self) -> str:
        column = f"`{self.column}`" if self.column else "without a name"
        return f"`{self.path}` has no column {column}"

    @property
    def notes(self) -> tuple[str, ...]:
        if self.line and not nearest(self.column, self.columns):
            return (f"its first line seems to be a row of data: {_names(self.columns)}",)
        return (f"its columns are {_names(self.columns)}",)

    @property
    def helps(self) -> tuple[str, ...]:
        if close := nearest(self.column, self.columns):
            return (f"did you mean `{close}`?",)
        if self.line:
            return (f"write a line of names above it, such as `{self.line}`",)
        if not self.column:
            return ('all columns of the file have names: leave `""` out',)
        return ("name one of the columns of the file's first line",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        close = clear(self.column, self.columns)
        if not (close and self.span and self.span.text == f'"{self.column}"'):
            return ()
        return (Fix(self.span, f'"{close}"'),)


class NamesMissing(Diagnostic):
    """``line`` is one to write above the first, which ``names`` the columns by numbers."""

    code: ClassVar = "W0613"
    path: str
    names: tuple[str, ...]
    line: str

    @property
    def title(self) -> str:
        return f"the first line of `{self.path}` seems to be a row of data"

    @property
    def label(self) -> str:
        return "is taken for the columns' names"

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"it names columns {_names(self.names)}",)

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"write a line of names above it, such as `{self.line}`",)


class RaggedRow(_InDataFile):
    """``surplus`` says whose last cell is empty and one too many, the row's or the header's."""

    code: ClassVar = "E0405"
    row: int
    cells: int
    columns: int
    delimiter: str
    surplus: str

    @property
    def title(self) -> str:
        return f"row {self.row} has {_counted(self.cells, 'cell')}, the header {self.columns}"

    @property
    def helps(self) -> tuple[str, ...]:
        delimiter = "tab" if self.delimiter == "\t" else f"`{self.delimiter}`"
        if self.surplus == "header":
            return (f"remove the {delimiter} that ends the first line",)
        if self.surplus == "row":
            remove = f"remove the {delimiter} that ends the row"
            return (f'{remove}, or end the first line with one as well, and add `ignore=[""]`',)
        holds = f"a cell that holds {delimiter} stands in"
        return (f'give the row {self.columns} cells; {holds} `"..."`',)


class BadColumn(Record):
    """A column's first cell that cannot be used, and how many there are, in ``whole`` all."""

    column: str
    row: int
    cell: str
    count: int
    whole: bool

    @property
    def found(self) -> str:
        shown = self.cell if len(self.cell) <= _SHOWN else f"{self.cell[:_SHOWN]}..."
        return f"holds `{shown}`" if self.cell.strip() else "is empty"


class BadCell(_InDataFile):
    """Cells that cannot be used for one reason, of which ``span`` is the first; ``number`` says
    that they should be numbers.
    """

    code: ClassVar = "E0406"
    columns: tuple[BadColumn, ...]
    number: bool
    wanted: str
    ways_out: tuple[str, ...]

    @property
    def title(self) -> str:
        first = self.columns[0]
        if len(self.columns) > 1:
            return f"{len(self.columns)} columns have cells that cannot be used as numbers"
        if first.whole:
            what = "no number that can be used" if self.number else "nothing that can be used"
            return f"column `{first.column}` holds {what}"
        return f"row {first.row}, column `{first.column}` {first.found}"

    @property
    def label(self) -> str:
        return self.wanted

    @property
    def notes(self) -> tuple[str, ...]:
        first = self.columns[0]
        if len(self.columns) > 1:
            notes = [_told(one) for one in self.columns[:_LISTED]]
            if more := self.columns[_LISTED:]:
                notes.append(f"and so have {_names([one.column for one in more])}")
            return tuple(notes)
        if first.whole:
            return (f"that is so in all {first.count} rows",)
        if first.count == 1:
            return ()
        more_cells = _counted(first.count - 1, "more cell")
        return (f"{more_cells} of this column cannot be used either",)

    @property
    def helps(self) -> tuple[str, ...]:
        return self.ways_out


def _told(bad: BadColumn) -> str:
    if bad.whole:
        return f"`{bad.column}`: all {bad.count} rows, from `{bad.cell.strip()}` on"
    more = f", and {_counted(bad.count - 1, 'more cell')}" if bad.count > 1 else ""
    return f"`{bad.column}`: row {bad.row} {bad.found}{more}"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


class EmptyData(Diagnostic):
    code: ClassVar = "E0407"
    what: str
    help: str

    @property
    def title(self) -> str:
        return self.what

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help,)


class Blurred(Record):
    """A column with so many ``different`` numbers, of which 32-bit floats keep ``apart``."""

    column: str
    different: int
    apart: int
    least: float
    most: float

    @property
    def way_out(self) -> str:
        if self.most - self.least < 1e-3 * abs(self.least):
            return f"subtract `{self.least:.15g}` from the numbers in the file, which are near it"
        return "shift and scale the numbers in the file, so that what tells them apart is near 1"


class TooFine(Diagnostic):
    """``kind`` is what the columns are, a target or inputs that are not standardised."""

    code: ClassVar = "W0608"
    kind: str
    columns: tuple[Blurred, ...]

    @property
    def title(self) -> str:
        first = self.columns[0]
        if len(self.columns) > 1:
            return f"the numbers of {len(self.columns)} columns are too close to tell them apart"
        return f"the numbers of column `{first.column}` are too close to tell them apart"

    @property
    def label(self) -> str:
        return "to predict as they are" if self.kind == "target" else "inputs are as in the file"

    @property
    def notes(self) -> tuple[str, ...]:
        shown = [
            f"of {_counted(one.different, 'different number')} in `{one.column}`, "
            f"{one.apart} {'is' if one.apart == 1 else 'are'} left in 32-bit floats"
            for one in self.columns[:_LISTED]
        ]
        if more := len(self.columns) - len(shown):
            shown.append(f"that is so in {_counted(more, 'more column')}")
        return tuple(shown)

    @property
    def helps(self) -> tuple[str, ...]:
        way_out = self.columns[0].way_out
        if self.kind == "target":
            return (way_out,)
        return (f"leave out `standardize=false`, or {way_out}",)


class ForbiddenPath(Diagnostic):
    """``beside`` is the file of the same name that the .net file may read."""

    code: ClassVar = "E0410"
    path: str
    reason: str
    beside: str | None = None

    @property
    def title(self) -> str:
        return f"the path `{self.path}` {self.reason}"

    @property
    def label(self) -> str:
        return "a file reads only what lies in its own folder"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.beside and self.span:
            return (f"write `{self.span.text.replace(self.path, self.beside)}`, which is there",)
        if not self.path.isprintable():
            return (r"in a string, `\n` is a line break and `\t` a tab: write `/` between folders",)
        beside = "put the file beside the .net file, or in a folder beside it"
        if "folder" not in self.reason and self.reason != "is absolute":
            return (beside,)
        return (beside, "or allow its folder on the command line: `--allow FOLDER`")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
