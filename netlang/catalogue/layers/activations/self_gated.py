"""Functions that multiply a number by a gate that the number itself opens: y = x·g(x).

Their slope is dy/dx = g(x) + x·g′(x).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.activations.exponential import exp
from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class SiLU(Layer, known_as=("Swish",)):
    """y = x·σ(x), where σ is the sigmoid.

    Shape: [N, *] -> [N, *].  Source: Elfwing et al. 2017; as Swish, Ramachandran et al. 2017.
    """

    bounds = -0.27847, math.inf
    alike = True
    examples = (("SiLU", (4,)), ("SiLU", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(x)
        y = x * gate
        self.saved = y, gate
        return y

    def backward(self, dy: Tensor) -> Tensor:  # g' = g (1 - g), so dy/dx = g + y (1 - g)
        y, gate = self.saved
        slope: Tensor = 1 - gate
        return slope.mul_(y).add_(gate).mul_(dy)


class GELU(Layer):
    """y = x·Φ(x), where Φ is the distribution function of the standard normal.

    Φ(x) = (1 + erf(x/√2)) / 2. With ``approximate="tanh"`` it is (1 + tanh u) / 2, where
    u = √(2/π)·(x + 0.044715·x³).

    Shape: [N, *] -> [N, *].  Source: Hendrycks and Gimpel 2016.
    """

    approximate: str = arg(
        default="none", choices=("none", "tanh"), doc="by which function Φ is approximated"
    )

    bounds = -0.17005, math.inf
    alike = True
    examples = (("GELU", (4,)), ("GELU", (2, 3)), ('GELU(approximate="tanh")', (4,)))

    rate = math.sqrt(8 / math.pi)  # (1 + tanh u) / 2 = σ(2u)
    cubic = 0.044715
    open_at = 30.0  # from here on Φ' is 0 to the last digit, and x² will overflow

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
            bounded = torch.clamp(x, -self.open_at, self.open_at)
            slope = bounded.mul_(bounded).mul_(3 * self.rate * self.cubic).add_(self.rate)
            slope.mul_(gate).mul_(1 - gate)
        else:  # Φ' = exp(-x²/2) / √(2π)
            slope = exp(x * x, -0.5).mul_(1 / math.sqrt(2 * math.pi))
        dx: Tensor = slope.mul_(x).add_(gate).mul_(dy)
        return dx


class Mish(Layer):
    """y = x·tanh(log(1 + exp(x))).

    With n = exp(x), the gate is n(n + 2) / (n(n + 2) + 2), as tanh(log a) = (a² - 1)/(a² + 1).

    Shape: [N, *] -> [N, *].  Source: Misra 2019.
    """

    bounds = -0.30885, math.inf
    alike = True
    examples = (("Mish", (4,)), ("Mish", (2, 3)))

    open_at = 20.0  # from here on the gate is 1 to the last digit, and exp(x) will overflow

    def forward(self, x: Tensor) -> Tensor:
        bounded = torch.clamp_max(x, self.open_at)
        n = bounded.exp()
        self.saved = bounded, n
        squared = (n + 2).mul_(n)
        return (squared + 2).reciprocal_().mul_(squared).mul_(x)

    def backward(self, dy: Tensor) -> Tensor:  # g' = 4n(n + 1) / (n(n + 2) + 2)²
        x, n = self.saved  # x·g' is 0 to the last digit from ``open_at`` on
        squared = (n + 2).mul_(n)
        inverse = (squared + 2).reciprocal_()
        slope = (n + 1).mul_(n).mul_(inverse).mul_(4).mul_(x).add_(squared)
        dx: Tensor = slope.mul_(inverse).mul_(dy)
        return dx


class HardSwish(Layer):
    """y = x·min(max(x + 3, 0), 6) / 6: a SiLU whose gate has three straight pieces.

    Shape: [N, *] -> [N, *].  Source: Howard et al. 2019.
    """

    bounds = -0.375, math.inf
    alike = True
    examples = (("HardSwish", (4,)), ("HardSwish", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return (x + 3).clamp_(0, 6).mul_(x).mul_(1 / 6)

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = x/3 + 1/2 for |x| < 3; 0 below, 1 above
        x: Tensor = self.saved
        short_of_1 = torch.threshold_((x * (-1 / 3)).add_(0.5), -0.5, 0)  # 1 - dy/dx
        return torch.threshold_(1 - short_of_1, -0.5, 0).mul_(dy)
