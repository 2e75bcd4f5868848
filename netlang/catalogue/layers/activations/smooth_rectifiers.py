"""Rectifiers without a corner, or whose negative side bends to a bound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.activations.exponential import exp
from netlang.catalogue.layers.activations.indicators import one_where, two_slopes
from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def _bent(x: Tensor, depth: float, rate: float = 1.0) -> Tensor:
    """x for x > 0, and depth·(exp(rate·x) - 1) elsewhere: either is 0 on the other's side."""
    return torch.clamp_min(x, 0).add_(_negative(x, rate).expm1_(), alpha=depth)


def _bent_back(dy: Tensor, x: Tensor, steepness: float = 1.0, rate: float = 1.0) -> Tensor:
    """dy times the slope: 1 for x > 0, and steepness·exp(rate·x) elsewhere.

    With a steepness of 1 the two are one expression, as the exponent is 0 on the positive side.
    Far out, the slope keeps its digits, of which 1 less the bend's depth would leave none.
    """
    slope = _negative(x, rate).exp_()
    if steepness != 1:
        slope.mul_(two_slopes(x, steepness))
    return slope.mul_(dy)


def _negative(x: Tensor, rate: float) -> Tensor:
    """rate·min(x, 0)."""
    below = torch.clamp_max(x, 0)
    return below if rate == 1 else below.mul_(rate)


class _Bent(Layer, abstract=True):
    """A layer whose negative side bends to a depth of α."""

    alpha: float = arg(default=1.0, above=0.0, doc="α, the depth of the negative side")

    pointless_after = ("no negative numbers", "probabilities")
    alike = True

    @property
    def bounds(self) -> tuple[float, float]:
        return -self.alpha, math.inf


class ELU(_Bent):
    """y = x for x > 0, and α(exp(x) - 1) elsewhere.

    Shape: [N, *] -> [N, *].  Source: Clevert et al. 2015.
    """

    examples = (("ELU", (4,)), ("ELU(0.5)", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return _bent(x, self.alpha)

    def backward(self, dy: Tensor) -> Tensor:
        x: Tensor = self.saved
        return _bent_back(dy, x, self.alpha)


class CELU(_Bent):
    """y = x for x > 0, and α(exp(x/α) - 1) elsewhere: its slope has no jump, whatever α is.

    Shape: [N, *] -> [N, *].  Source: Barron 2017.
    """

    examples = (("CELU", (4,)), ("CELU(0.5)", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return _bent(x, self.alpha, 1 / self.alpha)

    def backward(self, dy: Tensor) -> Tensor:
        x: Tensor = self.saved
        return _bent_back(dy, x, rate=1 / self.alpha)


class SeLU(
    Layer,
    known_as=("SELU",),
    elsewhere={
        name: {"alpha": "1.6732632423543772", "lam": "1.0507009873554805"}
        for name in ("SELU", "selu")
    },
):
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

    @property
    def bounds(self) -> tuple[float, float]:
        return -self.lam * self.alpha, math.inf

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        y = _bent(x, self.alpha)
        return y if self.lam == 1 else y.mul_(self.lam)

    def backward(self, dy: Tensor) -> Tensor:
        x: Tensor = self.saved
        dx = _bent_back(dy, x, self.alpha)
        return dx if self.lam == 1 else dx.mul_(self.lam)


class Softplus(Layer):
    """y = log(1 + exp(βx)) / β, and x itself where βx is above a threshold.

    Shape: [N, *] -> [N, *].  Source: Dugas et al. 2001.
    """

    beta: float = arg(default=1.0, above=0.0, doc="β, the sharpness of the bend")
    threshold: float = arg(default=20.0, at_least=0.0, doc="the βx above which y = x")

    gives = "no negative numbers"
    bounds = 0.0, math.inf
    alike = True
    examples = (("Softplus", (4,)), ("Softplus(beta=2, threshold=1)", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        # log(1 + exp(u)) = max(u, 0) + log(1 + exp(-|u|)), which does not overflow
        u = x if self.beta == 1 else x * self.beta
        straight = one_where(torch.gt, u, self.threshold)
        self.saved = u, straight
        bend = exp(u.abs(), -1).log1p_().mul_(1 - straight)
        # u may be infinite where x is not
        return torch.clamp_min(x, 0).add_(bend, alpha=1 / self.beta)

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = σ(u), and 1 above the threshold
        u, straight = self.saved
        slope = torch.sigmoid(u)
        return torch.maximum(slope, straight, out=slope).mul_(dy)
