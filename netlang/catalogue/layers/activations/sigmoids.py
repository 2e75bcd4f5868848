"""Functions in the shape of an S: both of their ends are bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Tanh(Layer):
    """y = tanh(x).

    Shape: [N, *] -> [N, *].  Source: paper (8), (9).
    """

    alike = True
    examples = (("Tanh", (4,)),)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.tanh(x)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 - y²
        y: Tensor = self.saved
        return dy * (1 - y * y)


class Sigmoid(Layer, known_as=("Logistic",)):
    """y = 1/(1 + exp(-x)).

    Shape: [N, *] -> [N, *].  Source: paper (16), (17).
    """

    gives = "probabilities"
    pointless_after = ("probabilities",)
    alike = True
    examples = (("Sigmoid", (4,)),)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.sigmoid(x)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = y (1 - y)
        y: Tensor = self.saved
        return dy * y * (1 - y)
