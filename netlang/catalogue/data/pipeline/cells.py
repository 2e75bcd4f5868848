"""Cells of a table that training never saw become numbers, or indices of names.

A column comes as a list of texts or numbers, as an array or a series of another library, or as a
``Column`` of a file. An error names the column, and the row of the first cell that is wrong.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.columns.missing import marks_no_number, missing
from netlang.catalogue.data.columns.notation import interpret
from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.numbers import parse_number, parse_numbers
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

Cells = Sequence[str | float | None] | Column

MISSING, UNKNOWN = -1, -2  # indices of cells that hold nothing, and of names that are not there

_MOST_NAMED = 12  # classes or columns, in a message


class ColumnError(ValueError):
    """Raised for a ``column`` that a table lacks, or a cell of it that cannot be used.

    ``problem`` says why, and goes on from the column. ``row`` is the row of the first such cell,
    counted from 1; None if the whole column is wrong.
    """

    def __init__(self, column: str, row: int | None, problem: str) -> None:
        where = f"column `{column}`" if row is None else f"row {row}, column `{column}`"
        super().__init__(f"{where} {problem}")
        self.column, self.row, self.problem = column, row, problem


def column_of(name: str, columns: Mapping[str, Cells], taken: Collection[str] = ()) -> Cells:
    """The cells of the column ``name``.  Raises ColumnError if there are none; the columns that
    are ``taken`` for others cannot be meant then.
    """
    if name not in columns:
        raise ColumnError(name, None, "is missing" + alternatives(name, [*columns], taken))
    cells = columns[name]
    if not isinstance(cells, Column) and (
        isinstance(cells, str) or not isinstance(cells, Iterable)
    ):
        raise ColumnError(name, None, f"takes a list with a cell for each row: `[{cells!r}]`")
    return cells


def count_of(cells: Cells) -> int:
    return len(cells.values) if isinstance(cells, Column) else len(cells)


def numbers_in(name: str, cells: Cells, may_lack: bool = False) -> Tensor:
    """The numbers in the cells of the column ``name``; NaN where one is missing, if it ``may_lack``
    some.

    Shape: [N] float64.  Raises ColumnError for a cell that holds anything else.
    """
    numbers = _numbers(cells)
    wrong = numbers.isnan() | (numbers.abs() > LARGEST)
    for row in wrong.nonzero().flatten().tolist() if wrong.any() else ():
        cell = texts_in(cells)[row]
        if not (may_lack and marks_no_number(cell)):
            raise ColumnError(name, row + 1, f"holds `{cell}`: {interpret(cell).wanted}")
    return numbers


class Names:
    """Finds names in cells. Where all ``names`` are numbers, 1.0 is 1, too."""

    def __init__(self, names: Sequence[str]) -> None:
        # Labels need decimal, which takes time to import, and checking a file needs neither.
        from netlang.catalogue.data.columns.labels import are_numbers, as_number

        self.names = names
        self._form = as_number if are_numbers(names) else str
        self._known = {self._form(name): index for index, name in enumerate(names)}

    def indices(self, texts: Sequence[str]) -> list[int]:
        """The index of the name in each cell; MISSING or UNKNOWN where there is none."""
        found = {text: self._index(text) for text in {*texts}}
        return [found[text] for text in texts]

    def _index(self, text: str) -> int:
        index = self._known.get(self._form(text), UNKNOWN)
        if index == UNKNOWN and text in ("True", "False"):  # so does Python write truth values
            index = self._known.get(text.lower(), UNKNOWN)
        return MISSING if index == UNKNOWN and missing({text}) else index


def texts_in(cells: Cells) -> list[str]:
    """The text of each cell, without blanks around it; "" where it is missing."""
    if isinstance(cells, Column) and cells.kind == "category":
        names = (*cells.categories, "")  # -1, a missing cell, takes the last
        return [names[int(index)] for index in cells.values.tolist()]
    if isinstance(cells, Column):
        return ["" if number != number else f"{number:.17g}" for number in cells.values.tolist()]
    return ["" if cell is None else str(cell).strip() for cell in cells]


def tensor_of(column: Column) -> Tensor:
    """The values of a column that was read, in its own memory.  Shape: [N]."""
    dtype = torch.float64 if column.kind == "number" else torch.int32
    return torch.frombuffer(column.values, dtype=dtype)


def alternatives(wrong: str, known: Sequence[str], taken: Collection[str] = ()) -> str:
    """What may be meant by a ``wrong`` name: the nearest one that is not ``taken``, or any."""
    if close := nearest(wrong, [name for name in known if name not in taken]):
        return f"; did you mean `{close}`?"
    return f"; there are {listed(in_code(known), _MOST_NAMED)}"


def _numbers(cells: Cells) -> Tensor:
    """The numbers in cells, and NaN where there is none.  Shape: [N] float64."""
    if isinstance(cells, Column) and cells.kind == "number":
        return tensor_of(cells)
    if (numbers := _of_array(cells)) is not None:
        return numbers
    texts = texts_in(cells)
    found = parse_numbers(texts) if texts else array("d")
    if found is None:
        known = {text: parse_number(text) for text in {*texts}}
        found = array("d", map(known.__getitem__, texts))
    return torch.tensor(found, dtype=torch.float64, device="cpu")


def _of_array(cells: Cells) -> Tensor | None:
    """The numbers of an array or a series; None for anything else, such as a list."""
    if isinstance(cells, Column) or not hasattr(cells, "__array__"):
        return None
    import numpy as np

    values: Any = np.asarray(cells)
    if values.dtype.kind not in "iuf" or values.ndim != 1:
        return None
    return torch.tensor(values.astype(np.float64), dtype=torch.float64, device="cpu")
