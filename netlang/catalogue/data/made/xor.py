"""Four quadrants, of which opposite ones are of one class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.made.made_set import MadeSet, normal, uniform
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def xor(
    source: torch.Generator,
    count: int,
    noise: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of a square around 0, each with the class of where noise moves it."""
    points = 2 * uniform(source, count, 2) - 1
    x, y = (points + noise * normal(source, count, 2)).unbind(1)
    return points, ((x > 0) != (y > 0)).long()


class XOR(MadeSet, like=("ExclusiveOr",)):
    """Points uniform in [-1, 1]²; class 1 where just one coordinate is above 0.

    Noise moves a point before its class is told, so that some near the axes are of the other one.

    Inputs: [N, 2].  Source: "Exclusive or" of TensorFlow's playground, without its gap.
    """

    noise: float = arg(
        default=0.0, at_least=0.0, at_most=10.0, doc="standard deviation of each coordinate"
    )

    rule = (xor, uniform, normal)
    classes = ("same sign", "other sign")

    def border(self) -> Tensor:
        """Both axes."""
        gap = [float("nan")] * 2
        axes = [[-1.0, 0.0], [1.0, 0.0], gap, [0.0, -1.0], [0.0, 1.0]]
        return torch.tensor(axes, dtype=torch.float64, device="cpu")
