"""Central differences say how outputs change with one number, without any backward pass.

With f(δ) the outputs where the number is moved by δ, g the weights by which they are summed, and h
a step, the slope is near

    D(h) = Σ g (f(h) - f(-h)) / 2h

and (4 D(h/2) - D(h)) / 3, which is taken, is off by h⁴ alone.  Source: Richardson 1911.

Across a kink, such as ReLU's at 0, there is no one slope. It shows where the step is halved: D(h)
changes, or the bend S(h) = Σ g (f(h) - 2 f(0) + f(-h)) / h is not halved with it. A smaller step
may not reach the kink; after a few, the number is left out.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_STEPS = (1e-4, 1e-5, 1e-6)  # of numbers up to 1, and of larger ones these parts
_KINK = 1e-8  # of the largest gradient: what a halved step may change where there is no kink
_ROUNDED = 10  # times the smallest difference of two numbers, that an output may be off


class Slope(Record):
    """``value`` is off by ``rounding``, beside what h⁴ makes; at a kink, it says nothing."""

    value: float
    rounding: float
    at_kink: bool = False


class Differences:
    """Takes slopes of Σ ``weights`` · ``outputs()``, all in float64."""

    def __init__(self, outputs: Callable[[], Tensor], weights: Tensor) -> None:
        self._outputs, self._weights = outputs, weights
        self._middle = outputs().clone()

    def slope(self, numbers: Tensor, index: int, largest: float) -> Slope:
        """The slope by ``numbers[index]``, of a flat tensor that ``outputs`` reads, and that is the
        same again afterwards. What is small beside the ``largest`` gradient is no kink.
        """
        slopes = (self._slope(numbers, index, step, largest) for step in _STEPS)
        return next((one for one in slopes if not one.at_kink), Slope(math.nan, 0.0, at_kink=True))

    def _slope(self, numbers: Tensor, index: int, step: float, largest: float) -> Slope:
        before = numbers[index].item()
        h = step * max(1.0, abs(before))
        up, down, up_half, down_half = (
            self._moved(numbers, index, before + by) for by in (h, -h, h / 2, -h / 2)
        )
        numbers[index] = before
        weights, middle = self._weights, self._middle
        whole = self._sum(up - down) / (2 * h)
        half = self._sum(up_half - down_half) / h
        bend = self._sum(up - 2 * middle + down) / h
        half_bend = self._sum(up_half - 2 * middle + down_half) / (h / 2)
        touched = (weights * middle).abs()[up != down].sum().item()
        rounding = _ROUNDED * sys.float_info.epsilon * touched / h
        if not math.isfinite(whole + half + bend):
            return Slope(math.nan, rounding)
        apart = max(abs(whole - half), abs(bend - 2 * half_bend))
        is_kink = apart > _KINK * max(largest, abs(half)) + rounding
        return Slope(half + (half - whole) / 3, rounding, is_kink)

    def _moved(self, numbers: Tensor, index: int, value: float) -> Tensor:
        """The outputs where the number is ``value``; they may be views of what is moved."""
        numbers[index] = value
        return self._outputs().clone()

    def _sum(self, change: Tensor) -> float:
        return float((self._weights * change).sum())


def elements(gradient: Tensor, count: int, source: torch.Generator) -> list[int]:
    """About ``count`` elements of a flat ``gradient``, or all if there are no more.

    Half of them are drawn from all, half from those whose gradient is not 0: of an embedding, a
    batch reaches few.
    """
    if len(gradient) <= count:
        return [*range(len(gradient))]
    half = max(1, count // 2)
    of_all = torch.randint(len(gradient), (count - half,), generator=source)
    reached = gradient.nonzero().flatten()
    if not len(reached):
        return sorted({*of_all.tolist()})
    drawn = reached[torch.randint(len(reached), (half,), generator=source)]
    return sorted({*of_all.tolist(), *drawn.tolist()})
