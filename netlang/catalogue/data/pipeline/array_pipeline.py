"""An array's pipeline turns its samples into inputs, by what the training samples taught."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.data.pipeline.array_samples import unusable
from netlang.catalogue.data.pipeline.array_scaling import (
    channel_scaling,
    channels_of,
    scaled,
    scaling_of_steps,
)
from netlang.catalogue.data.pipeline.cells import Cells
from netlang.catalogue.data.pipeline.goals import Goal, Inputs, goal_of
from netlang.catalogue.data.pipeline.plain import plain_inputs
from netlang.system.lazy import np, torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_NUMBER = VALUE_TYPES["float"]
_SIZES = VALUE_TYPES["tuple[Size, ...]"]


class ArrayPipeline(Value):
    """How an array of samples, each of ``shape``, becomes inputs.

    ``name`` is what the array is called. Its numbers are taken less their ``shift`` and over their
    ``scale``: each feature of samples [F] has its own, each channel of [C, H, W] and the like, and
    a picture [H, W] has one. Where samples are sequences of unequal length, [T, features] with NaN
    behind their ends, ``lengths`` is what the array is called that says how long they are, and each
    feature has its own. Of ``tokens``, there are so many, and they stay as they are.
    """

    name: str
    shape: tuple[int, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    goal: Goal
    lengths: str = ""
    tokens: int | None = None

    @classmethod
    def fit(
        cls,
        name: str,
        samples: Any,
        rows: Any,
        standardize: bool,
        goal: Goal,
        lengths: str = "",
        tokens: int | None = None,
    ) -> Self:
        """Learn to standardise the ``samples`` [N, *] from the ``rows`` [M] of them, both arrays of
        numpy; without ``standardize``, inputs stay the numbers of the array, as ``tokens`` do.
        """
        shape = samples.shape[1:]
        about = goal, lengths, tokens
        count = _scales_of(shape, lengths, tokens)
        if tokens is not None or not standardize:
            return cls(name, shape, (0.0,) * count, (1.0,) * count, *about)
        if lengths:
            shift, scale = scaling_of_steps(samples[rows])
        else:
            shift, scale = channel_scaling(samples, rows, count)
        return cls(name, shape, tuple(shift.tolist()), tuple(scale.tolist()), *about)

    columns = ()  # of a table, which it needs none of

    @property
    def input_names(self) -> tuple[str, ...]:
        """A name for each input: ``x[0]`` of samples [F], ``x[0, 5, 7]`` of [C, H, W]."""
        places = product(*map(range, self.shape))
        return tuple(f"{self.name}[{', '.join(map(str, place))}]" for place in places)

    @property
    def target(self) -> tuple[str, ...]:
        """The names of what is predicted."""
        return self.goal.columns

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, in the order of their numbers; None where there are none."""
        return self.goal.classes

    def apply(self, samples: Any) -> Tensor:
        """The inputs for an array of samples, of numpy or like one of its; dimensions of 1 may be
        left out, or stand where there were none.

        Shape: [N, *shape] -> [N, *shape].  Raises ValueError.
        """
        found = np.asarray(samples)
        self.check(found.shape, found.dtype)
        found = found.reshape(len(found), *self.shape)
        if wrong := unusable(self.name, found, bool(self.lengths), self.tokens):
            raise wrong
        return self.encode(found, np.arange(len(found)))

    def of_array(self, numbers: Any) -> Any:
        """The inputs for samples that are plain ``numbers`` of the very shape, at once; None where
        there are lengths or tokens, or ``apply`` would find something wrong.
        """
        if self.lengths or self.tokens is not None or numbers.shape[1:] != self.shape:
            return None
        return plain_inputs(numbers, *self._plain_scaling)

    @cached_property
    def _plain_scaling(self) -> tuple[NDArray[Any], NDArray[Any]]:
        each = (-1, *[1] * (len(self.shape) - 1))
        return np.array(self.shift).reshape(each), np.array(self.scale).reshape(each)

    def check(self, shape: tuple[int, ...], dtype: Any) -> None:
        """Raises ValueError for an array that ``apply`` takes no samples of."""
        if dtype.kind not in "biuf":
            raise ValueError(f"`{self.name}` takes numbers, not {dtype}")
        if _without_ones(shape[1:]) != _without_ones(self.shape) or not shape:
            wanted = ", ".join(map(str, ("N", *self.shape)))
            raise ValueError(f"`{self.name}` takes an array [{wanted}], and this is {[*shape]}")

    def encode(self, samples: Any, rows: Any) -> Tensor:
        """The inputs for ``rows`` [M] of the ``samples`` [N, *shape].  Shape: [M, *shape]."""
        shift, scale = np.array(self.shift), np.array(self.scale)
        if self.by_step:
            shift, scale = (np.tile(one, self.shape[0]) for one in (shift, scale))
        return scaled(samples, rows, shift, scale)

    def unseen(self, samples: Any) -> dict[str, Mapping[str, int]]:
        """Numbers have no categories that training could have missed."""
        return {}

    def targets(self, targets: Cells | Mapping[str, Cells]) -> Tensor:
        """The targets of samples: class numbers [N], for the names of classes, or values
        [N, targets].

        Raises ColumnError.
        """
        table = targets if isinstance(targets, Mapping) else {self.target[0]: targets}
        return self.goal.of_table(table)

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the target's own units, if they are numbers to predict.

        Shape: [N, *] -> [N, *] float64.
        """
        if isinstance(self.goal, Inputs):
            return self.to_numbers(outputs)
        return self.goal.to_values(outputs)

    def to_inputs(self, numbers: Tensor) -> Tensor:
        """Shape: [N, *shape] float64 -> [N, *shape]."""
        shift, scale = self._scaling(numbers)
        return ((numbers - shift) / scale).to(torch.get_default_dtype())

    def to_numbers(self, inputs: Tensor) -> Tensor:
        """Inputs as the array's own numbers.  Shape: [N, *shape] -> [N, *shape] float64."""
        shift, scale = self._scaling(inputs.double())
        return inputs.double() * scale + shift

    def to_json(self) -> dict[str, Any]:
        """The pipeline as JSON, which keeps every bit of its numbers."""
        learned = {"shape": [*self.shape], "shift": [*self.shift], "scale": [*self.scale]}
        about: dict[str, Any] = {"lengths": self.lengths} if self.lengths else {}
        about |= {} if self.tokens is None else {"tokens": self.tokens}
        return {"array": self.name, **learned, **about, "target": self.goal.to_json()}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The pipeline that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
        match data:
            case {
                "array": str(name),
                "shape": [_, *_] as shape,
                "shift": list(shift),
                "scale": list(scale),
                "target": target,
                **others,
            } if (
                _SIZES.accepts(tuple(shape))
                and all(map(_NUMBER.accepts, (*shift, *scale)))
                and min(scale) > 0
            ):
                numbers = tuple(map(float, shift)), tuple(map(float, scale))
                about = _about(others, tuple(shape))
                if len(shift) == len(scale) == _scales_of(tuple(shape), *about):
                    return cls(name, tuple(shape), *numbers, goal_of(target), *about)
        raise ValueError("this is no pipeline of arrays")

    @property
    def by_step(self) -> bool:
        """Whether each feature of a step has a scale of its own."""
        return bool(self.lengths) and self.tokens is None

    def _scaling(self, like: Tensor) -> tuple[Tensor, Tensor]:
        each = (-1,) if self.by_step else (-1, *[1] * (len(self.shape) - 1))
        return like.new_tensor(self.shift).view(each), like.new_tensor(self.scale).view(each)


def _scales_of(shape: tuple[int, ...], lengths: str, tokens: int | None) -> int:
    """How many scales samples of this shape have."""
    return shape[-1] if lengths and tokens is None else channels_of(shape)


def _about(others: Mapping[Any, object], shape: tuple[int, ...]) -> tuple[str, int | None]:
    """The name of the lengths, and how many tokens there are.  Raises ValueError."""
    match {"lengths": "", "tokens": None} | {**others}:
        case {"lengths": str(lengths), "tokens": int() | None as tokens, **more} if not more:
            is_sequence = len(shape) == 2 or (tokens is not None and len(shape) == 1)
            if (not lengths or is_sequence) and (tokens is None or tokens > 0):
                return lengths, tokens
    raise ValueError("this is no pipeline of arrays")


def _without_ones(sizes: tuple[int, ...]) -> list[int]:
    return [size for size in sizes if size != 1]
