"""The metrics in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import (
    Accuracy,
    LabelAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    RSquared,
)
from netlang.catalogue.targets import NO_CLASS
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Accuracy)
def accuracy(metric: Accuracy, y: Shape) -> str:
    if len(y.sizes) == 1:
        right = "(y.squeeze(1) > 0.5) == t" if y.size == 1 else "y.argmax(1) == t"
        return f"({right}).double().mean()"
    right = "(y.squeeze(-1) > 0.5) == t" if y.sizes[-1] == 1 else "y.argmax(-1) == t"
    return f"({right})[t != {NO_CLASS}].double().mean()"


@lowers(LabelAccuracy)
def label_accuracy(metric: LabelAccuracy, y: Shape) -> str:
    return "((y > 0.5) == (t > 0.5)).double().mean()"


@lowers(MeanSquaredError)
def mean_squared_error(metric: MeanSquaredError, y: Shape) -> str:
    return "F.mse_loss(y.double(), t.double())"


@lowers(MeanAbsoluteError)
def mean_absolute_error(metric: MeanAbsoluteError, y: Shape) -> str:
    return "F.l1_loss(y.double(), t.double())"


@lowers(RSquared)
def r_squared(metric: RSquared, y: Shape) -> str:
    missed = "F.mse_loss(y.double(), t.double())"
    spread = "t.double().var(0, correction=0).mean()"
    return f"torch.where((t == t[0]).all(), (y == t).all(), 1 - {missed} / {spread})"
