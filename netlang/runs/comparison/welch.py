"""Welch's test tells whether two samples, with variances of their own, differ in their means.

Source: Welch, "The generalization of Student's problem when several different population
variances are involved", 1947.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from netlang.system.packages import silence, work_of
from netlang.system.record import Record

SIGNIFICANT = 0.05
_ROUNDING = 1e-12  # relative


class Welch(Record):
    """The means have this ``difference``, between ``low`` and ``high`` with 95 % confidence.

    ``p`` is the probability of a difference at least so large if the means are equal.
    """

    difference: float
    low: float
    high: float
    p: float

    @property
    def significant(self) -> bool:
        return self.p < SIGNIFICANT


def welch(one: Sequence[float], other: Sequence[float]) -> Welch | None:
    """Test two samples. None if the test cannot say anything: a sample has fewer than two numbers,
    one is not finite or nearly infinite, or neither sample varies.

    Raises what a missing or broken scipy raises; ``check_welch`` finds that out before.
    """
    from scipy import stats

    if min(len(one), len(other)) < 2 or not all(map(math.isfinite, (*one, *other))):
        return None
    if constant(one) and constant(other):
        return None
    # Numbers far from 1 have squares that overflow or vanish.
    scale = max(map(abs, (*one, *other)))
    first, second = _steady([x / scale for x in one]), _steady([x / scale for x in other])
    with warnings.catch_warnings(action="ignore"):
        found = stats.ttest_ind(first, second, equal_var=False)
        interval = found.confidence_interval(0.95)
    difference = sum(first) / len(first) - sum(second) / len(second)
    low, high, p = float(interval.low), float(interval.high), float(found.pvalue)
    tested = Welch(scale * difference, scale * low, scale * high, p)
    return tested if all(map(math.isfinite, vars(tested).values())) else None


def check_welch() -> None:
    """Raises Unusable where scipy cannot test two samples."""
    with silence(), work_of("scipy"):
        welch((0.0, 1.0), (1.0, 3.0))


def constant(numbers: Sequence[float]) -> bool:
    """Whether all numbers are the same up to rounding."""
    return max(numbers) - min(numbers) <= _ROUNDING * max(map(abs, numbers))


def _steady(numbers: Sequence[float]) -> Sequence[float]:
    """The numbers, made equal where only rounding tells them apart."""
    return [numbers[0]] * len(numbers) if constant(numbers) else numbers
