"""Metrics of numbers to predict."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from netlang.catalogue.metrics.metric import Metric
from netlang.catalogue.metrics.sums import Sum
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class _Mean(Metric, abstract=True):
    """The mean of a number that ``each`` gives for every element."""

    tasks = ("regression",)
    bounds = (0, math.inf)
    state = ("sum",)

    def start(self) -> None:
        super().start()
        self.sum = Sum()

    def add(self, y: Tensor, t: Tensor) -> None:
        each = self.each(*self.checked(y, t))
        self.sum = self.sum.plus(each.sum().item())
        self.count += each.numel()

    def value(self) -> float:
        return self.sum.value / self.seen()

    @abstractmethod
    def each(self, y: Tensor, t: Tensor) -> Tensor:
        """The number for each element, in float64."""


class MeanSquaredError(_Mean, name="mse", like=("mean_squared_error",)):
    """The mean of (y - t)²."""

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).square()


class MeanAbsoluteError(_Mean, name="mae", like=("mean_absolute_error",)):
    """The mean of |y - t|."""

    by_default = True

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).abs()


class RSquared(Metric, name="r2", known_as=("R2",)):
    """1 - Σ(y - t)² / Σ(t - mean t)²: 1 is perfect, 0 no better than the mean.

    If all targets are equal, it is 1 when every output meets its target, else 0.
    """

    tasks = ("regression",)
    bounds = (-math.inf, 1)
    by_default = True
    higher_is_better = True
    state = ("missed", "spread", "shift", "mean")
    least_samples = 2

    def start(self) -> None:
        super().start()
        self.missed, self.spread = Sum(), Sum()  # Σ(y - t)² and Σ(t - mean t)²

    def add(self, y: Tensor, t: Tensor) -> None:
        y, t = self.checked(y, t)
        self.missed = self.missed.plus((y - t).square().sum().item())
        if not self.count:
            self.shift, self.mean = t[0].clone(), torch.zeros_like(t[0])
        # From the first on: a mean far from 0 takes no digits from the spread, which is exactly 0
        # of targets that are all equal.
        self._widen(t - self.shift)

    def _widen(self, t: Tensor) -> None:
        """Combine the spread of these samples with that of those before.

        Source: Chan, Golub and LeVeque 1979.
        """
        mean, count = t.mean(0), self.count + len(t)
        apart = mean - self.mean
        between = apart.square().sum().item() * (self.count * len(t) / count)
        self.spread = self.spread.plus((t - mean).square().sum().item()).plus(between)
        self.mean = self.mean + apart * (len(t) / count)
        self.count = count

    def value(self) -> float:
        self.seen()
        missed, spread = self.missed.value, self.spread.value
        return 1 - missed / spread if spread else float(missed == 0)
