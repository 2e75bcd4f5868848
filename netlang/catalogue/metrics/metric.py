"""A metric is a number beside the loss that says how good a network's outputs are."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from netlang.catalogue.items import Item
from netlang.catalogue.metrics.sums import Sum
from netlang.catalogue.targets import check_targets, one_hot

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
