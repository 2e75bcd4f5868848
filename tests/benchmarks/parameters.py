"""The tensors of weights that layers have, in the order in which their layers keep them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Parameter:
    """A tensor of weights, and the normal distribution that it starts from."""

    shape: tuple[int, ...]
    deviation: float
    mean: float = 0.0

    def drawn(self, draw: np.random.Generator) -> Floats:
        drawn = draw.standard_normal(self.shape, dtype=np.float32)
        return drawn * np.float32(self.deviation) + np.float32(self.mean)


Parameters = tuple[Parameter, ...]


def linear(into: int, out: int, bias: bool = True) -> Parameters:
    deviation = math.sqrt(2 / (into + out))
    return _weight_and_bias((out, into), deviation, bias)


def convolution(into: int, out: int, kernel: int, bias: bool = True) -> Parameters:
    deviation = math.sqrt(2 / ((into + out) * kernel * kernel))
    return _weight_and_bias((out, into, kernel, kernel), deviation, bias)


def _weight_and_bias(shape: tuple[int, ...], deviation: float, bias: bool) -> Parameters:
    both = Parameter(shape, deviation), Parameter(shape[:1], deviation)
    return both if bias else both[:1]


def norm(channels: int) -> Parameters:
    return Parameter((channels,), 0.1, mean=1), Parameter((channels,), 0.1)


def gru(into: int, hidden: int) -> Parameters:
    """The rows of its three gates stand below each other, as in PyTorch."""
    shapes = (3 * hidden, into), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,)
    return tuple(Parameter(shape, 1 / math.sqrt(3 * hidden)) for shape in shapes)


def attention(width: int) -> Parameters:
    """The matrices of queries, keys, values and outputs, and their biases."""
    deviation = 1 / math.sqrt(width)
    matrix, bias = Parameter((width, width), deviation), Parameter((width,), deviation)
    return *[matrix] * 4, *[bias] * 4


def table(rows: int, width: int) -> Parameters:
    """A vector for each of so many tokens, or places."""
    return (Parameter((rows, width), 1.0),)
