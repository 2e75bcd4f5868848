"""Layers that take, move or regroup numbers, and compute nothing with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError, Unknown, solved, unify

if TYPE_CHECKING:
    from torch import Tensor


class Flatten(Layer, like=("Reshape", "View")):
    """All numbers of a sample in one row, in their order.

    Shape: [N, *] -> [N, product of *].  Source: the chain rule; the numbers of dy in their places.
    """

    takes = "either"
    examples = (("Flatten", (2, 3, 4)), ("Flatten", (5,)))

    def infer(self, x: Shape) -> Shape:
        return Shape.of(Unknown() if x.unknowns else math.prod(x.sizes), tokens=x.tokens)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, dy: Tensor) -> Tensor:
        return dy.reshape(self.saved)


class Unflatten(Layer, like=("Fold", "View")):
    """The numbers of a sample in other dimensions, in their order: ``Unflatten([1, 8, 8])``.

    Shape: [N, *] -> [N, *unflattened_size].  Source: the chain rule; the numbers of dy in their
    places.
    """

    unflattened_size: tuple[Size, ...] = arg(
        doc="the sizes of a sample's dimensions, one of which may be `_`",
        known_as=("sizes", "shape", "target_shape"),
    )

    takes = "either"
    examples = (("Unflatten([2, 3])", (6,)), ("Unflatten([6])", (2, 3)))

    def infer(self, x: Shape) -> Shape:
        y = Shape(self.unflattened_size, x.tokens)
        if x.unknowns:
            return y
        known = math.prod(size for size in map(solved, y.sample) if isinstance(size, int))
        if len(y.unknowns) == 1 and x.size % known == 0:
            unify(y.unknowns[0], x.size // known)
        elif (not y.unknowns and x.size != known) or len(y.unknowns) == 1:
            sizes = ", ".join(map(str, y.sample))
            reason = f"makes [{sizes}] of a sample, which has {x.size} numbers"
            raise ShapeError(x, reason=reason, help="give sizes whose product that is")
        return y.solved()

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.reshape(len(x), *self.unflattened_size)

    def backward(self, dy: Tensor) -> Tensor:
        return dy.reshape(self.saved)


class Slice(Layer, like=("Narrow", "Crop")):
    """``length`` elements of one dimension, from ``start`` on.

    Shape: [N, ..., a, ...] -> [N, ..., length, ...].  Source: the chain rule; those
    elements get dy, and the others 0.
    """

    start: int = arg(at_least=0, doc="the first element, counting from 0")
    length: Size = arg(doc="how many elements", known_as=("size",), like=("stop", "end"))
    dim: int = arg(
        default=1,
        at_least=1,
        doc="the dimension to take them from; 0 is the batch",
        known_as=("axis",),
    )

    takes = "either"
    examples = (("Slice(1, 2)", (4,)), ("Slice(0, 1, dim=2)", (2, 3)))

    def infer(self, x: Shape) -> Shape:
        at = self.dim - 1
        if at >= len(x.sample):
            raise ShapeError(x.of_rank(self.dim))
        whole, length = x.dim(at), solved(self.length)
        if isinstance(whole, int) and isinstance(length, int) and whole < self.start + length:
            takes = x.with_dim(at, self.start + length)
            raise ShapeError(takes, "length", max(0, whole - self.start), at_least=True)
        return x.with_dim(at, self.length)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.narrow(self.dim, self.start, self.length)

    def backward(self, dy: Tensor) -> Tensor:
        dx = dy.new_zeros(self.saved)
        dx.narrow(self.dim, self.start, self.length).copy_(dy)
        return dx
