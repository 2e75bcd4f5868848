"""How numbers are spread: their mean, deviation and extremes, of data of any size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_PIECE = 1 << 20  # numbers that are looked at together, in 64 bits


class Spread(Record):
    """How numbers are spread; all is NaN where there are none."""

    mean: float
    deviation: float
    least: float
    most: float

    def rounded(self) -> Spread:
        """With extremes as the data have them: standardised numbers of 32 bits have seven digits,
        counted from the mean.
        """
        reach = max(self.most - self.mean, self.mean - self.least)
        if not reach > 0:
            return self
        digits = 6 - math.floor(math.log10(reach))
        least, most = (round(one, digits) + 0.0 for one in (self.least, self.most))  # -0.0 is 0
        return self.replace(least=least, most=most)


def as_numbers(spread: Spread | None) -> dict[str, float | None]:
    """The spread as JSON holds it, which has no number for what is none."""
    found = spread.as_dict() if spread else {}
    return {name: None if value != value else value for name, value in found.items()}


def spread(numbers: Tensor, shift: float = 0.0, scale: float = 1.0) -> Spread:
    """The spread of all ``numbers`` times ``scale`` plus ``shift``, a piece at a time in 64 bits.

    Source: Chan, Golub and LeVeque 1979, for the deviation of pieces together.
    """
    count, mean, squares, least, most = 0, 0.0, 0.0, math.inf, -math.inf
    rows = max(1, _PIECE // max(1, numbers[:1].numel()))
    for first in range(0, len(numbers), rows):
        found = numbers[first : first + rows].double()
        size, middle = found.numel(), float(found.mean())
        apart = middle - mean
        squares += float((found - middle).square().sum())
        squares += apart * apart * count * size / (count + size)
        mean += apart * size / (count + size)
        count += size
        least, most = min(least, float(found.min())), max(most, float(found.max()))
    if not count:
        return Spread(math.nan, math.nan, math.nan, math.nan)
    deviation = math.sqrt(squares / count) * scale
    return Spread(mean * scale + shift, deviation, least * scale + shift, most * scale + shift)
