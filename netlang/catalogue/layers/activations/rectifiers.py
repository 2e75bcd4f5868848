"""Rectifiers of straight pieces: what is positive stays, and little or nothing of the rest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.activations.indicators import one_where, two_slopes
from netlang.catalogue.modules import Layer, Weight
from netlang.language.shapes import Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class ReLU(Layer):
    """y = max(x, 0).

    Shape: [N, *] -> [N, *].  Source: paper (6), (7); the derivative at exactly 0 is 0.
    """

    gives = "no negative numbers"
    bounds = 0.0, math.inf
    pointless_after = ("no negative numbers", "probabilities")
    alike = True
    examples = (("ReLU", (4,)), ("ReLU", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.clamp_min(x, 0)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 where y > 0, and 0 where y is 0
        y: Tensor = self.saved
        return one_where(torch.ne, y, 0).mul_(dy)


class ReLU6(Layer):
    """y = min(max(x, 0), 6).

    Shape: [N, *] -> [N, *].  Source: Krizhevsky 2010.
    """

    gives = "no negative numbers"
    bounds = 0.0, 6.0
    pointless_after = ("probabilities",)
    alike = True
    examples = (("ReLU6", (4,)), ("ReLU6", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = y = torch.clamp(x, 0, 6)
        return y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 where y (6 - y) is not 0
        y: Tensor = self.saved
        return (6 - y).mul_(y).ne_(0).mul_(dy)


class LeakyReLU(
    Layer, known_as=("LReLU",), elsewhere={"layers.LeakyReLU": {"negative_slope": "0.3"}}
):
    """y = x for x > 0, and negative_slope·x elsewhere.

    Shape: [N, *] -> [N, *].  Source: Maas et al. 2013.
    """

    negative_slope: float = arg(
        default=0.01, doc="the slope of the negative side", known_as=("slope", "alpha")
    )

    pointless_after = ("no negative numbers", "probabilities")
    alike = True
    examples = (("LeakyReLU", (4,)), ("LeakyReLU(0.2)", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return torch.clamp_min(x, 0).add_(torch.clamp_max(x, 0), alpha=self.negative_slope)

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 where x > 0, and negative_slope elsewhere
        x: Tensor = self.saved
        return two_slopes(x, self.negative_slope).mul_(dy)


class PReLU(Layer):
    """y = x for x > 0, and weight·x elsewhere, with a slope that is learned, or one per channel.

    Shape: [N, *] -> [N, *], or with several slopes, [N, num_parameters, *] to the same.
    Weights: ``weight`` [num_parameters], at first ``init``.  Source: He et al. 2015.
    """

    num_parameters: Size = arg(
        default=1, doc="1, or the channels, which are the first dimension of a sample"
    )
    init: float = arg(default=0.25, doc="the slope of the negative side at first")

    pointless_after = ("no negative numbers", "probabilities")
    examples = (
        ("PReLU", (4,)),
        ("PReLU(init=0.1)", (2, 3)),
        ("PReLU(3)", (3,)),
        ("PReLU(2, init=0.5)", (2, 2, 3)),
    )

    @property
    def alike(self) -> bool:
        return self.num_parameters == 1  # the first dimension of a sequence are its steps

    def tensors(self) -> dict[str, Weight]:
        return {"weight": Weight((self.num_parameters,), self._initial)}

    def prepare(self) -> None:
        self.weight: Tensor
        self.weight_grad: Tensor

    def _initial(self, values: Tensor, generator: Generator) -> None:
        values.fill_(self.init)

    def infer(self, x: Shape) -> Shape:
        if self.num_parameters == 1:
            return x
        if not x.sample or not unify(x.sample[0], self.num_parameters):
            takes = Shape((self.num_parameters, *x.sample[1:]))
            raise ShapeError(takes, "num_parameters", x.sample[0] if x.sample else None)
        return x

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return torch.clamp_max(x, 0).mul_(self._slope(x)).add_(torch.clamp_min(x, 0))

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 where x > 0, and weight elsewhere
        x: Tensor = self.saved
        slope = self._slope(x)
        along_slope = torch.clamp_max(x, 0).mul_(dy).sum_to_size(slope.shape)
        self.weight_grad.add_(along_slope.reshape(self.weight.shape))
        return two_slopes(x, slope).mul_(dy)

    def _slope(self, x: Tensor) -> Tensor:
        """The slopes in the shape in which each meets its channel of ``x``."""
        return self.weight.view(-1, *(1,) * (x.dim() - 2))
