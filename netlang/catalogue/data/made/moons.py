"""Two half moons, each reaching into the other."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.made.made_set import MadeSet, alternating, normal, uniform
from netlang.system.lazy import torch


def moons(
    source: torch.Generator,
    count: int,
    noise: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of a half circle, of class 0, and of one that is turned and moved."""
    classes = alternating(count)
    angle = math.pi * uniform(source, count)
    x, y = angle.cos(), angle.sin()
    points = torch.stack(
        [torch.where(classes == 1, 1 - x, x), torch.where(classes == 1, 0.5 - y, y)], 1
    )
    return points + noise * normal(source, count, 2), classes


class Moons(MadeSet, known_as=("make_moons", "TwoMoons")):
    """Class 0 is (cos t, sin t), class 1 (1 - cos t, 1/2 - sin t), 0 <= t <= π, both with noise.

    Inputs: [N, 2].  Source: make_moons of scikit-learn, with angles that are drawn.
    """

    noise: float = arg(
        default=0.1, at_least=0.0, at_most=10.0, doc="standard deviation of each coordinate"
    )

    rule = (moons, uniform, normal, alternating)
    classes = ("upper", "lower")
