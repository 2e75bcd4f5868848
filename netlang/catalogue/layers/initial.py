"""How weights begin: the distributions that layers name in ``init``.

``fan_in`` is how many numbers each output is a sum of, ``fan_out`` how many outputs each input goes
into. A spread that fits them keeps signals of one size through many layers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

# Standard deviations of normal distributions around 0.
_DEVIATIONS: dict[str, Callable[[int, int], float]] = {
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "kaiming": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "lecun": lambda fan_in, fan_out: math.sqrt(1 / fan_in),
    "normal": lambda fan_in, fan_out: 1.0,
}
# Bounds of uniform distributions, from minus the bound to the bound.
_BOUNDS: dict[str, Callable[[int, int], float]] = {
    "xavier_uniform": lambda fan_in, fan_out: math.sqrt(6 / (fan_in + fan_out)),
    "kaiming_uniform": lambda fan_in, fan_out: math.sqrt(6 / fan_in),
    "uniform": lambda fan_in, fan_out: math.sqrt(1 / fan_in),
}
INITS = (
    "xavier",
    "xavier_uniform",
    "kaiming",
    "kaiming_uniform",
    "lecun",
    "normal",
    "uniform",
    "orthogonal",
    "zero",
)
DRAWN_BIASES = ("xavier", "normal", "uniform")  # biases are drawn as weights are; else they are 0


def fill(values: Tensor, init: str, fan_in: int, fan_out: int, generator: Generator) -> None:
    """Fill ``values`` in place by one of ``INITS``; "orthogonal" takes [outputs, *].

    Source: paper ("xavier"); Glorot and Bengio 2010; He et al. 2015 ("kaiming"); LeCun et al. 1998;
    Saxe et al. 2013 ("orthogonal"); PyTorch ("uniform").
    """
    if init == "zero":
        values.zero_()
    elif init == "orthogonal":
        values.copy_(_orthogonal(len(values), values.numel() // len(values), values, generator))
    elif bound := _BOUNDS.get(init):
        most = bound(fan_in, fan_out)
        values.uniform_(-most, most, generator=generator)
    else:
        values.normal_(0.0, _DEVIATIONS[init](fan_in, fan_out), generator=generator)


def fill_bias(values: Tensor, init: str, fan_in: int, fan_out: int, generator: Generator) -> None:
    """Fill the biases ``values`` of a layer whose weights begin as ``init`` says."""
    fill(values, init if init in DRAWN_BIASES else "zero", fan_in, fan_out, generator)


def _orthogonal(rows: int, columns: int, like: Tensor, generator: Generator) -> Tensor:
    """Rows, or columns if these are fewer, of length 1 that are at right angles to each other; any
    such matrix is as probable as any other.  Shape: that of ``like``.
    """
    drawn = like.new_empty(max(rows, columns), min(rows, columns))
    q, r = torch.linalg.qr(drawn.normal_(generator=generator))
    q.mul_(r.diagonal().sign())  # without this, the signs would not be random
    found: Tensor = q if rows >= columns else q.t()
    return found.reshape(like.shape)
