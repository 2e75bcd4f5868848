"""Reductions over a dimension, which is time more often than not: its mean, its maximum, its end.

Of sequences of unequal length they take what is before the ends.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.dims import place
from netlang.catalogue.layers.ends import Ends
from netlang.catalogue.modules import Layer, Sight
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class _Reduction(Layer, abstract=True):
    """A layer that makes one number of all those along ``dim``, for each of the others."""

    dim: int = arg(
        default=1,
        doc="the dimension that goes, 1 for the steps of sequences; 0 is the batch, -1 the last",
        known_as=("axis",),
    )

    def honours_lengths(self, *x: Shape) -> bool:
        return place(x[0], self.dim) == 0

    def infer(self, x: Shape) -> Shape:
        return x.without(place(x, self.dim))

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        at = place(x[0], self.dim)
        return Sight() if dim == at else Sight(dim - (dim > at))

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        x = x.movedim(self.dim, 1)
        ends = Ends(x, lengths)
        y, kept = self.reduce(x, ends)
        self.saved = ends, kept
        return y

    def backward(self, dy: Tensor) -> Any:
        ends, kept = self.saved
        dx = self.spread(dy, ends, kept).movedim(1, self.dim)
        return dx if ends.lengths is None else (dx, None)

    @abstractmethod
    def reduce(self, x: Tensor, ends: Ends) -> tuple[Tensor, Any]:
        """The output, and what ``spread`` needs.  Shape: [N, T, *] -> [N, *]."""

    @abstractmethod
    def spread(self, dy: Tensor, ends: Ends, kept: Any) -> Tensor:
        """The gradient at the input.  Shape: [N, *] -> [N, T, *]."""


class Mean(_Reduction, known_as=("GlobalAveragePooling1D",), like=("Average", "MeanPool")):
    """yⱼ = Σₜ xₜⱼ / T, over one dimension.

    Shape: [N, ..., T, ...] -> [N, ...]; of sequences with padding, T is the length of each.
    Source: the sum rule.
    """

    examples = (
        ("Mean", (4, 2)),
        ("Mean(dim=2)", (2, 3)),
        ("Mean(dim=-2)", (2, 3, 4)),
        ("Mean", (3,)),
    )

    def reduce(self, x: Tensor, ends: Ends) -> tuple[Tensor, Any]:
        count = ends.counts(x)
        return ends.filled(x).sum(1) / count, count

    def spread(self, dy: Tensor, ends: Ends, kept: Any) -> Tensor:  # dy/dxₜ = 1/T
        dx = (dy / kept).unsqueeze(1).expand(-1, ends.steps, *dy.shape[1:])
        return ends.filled(dx).contiguous()


class Max(_Reduction, known_as=("GlobalMaxPooling1D", "GlobalMaxPool1D"), like=("Maximum",)):
    """yⱼ = maxₜ xₜⱼ, over one dimension.

    Shape: [N, ..., T, ...] -> [N, ...]; padding is left out.  Source: the chain rule; the largest
    number gets dy, one of them if several are.
    """

    examples = (
        ("Max", (4, 2)),
        ("Max(dim=2)", (2, 3)),
        ("Max(dim=-2)", (2, 3, 4)),
        ("Max", (3,)),
    )

    def reduce(self, x: Tensor, ends: Ends) -> tuple[Tensor, Any]:
        largest = ends.filled(x, -torch.inf).max(1)
        return largest.values, largest.indices

    def spread(self, dy: Tensor, ends: Ends, kept: Any) -> Tensor:
        dx = dy.new_zeros(len(dy), ends.steps, *dy.shape[1:])
        return dx.scatter_(1, kept.unsqueeze(1), dy.unsqueeze(1))


class Last(_Reduction, like=("LastStep",)):
    """y = x_T, the last of one dimension.

    Shape: [N, ..., T, ...] -> [N, ...]; of sequences with padding, the last step of each.
    Source: the chain rule; the last one gets dy, and the others 0.
    """

    examples = (
        ("Last", (4, 2)),
        ("Last(dim=2)", (2, 3)),
        ("Last(dim=-2)", (2, 3, 4)),
        ("Last", (3,)),
    )

    def reduce(self, x: Tensor, ends: Ends) -> tuple[Tensor, Any]:
        return ends.last(x).contiguous(), None

    def spread(self, dy: Tensor, ends: Ends, kept: Any) -> Tensor:
        return ends.at_last(dy)
