"""Two spirals around each other, the hardest of the made sets."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.made.made_set import MadeSet, alternating, normal, uniform
from netlang.system.lazy import torch


def spiral(
    source: torch.Generator,
    count: int,
    noise: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points on two arms, the second of which is the first one turned by half a turn."""
    classes = alternating(count)
    radius = uniform(source, count)
    angle = math.pi * (3.5 * radius + classes)
    points = torch.stack([radius * angle.sin(), radius * angle.cos()], 1)
    return points + noise * normal(source, count, 2), classes


class Spiral(MadeSet, known_as=("Spirals", "TwoSpirals")):
    """(r sin t, r cos t) with noise, for r uniform in [0, 1] and t = 3.5 π r, plus π for class 1.

    Inputs: [N, 2].  Source: "Spiral" of TensorFlow's playground, of radius 1.
    """

    noise: float = arg(
        default=0.03, at_least=0.0, at_most=10.0, doc="standard deviation of each coordinate"
    )

    rule = (spiral, uniform, normal, alternating)
    classes = ("first", "second")
