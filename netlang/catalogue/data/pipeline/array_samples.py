"""Which samples of an array cannot be used: their numbers are none, or no tokens."""

from __future__ import annotations

import math
from typing import Any

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.pipeline.array_scaling import in_pieces
from netlang.system.lazy import np

_NO_NUMBER = "holds NaN, infinity or a number beyond 3.4e38"


class SampleError(ValueError):
    """Raised for a ``sample`` of an array, counted from 1, which holds what is no number, or no
    token: ``wrong`` says which.
    """

    def __init__(self, sample: int, array: str, wrong: str = _NO_NUMBER) -> None:
        super().__init__(f"sample {sample} of `{array}` {wrong}")
        self.sample, self.array, self.wrong = sample, array, wrong


def unusable(name: str, samples: Any, padded: bool, tokens: int | None) -> SampleError | None:
    """What is wrong with the first of the ``samples`` [N, *] of an array that cannot be used. If
    they are ``padded``, NaN is behind their ends.
    """
    numbers = samples
    if padded:
        numbers = np.nan_to_num(samples, posinf=np.inf, neginf=-np.inf)
    if (row := first_unusable(numbers)) is not None:
        return SampleError(row + 1, name)
    if padded and samples.dtype.kind == "f" and (row := _first_with_gap(samples)) is not None:
        return SampleError(row + 1, name, "holds NaN before its end")
    if tokens is None:
        return None
    wrong = (numbers < 0) | (numbers >= tokens) | (numbers != np.floor(numbers))
    if not wrong.any():
        return None
    row = int(wrong.reshape(len(wrong), -1).any(1).argmax())
    number = numbers[row][wrong[row]].flat[0]
    return SampleError(row + 1, name, f"holds {number:g}, and tokens are from 0 to {tokens - 1:,}")


def _first_with_gap(samples: Any) -> int | None:
    """The first of the sequences [N, T, *] that has numbers behind NaN; None if none has."""
    lacks = np.isnan(samples).reshape(*samples.shape[:2], math.prod(samples.shape[2:]))
    wrong = (np.logical_or.accumulate(lacks.any(2), 1)[..., None] & ~lacks).any((1, 2))
    return int(wrong.argmax()) if wrong.any() else None


def first_unusable(samples: Any) -> int | None:
    """The first of the samples [N, *] with a number that 32-bit floats cannot hold; None if they
    hold all.
    """
    if samples.dtype.kind != "f":
        return None
    for first, numbers in in_pieces(samples, np.arange(len(samples)), 1):
        usable = (np.abs(numbers) <= LARGEST).all((1, 2))  # NaN is no number, and not below it
        if not usable.all():
            return first + int(usable.argmin())
    return None
