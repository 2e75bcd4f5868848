"""Metrics of how far predicted numbers are from true ones, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import (
    ExplainedVariance,
    MaxError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MedianAbsoluteError,
    RootMeanSquaredError,
    RSquared,
)
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers


@lowers(MeanSquaredError)
def mean_squared_error(metric: MeanSquaredError, y: Shape) -> TorchMetric:
    return TorchMetric("F.mse_loss(y.double(), t.double())")


@lowers(MeanAbsoluteError)
def mean_absolute_error(metric: MeanAbsoluteError, y: Shape) -> TorchMetric:
    return TorchMetric("F.l1_loss(y.double(), t.double())")


@lowers(MeanAbsolutePercentageError)
def mean_absolute_percentage_error(metric: MeanAbsolutePercentageError, y: Shape) -> TorchMetric:
    return TorchMetric("mape(y, t)", (_MAPE,))


@lowers(MedianAbsoluteError)
def median_absolute_error(metric: MedianAbsoluteError, y: Shape) -> TorchMetric:
    return TorchMetric("median_absolute_error(y, t)", (_MEDIAN_ABSOLUTE_ERROR,))


@lowers(RootMeanSquaredError)
def root_mean_squared_error(metric: RootMeanSquaredError, y: Shape) -> TorchMetric:
    return TorchMetric("rmse(y, t)", (_RMSE,))


@lowers(MaxError)
def max_error(metric: MaxError, y: Shape) -> TorchMetric:
    return TorchMetric("(y.double() - t.double()).abs().max()")


@lowers(RSquared)
def r_squared(metric: RSquared, y: Shape) -> TorchMetric:
    return TorchMetric(f"r2(y, t{_how(metric.multioutput)})", (_EXPLAINED, _R2))


@lowers(ExplainedVariance)
def explained_variance(metric: ExplainedVariance, y: Shape) -> TorchMetric:
    text = f"explained_variance(y, t{_how(metric.multioutput)})"
    return TorchMetric(text, (_EXPLAINED, _EXPLAINED_VARIANCE))


def _how(multioutput: str) -> str:
    return ", by_spread=True" if multioutput == "variance_weighted" else ""


_MAPE = TorchDefinition(
    '''\
def mape(y, t):
    """The mean of |y - t| / |t|."""
    y, t = y.double(), t.double()
    return ((y - t).abs() / t.abs().clamp(min=torch.finfo(t.dtype).eps)).mean()
'''
)

_MEDIAN_ABSOLUTE_ERROR = TorchDefinition(
    '''\
def median_absolute_error(y, t):
    """The median of |y - t|; of several numbers, the mean of theirs."""
    errors = (y.double() - t.double()).abs()
    if errors.isnan().any():
        return torch.tensor(math.nan)
    errors, count = errors.sort(0).values, len(errors)
    return ((errors[(count - 1) // 2] + errors[count // 2]) / 2).mean()
'''
)

_RMSE = TorchDefinition(
    '''\
def rmse(y, t):
    """The root of the mean square; of several numbers to predict, the mean of their roots."""
    squares = (y.double() - t.double()) ** 2
    return squares.mean(0).sqrt().mean()
'''
)

_EXPLAINED = TorchDefinition(
    '''\
def variance(y):
    """That of each column; exactly 0 where all numbers are equal."""
    return torch.where((y == y[0]).all(0), 0.0, y.var(0, correction=0))


def explained(missed, t, by_spread=False):
    """1 - missed / spread of each number to predict, and its mean."""
    spread = variance(t)
    each = torch.where(spread == 0, (missed == 0).double(), 1 - missed / spread)
    if by_spread and spread.any():
        return (each * spread).sum() / spread.sum()
    return each.mean()
'''
)

_R2 = TorchDefinition(
    '''\
def r2(y, t, by_spread=False):
    """1 - the mean square of what is missed, by the variance of the targets."""
    y, t = y.double(), t.double()
    return explained(((y - t) ** 2).mean(0), t, by_spread)
'''
)

_EXPLAINED_VARIANCE = TorchDefinition(
    '''\
def explained_variance(y, t, by_spread=False):
    """1 - Var(t - y) / Var(t)."""
    y, t = y.double(), t.double()
    return explained(variance(t - y), t, by_spread)
'''
)
