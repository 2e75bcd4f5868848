"""Functions that multiply a number by a gate that the number itself opens: y = x·g(x).

Their slope is dy/dx = g(x) + x·g′(x).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class SiLU(Layer, known_as=("Swish",)):
    """y = x·σ(x), where σ is the sigmoid.

    Shape: [N, *] -> [N, *].  Source: Elfwing et al. 2017; as Swish, Ramachandran et al. 2017.
    """

    alike = True
    examples = (("SiLU", (4,)), ("SiLU", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(x)
        self.saved = x, gate
        return x * gate

    def backward(self, dy: Tensor) -> Tensor:  # g' = g (1 - g), so dy/dx = g (1 + x (1 - g))
        x, gate = self.saved
        slope: Tensor = 1 - gate
        return slope.mul_(x).add_(1).mul_(gate).mul_(dy)


class GELU(Layer):
    """y = x·Φ(x), where Φ is the distribution function of the standard normal.

    Φ(x) = (1 + erf(x/√2)) / 2. With ``approximate="tanh"`` it is (1 + tanh u) / 2, where
    u = √(2/π)·(x + 0.044715·x³).

    Shape: [N, *] -> [N, *].  Source: Hendrycks and Gimpel 2016.
    """

    approximate: str = arg(
        default="none", choices=("none", "tanh"), doc="by which function Φ is approximated"
    )

    alike = True
    examples = (("GELU", (4,)), ("GELU", (2, 3)), ('GELU(approximate="tanh")', (4,)))

    rate = math.sqrt(8 / math.pi)  # (1 + tanh u) / 2 = σ(2u)
    cubic = 0.044715

    def forward(self, x: Tensor) -> Tensor:
        if self.approximate == "tanh":
            gate = (x * x).mul_(self.rate * self.cubic).add_(self.rate).mul_(x).sigmoid_()
        else:
            gate = (x * math.sqrt(0.5)).erf_().add_(1).mul_(0.5)
        self.saved = x, gate
        return x * gate

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = Φ + x Φ'
        x, gate = self.saved
        if self.approximate == "tanh":  # Φ' = Φ (1 - Φ) · rate · (1 + 3 cubic x²)
            slope = (x * x).mul_(3 * self.rate * self.cubic).add_(self.rate)
            slope.mul_(gate).mul_(1 - gate)
        else:  # Φ' = exp(-x²/2) / √(2π)
            slope = (x * x).mul_(-0.5).exp_().mul_(1 / math.sqrt(2 * math.pi))
        dx: Tensor = slope.mul_(x).add_(gate).mul_(dy)
        return dx
