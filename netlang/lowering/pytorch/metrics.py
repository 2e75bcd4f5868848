"""The metrics in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import (
    Accuracy,
    LabelAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    RSquared,
)
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Accuracy)
def accuracy(metric: Accuracy, outputs: int) -> str:
    right = "(y.squeeze(1) > 0.5) == t" if outputs == 1 else "y.argmax(1) == t"
    return f"({right}).double().mean()"


@lowers(LabelAccuracy)
def label_accuracy(metric: LabelAccuracy, outputs: int) -> str:
    return "((y > 0.5) == (t > 0.5)).double().mean()"


@lowers(MeanSquaredError)
def mean_squared_error(metric: MeanSquaredError, outputs: int) -> str:
    return "(y.double() - t).square().mean()"


@lowers(MeanAbsoluteError)
def mean_absolute_error(metric: MeanAbsoluteError, outputs: int) -> str:
    return "(y.double() - t).abs().mean()"


@lowers(RSquared)
def r_squared(metric: RSquared, outputs: int) -> str:
    missed = "(y - t.double()).square().sum()"
    spread = "(t - t.mean(0, dtype=torch.float64)).square().sum()"
    return f"torch.where((t == t[0]).all(), (y == t).all(), 1 - {missed} / {spread})"
