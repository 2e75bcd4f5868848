"""Metrics are numbers beside the loss that say how good a network's outputs are."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from netlang.catalogue.items import Item
from netlang.catalogue.targets import NO_CLASS, check_targets, classes_of, one_hot
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Metric(Item, abstract=True):
    """One number for outputs y and targets t.

    Shape: y [N, *], and t the same; or of class numbers (whole), y [N, *, classes] and t [N, *].

    It keeps sums and no outputs. ``add`` takes samples, in parts of any size, ``value`` gives the
    number for all of them, and ``start`` forgets them. A call, ``accuracy(y, t)``, gives the number
    for these samples alone, and leaves the sums as they are.

    >>> import torch
    >>> accuracy = Accuracy()
    >>> accuracy.add(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]))
    >>> accuracy.add(torch.tensor([[0.3, 0.7]]), torch.tensor([1]))
    >>> round(accuracy.value(), 3)
    0.667

    ``tasks`` are the kinds of target that it takes: "classification", which has class numbers,
    "regression", or "labels", which are 0 or 1. ``bounds`` are the least and the largest number
    that it can be. ``add`` raises TypeError or ValueError for other shapes and for no sample,
    ``value`` RuntimeError before the first ``add``.
    """

    kind = "metric"
    called = "(outputs, targets)"
    tasks: ClassVar[Sequence[str]]
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    state: ClassVar[Sequence[str]] = ()  # the attributes that hold its sums, beside ``count``
    by_default: ClassVar[bool] = False  # whether it is measured if a file names no metrics
    higher_is_better: ClassVar[bool] = False
    least_samples: ClassVar[int] = 1  # with fewer, the number means nothing
    count = 0  # of the samples, or of their elements, that were added since the start

    def __call__(self, y: Tensor, t: Tensor) -> float:
        alone = self.anew()
        alone.add(y, t)
        return alone.value()

    def anew(self) -> Self:
        """A metric with the same arguments that has seen no sample."""
        return self.declared(self.values)

    def prepare(self) -> None:
        """Begin with no samples, when its arguments are bound."""
        self.start()

    def start(self) -> None:
        """Forget all samples."""
        self.count = 0

    @abstractmethod
    def add(self, y: Tensor, t: Tensor) -> None:
        """Add these samples to the sums.  Shapes and errors are those of the class."""

    @abstractmethod
    def value(self) -> float:
        """The number for all samples since the start."""

    def sums(self) -> dict[str, Any]:
        """The sums over all samples since the start, for ``resume``."""
        held = vars(self)
        return {name: held[name] for name in ("count", *self.state) if name in held}

    def resume(self, sums: Mapping[str, Any]) -> None:
        """Go on from the ``sums`` of another metric of this class, also as a file holds them."""
        self.start()
        for name, value in sums.items():
            is_sum = isinstance(getattr(self, name, None), Sum)  # which a file holds as two numbers
            setattr(self, name, Sum(*value) if is_sum else value)

    def seen(self) -> int:
        """``count``.  Raises RuntimeError if it is 0."""
        if not self.count:
            raise RuntimeError(f"{self!r}: call add before value")
        return self.count

    def checked(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Both in float64 and in one shape: class numbers become one-hot.  Raises as ``add``."""
        check_targets(self.name, self.tasks, y, t)
        if t.dim() < y.dim():
            t = one_hot(t, y.shape[-1])
        return y.double(), t.double()


class Accuracy(Metric, name="accuracy", known_as=("acc",)):
    """The share of samples, or of their positions, whose largest output is that of their class.

    Shape: y [N, *, classes]; t class numbers [N, *], or values of the shape of y. With one output,
    two classes are 0 and 1: above one half, it stands for the second. A position of class number
    -1 does not count.
    """

    tasks = ("classification",)
    bounds = (0, 1)
    by_default = True
    higher_is_better = True
    state = ("right",)

    def start(self) -> None:
        super().start()
        self.right = 0

    def add(self, y: Tensor, t: Tensor) -> None:
        right = self._right(y, t)
        self.right += int(right.sum().item())
        self.count += right.numel()

    def value(self) -> float:
        return self.right / self.seen()

    def _right(self, y: Tensor, t: Tensor) -> Tensor:
        """Whether the output of each class is the largest, where there is a class.

        Shape: [N], or of positions [those that have one].
        """
        check_targets(self.name, self.tasks, y, t, skips=True)
        if y.dim() < 2:
            raise ValueError(f"{self.name} takes outputs of shape [N, classes], not {[*y.shape]}")
        if t.dim() == y.dim():
            return classes_of(y) == classes_of(t)
        right = classes_of(y) == t
        return right if t.dim() == 1 else right[t != NO_CLASS]


