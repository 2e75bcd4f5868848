"""Cells of a table that training never saw become numbers, or indices of names.

A column comes as a list of texts or numbers, as an array or a series of another library, or as the
``Gathering`` of a file. An error names the column, and the row of the first cell that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.data.columns.missing import marks_no_number, marks_of_missing
from netlang.catalogue.data.columns.notation import interpret
from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.gathering import TRUTHS, Gathering
from netlang.catalogue.data.formats.numbers import parse_numbers
from netlang.catalogue.data.formats.source import Unfit
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from polars import Series
    from torch import Tensor

Cells = Sequence[str | float | None] | Gathering

MISSING, UNKNOWN = -1, -2  # indices of cells that hold nothing, and of names that are not there

_MOST_NAMED = 12  # classes or columns, in a message


class ColumnError(ValueError):
    """Raised for a ``column`` that a table lacks, or a cell of it that cannot be used.

    ``problem`` says why, and goes on from the column. ``row`` is the row of the first such cell,
    counted from 1; None if the whole column is wrong. The ``cell`` is not what is ``wanted``, and
    ``help`` says what may be meant.
    """

    def __init__(
        self,
        column: str,
        row: int | None,
        problem: str,
        cell: str = "",
        wanted: str = "",
        help: str = "",
    ) -> None:
        where = f"column `{column}`" if row is None else f"row {row}, column `{column}`"
        super().__init__(f"{where} {problem}")
        self.column, self.row, self.problem = column, row, problem
        self.cell, self.wanted, self.help = cell, wanted, help

    @classmethod
    def of_cell(cls, column: str, row: int, cell: str, wanted: str, help: str = "") -> Self:
        """The error of a cell that does not hold what is ``wanted``, in a ``row`` from 0."""
        holds = f"holds `{cell}`" if cell else "is empty"
        return cls(column, row + 1, f"{holds}: {wanted}", cell, wanted, help)


def column_of(name: str, columns: Mapping[str, Cells], taken: Collection[str] = ()) -> Cells:
    """The cells of the column ``name``.  Raises ColumnError if there are none; the columns that
    are ``taken`` for others cannot be meant then.
    """
    if name not in columns:
        raise ColumnError(name, None, f"is missing; {alternatives(name, [*columns], taken)}")
    cells = columns[name]
    is_column = isinstance(cells, Gathering | Iterable) and not isinstance(cells, str)
    if not is_column:
        raise ColumnError(name, None, f"takes a list with a cell for each row: `[{cells!r}]`")
    return cells


def gathered(name: str, cells: Cells, as_text: bool) -> Gathering:
    """The cells of the column ``name``, as those of a file are gathered.  Raises ColumnError."""
    if isinstance(cells, Gathering):
        return cells
    found = Gathering(as_text)
    if (series := _series(cells)) is not None:
        from netlang.catalogue.data.formats.series import add_series

        try:
            add_series(found, series)
        except Unfit as error:
            raise ColumnError(name, None, error.problem) from None
        return found
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    numbers = parse_numbers(texts) if texts and not as_text else None
    if numbers is None:
        found.add(texts)
    else:
        found.add_numbers(numbers)
    return found


def numbers_of(cells: Gathering) -> Tensor:
    """The numbers in cells, and NaN for every text.  Shape: [N] float64."""
    if cells.coded or not cells.rows:  # no cell is a number
        return torch.full((cells.rows,), torch.nan, dtype=torch.float64, device="cpu")
    return torch.frombuffer(cells.values, dtype=torch.float64)


def check_numbers(name: str, cells: Gathering, may_lack: bool) -> None:
    """Raises ColumnError for the first cell that is no number, unless the column ``may_lack`` some
    and it is missing.
    """
    for text, row in zip(cells.vocabulary.texts, cells.vocabulary.rows, strict=True):
        if not (may_lack and marks_no_number(text)):
            found = interpret(text)
            written = found.change if found.number else ""  # as it should be
            raise ColumnError.of_cell(name, row, text, found.wanted, written)


class Names:
    """Finds names in cells: the very name of a cell, or else the one that says the same.

    Truth values do so however they are written: Python and pandas write True, and Parquet and JSON
    true; beside 0 and 1, they are these. Where all ``names`` are numbers, 1.0 is 1. Where two of
    the names say the same, such as 1 and 01, each is found by itself alone.
    """

    def __init__(self, names: Sequence[str]) -> None:
        # Labels need decimal, which takes time to import, and checking a file needs neither.
        from netlang.catalogue.data.columns.labels import are_numbers

        self.names, self._are_numbers = names, are_numbers(names)
        self._exact = {name: index for index, name in enumerate(names)}
        meant = {self._meaning(name): index for name, index in self._exact.items()}
        self._meant = meant if len(meant) == len(names) else {}
        if self._meant.keys() <= {*TRUTHS.values()}:
            truths = [(word, meant[one]) for word, one in TRUTHS.items() if one in self._meant]
            self._meant.update(truths)

    def of_texts(self, cells: Gathering) -> list[int]:
        """The index of the name that each text of the cells is; MISSING or UNKNOWN where it is
        none.
        """
        return [*map(self._index, cells.vocabulary.texts)]

    def indices(self, cells: Gathering) -> Tensor:
        """The same for each cell.  Shape: [N] int64."""
        if not cells.rows:
            return torch.zeros(0, dtype=torch.int64, device="cpu")
        of_texts = torch.tensor(self.of_texts(cells), dtype=torch.int64, device="cpu")
        return of_texts[torch.frombuffer(cells.values, dtype=torch.int32).long()]

    def _index(self, text: str) -> int:
        index = self._exact.get(text)
        if index is None:
            index = self._meant.get(self._meaning(text), UNKNOWN)
        return MISSING if index == UNKNOWN and marks_of_missing({text}) else index

    def _meaning(self, text: str) -> str | None:
        """What a text says; None for one that is no number where all names are."""
        from netlang.catalogue.data.columns.labels import as_number

        if (word := text.lower()) in TRUTHS:
            return word
        return as_number(text) if self._are_numbers else text


def tensor_of(column: Column) -> Tensor:
    """The values of a column that was read, in its own memory.  Shape: [N]."""
    dtype = torch.float64 if column.kind == "number" else torch.int32
    return torch.frombuffer(column.values, dtype=dtype)


def alternatives(wrong: str, known: Sequence[str], taken: Collection[str] = ()) -> str:
    """What may be meant by a ``wrong`` name: the nearest one that is not ``taken``, or any."""
    if close := nearest(wrong, [name for name in known if name not in taken]):
        return f"did you mean `{close}`?"
    return f"there are {listed(in_code(known), _MOST_NAMED)}"


def _series(cells: Any) -> Series | None:
    """A series, or an array of numbers, as a series of polars; None for anything else."""
    if type(cells).__module__.startswith("polars."):
        series: Series = cells
        return series
    if not hasattr(cells, "__array__"):
        return None
    import numpy as np

    values: Any = np.asarray(cells)
    if values.dtype.kind not in "iuf" or values.ndim != 1:
        return None
    import polars

    is_whole = values.dtype.kind in "iu"
    return polars.Series(values.astype(values.dtype.type if is_whole else np.float64))
