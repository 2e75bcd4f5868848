"""What losses of classes have in common: classes that count more than others, or nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.reduced import RowLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ClassLoss(RowLoss, abstract=True):
    """A loss of one class among several, some of which may count more than others, or nothing."""

    weight: tuple[float, ...] | None = arg(
        default=None,
        at_least=0.0,
        doc="how much the samples of each class count",
        known_as=("class_weight", "class_weights"),
        instead="write how much each class counts, such as `[1, 3]`; "
        '`Table(..., weights="balanced")` has them count alike',
        like=("weights", "alpha"),
    )
    ignore: int | None = arg(
        default=None,
        at_least=0,
        doc="the class whose positions say nothing; those of class number -1 never do",
        known_as=("ignore_index", "ignore_class"),
    )

    argument_order: ClassVar[Sequence[str]] = ("weight", "ignore")
    tasks = ("classification",)
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)

    @property
    def weighs_classes(self) -> bool:
        return self.weight is not None

    def misfit(self, outputs: int) -> tuple[str, str] | None:
        classes = max(outputs, 2)  # a single output stands for the second of two
        if self.weight is not None and len(self.weight) != classes:
            return "weight", f"has {len(self.weight)} weights, and there are {classes} classes"
        if self.ignore is not None and self.ignore >= classes:
            return "ignore", f"ignores class {self.ignore}, and the last class is {classes - 1}"
        if self.weight is not None and not any(self.weight):
            return "weight", "gives no class a weight above 0"
        return None

    def says_nothing(self, y: Tensor, t: Tensor) -> Tensor | None:
        nothing = super().says_nothing(y, t)
        if self.ignore is None:
            return nothing
        if t.dim() < y.dim():
            ignored = t == self.ignore
        else:
            ignored = (of_two(t) if y.shape[-1] == 1 else t)[..., self.ignore] == 1
        return ignored if nothing is None else ignored | nothing

    @property
    def weights(self) -> tuple[float, ...] | None:
        """How much each class counts; None where all count the same."""
        return self.weight

    def weighted_values(self, y: Tensor, t: Tensor) -> Tensor:
        """Values of the targets, each times the weight of its class; class numbers are one-hot."""
        values = self.as_values(y, t)
        return values if self.weights is None else values * self.in_tensor(self.weights, y)

    def in_tensor(self, weights: tuple[float, ...], y: Tensor) -> Tensor:
        return torch.tensor(weights, dtype=y.dtype, device=y.device)


def times(t: Tensor, logarithms: Tensor) -> Tensor:
    """t log p; what is no target says nothing, even if its probability is 0."""
    return (t * logarithms).masked_fill_(t == 0, 0)


def of_two(t: Tensor) -> Tensor:
    """Values of both classes, made of those of the second.  Shape: [N, *, 1] -> [N, *, 2]."""
    return torch.cat([1 - t, t], -1)
