"""A goal says what a table's target columns are: classes, numbers to predict, or labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline.cells import (
    MISSING,
    UNKNOWN,
    Cells,
    ColumnError,
    Names,
    alternatives,
    check_numbers,
    column_of,
    gathered,
    numbers_of,
)
from netlang.catalogue.data.pipeline.encoders import are_names
from netlang.catalogue.data.pipeline.scales import shift_and_scale
from netlang.system.lazy import torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from torch import Tensor

_NUMBER = VALUE_TYPES["float"]


class Goal(Value, ABC):
    """``columns`` are what is predicted."""

    columns: tuple[str, ...]
    as_text: ClassVar[bool] = False  # whether a number in a cell is a name, too

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, in the order of their numbers; None where there are none."""
        return None

    def gathered(self, table: Mapping[str, Cells]) -> list[Gathering]:
        """The cells of the columns, in a new table.  Raises ColumnError."""
        return [gathered(name, column_of(name, table), self.as_text) for name in self.columns]

    def of_table(self, table: Mapping[str, Cells]) -> Tensor:
        """The targets that training has for the rows of a table.  Raises ColumnError."""
        found = self.gathered(table)
        self.check(found)
        return self.targets(found)

    def check(self, found: Sequence[Gathering], may_lack: bool = False) -> None:
        """Raises ColumnError for the first cell of the columns that cannot be used, though they
        ``may_lack`` some.
        """
        for name, cells in zip(self.columns, found, strict=True):
            check_numbers(name, cells, may_lack)

    @abstractmethod
    def targets(self, found: Sequence[Gathering]) -> Tensor:
        """The targets that training has for these cells, which can be used."""

    def are_known(self, targets: Tensor) -> Tensor:
        """Which rows have all of the ``targets``.  Shape: [N], or [N, columns] -> [N] bool."""
        return ~targets.isnan().any(1)

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the units of the table, where they are numbers to predict."""
        return outputs

    @property
    def each(self) -> tuple[Goal, ...]:
        """The goals that it is made of."""
        return (self,)

    def for_outputs(self, count: int) -> tuple[Goal, ...]:
        """The goal of each of a network's outputs, where there are as many as goals."""
        return self.each

    @abstractmethod
    def to_json(self) -> dict[str, Any]: ...


class Classes(Goal):
    """A column names one of ``names``, in the order of the classes' numbers."""

    names: tuple[str, ...]
    as_text: ClassVar[bool] = True

    @property
    def classes(self) -> tuple[str, ...]:
        return self.names

    def check(self, found: Sequence[Gathering], may_lack: bool = False) -> None:
        (column,), (cells,) = self.columns, found
        texts, rows = cells.vocabulary.texts, cells.vocabulary.rows
        for text, row, label in zip(texts, rows, Names(self.names).of_texts(cells), strict=True):
            if label == UNKNOWN or (label == MISSING and not may_lack):
                wanted, meant = "training had no such class", alternatives(text, self.names)
                problem = f"holds `{text}`, and {wanted}; {meant}"
                raise ColumnError(column, row + 1, problem, text, wanted, meant)

    def targets(self, found: Sequence[Gathering]) -> Tensor:
        """Class numbers.  Shape: [N] int64."""
        return Names(self.names).indices(found[0])

    def are_known(self, targets: Tensor) -> Tensor:
        return targets != MISSING

    def to_json(self) -> dict[str, Any]:
        return {"columns": [*self.columns], "classes": [*self.names]}


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

    def targets(self, found: Sequence[Gathering]) -> Tensor:
        """Values, standardised.  Shape: [N, columns]."""
        return self.standardised(torch.stack([*map(numbers_of, found)], 1))

    def standardised(self, numbers: Tensor) -> Tensor:
        """Numbers of the table as targets.  Shape: [N, columns] float64 -> [N, columns]."""
        shift, scale = numbers.new_tensor(self.shift), numbers.new_tensor(self.scale)
        return ((numbers - shift) / scale).to(torch.get_default_dtype())

    def to_values(self, outputs: Tensor) -> Tensor:
        """Shape: [N, columns], or one that has as many numbers -> the same, float64."""
        values = outputs.double()
        values = values.flatten(1) if values.dim() > 2 else values
        values = values * values.new_tensor(self.scale) + values.new_tensor(self.shift)
        return values.view(outputs.shape)

    def for_outputs(self, count: int) -> tuple[Goal, ...]:
        if count == 1:
            return (self,)
        each = zip(self.columns, self.shift, self.scale, strict=True)
        return tuple(Values((column,), (shift,), (scale,)) for column, shift, scale in each)

    def to_json(self) -> dict[str, Any]:
        learned = {"shift": [*self.shift], "scale": [*self.scale]}
        return {"columns": [*self.columns], "classes": None, **learned}


