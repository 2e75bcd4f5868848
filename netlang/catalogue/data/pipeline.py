"""A pipeline turns a table into inputs and targets, by what it learned from the training rows.

It is plain data, and its JSON keeps every bit: whoever reads it makes the same inputs of other
tables as training made of its own.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.data.tables.cells import parse_number, parse_numbers
from netlang.catalogue.data.tables.notation import interpret
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import in_code, listed, type_of
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

Cells = Sequence[str | float]

_NUMBER = VALUE_TYPES["float"]
_CHUNK = 1 << 16  # rows that become inputs at once, so that few numbers take 64 bits each
_MOST_NAMED = 12  # classes or columns, in a message


class ColumnError(ValueError):
    """Raised for a ``column`` that a table lacks, or a cell of it that cannot be used.

    ``row`` is the row of the first such cell, counted from 1; None if the whole column is wrong.
    """

    def __init__(self, column: str, row: int | None, problem: str) -> None:
        where = f"column `{column}`" if row is None else f"row {row}, column `{column}`"
        super().__init__(f"{where} {problem}")
        self.column, self.row = column, row


@dataclass(frozen=True)
class Pipeline:
    """How a table becomes inputs and targets.

    Its ``columns``, in this order, are the inputs, each less its ``shift`` and over its ``scale``.
    The column ``target`` names one of ``classes``, in the order of their numbers; if they are None,
    it is a number to predict.
    """

    columns: tuple[str, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    target: str
    classes: tuple[str, ...] | None

    @classmethod
    def fit(
        cls,
        columns: tuple[str, ...],
        train: Tensor | None,
        target: str,
        classes: tuple[str, ...] | None,
    ) -> Self:
        """Learn to standardise from the rows ``train``, by their mean and deviation; if there are
        none, inputs stay the numbers of the table.

        Shape: [N, columns] float64.
        """
        if train is None:
            count = len(columns)
            return cls(columns, (0.0,) * count, (1.0,) * count, target, classes)
        shift, scale = shift_and_scale(train)
        return cls(columns, tuple(shift.tolist()), tuple(scale.tolist()), target, classes)

    def apply(self, columns: Mapping[str, Cells]) -> Tensor:
        """The inputs of a table, whose columns are found by name and may stand beside others.

        Shape: [N, columns].  Raises ColumnError, and TypeError for what has no names of columns.
        """
        if not _has_names(columns):
            table = ", ".join(f'"{name}": [...]' for name in self.columns)
            what = f"columns by name, {{{table}}}, not {type_of(columns)}"
            raise TypeError(f"a pipeline is applied to {what}")
        found = [_parsed(name, _column(name, columns)) for name in self.columns]
        for name, column in zip(self.columns, found, strict=True):
            if len(column) != len(found[0]):
                lengths = f"{len(column)} long, and column `{self.columns[0]}` {len(found[0])} long"
                raise ColumnError(name, None, f"is {lengths}")
        return self.to_inputs(torch.stack(found, 1))

    def targets(self, columns: Mapping[str, Cells] | Cells) -> Tensor:
        """The targets of a table, or of its target's column alone: class numbers [N] (int64), or
        values [N, 1].

        Raises ColumnError.
        """
        table: Any = columns if _has_names(columns) else {self.target: columns}
        cells = _column(self.target, table)
        if self.classes is None:
            values = _parsed(self.target, cells)
            return values.to(torch.get_default_dtype()).unsqueeze(1)
        # They need decimal, which takes time to import, and checking a file needs neither.
        from netlang.catalogue.data.tables.labels import are_numbers, as_number

        form = as_number if are_numbers(self.classes) else str  # 1 is 1.0
        known = {form(name): label for label, name in enumerate(self.classes)}
        labels = [known.get(form(str(cell).strip())) for cell in cells]
        if None in labels:
            row = labels.index(None)
            cell = str(cells[row]).strip()
            problem = f"holds `{cell}`, and training had no such class"
            raise ColumnError(self.target, row + 1, problem + _alternatives(cell, self.classes))
        return torch.tensor(labels, dtype=torch.int64, device="cpu")

    def to_inputs(self, numbers: Tensor) -> Tensor:
        """A table's own numbers as inputs.  Shape: [N, columns] float64 -> [N, columns]."""
        inputs = numbers.new_empty(numbers.shape, dtype=torch.get_default_dtype())
        shift, scale = numbers.new_tensor(self.shift), numbers.new_tensor(self.scale)
        for first in range(0, len(numbers), _CHUNK):
            rows = slice(first, first + _CHUNK)
            inputs[rows] = (numbers[rows] - shift).div_(scale)
        return inputs

    def to_numbers(self, inputs: Tensor) -> Tensor:
        """Inputs as a table's own numbers.  Shape: [N, columns] -> [N, columns] float64."""
        numbers = inputs.double()
        return numbers * numbers.new_tensor(self.scale) + numbers.new_tensor(self.shift)

    def to_json(self) -> dict[str, Any]:
        """The pipeline as JSON, which keeps every bit of its numbers."""
        inputs = [
            {"column": column, "shift": shift, "scale": scale}
            for column, shift, scale in zip(self.columns, self.shift, self.scale, strict=True)
        ]
        classes = None if self.classes is None else [*self.classes]
        return {"inputs": inputs, "target": {"column": self.target, "classes": classes}}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The pipeline that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
        match data:
            case {
                "inputs": [_, *_] as inputs,
                "target": {"column": str(target), "classes": None | [_, *_] as classes},
            }:
                columns, shift, scale = zip(*map(_input, inputs), strict=True)
                names = None if classes is None else tuple(classes)
                if _are_names((*columns, target)) and (names is None or _are_names(names)):
                    return cls(columns, shift, scale, target, names)
        raise ValueError("this is no pipeline")


