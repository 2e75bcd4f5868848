"""Layers that take, move or regroup numbers, and compute nothing with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.dims import place
from netlang.catalogue.modules import Layer, Sight
from netlang.language.diagnostics.wording import listed
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved, unify

if TYPE_CHECKING:
    from torch import Tensor


class Flatten(Layer):
    """All numbers of a sample in one row, in their order; or those of some of its dimensions.

    Shape: [N, *] -> [N, product of *].  Source: the chain rule; the numbers of dy in their places.
    """

    start_dim: int = arg(
        default=1, doc="the first dimension of those that become one; 0 is the batch"
    )
    end_dim: int = arg(default=-1, doc="the last one of them; -1 is the last of all")

    takes = "either"
    rearranges = True
    examples = (
        ("Flatten", (2, 3, 4)),
        ("Flatten", (5,)),
        ("Flatten(2)", (2, 3, 4)),
        ("Flatten(end_dim=-2)", (2, 3, 4)),
    )

    def infer(self, x: Shape) -> Shape:
        if not x.sample:
            return x.with_last(1)
        first, last = self._ends(x)
        size, row = Unknown(), x.sample[first : last + 1]
        _unify_products((size,), row)
        return Shape((*x.sample[:first], solved(size), *x.sample[last + 1 :]), x.tokens)

    def solve(self, y: Shape, *x: Shape) -> None:
        if x[0].sample:
            first, last = self._ends(x[0])
            _unify_products((y.sample[first],), x[0].sample[first : last + 1])

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        first, last = self._ends(x[0])
        if not first <= dim <= last or first == last:
            return Sight(dim if dim <= last else dim - (last - first))
        sizes = x[0].sizes
        rest = math.prod(sizes[dim + 1 : last + 1])
        at = (index // rest % sizes[dim] for index in range(math.prod(sizes[first : last + 1])))
        return Sight(first, tuple(range(place, place + 1) for place in at))

    def _ends(self, x: Shape) -> tuple[int, int]:
        """Where the first and the last of the dimensions stand in a sample.  Raises ShapeError."""
        first = place(x, self.start_dim, "start_dim")
        last = place(x, self.end_dim, "end_dim")
        if first > last:
            reason = f"begins with dimension {first + 1} of {x}, and ends with {last + 1}"
            raise ShapeError(x, reason=reason, help="`Flatten` alone makes one row of a sample")
        return first, last

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.flatten(self.start_dim, self.end_dim) if x.dim() > 1 else x.view(-1, 1)

    def backward(self, dy: Tensor) -> Tensor:
        return dy.reshape(self.saved)


class Unflatten(Layer, like=("Fold", "Rearrange")):
    """The numbers of one dimension in several, in their order: ``Unflatten([1, 8, 8])``.

    Shape: [N, ..., product of sizes, ...] -> [N, ..., *sizes, ...].  Source: the chain rule; the
    numbers of dy in their places.
    """

    unflattened_size: tuple[Size, ...] = arg(
        doc="the sizes of the dimensions that it becomes, one of which may be `_`",
        known_as=("sizes", "shape"),
    )
    dim: int = arg(default=-1, doc="the dimension; -1 is the last one", known_as=("axis",))

    takes = "either"
    rearranges = True
    examples = (
        ("Unflatten([2, 3])", (6,)),
        ("Unflatten([2, 1, 2])", (3, 4)),
        ("Unflatten([2, 2], dim=1)", (4, 3)),
    )

    def infer(self, x: Shape) -> Shape:
        at, sizes = place(x, self.dim), self.unflattened_size
        if not _unify_products((x.dim(at),), sizes):
            raise _no_such_product(x, x.sample[at : at + 1], sizes)
        return Shape((*x.sample[:at], *map(solved, sizes), *x.sample[at + 1 :]), x.tokens)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight | None:
        at = place(x[0], self.dim)
        if dim == at:
            return None
        return Sight(dim if dim < at else dim + len(self.unflattened_size) - 1)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        at = self.dim % x.dim()
        return x.reshape(*x.shape[:at], *self.unflattened_size, *x.shape[at + 1 :])

    def backward(self, dy: Tensor) -> Tensor:
        return dy.reshape(self.saved)


class Reshape(Layer, known_as=("View",)):
    """All numbers of a sample in other dimensions, in their order: ``Reshape([4, _])``.

    Shape: [N, *] -> [N, *shape].  Source: the chain rule; the numbers of dy in their places.
    """

    shape: tuple[Size, ...] = arg(
        doc="the sizes of a sample's dimensions, one of which may be `_`",
        known_as=("target_shape", "sizes"),
    )

    takes = "either"
    rearranges = True
    examples = (("Reshape([3, 4])", (2, 3, 2)), ("Reshape([6])", (2, 3)))

    def infer(self, x: Shape) -> Shape:
        if not _unify_products(x.sample, self.shape):
            raise _no_such_product(x, x.sample, self.shape)
        return Shape(tuple(map(solved, self.shape)), x.tokens)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight | None:
        given, made = x[0].sizes, self.infer(*x).sizes
        if given[: dim + 1] == made[: dim + 1]:
            return Sight(dim)
        behind = dim - len(given)
        return Sight(len(made) + behind) if given[behind:] == made[behind:] else None

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.reshape(len(x), *self.shape)

    def backward(self, dy: Tensor) -> Tensor:
        return dy.reshape(self.saved)


class Permute(Layer, known_as=("Transpose",), like=("Swap", "Movedim", "SwapAxes")):
    """A sample's dimensions in another order: ``Permute([2, 0, 1])`` makes [C, H, W] of [H, W, C].

    They are counted from 0, as torch counts them in a tensor that is one sample; -1 is the last.

    Shape: [N, a₀, a₁, ...] -> [N, a_dims[0], a_dims[1], ...].  Source: the chain rule; the
    dimensions of dy in the order that they had.
    """

    dims: tuple[int, ...] = arg(
        doc="which dimension of a sample, counting from 0 without the batch, comes first, ...",
        known_as=("order", "perm", "axes"),
    )

    takes = "either"
    rearranges = True
    examples = (
        ("Permute([2, 0, 1])", (2, 3, 4)),
        ("Permute([1, 0])", (2, 3)),
        ("Permute([-1, 0, -2])", (2, 3, 4)),
    )

    @property
    def order(self) -> list[int]:
        """``dims``, each counted from the first one."""
        return [dim if dim >= 0 else dim + len(self.dims) for dim in self.dims]

    def infer(self, x: Shape) -> Shape:
        rank, reason = len(self.dims), ""
        if sorted(self.order) != [*range(rank)]:
            reason = f"has {[*self.dims]}, which is no order"
        elif len(x.sample) != rank:
            reason = f"orders {rank} dimensions, and a sample of {x} has {len(x.sample)}"
        if reason:
            raise ShapeError(x, reason=reason, help=self._help(x))
        return Shape(tuple(x.sample[dim] for dim in self.order), x.tokens)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight(self.order.index(dim))

    def _help(self, x: Shape) -> str:
        """What to write, which is clear where the batch was counted, too."""
        if not x.sample:
            return "leave it out: a sample is one number here"
        counted = [dim - 1 for dim in (self.dims[1:] if self.dims[0] == 0 else self.dims)]
        if sorted(counted) == [*range(len(x.sample))]:
            return f"the batch is not counted here: write `Permute({counted})`"
        return f"name each dimension of a sample once: {listed(map(str, range(len(x.sample))))}"

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, *(dim + 1 for dim in self.order))

    def backward(self, dy: Tensor) -> Tensor:
        order = self.order
        return dy.permute(0, *(order.index(dim) + 1 for dim in range(len(order))))


class Slice(Layer, like=("Narrow", "Crop")):
    """``length`` elements of one dimension, from ``start`` on.

    Shape: [N, ..., a, ...] -> [N, ..., length, ...].  Source: the chain rule; those
    elements get dy, and the others 0.
    """

    start: int = arg(at_least=0, doc="the first element, counting from 0")
    length: Size = arg(doc="how many elements", known_as=("size",), like=("stop", "end"))
    dim: int = arg(
        default=1,
        doc="the dimension to take them from; 0 is the batch, and -1 the last one",
        known_as=("axis",),
    )

    takes = "either"
    examples = (
        ("Slice(1, 2)", (4,)),
        ("Slice(0, 1, dim=2)", (2, 3)),
        ("Slice(1, 2, dim=-1)", (2, 3)),
    )

    def infer(self, x: Shape) -> Shape:
        at = place(x, self.dim)
        whole, length = x.dim(at), solved(self.length)
        if isinstance(whole, int) and isinstance(length, int) and whole < self.start + length:
            # In Python, it is the end that follows the start.
            end = length if self.start < length < whole else whole
            takes = x.with_dim(at, self.start + length)
            raise ShapeError(takes, "length", max(0, end - self.start), at_least=True)
        return x.with_dim(at, self.length)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim != place(x[0], self.dim):
            return Sight(dim)
        taken = range(self.start, self.start + self.length)
        return Sight(dim, tuple(range(at, at + 1) for at in taken))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.narrow(self.dim, self.start, self.length)

    def backward(self, dy: Tensor) -> Tensor:
        dx = dy.new_zeros(self.saved)
        dx.narrow(self.dim, self.start, self.length).copy_(dy)
        return dx


def _unify_products(one: Sequence[Dim], other: Sequence[Dim]) -> bool:
    """Make the products of two lists of sizes equal, by the one size that is not known; False if
    they cannot be.
    """
    for whole, parts in ((one, other), (other, one)):
        if any(isinstance(solved(size), Unknown) for size in whole):
            continue
        total = math.prod(map(_known, whole))
        unknown = [size for size in map(solved, parts) if isinstance(size, Unknown)]
        rest, over = divmod(total, math.prod(map(_known, parts)))
        if over or (not unknown and rest != 1):
            return False
        return len(unknown) != 1 or unify(unknown[0], rest)
    return True


def _known(size: Dim) -> int:
    """The size, or 1 if it is not known."""
    found = solved(size)
    return found if isinstance(found, int) else 1


def _no_such_product(x: Shape, dims: Sequence[Dim], sizes: Sequence[Dim]) -> ShapeError:
    """What to raise where ``dims`` of ``x`` cannot become dimensions of these ``sizes``."""
    numbers, product = (math.prod(map(_known, one)) for one in (dims, sizes))
    written = f"makes [{', '.join(map(str, sizes))}] of"
    if any(isinstance(solved(dim), Unknown) for dim in dims):
        help = f"the product of its sizes is {product}, which is no multiple of {numbers}"
        return ShapeError(x, reason=f"{written} {x}", help=help)
    if any(isinstance(solved(size), Unknown) for size in sizes):
        help = f"{numbers} is no multiple of {product}: change one of the other sizes"
    else:
        help = f"the product of its sizes is {product}, and has to be {numbers}"
        if any(numbers % (product // _known(size)) == 0 for size in sizes):
            help += ": `_` in place of one of them lets netlang find it"
    return ShapeError(x, reason=f"{written} {numbers} numbers", help=help)
