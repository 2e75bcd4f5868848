"""Whether two samples of numbers, which vary each in its own way, have different means.

Source: Welch, "The generalization of Student's problem when several different population
variances are involved", 1947.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from netlang.system.libraries import silence, work_of
from netlang.system.record import Record

SIGNIFICANT = 0.05
_ROUNDING = 1e-12  # relative


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
    """None where nothing can be said: of fewer than two numbers, where one is infinite, or
    nearly, or no number, or where none varies, as ``constant`` has it.

    Raises what a scipy does that is not to be had, or broken: ``check_welch`` tells before.
    """
    from scipy import stats

    if min(len(one), len(other)) < 2 or not all(map(math.isfinite, (*one, *other))):
        return None
    if constant(one) and constant(other):
        return None
    # Far from 1 the squares of numbers are none any more.
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
    """Raises Unusable where scipy does not test two samples."""
    with silence(), work_of("scipy"):
        welch((0.0, 1.0), (1.0, 3.0))


def constant(numbers: Sequence[float]) -> bool:
    """Whether all numbers are the same up to rounding."""
    return max(numbers) - min(numbers) <= _ROUNDING * max(map(abs, numbers))


def _steady(numbers: Sequence[float]) -> Sequence[float]:
    """The numbers, without what rounding alone has made of one."""
    return [numbers[0]] * len(numbers) if constant(numbers) else numbers
