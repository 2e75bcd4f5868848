"""A line search finds how far to go in a direction: to where the loss is lower, and flat enough.

It does each operation of torch's on the same kinds of numbers, so that it ends at the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

Number = Any  # a float, or a tensor without dimensions, of which 3 / x is 3 · (1/x)

_LOWER, _FLATTER = 1e-4, 0.9  # Wolfe's conditions, c₁ and c₂
_LEAST = 1e-9  # the search ends where a move changes no number by more


class Point(NamedTuple):
    """A place on the line, ``t`` away: the loss, its gradient, and its slope along the line."""

    t: Number
    loss: float
    gradient: Tensor
    slope: Tensor


def strong_wolfe(
    at: Callable[[Number], Point], start: Point, t: Number, size: Tensor, most: int
) -> tuple[Point, int]:
    """A point that meets both of Wolfe's conditions, or the lowest that was found; and how many
    points were looked ``at``, which are ``most`` and one more at most.

    The first one is ``t`` away from the ``start``. ``size`` is that of the direction's largest
    number.  Source: Nocedal and Wright 2006, algorithms 3.5 and 3.6, as in torch.optim.
    """
    ends, looked, is_found = _bracket(at, start, t, most)
    low, is_slow = _lower(ends), False
    while not is_found and looked - 1 < most and abs(ends[1].t - ends[0].t) * size >= _LEAST:
        t, is_slow = _inner(ends[0], ends[1], is_slow)
        point = at(t)
        looked += 1
        if _is_too_high(point, start) or point.loss >= ends[low].loss:
            ends[1 - low] = point
            low = _lower(ends)
        else:
            is_found = _is_flat(point, start)
            if not is_found and point.slope * (ends[1 - low].t - ends[low].t) >= 0:
                ends[1 - low] = ends[low]
            ends[low] = point
    return ends[low], looked


def _lower(ends: Sequence[Point]) -> int:
    """Which of the two points is lower."""
    return 0 if ends[0].loss <= ends[1].loss else 1


def _bracket(
    at: Callable[[Number], Point], start: Point, t: Number, most: int
) -> tuple[list[Point], int, bool]:
    """Two points with a good one between them, how many were looked at, and whether the last one is
    good itself, and both are it.
    """
    before, point, looked = start, at(t), 1
    while looked - 1 < most:
        if _is_too_high(point, start) or (looked > 2 and point.loss >= before.loss):
            return [before, point], looked, False
        if _is_flat(point, start):
            return [point, point], looked, True
        if point.slope >= 0:
            return [before, point], looked, False
        ends = point.t + 0.01 * (point.t - before.t), point.t * 10
        before, point = point, at(_cubic_minimum(before, point, ends))
        looked += 1
    return [start, point], looked, False


def _is_too_high(point: Point, start: Point) -> bool:
    return bool(point.loss > start.loss + _LOWER * point.t * start.slope)


def _is_flat(point: Point, start: Point) -> bool:
    return bool(point.slope.abs() <= -_FLATTER * start.slope)


def _inner(one: Point, other: Point, is_slow: bool) -> tuple[Number, bool]:
    """Where to look between both; and whether that is near an end, which is slow twice in a row."""
    ends = min(one.t, other.t), max(one.t, other.t)
    t = _cubic_minimum(one, other, ends)
    margin = 0.1 * (ends[1] - ends[0])
    if min(ends[1] - t, t - ends[0]) >= margin:
        return t, False
    if not is_slow and ends[0] < t < ends[1]:
        return t, True
    return (ends[1] - margin if abs(t - ends[1]) < abs(t - ends[0]) else ends[0] + margin), False


def _cubic_minimum(one: Point, other: Point, ends: tuple[Number, Number]) -> Number:
    """Where the cubic is lowest that has the losses and slopes of both, within the ``ends``; where
    it has no such place, the middle.
    """
    first, last = (one, other) if one.t <= other.t else (other, one)
    middle = (ends[0] + ends[1]) / 2
    if first.t == last.t:
        return middle
    mean = first.slope + last.slope - 3 * (first.loss - last.loss) / (first.t - last.t)
    square = mean**2 - first.slope * last.slope
    if not square >= 0:
        return middle
    root = square.sqrt()
    share = (last.slope + root - mean) / (last.slope - first.slope + 2 * root)
    t = last.t - (last.t - first.t) * share
    return middle if t.isnan() else min(max(t, ends[0]), ends[1])
