"""The paper's data ask whether a point of the unit square lies in a disc of half its area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.data.made.made_set import MadeSet, uniform
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def disc(source: torch.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of the unit square; those of class 1 lie in a disc of half its area."""
    points = uniform(source, count, 2)
    return points, inside(points).long()


def inside(points: torch.Tensor) -> torch.Tensor:
    """Whether each point lies in the disc.  Shape: [N, 2] -> [N]."""
    x, y = ((points[:, axis] - 0.5).square_() for axis in (0, 1))
    return x.add_(y) <= 1 / (2 * math.pi)


class Disc(MadeSet):
    """Points uniform in [0, 1]²; class 1 within 1/√(2π) of (0.5, 0.5), class 0 outside.

    Inputs: [N, 2].  Source: paper section II.
    """

    rule = (disc, uniform, inside)
    classes = ("outside", "inside")

    def border(self) -> Tensor:
        angle = torch.linspace(0, 2 * math.pi, 361, dtype=torch.float64, device="cpu")
        return torch.stack([angle.cos(), angle.sin()], 1) / math.sqrt(2 * math.pi) + 0.5
