"""Which expectations no run can meet, or every run meets: each metric has bounds to its values."""

from __future__ import annotations

import math
from collections.abc import Mapping

from netlang.catalogue import registry
from netlang.catalogue.arguments import as_source
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.compiler.ir import Expectation
from netlang.compiler.passes.values import Constant
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.expectations import AlwaysMet, Bounds, NeverMet, TogetherNeverMet

_ABOVE, _BELOW = (">", ">=", "=="), ("<", "<=", "==")
_PERCENT = 2  # from here on, a bound on a share seems to be in percent
_CLEAR = 10  # and from here on, that is beyond doubt


def bounds_of(loss: Loss | None, outputs: int | None) -> Mapping[str, Bounds]:
    """The bounds of all that can be measured; ``outputs`` are the network's, if that is known."""
    found = {"loss": loss.bounds(outputs)} if loss and outputs else {}
    for item in registry.items("metric"):
        if issubclass(item, Metric):
            found[item.name] = item.bounds
    return found


class Reach:
    """Looks at expectations one by one, each beside those before it."""

    def __init__(self, bounds: Mapping[str, Bounds]) -> None:
        self.bounds = bounds
        # By metric, and by the side that they are on: those that ask for most.
        self._above: dict[str, Expectation] = {}
        self._below: dict[str, Expectation] = {}

    def remark(self, expected: Expectation, bound: Constant) -> Diagnostic | None:
        """What is wrong with it; ``bound`` is its bound as it is written."""
        name = expected.metric.rpartition(".")[2]
        bounds = self.bounds.get(name, (-math.inf, math.inf))
        met = outcome(expected.comparison, expected.bound, bounds)
        if met is not None:
            meant = _in_percent(expected, bounds)
            told = (bound.span, expected.text, name, bounds)
            more = (expected.comparison, expected.bound, meant, bound.origins[:1])
            if met:
                return AlwaysMet(*told, *more)
            return NeverMet(*told, *more, literal=_is_plain(bound) and expected.bound >= _CLEAR)
        if other := self._excluded(expected):
            return TogetherNeverMet(expected.span, expected.text, other.text, other.span)
        return None

    def _excluded(self, expected: Expectation) -> Expectation | None:
        """One before that is not met by any value that meets this one."""
        metric, comparison = expected.metric, expected.comparison
        found = None
        if comparison in _ABOVE:
            below = self._below.get(metric)
            found = below if below and _apart(expected, below) else found
            above = self._above.get(metric)
            if above is None or _strength(expected) > _strength(above):
                self._above[metric] = expected
        if comparison in _BELOW:
            above = self._above.get(metric)
            found = above if above and _apart(above, expected) else found
            below = self._below.get(metric)
            if below is None or _weakness(expected) < _weakness(below):
                self._below[metric] = expected
        return found


def outcome(comparison: str, bound: float, bounds: Bounds) -> bool | None:
    """Whether a value within ``bounds``, ends included, compares so: None where that depends.

    >>> outcome(">", 95, (0, 1)), outcome(">=", 0, (0, 1)), outcome(">", 0.95, (0, 1))
    (False, True, None)
    """
    least, most = bounds
    match comparison:
        case ">":
            return False if bound >= most else True if bound < least else None
        case ">=":
            return False if bound > most else True if bound <= least else None
        case "<":
            return False if bound <= least else True if bound > most else None
        case "<=":
            return False if bound < least else True if bound >= most else None
        case "==":
            return None if least <= bound <= most else False
        case _:
            return None if least <= bound <= most else True


def _in_percent(expected: Expectation, bounds: Bounds) -> str:
    """The bound that was meant, where it seems to be in percent: 0.95 for 95."""
    most = bounds[1]
    if most != 1 or expected.comparison == "!=" or not _PERCENT <= expected.bound <= 100:
        return ""
    share = round(expected.bound / 100, 15)
    sensible = outcome(expected.comparison, share, bounds) is None
    return as_source(share) if sensible else ""


def _is_plain(bound: Constant) -> bool:
    """Whether it is a number that stands where it is used."""
    return not bound.origins and bound.span.text.replace(".", "", 1).isdigit()


def _strength(above: Expectation) -> tuple[float, bool]:
    return above.bound, above.comparison == ">"


def _weakness(below: Expectation) -> tuple[float, bool]:
    return below.bound, below.comparison != "<"


def _apart(above: Expectation, below: Expectation) -> bool:
    """Whether no value is as ``above`` and as ``below`` ask for."""
    both = above.comparison != ">" and below.comparison != "<"
    return above.bound > below.bound or (above.bound == below.bound and not both)
