"""Functions of all numbers along a dimension."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.dims import place
from netlang.catalogue.modules import Layer, Sight
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_DIM_DOC = "the dimension that it goes along; -1 is the last one"


class Softmax(Layer):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along a dimension.

    Shape: [N, *] -> [N, *].  Source: paper (20). Its derivative (21) keeps the diagonal alone, and
    not the right one; here the whole Jacobian acts, dx = y ⊙ (dy - Σ dy ⊙ y).
    """

    dim: int = arg(default=-1, doc=_DIM_DOC, known_as=("axis",))

    gives = "probabilities"
    bounds = 0.0, 1.0
    pointless_after = ("probabilities",)
    alike = True
    examples = (("Softmax", (3,)), ("Softmax", (2, 4)), ("Softmax(dim=1)", (2, 4, 3)))

    def infer(self, x: Shape) -> Shape:
        place(x, self.dim)
        return x

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim == place(x[0], self.dim) else Sight(dim)

    def remark(self, *x: Shape) -> str:
        (taken,) = x
        single = taken.sample and taken.dim(place(taken, self.dim)) == 1
        return "of one number is always 1" if single else ""

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.softmax(x, self.dim)
        return y

    def backward(self, dy: Tensor) -> Tensor:
        y: Tensor = self.saved
        dx = y * dy
        return dx.addcmul_(y, dx.sum(self.dim, keepdim=True), value=-1)


class LogSoftmax(Layer):
    """yᵢ = xᵢ - log Σⱼ exp(xⱼ) along a dimension: the logarithms of a softmax.

    Shape: [N, *] -> [N, *].  Source: Bridle 1990; dx = dy - exp(y) Σ dy.
    """

    dim: int = arg(default=-1, doc=_DIM_DOC, known_as=("axis",))

    bounds = -math.inf, 0.0
    pointless_after = ("probabilities",)
    alike = True
    examples = (("LogSoftmax", (3,)), ("LogSoftmax", (2, 4)), ("LogSoftmax(dim=1)", (2, 4, 3)))

    def infer(self, x: Shape) -> Shape:
        place(x, self.dim)
        return x

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim == place(x[0], self.dim) else Sight(dim)

    def remark(self, *x: Shape) -> str:
        (taken,) = x
        single = taken.sample and taken.dim(place(taken, self.dim)) == 1
        return "of one number is always 0" if single else ""

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.log_softmax(x, self.dim)
        return y

    def backward(self, dy: Tensor) -> Tensor:
        y: Tensor = self.saved
        dx = torch.exp(y).mul_(dy.sum(self.dim, keepdim=True))
        return torch.sub(dy, dx)
