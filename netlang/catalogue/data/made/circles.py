"""Two circles, one within the other: no line tells them apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.made.made_set import MadeSet, alternating, normal, uniform
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_NOISE = 1e-3  # below it, the border is as far from one circle as from the other


def circles(
    source: torch.Generator, count: int, factor: float, noise: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of a circle of radius 1, and of one of radius ``factor`` within it."""
    classes = alternating(count)
    angle = 2 * math.pi * uniform(source, count)
    radius = torch.where(classes == 1, factor, 1.0).double()
    points = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    return points + noise * normal(source, count, 2), classes


class Circles(MadeSet, known_as=("make_circles",)):
    """Class 0 is the circle r = 1, class 1 the circle r = ``factor`` within it, both with noise.

    Inputs: [N, 2].  Source: make_circles of scikit-learn, with angles that are drawn.
    """

    factor: float = arg(default=0.5, above=0.0, below=1.0, doc="radius of the inner circle")
    noise: float = arg(
        default=0.1, at_least=0.0, at_most=10.0, doc="standard deviation of each coordinate"
    )

    rule = (circles, uniform, normal, alternating)
    classes = ("outer", "inner")

    def border(self) -> Tensor:
        """Where both classes are equally likely: a circle, too.

        With noise of deviation s, points of the circle of radius a have the density
        exp(-(r² + a²) / 2s²) I₀(ra / s²) at a distance of r from the centre, up to a constant.
        """
        radius = torch.tensor((1 + self.factor) / 2, dtype=torch.float64, device="cpu")
        if self.noise >= _LEAST_NOISE:
            variance = self.noise**2
            r = torch.linspace(0, 1 + 2 * self.noise, 100_001, dtype=torch.float64, device="cpu")
            outer, inner = (
                torch.special.i0e(r * a / variance).log() + (r * a - a * a / 2) / variance
                for a in (1.0, self.factor)
            )
            radius = r[(outer < inner).sum()]
        angle = torch.linspace(0, 2 * math.pi, 361, dtype=torch.float64, device="cpu")
        return radius * torch.stack([angle.cos(), angle.sin()], 1)