# Exported files have a copy of this function, so it uses nothing but torch.
def shift_and_scale(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and the deviation of each column.  Shape: [N, columns] -> [columns] each.

    The scale of a constant column is 1. Numbers count as equal if they differ by a part in 1e13, as
    roundings of one number do.
    """
    low, high = train.amin(0), train.amax(0)
    constant = high - low <= 1e-13 * low.abs().maximum(high.abs())
    # The mean of equal numbers may be rounded, and their deviation then not be 0.
    shift = train.mean(0).where(~constant, train[0])
    scale = train.std(0, correction=0).where(~constant, 1.0)
    scale[scale == 0] = 1.0  # where numbers are too small to be squared
    return shift, scale


def _input(data: object) -> tuple[str, float, float]:
    match data:
        case {"column": str(column), "shift": shift, "scale": scale} if (
            _NUMBER.accepts(shift) and _NUMBER.accepts(scale) and scale > 0
        ):
            return column, float(shift), float(scale)
    raise ValueError("this is no input of a pipeline")


def _are_names(names: Sequence[object]) -> bool:
    """Whether all are texts, and no two are the same."""
    return all(isinstance(name, str) for name in names) and len({*names}) == len(names)


def _has_names(columns: object) -> bool:
    """Whether it is a table, as a data frame is as well, and not a column alone."""
    return isinstance(columns, Mapping) or hasattr(columns, "columns")


def _column(name: str, columns: Mapping[str, Cells]) -> Cells:
    """The cells of the column ``name``.  Raises ColumnError if there are none."""
    if name not in columns:
        raise ColumnError(name, None, "is missing" + _alternatives(name, [*columns]))
    cells = columns[name]
    if isinstance(cells, str) or not isinstance(cells, Iterable):
        raise ColumnError(name, None, f"takes a list with a cell for each row: `[{cells!r}]`")
    return cells


def _parsed(name: str, cells: Cells) -> Tensor:
    """The numbers in the column ``name``, which may be texts or numbers, in 64 bits.

    Shape: [N].  Raises ColumnError.
    """
    texts = [str(cell) for cell in cells]
    found = parse_numbers(texts) if texts else array("d")
    if found is not None:
        return torch.tensor(found, dtype=torch.float64, device="cpu")
    row = next(row for row, cell in enumerate(texts) if math.isnan(parse_number(cell.strip())))
    raise ColumnError(name, row + 1, f"holds `{texts[row]}`: {interpret(texts[row]).wanted}")


def _alternatives(wrong: str, known: Sequence[str]) -> str:
    if close := nearest(wrong, known):
        return f"; did you mean `{close}`?"
    return f"; there are {listed(in_code(known), _MOST_NAMED)}"
