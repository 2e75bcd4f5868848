"""How the numbers of an array are standardised, by what its training samples taught.

An exported file has copies of these functions, so they use nothing but each other, numpy and torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from netlang.system.lazy import np, torch


def channels_of(shape: tuple[int, ...]) -> int:
    """How many of a sample's numbers, or groups of them, are scaled each by its own scale."""
    return 1 if len(shape) == 2 else shape[0]


def channel_scaling(
    samples: np.ndarray,
    rows: np.ndarray,
    channels: int,
) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the deviation of each channel.  Shape: [N, *], [M] -> [channels] each.

    The scale of a constant channel is 1. Numbers count as equal if they differ by a
    part in 1e13, as roundings of one number do.
    """
    low, high = np.full(channels, np.inf), np.full(channels, -np.inf)
    total, squares = np.zeros(channels), np.zeros(channels)
    count = len(rows) * math.prod(samples.shape[1:]) / channels
    for _, numbers in in_pieces(samples, rows, channels):
        low = np.minimum(low, numbers.min((0, 2)))
        high = np.maximum(high, numbers.max((0, 2)))
        total += numbers.sum((0, 2))
    constant = high - low <= 1e-13 * np.maximum(np.abs(low), np.abs(high))
    shift = np.where(constant, low, total / count)
    for _, numbers in in_pieces(samples, rows, channels):
        squares += np.square(numbers - shift[:, None]).sum((0, 2))
    scale = np.where(constant, 1.0, np.sqrt(squares / count))
    scale[scale == 0] = 1.0  # where numbers are too small to be squared
    return shift, scale


def scaling_of_steps(
    samples: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the deviation of each feature, without padding.

    Shape: [N, T, features] -> [features] each.
    """
    steps = samples[~np.isnan(samples).any(2)]
    return channel_scaling(steps, np.arange(len(steps)), samples.shape[2])


def scaled(
    samples: np.ndarray,
    rows: np.ndarray,
    shift: np.ndarray,
    scale: np.ndarray,
) -> torch.Tensor:
    """The rows of the samples, standardised.  Shape: [N, *], [M] -> [M, *]."""
    shape = (len(rows), *samples.shape[1:])
    inputs = torch.empty(shape, dtype=torch.get_default_dtype(), device="cpu")
    each = math.prod(shape[1:]) // len(shift)
    filled = inputs.numpy().reshape(len(rows), len(shift), each)
    for first, numbers in in_pieces(samples, rows, len(shift)):
        numbers -= shift[:, None]
        numbers /= scale[:, None]
        filled[first : first + len(numbers)] = numbers
    return inputs


def in_pieces(
    samples: np.ndarray,
    rows: np.ndarray,
    channels: int,
) -> Iterator[tuple[int, np.ndarray]]:
    """Some of the rows at a time, in 64 bits, so that few numbers take that much room.

    Each comes with how many rows were before it.  Shape: [N, *] -> [some, channels, numbers].
    """
    size = max(1, (1 << 18) // math.prod(samples.shape[1:]))
    for first in range(0, len(rows), size):
        some = samples[rows[first : first + size]].astype(np.float64)
        yield first, some.reshape(len(some), channels, -1)
