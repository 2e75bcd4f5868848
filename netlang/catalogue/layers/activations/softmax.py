"""Functions of a whole row of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Softmax(Layer):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) over the last dimension.

    Shape: [N, *, C] -> [N, *, C].  Source: paper (20). Its derivative (21) keeps the diagonal
    alone, and not the right one; here the whole Jacobian acts, dx = y ⊙ (dy - Σ dy ⊙ y).
    """

    gives = "probabilities"
    pointless_after = ("probabilities",)
    alike = True
    examples = (("Softmax", (3,)), ("Softmax", (2, 4)))

    def infer(self, x: Shape) -> Shape:
        if not x.sample:
            raise ShapeError(x.of_rank(1))
        return x

    def remark(self, *x: Shape) -> str:
        return "of one number is always 1" if x[0].last == 1 else ""

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.softmax(x, -1)
        return y

    def backward(self, dy: Tensor) -> Tensor:
        y: Tensor = self.saved
        dx = y * dy
        return dx.addcmul_(y, dx.sum(-1, keepdim=True), value=-1)
