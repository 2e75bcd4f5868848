"""E0403 to E0407, E0419, E0425, W0620: data that cannot be read, their columns, rows and cells."""

from __future__ import annotations

import math

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts, Worded
from netlang.language.diagnostics.suggest import Guess, guess
from netlang.language.diagnostics.wording import SHOWN, counted, in_code, listed, shortened
from netlang.language.source import Span
from netlang.system.record import Record

NAMED = 12  # columns that are named


class DataFileUnreadable(Diagnostic):
    code = "E0403"
    path: str
    reason: str
    help: str

    def message(self) -> Message:
        return Message(
            title=f"cannot read the data file `{self.path}`: {self.reason}",
            label="named here",
            helps=self.help,
        )


class NoSuchColumn(Diagnostic):
    """``line`` has names to write above the first line, if that seems to be a row of data."""

    code = "E0404"
    column: str
    path: str
    columns: tuple[str, ...]
    line: str = ""

    def message(self) -> Message:
        column = f"`{self.column}`" if self.column else "without a name"
        close = guess(self.column, self.columns)
        by_name = self.span is not None and self.span.text == f'"{self.column}"'
        what = "its first line seems to be a row of data:" if self.line and not close else ""
        return Message(
            title=f"`{self.path}` has no column {column}",
            notes=f"{what or 'its columns are'} {listed(in_code(self.columns), NAMED)}",
            helps=self._help(close),
            fixes=self.replaced_by(close and Guess(f'"{close.text}"', close.sure and by_name)),
        )

    def _help(self, close: Guess | None) -> str:
        if close:
            return close.question
        if self.line:
            return add_names(self.line)
        if not self.column:
            return 'all columns of the file have names: leave `""` out'
        return "name one of the columns of the file's first line"


def add_names(line: str) -> str:
    return f"write a line of names above it, such as `{line}`"


class RaggedRow(Diagnostic):
    """``span`` is in the data file, and ``used`` in the .net file, where it names that.

    ``surplus`` is "row" or "header" if that has an empty cell too many at its end, and "above" if
    the first line seems to stand above the header.
    """

    code = "E0405"
    used: Span | None
    row: int
    cells: int
    columns: int
    delimiter: str
    surplus: str

    def message(self) -> Message:
        return Message(
            title=f"row {self.row} has {counted(self.cells, 'cell')}, the header {self.columns:,}",
            labels=Label.at(self.used, "read here"),
            helps=self._help(),
        )

    def _help(self) -> str:
        if not self.written.strip():
            return "remove that line, which holds nothing but blanks"
        if self.surplus == "above":
            return "the first line has to name the columns: remove what stands above their names"
        delimiter = "tab" if self.delimiter == "\t" else f"`{self.delimiter}`"
        if self.surplus == "header":
            return f"remove the {delimiter} that ends the first line"
        if self.surplus == "row":
            remove = f"remove the {delimiter} that ends the row"
            return f'{remove}, or end the first line with one as well, and add `ignore=[""]`'
        give = f"give the row {counted(self.columns, 'cell')}"
        return f'{give}; a cell that holds {delimiter} stands in `"..."`'


class BadColumn(Record):
    """The first cell of a column that cannot be used, and the ``count`` of such cells.

    With ``whole``, no cell of the column can be used. There may be more such cells if the table
    ``is_cut_off``: nobody read on to count them.
    """

    column: str
    row: int
    cell: str
    count: int
    whole: bool
    is_cut_off: bool = False

    @property
    def all_rows(self) -> str:
        rows = counted(self.count, "row")
        return f"at least the first {rows}" if self.is_cut_off else f"all {rows}"

    @property
    def more_cells(self) -> str:
        cells = counted(self.count - 1, "more cell")
        return f"at least {cells}" if self.is_cut_off else cells

    @property
    def found(self) -> str:
        return f"holds `{shortened(self.cell)}`" if self.cell.strip() else "is empty"

    @property
    def summary(self) -> str:
        if self.whole:
            return f"`{self.column}`: {self.all_rows}, from `{self.cell.strip()}` on"
        more = f", and {self.more_cells}" if self.count > 1 else ""
        return f"`{self.column}`: row {self.row} {self.found}{more}"


class BadCell(Diagnostic):
    """Cells that cannot be used, all for one reason. With ``number``, they should be numbers.

    ``span`` is the first of them in the data file, and ``used`` the span that names that file.
    """

    code = "E0406"
    used: Span | None
    columns: tuple[BadColumn, ...]
    number: bool
    wanted: str
    help: Texts

    def message(self) -> Message:
        title, notes = self._of_several() if len(self.columns) > 1 else self._of_one()
        return Message(title, self.wanted, Label.at(self.used, "read here"), notes, self.help)

    def _of_one(self) -> tuple[str, Texts]:
        one = self.columns[0]
        if one.whole:
            what = "no number that can be used" if self.number else "nothing that can be used"
            title = f"column `{one.column}` holds {what}"
            return title, f"that is so in {one.all_rows}"
        more = f"{one.more_cells} of this column cannot be used either"
        title = f"row {one.row}, column `{one.column}` {one.found}"
        return title, more if one.count > 1 else None

    def _of_several(self) -> tuple[str, Texts]:
        more = [one.column for one in self.columns[SHOWN:]]
        notes = (one.summary for one in self.columns[:SHOWN])
        title = f"{counted(len(self.columns), 'column')} have cells that cannot be used as numbers"
        return title, (*notes, f"and so have {listed(in_code(more), NAMED)}" if more else None)


class EmptyData(Worded):
    code = "E0407"


class PackageMissing(Diagnostic):
    """The data set ``item`` needs a ``package``, which pip gets together with the ``extra``."""

    code = "E0419"
    item: str
    package: str
    extra: str
    reason: str
    is_missing: bool

    def message(self) -> Message:
        install = f'`pip install "{self.extra}"`'
        return Message(
            title=f"`{self.item}` needs {self.package}, which {self.reason}",
            label="reads its samples by it",
            helps=install if self.is_missing else f"install it anew: {install}",
        )


class SamplesUnshaped(Diagnostic):
    """Samples of the shape ``found`` do not have as many numbers as the ``asked`` one."""

    code = "E0425"
    found: tuple[int, ...]
    asked: tuple[int, ...]

    def message(self) -> Message:
        holds, has = math.prod(self.asked), math.prod(self.found)
        side = math.isqrt(has)
        such = f", such as `[1, {side}, {side}]`" if 1 < has == side * side else ""
        return Message(
            title=f"a shape of {[*self.asked]} holds {counted(holds, 'number')}, and a sample has "
            f"{has:,}",
            label=f"samples are {[*self.found]} here",
            helps=f"give sizes whose product is {has:,}{such}",
        )


class OtherFiles(Diagnostic):
    """``others`` in the folder ``path`` are no pictures, as their ``endings`` are others."""

    code = "W0620"
    path: str
    others: tuple[str, ...]
    endings: tuple[str, ...]

    def message(self) -> Message:
        several = len(self.others) > 1
        return Message(
            title=f"{counted(len(self.others), 'file')} in `{self.path}` "
            f"{'are no pictures' if several else 'is no picture'}",
            label="left out",
            notes=listed(in_code(self.others), SHOWN),
            helps=f"pictures are in a folder of their class, and end in {', '.join(self.endings)}",
        )
