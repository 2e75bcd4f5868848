"""E0417, E0418, E0423: whole columns of a table, and arguments that do not fit what it holds."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts, Worded
from netlang.language.diagnostics.messages.data import NAMED
from netlang.language.diagnostics.wording import SHOWN, counted, in_code, listed, shortened
from netlang.language.source import Span
from netlang.system.record import Record


class Lacking(Record):
    """A column lacks ``count`` cells, the first of them in a ``row``, counted from 1, which holds
    ``cell`` there.
    """

    column: str
    count: int
    row: int
    cell: str

    @property
    def place(self) -> str:
        return f"row {self.row}" + (f", `{shortened(self.cell)}`" if self.cell else "")


class MissingCells(Diagnostic):
    """Columns of a table of ``rows`` rows lack cells. ``span`` is the first such cell, ``used`` the
    span that names the file; or it is that, if no line holds the cell, and ``used`` is None. With
    ``empty``, these columns lack all of them; with ``texts``, they are columns of texts.
    """

    code = "E0417"
    used: Span | None
    columns: tuple[Lacking, ...]
    rows: int
    ignored: str
    empty: bool
    texts: bool = False

    def message(self) -> Message:
        first, several = self.columns[0], len(self.columns) > 1
        title = f"column `{first.column}` lacks {self._cells(first)}"
        if several:
            every = "their" if self.empty else "some"
            title = f"{counted(len(self.columns), 'column')} lack {every} cells"
        marks = "this marks a missing cell" if self.written.strip() else "nothing is here"
        if not self.used:
            marks = "read here"
        return Message(
            title=title,
            label=marks,
            labels=Label.at(self.used, "read here"),
            notes=self._notes() if several else f"the first in {first.place}",
            helps=self._helps("the columns" if several else "the column"),
        )

    def _cells(self, one: Lacking) -> str:
        return f"{'all' if self.empty else one.count} of {counted(self.rows, 'cell')}"

    def _notes(self) -> Texts:
        notes = (
            f"`{one.column}` lacks {self._cells(one)}, the first in {one.place}"
            for one in self.columns[:SHOWN]
        )
        more = [one.column for one in self.columns[SHOWN:]]
        return (*notes, f"and so do {listed(in_code(more), NAMED)}" if more else None)

    def _helps(self, what: str) -> Texts:
        leave = f"leave {what} out: `{self.ignored}`"
        if self.empty:
            return leave
        if self.texts:
            return 'write a text there, or add `missing="drop"` to do without these rows'
        return (
            'add `missing="mean"` or `missing="median"` to fill them in by what the training rows '
            'hold; `missing="indicator"` also tells the network where',
            f'or add `missing="drop"` to do without these rows, or {leave}',
        )


class Countless(Record):
    """A column of so many ``different`` texts in ``rows`` rows that they are no categories; of
    more than that where rows are not counted.
    """

    column: str
    different: int
    example: str
    rows: int = 0

    @property
    def summary(self) -> str:
        if not self.rows:
            return f"column `{self.column}` holds more than {self.different:,} different texts"
        rows = counted(self.rows, "row")
        return f"column `{self.column}` holds {self.different:,} different texts in {rows}"


class TooManyCategories(Diagnostic):
    """``ignored`` and ``categories`` are arguments to add, and ``text`` another, where the texts
    have several words. With ``dates``, they look like dates.
    """

    code = "E0418"
    columns: tuple[Countless, ...]
    ignored: str
    categories: str
    dates: bool
    text: str = ""

    def message(self) -> Message:
        several = len(self.columns) > 1
        title = self.columns[0].summary
        if several:
            title = f"{counted(len(self.columns), 'column')} hold too many texts to be categories"
        date = "a date is no input: write a number in its place, such as a year or a count of days"
        return Message(
            title=title,
            label="each text would be an input, and teach nothing about another",
            notes=self._notes(several),
            helps=(
                f"leave {'them' if several else 'it'} out: `{self.ignored}`",
                date if self.dates else None,
                f"if it is a text to learn from, add `{self.text}`" if self.text else None,
                f"if the texts are categories, which new rows have, too, add `{self.categories}`",
            ),
        )

    def _notes(self, several: bool) -> Texts:
        if not several:
            return f"the first of them is `{shortened(self.columns[0].example)}`"
        more = [one.column for one in self.columns[SHOWN:]]
        notes = (
            f"{one.summary}, such as `{shortened(one.example)}`" for one in self.columns[:SHOWN]
        )
        return (*notes, f"and so do {listed(in_code(more), NAMED)}" if more else None)


class UnfitArgument(Worded):
    """An argument of a table does not fit another, or what the file holds."""

    code = "E0423"
