"""Sums of many numbers, which lose no digits."""

from __future__ import annotations

import math
from typing import NamedTuple


class Sum(NamedTuple):
    """A sum of numbers that come one by one, and beside it what rounding took from it.

    Source: Neumaier 1974.
    """

    rounded: float = 0.0
    lost: float = 0.0

    def plus(self, number: float) -> Sum:
        rounded = self.rounded + number
        larger, smaller = sorted((self.rounded, number), key=abs, reverse=True)
        return Sum(rounded, self.lost + ((larger - rounded) + smaller))

    @property
    def value(self) -> float:
        return self.rounded + self.lost if math.isfinite(self.rounded) else self.rounded
