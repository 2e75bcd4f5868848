"""Losses of values: how far each output is from its own target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.loss import Loss

if TYPE_CHECKING:
    from torch import Tensor


class MSE(Loss, known_as=("MSELoss", "LossMSE", "MeanSquaredError")):
    """(y - t)², its mean over all elements, or its sum.

    Source: paper section VI, whose gradient is 2(y - t).
    """

    reduction: str = arg(
        default="mean", choices=("mean", "sum"), doc="how elements make one number"
    )

    bounds = (0, math.inf)
    examples = ("MSE", 'MSE(reduction="sum")')

    @property
    def is_mean(self) -> bool:
        return self.reduction == "mean"

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        squares = (y - self.as_values(y, t)).square_()
        return squares.mean() if self.is_mean else squares.sum()

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        squares = (y - self.as_values(y, t)).square_().reshape(len(y), -1)
        return squares.mean(1) if self.is_mean else squares.sum(1)

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:  # 2 (y - t), over the count for a mean
        t = self.as_values(y, t)
        scale = 2 / y.numel() if self.is_mean else 2
        return (y - t).mul_(scale)


LossMSE = MSE  # its name in the paper
