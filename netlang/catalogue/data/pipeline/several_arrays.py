"""Several arrays make the inputs of a sample, which lie side by side in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.data.pipeline.array_pipeline import ArrayPipeline
from netlang.catalogue.data.pipeline.cells import Cells
from netlang.catalogue.data.pipeline.goals import Goal
from netlang.system.lazy import torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from torch import Tensor


class SeveralArrays(Value):
    """The pipelines of the arrays, each by its name; all have the same ``goal``."""

    arrays: tuple[ArrayPipeline, ...]

    columns = ()  # of a table, which it needs none of

    @property
    def goal(self) -> Goal:
        return self.arrays[0].goal

    @property
    def name(self) -> str:
        return self.arrays[0].name

    @property
    def shape(self) -> tuple[int, ...]:
        """That of a sample's row."""
        return (len(self.input_names),)

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(name for one in self.arrays for name in one.input_names)

    @property
    def target(self) -> tuple[str, ...]:
        """The names of what is predicted."""
        return self.goal.columns

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, in the order of their numbers; None where there are none."""
        return self.goal.classes

    def apply(self, samples: Sequence[Any]) -> Tensor:
        """The inputs for an array of samples for each of the pipelines.

        Shape: [N, *shape] each -> [N, row].  Raises ValueError.
        """
        each = [one.apply(own) for one, own in zip(self.arrays, samples, strict=True)]
        return torch.cat([inputs.flatten(1) for inputs in each], 1)

    def encode(self, samples: Sequence[Any], rows: Any) -> Tensor:
        """The inputs for ``rows`` [M] of the samples of each array.  Shape: [M, row]."""
        each = zip(self.arrays, samples, strict=True)
        return torch.cat([one.encode(own, rows).flatten(1) for one, own in each], 1)

    def unseen(self, samples: Any) -> dict[str, Mapping[str, int]]:
        """Numbers have no categories that training could have missed."""
        return {}

    def targets(self, targets: Cells | Mapping[str, Cells]) -> Tensor:
        """The targets of samples, as ``ArrayPipeline`` gives them.  Raises ColumnError."""
        return self.arrays[0].targets(targets)

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the target's own units, if they are numbers to predict."""
        return self.goal.to_values(outputs)

    def to_inputs(self, numbers: Tensor) -> Tensor:
        """Shape: [N, row] float64 -> [N, row]."""
        pairs = zip(self.arrays, self.parts(numbers), strict=True)
        return torch.cat([one.to_inputs(own).flatten(1) for one, own in pairs], 1)

    def to_numbers(self, inputs: Tensor) -> Tensor:
        """Inputs as the arrays' own numbers.  Shape: [N, row] -> [N, row] float64."""
        pairs = zip(self.arrays, self.parts(inputs), strict=True)
        return torch.cat([one.to_numbers(own).flatten(1) for one, own in pairs], 1)

    def parts(self, row: Tensor) -> list[Tensor]:
        """What of the row is of each array.  Shape: [N, row] -> [N, *shape] each."""
        sizes = [len(one.input_names) for one in self.arrays]
        each = zip(self.arrays, torch.split(row, sizes, 1), strict=True)
        return [own.reshape(len(own), *one.shape) for one, own in each]

    def to_json(self) -> dict[str, Any]:
        """The pipeline as JSON, which keeps every bit of its numbers."""
        return {"arrays": [one.to_json() for one in self.arrays]}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The pipeline that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
        match data:
            case {"arrays": [_, _, *_] as arrays}:
                found = tuple(map(ArrayPipeline.from_json, arrays))
                names = {one.name for one in found}
                if len(names) == len(found) and len({one.goal for one in found}) == 1:
                    return cls(found)
        raise ValueError("this is no pipeline of arrays")
