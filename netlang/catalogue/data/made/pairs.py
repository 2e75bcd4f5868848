"""Pairs of waves, of one frequency or of two: inputs that have names."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.made.made_set import MadeSet, alternating, normal, uniform
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

_SIDES, _LENGTH = ("left", "right"), 16


def pairs(
    source: torch.Generator,
    count: int,
    noise: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two waves of 16 numbers, side by side, and whether they have one frequency: class 1.

    A wave has one of four frequencies, and begins anywhere.
    """
    same = alternating(count)
    frequency = (4 * uniform(source, count)).floor()
    other = (frequency + 1 + (3 * uniform(source, count)).floor()) % 4
    both = torch.stack([frequency, frequency.where(same == 1, other)], 1) + 1
    time = torch.arange(16, dtype=torch.float64, device="cpu") / 16
    turns = both.unsqueeze(2) * time + uniform(source, count, 2, 1)
    waves = (2 * math.pi * turns).sin() + noise * normal(source, count, 2, 16)
    return waves.flatten(1), same


class Pairs(MadeSet, like=("Siamese", "Twins")):
    """Two waves, `Input("left")` and `Input("right")`, of one frequency or of two.

    Each is 16 numbers long, has one of four frequencies, and begins anywhere.

    Inputs: [N, 32], of which each wave is [N, 16].
    """

    noise: float = arg(
        default=0.2, at_least=0.0, at_most=10.0, doc="standard deviation of each number"
    )

    rule = (pairs, normal, uniform, alternating)
    columns = tuple(f"{side}[{index}]" for side in _SIDES for index in range(_LENGTH))
    classes = ("different", "same")

    def describe(self, seed: int = 0) -> Description:
        found = super().describe(seed)
        return found.replace(inputs=tuple((side, Shape.of(_LENGTH)) for side in _SIDES))
