"""Metrics of numbers to predict."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.metrics.kept import Kept
from netlang.catalogue.metrics.means import Mean
from netlang.catalogue.metrics.metric import Metric
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


_ROUNDING = 2.2e-16  # of a sum of weights, for each of them


class _MeanOfValues(Mean, abstract=True):
    """The mean of a number that ``each`` gives for every element."""

    tasks = ("regression",)
    bounds = (0, math.inf)

    def rows(
        self, y: Tensor, t: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        return *self.checked(y, t), None if weights is None else weights.double()


class MeanSquaredError(_MeanOfValues, name="mse", known_as=("mean_squared_error",)):
    """The mean of (y - t)²."""

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).square()


class MeanAbsoluteError(_MeanOfValues, name="mae", known_as=("mean_absolute_error",)):
    """The mean of |y - t|."""

    by_default = True
    is_common = True

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).abs()


class MeanAbsolutePercentageError(
    _MeanOfValues, name="mape", known_as=("mean_absolute_percentage_error",)
):
    """The mean of |y - t| / |t|, a share and no percentage; a target of 0 counts as 2.2e-16."""

    is_share = True

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).abs() / t.abs().clamp_min(torch.finfo(torch.float64).eps)


class MedianAbsoluteError(Kept, name="median_absolute_error", known_as=("medae",)):
    """The median of |y - t|, which outliers leave alone; of several numbers, the mean of theirs.

    It keeps the errors until the end of an epoch.
    """

    tasks = ("regression",)
    bounds = (0, math.inf)
    state = keeps = ("errors", "weights")
    only_named = True

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        y, t = (one.flatten(1) if one.dim() > 1 else one.unsqueeze(1) for one in self.checked(y, t))
        self.keep((y - t).abs(), y.new_ones(len(y)) if weights is None else weights.double())
        self.count += len(y)

    def value(self) -> float:
        self.seen()
        errors, weights = self.kept()
        errors = errors[weights > 0]
        if not len(errors) or errors.isnan().any():
            return math.nan
        errors, order = errors.sort(0)
        upto = weights[weights > 0][order].cumsum(0)
        half, rounding = upto[-1] / 2, _ROUNDING * len(upto)
        # Of equal weights on both sides, the median lies in the middle between the two next to it.
        first = (upto < half * (1 - rounding)).sum(0, keepdim=True)
        last = (upto <= half * (1 + rounding)).sum(0, keepdim=True).clamp_max_(len(errors) - 1)
        return ((errors.gather(0, first) + errors.gather(0, last)) / 2).mean().item()


class _OfColumns(Metric, abstract=True):
    """A number of sums over samples for each of the numbers to predict, and its mean over these."""

    tasks = ("regression",)
    weight = 0.0  # of all samples

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        y, t = (one.flatten(1) if one.dim() > 1 else one.unsqueeze(1) for one in self.checked(y, t))
        w = y.new_ones(len(y), 1) if weights is None else weights.double().unsqueeze(1)
        self.gather(y, t, w)
        self.weight += w.sum().item()
        self.count += t.numel()

    @abstractmethod
    def gather(self, y: Tensor, t: Tensor, weights: Tensor) -> None:
        """Add samples to the sums.  Shape: [N, numbers], [N, numbers], [N, 1], in float64."""


class RootMeanSquaredError(
    _OfColumns,
    name="rmse",
    known_as=("root_mean_squared_error", "RootMeanSquaredError"),
):
    """The root of the mean of (y - t)²; of several numbers to predict, the mean of their roots."""

    bounds = (0, math.inf)
    is_common = True
    state = ("squares", "weight")

    def gather(self, y: Tensor, t: Tensor, weights: Tensor) -> None:
        squares = ((y - t).square() * weights).sum(0)
        self.squares: Tensor = self.squares + squares if self.count else squares

    def value(self) -> float:
        self.seen()
        return (self.squares / self.weight).sqrt().mean().item() if self.weight else math.nan


class MaxError(_OfColumns, name="max_error"):
    """The largest |y - t|."""

    bounds = (0, math.inf)
    state = ("largest",)

    def gather(self, y: Tensor, t: Tensor, weights: Tensor) -> None:
        largest = (y - t).abs().max()
        self.largest: Tensor = torch.maximum(self.largest, largest) if self.count else largest

    def value(self) -> float:
        self.seen()
        return self.largest.item()


def widened(moments: Tensor | None, before: float, x: Tensor, weights: Tensor) -> Tensor:
    """The moments of numbers, ``before`` in weight, and of those that come to them.

    Moments are the first number, from which the mean is counted; the mean; and Σ w (x - mean)². So
    a mean far from 0 takes no digits from the spread, which is exactly 0 of numbers that are all
    equal.  Shape: [3, columns], x [N, columns], weights [N, 1].
    Source: Chan, Golub and LeVeque 1979.
    """
    total = weights.sum()
    if moments is None:
        moments = torch.stack([x[0], torch.zeros_like(x[0]), torch.zeros_like(x[0])])
    if total == 0:
        return moments
    first, mean, spread = moments
    x = x - first
    own = (x * weights).sum(0) / total
    apart = own - mean
    between = apart.square() * (before * total / (before + total))
    within = ((x - own).square() * weights).sum(0)
    return torch.stack(
        [first, mean + apart * (total / (before + total)), spread + within + between]
    )


class _Explained(_OfColumns, abstract=True):
    """1 - missed / spread of each number to predict, and their mean.

    Where all targets are equal, it is 1 when every output meets its target, else 0.
    """

    multioutput: str = arg(
        default="uniform_average",
        choices=("uniform_average", "variance_weighted"),
        doc="whether numbers to predict count alike, or by their spread",
    )

    bounds = (-math.inf, 1)
    higher_is_better = True
    least_samples = 2

    def mean(self, missed: Tensor, spread: Tensor) -> float:
        """Shape: [numbers], both."""
        share = torch.where(spread == 0, (missed == 0).double(), 1 - missed / spread)
        share = share.where(missed == missed, missed)  # what is no number gives none
        if self.multioutput == "variance_weighted" and spread.any():
            return ((share * spread).sum() / spread.sum()).item()
        return share.mean().item()


class RSquared(_Explained, name="r2", known_as=("R2", "r2_score", "R2Score")):
    """1 - Σ(y - t)² / Σ(t - mean t)²: 1 is perfect, 0 no better than the mean.

    Of several numbers to predict, it is the mean of theirs. If all targets are equal, it is 1 when
    every output meets its target, else 0.
    """

    by_default = True
    is_common = True
    state = ("missed", "moments", "weight")

    def gather(self, y: Tensor, t: Tensor, weights: Tensor) -> None:
        missed = ((y - t).square() * weights).sum(0)
        self.missed: Tensor = self.missed + missed if self.count else missed
        self.moments: Tensor = widened(
            self.moments if self.count else None, self.weight, t, weights
        )

    def value(self) -> float:
        self.seen()
        return self.mean(self.missed, self.moments[2])


class ExplainedVariance(
    _Explained, name="explained_variance", known_as=("explained_variance_score",)
):
    """1 - Var(t - y) / Var(t): R², but an error that all outputs share does not count.

    Of several numbers to predict, it is the mean of theirs. If all targets are equal, it is 1 when
    the outputs differ from them all alike, else 0.
    """

    state = ("moments", "weight")

    def gather(self, y: Tensor, t: Tensor, weights: Tensor) -> None:
        both = torch.cat([t - y, t], 1)
        self.moments: Tensor = widened(
            self.moments if self.count else None, self.weight, both, weights
        )

    def value(self) -> float:
        self.seen()
        return self.mean(*self.moments[2].chunk(2))
