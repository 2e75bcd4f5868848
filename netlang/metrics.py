"""Metrics: what is said of a network's outputs beside the loss."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.arguments import Item

if TYPE_CHECKING:
    from torch import Tensor


class Metric(Item, abstract=True):
    """One number for outputs and targets of shape [N, *].

    ``tasks`` are the kinds of target it can take, "classification" or "regression".
    """

    kind = "metric"
    tasks: ClassVar[Sequence[str]]

    @abstractmethod
    def __call__(self, y: Tensor, t: Tensor) -> float: ...

    @abstractmethod
    def pytorch(self, outputs: int) -> str:
        """The same of ``y`` and ``t`` in PyTorch, whose last dimension is ``outputs``.

        It is an expression to which ``.item()`` may be added.
        """


class Accuracy(Metric, name="accuracy", known_as=("acc",)):
    """The share of samples whose largest output is their class's.

    With one output, a sample is of the second class where that is above one half.
    """

    tasks = ("classification",)

    def __call__(self, y: Tensor, t: Tensor) -> float:
        if y.shape[-1] == 1:
            right = (y > 0.5) == (t > 0.5)
        else:
            right = y.argmax(-1) == t.argmax(-1)
        return right.double().mean().item()

    def pytorch(self, outputs: int) -> str:
        right = "(y > 0.5) == (t > 0.5)" if outputs == 1 else "y.argmax(-1) == t.argmax(-1)"
        return f"({right}).double().mean()"


class MeanSquaredError(Metric, name="mse"):
    """The mean of (y - t)²."""

    tasks = ("regression",)

    def __call__(self, y: Tensor, t: Tensor) -> float:
        return (y.double() - t).square().mean().item()

    def pytorch(self, outputs: int) -> str:
        return "(y.double() - t).square().mean()"


class MeanAbsoluteError(Metric, name="mae"):
    """The mean of |y - t|."""

    tasks = ("regression",)

    def __call__(self, y: Tensor, t: Tensor) -> float:
        return (y.double() - t).abs().mean().item()

    def pytorch(self, outputs: int) -> str:
        return "(y.double() - t).abs().mean()"


class RSquared(Metric, name="r2", known_as=("R2",)):
    """1 - Σ(y - t)² / Σ(t - mean t)²: 1 is perfect, 0 no better than the mean.

    Of targets that are all equal, it is 1 if all are met, else 0.
    """

    tasks = ("regression",)

    def __call__(self, y: Tensor, t: Tensor) -> float:
        t = t.double()
        spread = (t - t.mean(0)).square().sum()
        missed = (y - t).square().sum()
        if bool((t.amax(0) == t.amin(0)).all()):
            return float(missed == 0)
        return (1 - missed / spread).item()

    def pytorch(self, outputs: int) -> str:
        missed = "(y - t.double()).square().sum()"
        spread = "(t - t.mean(0, dtype=torch.float64)).square().sum()"
        return f"torch.where((t == t[0]).all(), (y == t).all(), 1 - {missed} / {spread})"
