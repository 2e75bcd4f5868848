"""Functions of all numbers along a dimension."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.activations.exponential import exp
from netlang.catalogue.layers.dims import place
from netlang.catalogue.modules import Layer, Sight
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class _AlongDimension(Layer, abstract=True):
    """A function of all numbers along ``dim``; of one number alone it is always the same."""

    of_one: ClassVar[int]  # what it is of one number

    dim: int = arg(
        default=-1,
        doc="the dimension that it goes along; -1 is the last one",
        known_as=("axis",),
    )

    alike = True
    sums_to_one = True

    def infer(self, x: Shape) -> Shape:
        place(x, self.dim)
        return x

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim == place(x[0], self.dim) else Sight(dim)

    def remark(self, *x: Shape) -> str:
        (taken,) = x
        single = taken.sample and taken.dim(place(taken, self.dim)) == 1
        return f"of one number is always {self.of_one}" if single else ""


class Softmax(_AlongDimension):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along a dimension.

    Shape: [N, *] -> [N, *].  Source: paper (20). Its derivative (21) keeps the diagonal alone, and
    not the right one; here the whole Jacobian acts, dx = y ⊙ (dy - Σ dy ⊙ y).
    """

    of_one = 1
    gives = "probabilities"
    bounds = 0.0, 1.0
    pointless_after = ("probabilities",)
    examples = (("Softmax", (3,)), ("Softmax", (2, 4)), ("Softmax(dim=1)", (2, 4, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.softmax(x, self.dim)
        return y

    def backward(self, dy: Tensor) -> Tensor:
        y: Tensor = self.saved
        dx = y * dy
        return dx.addcmul_(y, dx.sum(self.dim, keepdim=True), value=-1)


class LogSoftmax(_AlongDimension):
    """yᵢ = xᵢ - log Σⱼ exp(xⱼ) along a dimension: the logarithms of a softmax.

    Shape: [N, *] -> [N, *].  Source: Bridle 1990; dx = dy - exp(y) Σ dy.
    """

    of_one = 0
    gives = "log-probabilities"
    bounds = -math.inf, 0.0
    pointless_after = ("probabilities",)
    examples = (("LogSoftmax", (3,)), ("LogSoftmax", (2, 4)), ("LogSoftmax(dim=1)", (2, 4, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.log_softmax(x, self.dim)
        return y

    def backward(self, dy: Tensor) -> Tensor:
        y: Tensor = self.saved
        return torch.addcmul(dy, exp(y), dy.sum(self.dim, keepdim=True), value=-1)