class LabelAccuracy(Metric, name="label_accuracy", like=("hamming", "multilabel_accuracy")):
    """The share of labels that are right: an output above one half says that the label is given.

    Shape: y and t [N, labels]; t is 0 or 1. One less it is the Hamming loss.
    """

    tasks = ("labels",)
    bounds = (0, 1)
    by_default = True
    state = ("right",)

    def start(self) -> None:
        super().start()
        self.right = 0

    def add(self, y: Tensor, t: Tensor) -> None:
        check_targets(self.name, self.tasks, y, t)
        right = (y > 0.5) == (t > 0.5)
        self.right += int(right.sum().item())
        self.count += right.numel()

    def value(self) -> float:
        return self.right / self.seen()


class _Mean(Metric, abstract=True):
    """The mean of a number that ``each`` gives for every element."""

    tasks = ("regression",)
    bounds = (0, math.inf)
    state = ("sum",)

    def start(self) -> None:
        super().start()
        self.sum = Sum()

    def add(self, y: Tensor, t: Tensor) -> None:
        each = self.each(*self.checked(y, t))
        self.sum = self.sum.plus(each.sum().item())
        self.count += each.numel()

    def value(self) -> float:
        return self.sum.value / self.seen()

    @abstractmethod
    def each(self, y: Tensor, t: Tensor) -> Tensor:
        """The number for each element, in float64."""


class MeanSquaredError(_Mean, name="mse", like=("mean_squared_error",)):
    """The mean of (y - t)²."""

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).square()


class MeanAbsoluteError(_Mean, name="mae", like=("mean_absolute_error",)):
    """The mean of |y - t|."""

    by_default = True

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).abs()


class RSquared(Metric, name="r2", known_as=("R2",)):
    """1 - Σ(y - t)² / Σ(t - mean t)²: 1 is perfect, 0 no better than the mean.

    If all targets are equal, it is 1 when every output meets its target, else 0.
    """

    tasks = ("regression",)
    bounds = (-math.inf, 1)
    by_default = True
    higher_is_better = True
    state = ("missed", "spread", "shift", "mean")
    least_samples = 2

    def start(self) -> None:
        super().start()
        self.missed, self.spread = Sum(), Sum()  # Σ(y - t)² and Σ(t - mean t)²

    def add(self, y: Tensor, t: Tensor) -> None:
        y, t = self.checked(y, t)
        self.missed = self.missed.plus((y - t).square().sum().item())
        if not self.count:
            self.shift, self.mean = t[0].clone(), torch.zeros_like(t[0])
        # From the first on: a mean far from 0 takes no digits from the spread, which is exactly 0
        # of targets that are all equal.
        self._widen(t - self.shift)

    def _widen(self, t: Tensor) -> None:
        """Combine the spread of these samples with that of those before.

        Source: Chan, Golub and LeVeque 1979.
        """
        mean, count = t.mean(0), self.count + len(t)
        apart = mean - self.mean
        between = apart.square().sum().item() * (self.count * len(t) / count)
        self.spread = self.spread.plus((t - mean).square().sum().item()).plus(between)
        self.mean = self.mean + apart * (len(t) / count)
        self.count = count

    def value(self) -> float:
        self.seen()
        missed, spread = self.missed.value, self.spread.value
        return 1 - missed / spread if spread else float(missed == 0)


class Sum(NamedTuple):
    """A sum of numbers that come one by one, and beside it what rounding took from it.

    Source: Neumaier 1974.
    """

    rounded: float = 0.0
    lost: float = 0.0

    def plus(self, number: float) -> Sum:
        rounded = self.rounded + number
        larger, smaller = sorted((self.rounded, number), key=abs, reverse=True)
        return Sum(rounded, self.lost + ((larger - rounded) + smaller))

    @property
    def value(self) -> float:
        return self.rounded + self.lost if math.isfinite(self.rounded) else self.rounded


def confusion(predicted: Tensor, true: Tensor, classes: int) -> Tensor:
    """How many samples of each class (row) are taken for which (column).

    Shape: class numbers [N, *], both -> [classes, classes] int64.

    >>> import torch
    >>> confusion(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    pairs = (true.long() * classes + predicted.long()).flatten()
    return torch.bincount(pairs, minlength=classes * classes).view(classes, classes)
