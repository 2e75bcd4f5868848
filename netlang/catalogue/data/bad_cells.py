"""A table's cells that cannot be used: those met first in each column, and what is said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.rows import Rows
from netlang.catalogue.data.target import Refusal
from netlang.language.diagnostics.data import BadCell, BadColumn
from netlang.language.source import Span

if TYPE_CHECKING:
    from netlang.catalogue.data.notation import Meant

_NAMED = 12  # columns of a suggestion


class BadCells:
    """Collects cells; ``span`` is where a .net file names the table."""

    def __init__(self, rows: Rows, span: Span | None) -> None:
        self.rows, self.span = rows, span
        # By column: the row, counted from 0, the cell, and what is said of a target's.
        self._first: dict[int, tuple[int, str, Refusal | None]] = {}
        self._counts: Counter[int] = Counter()

    def __bool__(self) -> bool:
        return bool(self._first)

    def add(self, column: int, row: int, cell: str, why: Refusal | None = None) -> None:
        """``why`` is given for a target's cell, and not for an input's."""
        self._first.setdefault(column, (row, cell, why))
        self._counts[column] += 1

    def messages(self, ignored: Sequence[str], rows: int) -> Iterator[BadCell]:
        """One for the target, and one for all inputs; the table has so many ``rows``.

        They are one where the same is wrong with them.
        """
        inputs = sorted(column for column, (*_, why) in self._first.items() if why is None)
        targets = [column for column in self._first if column not in inputs]
        if inputs and targets and self._are_alike(inputs, targets[0]):
            yield self._both(self._in_order([*inputs, *targets]), rows)
            return
        for column in targets:
            yield self._target(column, rows)
        if inputs:
            yield self._inputs(self._in_order(inputs), ignored, rows)

    def _in_order(self, columns: Sequence[int]) -> list[int]:
        """The columns in the file's order, but the first the one that is refused first."""
        first = min(columns, key=lambda column: (self._first[column][0], column))
        return sorted(columns, key=lambda column: (column != first, column))

    def _are_alike(self, inputs: Sequence[int], target: int) -> bool:
        """Whether all of them are written in one way that is no number's."""
        found = [_meant(self._first[column][1]) for column in (target, *inputs)]
        return all(
            one and one.number and one.wanted == found[0].wanted for one in found if found[0]
        )

    def _both(self, columns: list[int], rows: int) -> BadCell:
        found = _meant(self._first[columns[0]][1])
        assert found
        ways_out = (f"{found.change}, and so on in all these columns", *self._rewriting(found))
        return self._message(columns, True, found.wanted, ways_out, rows)

    def _rewriting(self, found: Meant | None) -> tuple[str, ...]:
        """How a file of decimal commas is written anew as a whole."""
        from netlang.catalogue.data.notation import DECIMAL_COMMA

        if not (found and found.wanted == DECIMAL_COMMA and sum(self._counts.values()) > 1):
            return ()
        file, delimiter = self.rows.file, as_source(self.rows.delimiter)
        read = f'pandas.read_csv("{file.name}", sep={delimiter}, decimal=",")'
        write = f'to_csv("{file.stem}_points.csv", sep={delimiter}, index=False)'
        return (f"or write all of it anew, in Python: `{read}.{write}`",)

    def _target(self, column: int, rows: int) -> BadCell:
        _, cell, why = self._first[column]
        assert why
        number = "number to" in why.wanted
        found = _meant(cell) if number and cell else None
        if found is None:
            return self._message([column], number, f"takes {why.wanted}", (why.help,), rows)
        ways_out = (found.change, *self._rewriting(found), why.help)
        return self._message([column], number, found.wanted, ways_out, rows)

    def _inputs(self, columns: list[int], ignored: Sequence[str], rows: int) -> BadCell:
        cells, them = ("cells", "columns") if len(columns) > 1 else ("cell", "column")
        found = _meant(self._first[columns[0]][1])
        names = [*ignored, *(self.rows.header[column] for column in columns)]
        change = found.change if found else f"mend the {cells}"
        way_out = f"{change}, or leave the {them} out: `{_ignoring(names)}`"
        wanted = found.wanted if found else "takes a number"
        return self._message(columns, True, wanted, (way_out, *self._rewriting(found)), rows)

    def _message(
        self,
        columns: Sequence[int],
        number: bool,
        wanted: str,
        ways_out: tuple[str, ...],
        rows: int,
    ) -> BadCell:
        span = self.rows.cell(self._first[columns[0]][0], columns[0])
        told = tuple(self._column(column, rows) for column in columns)
        return BadCell(span, self.span, told, number, wanted, ways_out)

    def _column(self, column: int, rows: int) -> BadColumn:
        (row, cell, _), count = self._first[column], self._counts[column]
        return BadColumn(self.rows.header[column], row + 1, cell, count, count == rows > 1)


def _meant(cell: str) -> Meant | None:
    from netlang.catalogue.data.notation import (
        meant,  # a table without a mistake need not wait for it
    )

    return meant(cell)


def _ignoring(names: Sequence[str]) -> str:
    """The argument that leaves these columns out, shortened where they are many."""
    shown = as_source(tuple(names[:_NAMED]))
    return f"ignore={shown}" if len(names) <= _NAMED else f"ignore={shown[:-1]}, ...]"
