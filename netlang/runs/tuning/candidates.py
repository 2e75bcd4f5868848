"""Candidates as Optuna draws them, and what it drew as a file writes it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from netlang.catalogue.arguments import as_source
from netlang.compiler.ir.tunable import Choices, Tunable

_DIGITS = 4  # of a number that is drawn from a range without steps
_NEAR = 1e-3  # of the whole range
_ROUNDING = 1e-8  # of a step


def distributions(tunables: Iterable[Tunable]) -> dict[str, Any]:
    """What Optuna draws the value of each path from."""
    return {one.path: _distribution(one) for one in tunables}


def _distribution(tunable: Tunable) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    range = tunable.candidates
    if isinstance(range, Choices):
        return CategoricalDistribution(range.texts)
    if range.is_whole:
        step = int(range.step or 1)
        high = range.low + (range.high - range.low) // step * step
        return IntDistribution(int(range.low), int(high), log=range.log, step=step)
    return FloatDistribution(range.low, range.high, log=range.log, step=range.step)


def all_values(tunables: Sequence[Tunable], most: int) -> Iterator[dict[str, Any]]:
    """All combinations of values, by path; none where there are more than ``most`` of them, as of
    numbers that are drawn from a range without steps.
    """
    each = [_each(one, most) for one in tunables]
    if not all(each) or math.prod(map(len, each)) > most:
        return
    for values in itertools.product(*each):
        yield dict(zip((one.path for one in tunables), values, strict=True))


def _each(tunable: Tunable, most: int) -> Sequence[Any]:
    """All candidates of one path; none where there are more than ``most``."""
    range_ = tunable.candidates
    if isinstance(range_, Choices):
        return range_.texts
    if not (range_.is_whole or range_.step):
        return ()
    step = range_.step or 1.0
    number = math.floor((range_.high - range_.low) / step + _ROUNDING) + 1
    if number > most:
        return ()
    found = [min(range_.low + n * step, range_.high) for n in range(number)]
    return [int(one) for one in found] if range_.is_whole else found


def own_values(tunables: Iterable[Tunable]) -> dict[str, Any]:
    """The file's own values, of those paths that may keep them."""
    found = {}
    for one in tunables:
        if one.own is not None and _distribution(one)._contains(_inner(one)):
            found[one.path] = one.own
    return found


def _inner(tunable: Tunable) -> float:
    return float(_distribution(tunable).to_internal_repr(tunable.own))


def as_texts(tunables: Iterable[Tunable], drawn: Mapping[str, Any]) -> dict[str, str]:
    """Each value as a file writes it. Numbers are short: a few digits decide, and people read them.

    What a trial is trained with is the text, so that the file that has it trains the same.
    """
    return {one.path: _as_text(one, drawn[one.path]) for one in tunables if one.path in drawn}


def _as_text(tunable: Tunable, value: Any) -> str:
    range = tunable.candidates
    if isinstance(range, Choices):
        return str(value)
    if range.is_whole:
        return str(int(value))
    if value == tunable.own:
        return as_source(value)
    short = float(f"{value:.{10 if range.step else _DIGITS}g}")
    is_near = abs(short - value) < _NEAR * (range.high - range.low)
    return as_source(short if is_near and range.low <= short <= range.high else value)
