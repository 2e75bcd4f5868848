"""A wave to predict from one number."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.made.made_set import MadeSet, normal, uniform
from netlang.system.lazy import torch


def sine(
    source: torch.Generator,
    count: int,
    noise: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Numbers x from -π to π, and sin x with noise."""
    x = math.pi * (2 * uniform(source, count, 1) - 1)
    return x, x.sin() + noise * normal(source, count, 1)


class Sine(MadeSet, like=("Sin",)):
    """y = sin x with noise, for x uniform in [-π, π]; a regression.

    Inputs: [N, 1].
    """

    noise: float = arg(default=0.1, at_least=0.0, at_most=10.0, doc="standard deviation of y")

    rule = (sine, uniform, normal)
    columns = ("x",)
    target = "y"
    numbers = -1.0, 1.0
