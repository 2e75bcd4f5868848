"""Between which numbers those lie that are to be predicted: a part of them tells, at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

LOOKED_AT = 50_000  # numbers at most, which are evenly spread over all


def range_of(numbers: Sequence[float], standardized: bool) -> tuple[float, float] | None:
    """The least and the largest of the numbers, ``standardized`` or as they are; None if there are
    none. NaN is not among them.

    >>> range_of([1.0, 2.0, 3.0, math.nan, 4.0], standardized=False)
    (1.0, 4.0)
    """
    looked_at = map(float, numbers[:: 1 + len(numbers) // LOOKED_AT])
    found = [number for number in looked_at if not math.isnan(number)]
    if not found:
        return None
    least, most = min(found), max(found)
    if not standardized:
        return least, most
    mean = math.fsum(found) / len(found)
    deviation = math.sqrt(math.fsum((number - mean) ** 2 for number in found) / len(found)) or 1.0
    return (least - mean) / deviation, (most - mean) / deviation
