"""Whether two samples of numbers, which vary each in its own way, have different means.

Source: Welch, "The generalization of Student's problem when several different population
variances are involved", 1947.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.record import Record

SIGNIFICANT = 0.05


class Welch(Record):
    """``difference`` of the means, between ``low`` and ``high`` with 95 % confidence.

    ``p`` is the probability of one so large, or larger, if the means are equal.
    """

    difference: float
    low: float
    high: float
    p: float

    @property
    def significant(self) -> bool:
        return self.p < SIGNIFICANT


def welch(one: Sequence[float], other: Sequence[float]) -> Welch | None:
    """None where nothing can be said: of fewer than two numbers, where none varies, or where one
    is infinite or no number.

    Raises ImportError without scipy.
    """
    from scipy import stats

    if min(len(one), len(other)) < 2 or (len(set(one)) == 1 and len(set(other)) == 1):
        return None
    if not all(map(math.isfinite, (*one, *other))):
        return None
    found = stats.ttest_ind(one, other, equal_var=False)
    interval = found.confidence_interval(0.95)
    difference = sum(one) / len(one) - sum(other) / len(other)
    return Welch(difference, float(interval.low), float(interval.high), float(found.pvalue))