class Labels(Goal):
    """Columns of 0 and 1, or of false and true, which do not exclude each other."""

    def gathered(self, table: Mapping[str, Cells]) -> list[Gathering]:
        found = super().gathered(table)
        return [cells.without_truths() if cells.has_truths else cells for cells in found]

    def check(self, found: Sequence[Gathering], may_lack: bool = False) -> None:
        super().check(found, may_lack)
        for name, cells in zip(self.columns, found, strict=True):
            for row, number in enumerate(cells.values if not cells.coded else ()):
                if number not in (0, 1) and number == number:  # NaN is a missing one
                    wanted, cell = "labels are 0 or 1", f"{number:g}"
                    raise ColumnError(name, row + 1, f"holds `{cell}`, and {wanted}", cell, wanted)

    def targets(self, found: Sequence[Gathering]) -> Tensor:
        """0 or 1 for each.  Shape: [N, columns]."""
        return torch.stack([*map(numbers_of, found)], 1).to(torch.get_default_dtype())

    def for_outputs(self, count: int) -> tuple[Goal, ...]:
        return (self,) if count == 1 else tuple(Labels((column,)) for column in self.columns)

    def to_json(self) -> dict[str, Any]:
        return {"columns": [*self.columns], "classes": None, "labels": True}


class Inputs(Goal):
    """A sample's own inputs are to be given back: whoever made them says them in their units."""

    columns: tuple[str, ...] = ("input",)

    def targets(self, found: Sequence[Gathering]) -> Tensor:
        raise TypeError("the targets are the inputs, which no column holds")

    def to_json(self) -> dict[str, Any]:
        return {"columns": [*self.columns], "classes": None, "inputs": True}


class Several(Goal):
    """Columns of different kinds, each a goal of its own; their targets lie side by side in a row,
    class numbers as floats.
    """

    goals: tuple[Goal, ...]

    @classmethod
    def of(cls, goals: Iterable[Goal]) -> Self:
        each = tuple(goals)
        return cls(tuple(name for one in each for name in one.columns), each)

    @property
    def each(self) -> tuple[Goal, ...]:
        return self.goals

    def row(self, targets: Sequence[Tensor]) -> Tensor:
        """The row of the targets of all goals.  Shape: [N] or [N, columns] each -> [N, all]."""
        dtype = torch.get_default_dtype()
        columns = [one if one.dim() > 1 else one.unsqueeze(1) for one in targets]
        return torch.cat([one.to(dtype) for one in columns], 1)

    def gathered(self, table: Mapping[str, Cells]) -> list[Gathering]:
        return [cells for goal in self.goals for cells in goal.gathered(table)]

    def check(self, found: Sequence[Gathering], may_lack: bool = False) -> None:
        for goal, cells in zip(self.goals, found, strict=True):
            goal.check([cells], may_lack)

    def targets(self, found: Sequence[Gathering]) -> Tensor:
        return self.row([goal.targets([one]) for goal, one in zip(self.goals, found, strict=True)])

    def are_known(self, targets: Tensor) -> Tensor:
        columns = zip(self.goals, targets.unbind(1), strict=True)
        known = [
            column != MISSING if isinstance(goal, Classes) else ~column.isnan()
            for goal, column in columns
        ]
        return torch.stack(known).all(0)

    def to_json(self) -> dict[str, Any]:
        return {"columns": [*self.columns], "several": [one.to_json() for one in self.goals]}


def goal_of(data: object) -> Goal:
    """The goal that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
    match data:
        case {"columns": [_, *_] as columns} if are_names(columns):
            names = tuple(columns)
        case _:
            raise ValueError("a pipeline has no such target")
    match data:
        case {"several": [_, _, *_] as several}:
            each = Several.of(map(goal_of, several))
            if each.columns == names and not any(isinstance(one, Several) for one in each.goals):
                return each
        case {"classes": [_, *_] as classes} if are_names(classes) and len(names) == 1:
            return Classes(names, tuple(classes))
        case {"classes": None, "shift": list(shift), "scale": list(scale)} if (
            len(shift) == len(scale) == len(names)
            and all(map(_NUMBER.accepts, (*shift, *scale))) and min(scale) > 0
        ):  # fmt: skip
            return Values(names, tuple(map(float, shift)), tuple(map(float, scale)))
        case {"classes": None, "labels": True}:
            return Labels(names)
        case {"classes": None, "inputs": True}:
            return Inputs()
    raise ValueError("a pipeline has no such target")
