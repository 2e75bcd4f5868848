"""Metrics: what is said of a network's outputs beside the loss."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import Item
from netlang.catalogue.targets import are_classes, of_one_shape, of_samples

if TYPE_CHECKING:
    from torch import Tensor


class Metric(Item, abstract=True):
    """One number for outputs and targets of one shape [N, *].

    ``tasks`` are the kinds of target it can take, "classification" or "regression"; ``bounds`` are
    the least and the largest number that it can be. Raises TypeError or ValueError for other
    shapes, and for no sample.
    """

    kind = "metric"
    tasks: ClassVar[Sequence[str]]
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    samples: ClassVar[int] = 1  # of fewer it says nothing
    counts: ClassVar[bool] = False  # whether it is a share of the samples

    def __call__(self, y: Tensor, t: Tensor) -> float:
        return self.value(*self.checked(y, t))

    def value(self, y: Tensor, t: Tensor) -> float:
        """The number, from outputs and targets in float64."""
        raise NotImplementedError(f"{self.name} has neither a method `value` nor `__call__`")

    def checked(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Both in float64, if they go together."""
        of_one_shape(self.name, y, t)
        return y.double(), t.double()

    @abstractmethod
    def pytorch(self, outputs: int) -> str:
        """The same of ``y`` and ``t`` in PyTorch, whose last dimension is ``outputs``.

        It is an expression to which ``.item()`` may be added.
        """


class Accuracy(Metric, name="accuracy", known_as=("acc",)):
    """The share of samples whose largest output is their class's.

    Shape: outputs [N, *, classes]; targets the same, or class numbers [N, *]. With one output,
    a sample is of the second class where that is above one half.
    """

    tasks = ("classification",)
    bounds = (0, 1)
    counts = True

    def __call__(self, y: Tensor, t: Tensor) -> float:
        return self.value(y, t)

    def value(self, y: Tensor, t: Tensor) -> float:
        of_samples(self.name, y, t)
        if y.dim() < 2:
            given = list(y.shape)
            raise ValueError(f"{self.name} takes outputs of shape [N, classes], not {given}")
        outputs = y.shape[-1]
        if are_classes(y, t):
            _check_classes(t, max(outputs, 2))
            return (_classes(y) == t).double().mean().item()
        if y.shape != t.shape:
            raise ValueError(
                f"{self.name} takes targets of the outputs' shape {list(y.shape)}, or class "
                f"numbers (whole) of shape {list(y.shape[:-1])}, not {t.dtype} of {list(t.shape)}"
            )
        return (_classes(y) == _classes(t)).double().mean().item()

    def pytorch(self, outputs: int) -> str:
        right = "(y > 0.5) == (t > 0.5)" if outputs == 1 else "y.argmax(-1) == t.argmax(-1)"
        return f"({right}).double().mean()"


class MeanSquaredError(Metric, name="mse"):
    """The mean of (y - t)²."""

    tasks = ("regression",)
    bounds = (0, math.inf)

    def value(self, y: Tensor, t: Tensor) -> float:
        y, t = self.checked(y, t)
        return (y - t).square().mean().item()

    def pytorch(self, outputs: int) -> str:
        return "(y.double() - t).square().mean()"


class MeanAbsoluteError(Metric, name="mae"):
    """The mean of |y - t|."""

    tasks = ("regression",)
    bounds = (0, math.inf)

    def value(self, y: Tensor, t: Tensor) -> float:
        y, t = self.checked(y, t)
        return (y - t).abs().mean().item()

    def pytorch(self, outputs: int) -> str:
        return "(y.double() - t).abs().mean()"


class RSquared(Metric, name="r2", known_as=("R2",)):
    """1 - Σ(y - t)² / Σ(t - mean t)²: 1 is perfect, 0 no better than the mean.

    Of targets that are all equal, it is 1 if all are met, else 0.
    """

    tasks = ("regression",)
    bounds = (-math.inf, 1)
    samples = 2

    def value(self, y: Tensor, t: Tensor) -> float:
        y, t = self.checked(y, t)
        spread = (t - t.mean(0)).square().sum()
        missed = (y - t).square().sum()
        if bool((t.amax(0) == t.amin(0)).all()):
            return float(missed == 0)
        return (1 - missed / spread).item()

    def pytorch(self, outputs: int) -> str:
        missed = "(y - t.double()).square().sum()"
        spread = "(t - t.mean(0, dtype=torch.float64)).square().sum()"
        return f"torch.where((t == t[0]).all(), (y == t).all(), 1 - {missed} / {spread})"


def _classes(given: Tensor) -> Tensor:
    """The class of each sample.  Shape: [N, *, outputs] -> [N, *]."""
    return given.squeeze(-1) > 0.5 if given.shape[-1] == 1 else given.argmax(-1)


def _check_classes(numbers: Tensor, count: int) -> None:
    lowest, highest = numbers.min().item(), numbers.max().item()
    if lowest < 0 or highest >= count:
        wrong = lowest if lowest < 0 else highest
        raise ValueError(f"class numbers go from 0 to {count - 1} here, and none is {wrong}")
