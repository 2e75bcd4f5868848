"""One half of the numbers are gates for the other half."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.dims import place
from netlang.catalogue.modules import Layer, Sight
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class GLU(Layer):
    """y = a ⊙ σ(b), where a and b are the halves of x along a dimension, and σ is the sigmoid.

    Shape: [N, *, 2·C, *] -> [N, *, C, *].  Source: Dauphin et al. 2016.
    """

    dim: int = arg(
        default=-1, doc="the dimension that is halved; -1 is the last one", known_as=("axis",)
    )

    examples = (("GLU", (4,)), ("GLU", (2, 6)), ("GLU(dim=1)", (4, 3)), ("GLU(2)", (2, 4, 3)))

    @property
    def alike(self) -> bool:
        return self.dim not in (1, -2)  # the steps of a sequence

    def infer(self, x: Shape) -> Shape:
        at = place(x, self.dim)
        whole = x.dim(at)
        half: Dim = Unknown()
        if isinstance(whole, int):
            if whole % 2:
                reason = f"takes two halves, and dimension {at + 1} of {x} has {whole:,} numbers"
                raise ShapeError(x, reason=reason, help="give it an even number of them")
            half = whole // 2
        return Shape((*x.sample[:at], half, *x.sample[at + 1 :]), x.tokens)

    def solve(self, y: Shape, *x: Shape) -> None:
        at = place(x[0], self.dim)
        if isinstance(half := y.dim(at), int):
            unify(x[0].dim(at), 2 * half)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim != place(x[0], self.dim):
            return Sight(dim)
        half = x[0].sizes[dim] // 2
        return Sight(dim, tuple(range(at, at + half + 1, half) for at in range(half)))

    def forward(self, x: Tensor) -> Tensor:
        a, b = x.chunk(2, self.dim)
        gate = torch.sigmoid(b)
        self.saved = a, gate
        return a * gate

    def backward(self, dy: Tensor) -> Tensor:  # da = dy σ(b), db = da · a (1 - σ(b))
        a, gate = self.saved
        da = dy * gate
        db = (1 - gate).mul_(a).mul_(da)
        return torch.cat((da, db), self.dim)
