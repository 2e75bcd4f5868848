"""Sequences of unequal length in one array: NaN stands behind the end of each.

An exported file has a copy of ``ended``, so it uses nothing but numpy.
"""

from __future__ import annotations

from typing import Any

from netlang.catalogue.data.arrays.opened import Refused
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
        help = f"lengths are from 1 to {steps:,} here" if steps else "a sequence has some step"
        raise Refused(f"the length of sample {row + 1} is {each[row]}", help)


def check_inside(samples: Any, lengths: Any) -> None:
    """Raises Refused for one of the sequences [N, T, *] that lacks a number before its end."""
    inside = np.arange(samples.shape[1]) < lengths.reshape(-1, 1)
    lacks = np.isnan(samples.astype(float)).reshape(*samples.shape[:2], -1).any(2)
    if (inside & lacks).any():
        row = int((inside & lacks).any(1).argmax())
        raise Refused(f"sample {row + 1} holds NaN before its end", "mend or remove the sample")


def ended(
    samples: np.ndarray,
    lengths: np.ndarray,
) -> np.ndarray:
    """The sequences with NaN behind their ends.  Shape: [N, T, *] -> the same."""
    behind = np.arange(samples.shape[1]) >= lengths.reshape(-1, 1)
    behind = behind.reshape(*behind.shape, *[1] * (samples.ndim - 2))
    return np.where(behind, np.nan, samples)
