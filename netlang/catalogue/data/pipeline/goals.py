"""A goal says what a table's target columns are: classes, numbers to predict, or labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.data.pipeline.cells import (
    Cells,
    ColumnError,
    Names,
    alternatives,
    column_of,
    numbers_in,
    texts_in,
)
from netlang.catalogue.data.pipeline.encoders import are_names, shift_and_scale
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_NUMBER = VALUE_TYPES["float"]


@dataclass(frozen=True)
class Goal(ABC):
    """``columns`` are what is predicted."""

    columns: tuple[str, ...]

    @abstractmethod
    def targets(self, table: Mapping[str, Cells]) -> Tensor:
        """The targets that training has for the rows of a table.  Raises ColumnError."""

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the units of the table, where they are numbers to predict."""
        return outputs

    @abstractmethod
    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Classes(Goal):
    """A column names one of ``names``, in the order of the classes' numbers."""

    names: tuple[str, ...]

    def targets(self, table: Mapping[str, Cells]) -> Tensor:
        """Class numbers.  Shape: [N] int64."""
        (column,) = self.columns
        texts = texts_in(column_of(column, table))
        labels = Names(self.names).indices(texts)
        for row, (label, text) in enumerate(zip(labels, texts, strict=True), 1):
            if label < 0:
                problem = f"holds `{text}`, and training had no such class"
                raise ColumnError(column, row, problem + alternatives(text, self.names))
        return torch.tensor(labels, dtype=torch.int64, device="cpu")

    def to_json(self) -> dict[str, Any]:
        return {"columns": [*self.columns], "classes": [*self.names]}


@dataclass(frozen=True)
class Values(Goal):
    """Columns of numbers to predict, each less its ``shift`` and over its ``scale``."""

    shift: tuple[float, ...]
    scale: tuple[float, ...]

    @classmethod
    def fit(cls, columns: tuple[str, ...], train: Tensor | None = None) -> Self:
        """Learn to standardise from the training rows ``train``; if there are none, targets stay
        as they are in the table.

        Shape: [N, columns] float64.
        """
        if train is None:
            return cls(columns, (0.0,) * len(columns), (1.0,) * len(columns))
        learned = [shift_and_scale(column.unsqueeze(1)) for column in train.unbind(1)]
        shift, scale = zip(*((one.item(), other.item()) for one, other in learned), strict=True)
        return cls(columns, shift, scale)

    def targets(self, table: Mapping[str, Cells]) -> Tensor:
        """Values, standardised.  Shape: [N, columns]."""
        numbers = [numbers_in(name, column_of(name, table)) for name in self.columns]
        return self.standardised(torch.stack(numbers, 1))

    def standardised(self, numbers: Tensor) -> Tensor:
        """Numbers of the table as targets.  Shape: [N, columns] float64 -> [N, columns]."""
        shift, scale = numbers.new_tensor(self.shift), numbers.new_tensor(self.scale)
        return ((numbers - shift) / scale).to(torch.get_default_dtype())

    def to_values(self, outputs: Tensor) -> Tensor:
        """Shape: [N, columns] -> [N, columns] float64."""
        values = outputs.double()
        return values * values.new_tensor(self.scale) + values.new_tensor(self.shift)

    def to_json(self) -> dict[str, Any]:
        learned = {"shift": [*self.shift], "scale": [*self.scale]}
        return {"columns": [*self.columns], "classes": None, **learned}


@dataclass(frozen=True)
class Labels(Goal):
    """Columns of 0 and 1, which do not exclude each other."""

    def targets(self, table: Mapping[str, Cells]) -> Tensor:
        """0 or 1 for each.  Shape: [N, columns]."""
        found = []
        for name in self.columns:
            numbers = numbers_in(name, column_of(name, table))
            if (wrong := (numbers != 0) & (numbers != 1)).any():
                row = int(wrong.nonzero()[0])
                raise ColumnError(name, row + 1, f"holds `{numbers[row]:g}`, and labels are 0 or 1")
            found.append(numbers)
        return torch.stack(found, 1).to(torch.get_default_dtype())

    def to_json(self) -> dict[str, Any]:
        return {"columns": [*self.columns], "classes": None, "labels": True}


def goal_of(data: object) -> Goal:
    """The goal that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
    match data:
        case {"columns": [_, *_] as columns} if are_names(columns):
            names = tuple(columns)
        case _:
            raise ValueError("a pipeline has no such target")
    match data:
        case {"classes": [_, *_] as classes} if are_names(classes) and len(names) == 1:
            return Classes(names, tuple(classes))
        case {"classes": None, "shift": list(shift), "scale": list(scale)} if (
            len(shift) == len(scale) == len(names)
            and all(map(_NUMBER.accepts, (*shift, *scale))) and min(scale) > 0
        ):  # fmt: skip
            return Values(names, tuple(map(float, shift)), tuple(map(float, scale)))
        case {"classes": None, "labels": True}:
            return Labels(names)
    raise ValueError("a pipeline has no such target")
