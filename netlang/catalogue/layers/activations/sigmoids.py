"""Functions in the shape of an S: both of their ends are bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.activations.indicators import one_where
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def slope_of_tanh(y: Tensor) -> Tensor:
    """1 - y², of y = tanh(x)."""
    return (y * y).neg_().add_(1)


def slope_of_sigmoid(y: Tensor) -> Tensor:
    """y (1 - y), of y = σ(x)."""
    return torch.addcmul(y, y, y, value=-1)


class Tanh(Layer):
    """y = tanh(x).

    Shape: [N, *] -> [N, *].  Source: paper (8), (9).
    """

    bounds = -1.0, 1.0
    alike = True
    examples = (("Tanh", (4,)),)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.tanh(x)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 - y²
        return slope_of_tanh(self.saved).mul_(dy)


class Sigmoid(Layer, known_as=("Logistic",)):
    """y = 1/(1 + exp(-x)).

    Shape: [N, *] -> [N, *].  Source: paper (16), (17).
    """

    gives = "probabilities"
    bounds = 0.0, 1.0
    pointless_after = ("probabilities",)
    alike = True
    examples = (("Sigmoid", (4,)),)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.sigmoid(x)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = y (1 - y)
        return slope_of_sigmoid(self.saved).mul_(dy)


class Softsign(Layer):
    """y = x/(1 + |x|).

    Shape: [N, *] -> [N, *].  Source: Bergstra et al. 2009.
    """

    bounds = -1.0, 1.0
    alike = True
    examples = (("Softsign", (4,)), ("Softsign", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = share = x.abs().add_(1).reciprocal_()
        return x * share

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1/(1 + |x|)²
        share: Tensor = self.saved
        return (share * share).mul_(dy)


class HardSigmoid(Layer):
    """y = min(max(x/6 + 1/2, 0), 1): a sigmoid of three straight pieces.

    Shape: [N, *] -> [N, *].  Source: Courbariaux et al. 2015, with PyTorch's slope.
    """

    gives = "probabilities"
    bounds = 0.0, 1.0
    pointless_after = ("probabilities",)
    has_flat_ends = True
    alike = True
    examples = (("HardSigmoid", (4,)), ("HardSigmoid", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return torch.add(x, 3).clamp_(0, 6).mul_(1 / 6)

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1/6 where |x| < 3, and 0 elsewhere
        x: Tensor = self.saved
        middle = torch.clamp(x, -3, 3).abs_()
        return middle.ne_(3).mul_(1 / 6).mul_(dy)


class HardTanh(Layer, known_as=("Clip", "Clamp")):
    """y = min(max(x, min_val), max_val).

    Shape: [N, *] -> [N, *].  Source: Collobert 2004.
    """

    min_val: float = arg(default=-1.0, doc="the least output", known_as=("min", "min_value"))
    max_val: float = arg(default=1.0, doc="the largest output", known_as=("max", "max_value"))

    alike = True
    examples = (("HardTanh", (4,)), ("HardTanh(-0.5, 2)", (2, 3)))

    @property
    def bounds(self) -> tuple[float, float]:
        return self.min_val, self.max_val

    def infer(self, x: Shape) -> Shape:
        if self.min_val >= self.max_val:
            reason = f"has its least output, {self.min_val:g}, not below its largest one"
            raise ShapeError(x, reason=reason, help=f"give it a `max_val` above {self.min_val:g}")
        return x

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.clamp(x, self.min_val, self.max_val)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 between the ends, and 0 at them
        y: Tensor = self.saved
        above, below = (one_where(torch.ne, y, end) for end in (self.min_val, self.max_val))
        return above.mul_(below).mul_(dy)
