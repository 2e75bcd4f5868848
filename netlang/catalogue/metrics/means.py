"""Most metrics are the mean of a number that each sample has, or each of its elements."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from netlang.catalogue.metrics.metric import Metric
from netlang.catalogue.metrics.sums import Sum
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Mean(Metric, abstract=True):
    """The mean of the number that ``each`` gives, where the weights of samples count."""

    state = ("sum", "weight")

    def start(self) -> None:
        super().start()
        self.sum, self.weight = Sum(), Sum()

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        y, t, weights = self.rows(y, t, weights)
        each = self.each(y, t)
        self.count += each.numel()
        if weights is None:
            self.sum = self.sum.plus(each.sum(dtype=torch.float64).item())
            self.weight = self.weight.plus(each.numel())
            return
        weights = weights.view(-1, *[1] * (each.dim() - 1)).expand_as(each)
        self.sum = self.sum.plus((each * weights).sum().item())
        self.weight = self.weight.plus(weights.sum().item())

    def value(self) -> float:
        self.seen()
        weight = self.weight.value
        return self.sum.value / weight if weight else math.nan

    @abstractmethod
    def rows(
        self, y: Tensor, t: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Outputs and targets as ``each`` takes them, and the weight of each row, in float64."""

    @abstractmethod
    def each(self, y: Tensor, t: Tensor) -> Tensor:
        """The number for each row, or for each of its elements."""
