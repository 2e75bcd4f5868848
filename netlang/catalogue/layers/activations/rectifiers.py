"""Rectifiers keep what is positive, and little or nothing of what is negative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ReLU(Layer):
    """y = max(x, 0).

    Shape: [N, *] -> [N, *].  Source: paper (6), (7); the derivative at exactly 0 is 0.
    """

    gives = "no negative numbers"
    pointless_after = ("no negative numbers", "probabilities")
    alike = True
    examples = (("ReLU", (4,)), ("ReLU", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.clamp_min(x, 0)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 where y > 0, and 0 where y is 0
        y: Tensor = self.saved
        return dy * (y != 0)


class SeLU(Layer, known_as=("SELU",), like=("ELU",)):
    """y = λx for x > 0, and λα(exp(x) - 1) elsewhere.

    Shape: [N, *] -> [N, *].  Source: paper (18), (19), with its λ = α = 1. The self-normalising
    one of Klambauer et al. 2017 is ``SeLU(alpha=1.6732632, lam=1.0507010)``.
    """

    alpha: float = arg(default=1.0, above=0.0, doc="α, the depth of the negative side")
    lam: float = arg(
        default=1.0, above=0.0, doc="λ, the slope of the positive side", known_as=("lambda",)
    )

    alike = True
    examples = (("SeLU", (4,)), ("SeLU(alpha=1.6732632, lam=1.0507010)", (4,)))

    def forward(self, x: Tensor) -> Tensor:
        # exp(min(x, 0)) - 1 is 0 on the positive side, max(x, 0) on the negative one.
        curve = torch.clamp_max(x, 0).expm1_()
        y = torch.clamp_min(x, 0).add_(curve, alpha=self.alpha)
        self.saved = x, curve
        return y if self.lam == 1 else y.mul_(self.lam)

    def backward(self, dy: Tensor) -> Tensor:
        # dy/dx = λ on the positive side, λα(curve + 1) elsewhere. With α = 1 the two are one
        # expression, as the curve is 0 on the positive side.
        x, curve = self.saved
        slope: Tensor = curve + 1
        if self.alpha != 1:
            slope = torch.where(x > 0, slope, self.alpha * slope)
        dx = slope.mul_(dy)
        return dx if self.lam == 1 else dx.mul_(self.lam)
