"""Joins are layers of several inputs: they bring the branches of a fan-out together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.dims import place
from netlang.catalogue.modules import Join, Sight
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class _Elementwise(Join, abstract=True):
    """A join of equal shapes, element by element."""

    alike = True

    def infer(self, *x: Shape) -> Shape:
        for index, other in enumerate(x):
            if not other.unify(x[0]):
                raise ShapeError(x[0], input=index)
        return x[0]


class Add(_Elementwise, known_as=("Sum", "Plus"), like=("Residual",)):
    """y = x₁ + x₂ + ...

    Shape: [N, *], [N, *], ... -> [N, *].  Source: the sum rule.
    """

    examples = (("Add", (4,), (4,)), ("Add", (2, 3), (2, 3), (2, 3)))

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = len(x)
        y = x[0] + x[1]
        for other in x[2:]:
            y += other
        return y

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:  # dy/dxᵢ = 1
        count: int = self.saved
        return (dy,) * count


class Sub(_Elementwise, known_as=("Subtract", "Difference", "Minus")):
    """y = x₁ - x₂.

    Shape: [N, *], [N, *] -> [N, *].  Source: the sum rule.
    """

    arity = 2, 2
    examples = (("Sub", (4,), (4,)), ("Sub", (2, 3), (2, 3)))

    def forward(self, *x: Tensor) -> Tensor:
        return x[0] - x[1]

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:  # dy/dx₁ = 1, dy/dx₂ = -1
        return dy, -dy


class Mul(_Elementwise, known_as=("Multiply", "Product", "Times")):
    """y = x₁ ⊙ x₂ ⊙ ..., where a dimension of 1 goes with any size: its number is a factor of all.

    So [N, C, 1, 1] has a factor for each channel of [N, C, H, W]. A row of numbers is no factor of
    a longer row.

    Shape: [N, *], [N, *], ... -> [N, *].  Source: the product rule.
    """

    examples = (("Mul", (4,), (4,)), ("Mul", (2, 3), (2, 3), (2, 3)))

    def infer(self, *x: Shape) -> Shape:
        rank = len(x[0].sample)
        if rank < 2 or any(len(other.sample) != rank for other in x):
            return super().infer(*x)
        y = x[0]
        for at in range(rank):
            if y.dim(at) == 1:
                y = y.with_dim(at, next((d for one in x if (d := one.dim(at)) != 1), 1))
        for index, other in enumerate(x):
            sizes = [(y.dim(at), other.dim(at)) for at in range(rank)]
            if not all(other_size == 1 or unify(size, other_size) for size, other_size in sizes):
                raise ShapeError(y, input=index)
        return y

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return _for_each(self, dim, x, source)

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = x
        return math.prod(x[1:], start=x[0])

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:  # dy/dxᵢ = Π xⱼ over j ≠ i
        x = self.saved
        products = (math.prod(x[:i] + x[i + 1 :], start=dy) for i in range(len(x)))
        return tuple(one.sum_to_size(other.shape) for one, other in zip(products, x, strict=True))


class MatMul(Join, known_as=("BatchDot", "BMM", "MatrixProduct"), like=("Dot",)):
    """y = x₁ x₂, the product of the matrices in the last two dimensions.

    Dimensions before these are equal, or 1 in one input, whose matrix is then a factor of all. A
    ``Permute`` before it transposes.

    Shape: [N, *, a, b], [N, *, b, c] -> [N, *, a, c].  Source: dx₁ = dy x₂ᵀ, dx₂ = x₁ᵀ dy.
    """

    arity = 2, 2
    examples = (
        ("MatMul", (2, 3), (3, 4)),
        ("MatMul", (2, 4, 3), (2, 3, 1)),
        ("MatMul", (1, 2, 3), (2, 3, 2)),
    )

    def infer(self, *x: Shape) -> Shape:
        one, other = x
        rank = len(one.sample)
        for index, each in enumerate(x):
            if len(each.sample) < 2:
                reason = f"takes matrices, and a sample of input {index + 1} is of shape {each}"
                help = "`Reshape([1, _])` makes a row of numbers a matrix"
                raise ShapeError(each.of_rank(2), input=index, reason=reason, help=help)
        if len(other.sample) != rank:
            raise ShapeError(one.with_last(Unknown()), input=1)
        if not unify(one.last, other.dim(rank - 2)):
            reason = f"multiplies matrices of {one} and {other}: rows of {one.last} numbers with "
            reason += f"columns of {other.dim(rank - 2)}"
            swapped = [*range(rank - 2), rank - 1, rank - 2]
            fits = unify(one.last, other.last)
            help = f"`Permute({swapped})` before it transposes the second" if fits else ""
            raise ShapeError(other, input=1, reason=reason, help=help)
        y = one.with_last(other.dim(rank - 1))
        for at in range(rank - 2):
            if one.dim(at) == 1:
                y = y.with_dim(at, other.dim(at))
            elif other.dim(at) != 1 and not unify(one.dim(at), other.dim(at)):
                raise ShapeError(other.with_dim(at, one.dim(at)), input=1)
        return y

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim == len(x[0].sample) - 1 - source else _for_each(self, dim, x, source)

    def macs(self, *x: Shape) -> int:
        return self.infer(*x).size * x[0].sizes[-1]

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = x
        return x[0] @ x[1]

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:  # dx₁ = dy x₂ᵀ, dx₂ = x₁ᵀ dy
        one, other = self.saved
        return (dy @ other.mT).sum_to_size(one.shape), (one.mT @ dy).sum_to_size(other.shape)


class Stack(Join):
    """The inputs one behind the other along a new dimension.

    Shape: [N, *] for each of n inputs -> [N, n, *], or n in another place.  Source: the chain rule;
    each input gets its part of dy.
    """

    dim: int = arg(
        default=1,
        doc="the new dimension among those of the output; 0 is the batch, and -1 the last one",
        known_as=("axis",),
    )

    takes = "either"
    examples = (
        ("Stack", (4,), (4,)),
        ("Stack(dim=2)", (2, 3), (2, 3), (2, 3)),
        ("Stack(dim=-1)", (2, 3), (2, 3)),
    )

    def infer(self, *x: Shape) -> Shape:
        for index, other in enumerate(x):
            if not other.unify(x[0]):
                raise ShapeError(x[0], input=index)
        return x[0].with_new(self._place(x[0]), len(x))

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight(dim + (dim >= self._place(x[0])))

    def _place(self, x: Shape) -> int:
        """Where the new dimension stands in a sample of the output, counting from 0."""
        return place(x.of_rank(len(x.sample) + 1), self.dim)

    def forward(self, *x: Tensor) -> Tensor:
        return torch.stack(x, self.dim)

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        return dy.unbind(self.dim)


class Concat(Join, known_as=("Concatenate", "Cat"), like=("Merge",)):
    """The inputs side by side along one dimension.

    Shape: [N, ..., aᵢ, ...] for each input -> [N, ..., Σ aᵢ, ...].  Source: the chain rule;
    each input gets its part of dy.
    """

    dim: int = arg(
        default=1,
        doc="the dimension to join along; 0 is the batch, and -1 the last one",
        known_as=("axis",),
    )

    takes = "either"
    puts_beside = True
    examples = (
        ("Concat", (4,), (2,)),
        ("Concat(dim=2)", (2, 3), (2, 1), (2, 2)),
        ("Concat(dim=-1)", (2, 3), (2, 1)),
    )

    @property
    def alike(self) -> bool:
        return self.dim not in (1, -2)  # the steps of a sequence

    def infer(self, *x: Shape) -> Shape:
        first, at = x[0], place(x[0], self.dim)
        for index, other in enumerate(x):
            if len(other.sample) != len(first.sample):
                raise ShapeError(first, input=index)
            if not other.unify(wanted := first.with_dim(at, other.sample[at])):
                raise ShapeError(wanted, input=index)
        return first.with_dim(at, _total([other.dim(at) for other in x]))

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        at = place(x[0], self.dim)
        if dim != at:
            return Sight(dim)
        begin = sum(one.sizes[at] for one in x[:source])
        own = (place - begin for place in range(self.infer(*x).sizes[at]))
        size = x[source].sizes[at]
        return Sight(dim, tuple(range(max(p, 0), min(p + 1, size)) for p in own))

    def solve(self, y: Shape, *x: Shape) -> None:
        at = place(y, self.dim)
        dims = [other.dim(at) for other in x]
        unknown = [dim for dim in dims if isinstance(dim, Unknown)]
        left = y.dim(at)
        if len(unknown) == 1 and isinstance(left, int):
            rest = left - sum(dim for dim in dims if isinstance(dim, int))
            if rest > 0:
                unify(unknown[0], rest)

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = [other.shape[self.dim] for other in x]
        return torch.cat(x, self.dim)

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        return torch.split(dy, self.saved, self.dim)


class SideBySide(Join, abstract=True, name="Outputs"):
    """All numbers of the inputs in one row, one input after another, whatever their shapes.

    The compiler lets a network of several outputs end in it, which have a loss each:
    ``[Linear(8, 3) as kind, Linear(8, 1) as price]``. No file names it; people see ``Outputs``.

    Shape: [N, *] for each input -> [N, Σ of their sizes].  Source: the chain rule; each input gets
    its part of dy.
    """

    takes = "either"

    def infer(self, *x: Shape) -> Shape:
        known = not any(one.unknowns for one in x)
        return Shape.of(sum(one.size for one in x) if known else Unknown())

    def sight(self, dim: int, *x: Shape, source: int = 0) -> None:
        return None

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = [one.shape for one in x]
        return torch.cat([one.flatten(1) for one in x], 1)

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        sizes = [math.prod(shape[1:]) for shape in self.saved]
        parts = zip(torch.split(dy, sizes, 1), self.saved, strict=True)
        return tuple(part.reshape(shape) for part, shape in parts)


def _for_each(layer: Join, dim: int, x: tuple[Shape, ...], source: int) -> Sight:
    """What outputs see of an input whose one place along a dimension may be there for all."""
    is_for_all = x[source].sizes[dim] != layer.infer(*x).sizes[dim]
    return Sight() if is_for_all else Sight(dim)


def _total(dims: list[Dim]) -> Dim:
    sizes = [dim for dim in dims if isinstance(dim, int)]
    return sum(sizes) if len(sizes) == len(dims) else Unknown()
