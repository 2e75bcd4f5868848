"""Messages about a table's bad cells show the first one of each column, and count the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.columns.notation import (
    DECIMAL_COMMA,
    Interpretation,
    has_thousands,
    interpret,
)
from netlang.catalogue.data.columns.target import BadText
from netlang.catalogue.data.formats.request import TableRequest
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.formats.vocabulary import Vocabulary
from netlang.language.diagnostics.diagnostic import Texts
from netlang.language.diagnostics.messages.data import NAMED, BadCell, BadColumn


class BadCells:
    """Collects the bad cells of ``source``."""

    def __init__(self, source: Source, request: TableRequest) -> None:
        self.source, self.request = source, request
        # The first one of each column: its row, from 0, the cell, and why a target is refused.
        self._first: dict[int, tuple[int, str, BadText | None]] = {}
        self._counts: Counter[int] = Counter()
        self._without_thousands: set[int] = set()  # columns with a cell that shows no groups
        self._whole: set[int] = set()  # columns with several cells, and no good one
        self._is_cut_off = False

    def __bool__(self) -> bool:
        return bool(self._first)

    def add(
        self, column: int, vocabulary: Vocabulary, code: int, bad_text: BadText | None = None
    ) -> None:
        """Add the cells that hold a text of the column's ``vocabulary``, once those of lower codes
        are added. ``bad_text`` says why a target's cells cannot be used; an input's are no numbers.
        """
        cell = vocabulary.texts[code]
        self._first.setdefault(column, (vocabulary.rows[code], cell, bad_text))
        self._counts[column] += vocabulary.counts[code]
        if column not in self._without_thousands and not has_thousands(cell.strip()):
            self._without_thousands.add(column)

    def messages(self, count: int, is_cut_off: bool = False) -> Iterator[BadCell]:
        """One message for the target and one for all inputs, or one if all have the same fault.

        The table has ``count`` rows, or more if it ``is_cut_off`` there.
        """
        self._is_cut_off = is_cut_off
        self._whole = {column for column, bad in self._counts.items() if bad == count > 1}
        inputs = [column for column, (*_, bad_text) in self._first.items() if bad_text is None]
        targets = [column for column in self._first if column not in inputs]
        if inputs and targets and self._are_alike([*inputs, *targets]):
            yield self._bad_numbers([*inputs, *targets], "and so on in all these columns")
            return
        if targets:
            yield self._bad_target(targets)
        if inputs:
            cells, them = ("cells", "columns") if len(inputs) > 1 else ("cell", "column")
            names = [self.source.header[column] for column in self._in_order(inputs)]
            leave_out = f"or leave the {them} out: `{ignoring([*self.request.ignore, *names])}`"
            change = f"mend the {cells}"
            if self._whole.issuperset(inputs):
                change = "write a number for each category, such as `0` and `1`"
            yield self._bad_numbers(inputs, leave_out, change)

    def _interpret(self, column: int) -> Interpretation:
        """What the first bad cell of ``column`` means; commas group digits if all cells of several
        show it, in a file where commas are no decimal points, as they stand between cells.
        """
        several = self._counts[column] > 1 and self.source.delimiter == ","
        thousands = several and column not in self._without_thousands
        return interpret(self._first[column][1], thousands)

    def _are_alike(self, columns: Sequence[int]) -> bool:
        """Whether all of them hold numbers in one notation, which netlang does not read."""
        found = [self._interpret(column) for column in columns]
        return all(one.number for one in found) and len({one.wanted for one in found}) == 1

    def _in_order(self, columns: Sequence[int]) -> list[int]:
        """The columns in the file's order, but first the one whose bad cell comes first."""
        first = min(columns, key=lambda column: (self._first[column][0], column))
        return sorted(columns, key=lambda column: (column != first, column))

    def _bad_numbers(self, columns: Sequence[int], otherwise: str, change: str = "") -> BadCell:
        """Columns that should hold numbers; ``change`` is a way out where none is known."""
        columns = self._in_order(columns)
        found = self._interpret(columns[0])
        helps = f"{found.change or change}, {otherwise}", self._rewriting(found)
        return self._message(columns, True, found.wanted, helps)

    def _bad_target(self, columns: Sequence[int]) -> BadCell:
        _, cell, bad_text = self._first[columns[0]]
        assert bad_text
        known = bad_text.is_number and cell
        found = self._interpret(columns[0]) if known else Interpretation("")
        wanted = found.wanted if found.change else f"takes {bad_text.wanted}"
        helps = (_alone(found.change), self._rewriting(found), bad_text.help)
        return self._message(columns, bad_text.is_number, wanted, helps)

    def _rewriting(self, found: Interpretation) -> str | None:
        """How to write a file of decimal commas anew as a whole."""
        if (
            found.wanted != DECIMAL_COMMA
            or self._counts.total() == 1
            or self.source.delimiter == ","
        ):
            return None
        return "or replace every `,` of the file by `.`"

    def _message(self, columns: Sequence[int], number: bool, wanted: str, helps: Texts) -> BadCell:
        span, used = (
            self.source.cell(self._first[columns[0]][0], columns[0]),
            self.request.at("path"),
        )
        bad = tuple(self._column(column) for column in columns)
        return BadCell(span or used, used if span else None, bad, number, wanted, helps)

    def _column(self, column: int) -> BadColumn:
        (row, cell, _), count = self._first[column], self._counts[column]
        name, whole = self.source.header[column], column in self._whole
        return BadColumn(name, row + 1, cell, count, whole, self._is_cut_off)


def _alone(change: str) -> str | None:
    """A change of which several ways are listed, where no other way follows; None for none.

    >>> _alone("fill the cell in, remove the row"), _alone("write `0`")
    ('fill the cell in, or remove the row', 'write `0`')
    """
    first, comma, last = change.rpartition(", ")
    return f"{first}, or {last.removeprefix('or ')}" if comma else change or None


def ignoring(names: Sequence[str]) -> str:
    """The argument that leaves these columns out, shortened where they are many."""
    shown = as_source(tuple(names[:NAMED]))
    return f"ignore={shown}" if len(names) <= NAMED else f"ignore={shown[:-1]}, ...]"
