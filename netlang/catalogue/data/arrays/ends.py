"""Sequences of unequal length in one array: NaN stands behind the end of each.

An exported file has copies of ``ended`` and ``scaling_of_steps``, so they use nothing but numpy
and ``channel_scaling``.
"""

from __future__ import annotations

from typing import Any

from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.pipeline.array_pipeline import channel_scaling
from netlang.system.lazy import np


def check_lengths(lengths: Any, name: str, count: int, steps: int) -> None:
    """Raises Refused unless the array of that ``name`` says how many of the ``steps`` each of so
    many sequences has.
    """
    if lengths.dtype.kind not in "iu" or lengths.size != count:
        help = f"save a whole number for each of the {count:,} samples"
        raise Refused(f"`{name}` is {lengths.dtype} of shape {[*lengths.shape]}", help)
    each = lengths.reshape(-1)
    wrong = (each < 1) | (each > steps)
    if wrong.any():
        row = int(wrong.argmax())
        help = f"lengths are from 1 to {steps:,} here"
        raise Refused(f"the length of sample {row + 1} is {each[row]}", help)


def ended(
    samples: np.ndarray,
    lengths: np.ndarray,
) -> np.ndarray:
    """The sequences with NaN behind their ends.  Shape: [N, T, features] -> the same."""
    behind = np.arange(samples.shape[1]) >= lengths.reshape(-1, 1)
    return np.where(behind[:, :, None], np.nan, samples)


def scaling_of_steps(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the deviation of all numbers but padding.  Shape: [N, *] -> [1] each."""
    numbers = samples[~np.isnan(samples)].reshape(-1, 1)
    return channel_scaling(numbers, np.arange(len(numbers)), 1)
