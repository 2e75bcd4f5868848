"""Messages about a table's bad cells show the first one of each column, and count the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.tables.notation import DECIMAL_COMMA, Interpretation, interpret
from netlang.catalogue.data.tables.rows import Rows
from netlang.catalogue.data.tables.target import Refusal
from netlang.language.diagnostics.data import BadCell, BadColumn
from netlang.language.diagnostics.diagnostic import Texts
from netlang.language.source import Span

_MOST_NAMED = 12  # columns, in a help


class BadCells:
    """Collects the bad cells of ``rows``; ``span`` is where a .net file names the table."""

    def __init__(self, rows: Rows, span: Span | None) -> None:
        self.rows, self.span = rows, span
        # The first one of each column: its row, from 0, the cell, and why a target is refused.
        self._first: dict[int, tuple[int, str, Refusal | None]] = {}
        self._counts: Counter[int] = Counter()

    def __bool__(self) -> bool:
        return bool(self._first)

    def add(self, column: int, row: int, cell: str, refusal: Refusal | None = None) -> None:
        """``refusal`` says why a target's cell cannot be used; an input's is no number."""
        self._first.setdefault(column, (row, cell, refusal))
        self._counts[column] += 1

    def messages(self, ignored: Sequence[str], rows: int) -> Iterator[BadCell]:
        """One message for the target and one for all inputs, or one if all have the same fault.

        The columns ``ignored`` are left out already; ``rows`` is how many rows the table has.
        """
        inputs = [column for column, (*_, refusal) in self._first.items() if refusal is None]
        targets = [column for column in self._first if column not in inputs]
        if inputs and targets and self._are_alike([*inputs, *targets]):
            yield self._bad_numbers([*inputs, *targets], "and so on in all these columns", rows)
            return
        if targets:
            yield self._bad_target(targets, rows)
        if inputs:
            cells, them = ("cells", "columns") if len(inputs) > 1 else ("cell", "column")
            names = [*ignored, *(self.rows.header[column] for column in self._in_order(inputs))]
            leave_out = f"or leave the {them} out: `{_ignoring(names)}`"
            yield self._bad_numbers(inputs, leave_out, rows, f"mend the {cells}")

    def _are_alike(self, columns: Sequence[int]) -> bool:
        """Whether all of them hold numbers in one notation, which netlang does not read."""
        found = [interpret(self._first[column][1]) for column in columns]
        return all(one.number for one in found) and len({one.wanted for one in found}) == 1

    def _in_order(self, columns: Sequence[int]) -> list[int]:
        """The columns in the file's order, but first the one whose bad cell comes first."""
        first = min(columns, key=lambda column: (self._first[column][0], column))
        return sorted(columns, key=lambda column: (column != first, column))

    def _bad_numbers(
        self, columns: Sequence[int], otherwise: str, rows: int, change: str = ""
    ) -> BadCell:
        """Columns that should hold numbers; ``change`` is a way out where none is known."""
        columns = self._in_order(columns)
        found = interpret(self._first[columns[0]][1])
        helps = f"{found.change or change}, {otherwise}", self._rewriting(found)
        return self._message(columns, True, found.wanted, helps, rows)

    def _bad_target(self, columns: Sequence[int], rows: int) -> BadCell:
        _, cell, refusal = self._first[columns[0]]
        assert refusal
        found = interpret(cell) if refusal.is_number and cell else Interpretation("")
        wanted = found.wanted if found.change else f"takes {refusal.wanted}"
        helps = (found.change or None, self._rewriting(found), refusal.help)
        return self._message(columns, refusal.is_number, wanted, helps, rows)

    def _rewriting(self, found: Interpretation) -> str | None:
        """How to write a file of decimal commas anew as a whole."""
        if found.wanted != DECIMAL_COMMA or self._counts.total() == 1:
            return None
        file, delimiter = self.rows.file, as_source(self.rows.delimiter)
        read = f'pandas.read_csv("{file.name}", sep={delimiter}, decimal=",")'
        write = f'to_csv("{file.stem}_points.csv", sep={delimiter}, index=False)'
        return f"or write all of it anew, in Python: `{read}.{write}`"

    def _message(
        self, columns: Sequence[int], number: bool, wanted: str, helps: Texts, rows: int
    ) -> BadCell:
        span = self.rows.cell(self._first[columns[0]][0], columns[0])
        bad = tuple(self._column(column, rows) for column in columns)
        return BadCell(span, self.span, bad, number, wanted, helps)

    def _column(self, column: int, rows: int) -> BadColumn:
        (row, cell, _), count = self._first[column], self._counts[column]
        return BadColumn(self.rows.header[column], row + 1, cell, count, count == rows > 1)


def _ignoring(names: Sequence[str]) -> str:
    """The argument that leaves these columns out, shortened where they are many."""
    shown = as_source(tuple(names[:_MOST_NAMED]))
    return f"ignore={shown}" if len(names) <= _MOST_NAMED else f"ignore={shown[:-1]}, ...]"
