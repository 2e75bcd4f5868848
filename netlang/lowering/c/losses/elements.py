"""Losses of each output by itself in C: what each adds to the gradient of the outputs."""

from __future__ import annotations

from netlang.catalogue.losses import (
    MAE,
    MSE,
    BinaryCrossEntropy,
    CrossEntropy,
    GaussianNLL,
    Huber,
    LogCosh,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    SmoothL1,
)
from netlang.catalogue.losses.reduced import ElementLoss
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ElementwiseLoss, RowwiseLoss, Tables
from netlang.lowering.c.losses.texts import lines
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import row_sizes


def _of_elements(loss: ElementLoss, y: Shape, slope: str, **constants: float) -> ElementwiseLoss:
    """The gradient of a mean over all outputs, or of their sum."""
    if not loss.is_mean:
        return ElementwiseLoss(slope, constants)
    return ElementwiseLoss(f"({slope}) * (1 / (batch * size))", {**constants, "size": y.size})


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> ElementwiseLoss:
    return _of_elements(loss, y, "2 * (y - t)")


_SIGN = "y > t ? 1 : y < t ? -1 : y - t"  # of what is no number, that is no number


@lowers(MAE)
def mae(loss: MAE, y: Shape) -> ElementwiseLoss:
    return _of_elements(loss, y, _SIGN)


@lowers(Huber)
def huber(loss: Huber, y: Shape) -> ElementwiseLoss:
    slope = "y - t > delta ? delta : y - t < -delta ? -delta : y - t"
    return _of_elements(loss, y, slope, delta=loss.delta)


@lowers(SmoothL1)
def smooth_l1(loss: SmoothL1, y: Shape) -> ElementwiseLoss:
    if not loss.beta:
        return _of_elements(loss, y, _SIGN)
    slope = "y - t > beta ? 1 : y - t < -beta ? -1 : (y - t) / beta"
    return _of_elements(loss, y, slope, beta=loss.beta)


@lowers(LogCosh)
def log_cosh(loss: LogCosh, y: Shape) -> ElementwiseLoss:
    return _of_elements(loss, y, "TANH(y - t)")


@lowers(Quantile)
def quantile(loss: Quantile, y: Shape) -> ElementwiseLoss | RowwiseLoss:
    if not isinstance(loss.q, tuple):
        return _of_elements(loss, y, "y > t ? 1 - q : y < t ? -q : y - t", q=loss.q)
    # The outputs of the first quantile come first.
    slope = """
        for (int i = 0; i < n; i++) {
            const real q = shares[i / numbers], d = y[i] - t[i % numbers];
            dy[i] = d > 0 ? 1 - q : d < 0 ? -q : d;
        }
"""
    numbers = row_sizes(y)[1] // len(loss.q)
    return _of_each_in_rows(loss, y, slope, {"shares": loss.q}, numbers=numbers)


def _of_each_in_rows(
    loss: ElementLoss, y: Shape, slope: str, tables: Tables, **constants: float
) -> RowwiseLoss:
    """The same of an output that depends on its place in the row."""
    mean = "for (int i = 0; i < n; i++) dy[i] *= 1 / (batch * size);" if loss.is_mean else ""
    size = y.size // loss.outputs_per_number if isinstance(loss, GaussianNLL) else y.size
    return RowwiseLoss(lines(slope, mean), {**constants, "size": size}, tables)


@lowers(GaussianNLL)
def gaussian_nll(loss: GaussianNLL, y: Shape) -> RowwiseLoss:
    slope = """
        /* by the mean m: (m - t) / v, and by the variance v: (1 - (m - t)^2 / v) / 2v */
        for (int i = 0; i < n / 2; i++) {
            const real v = y[n / 2 + i] < eps ? eps : y[n / 2 + i], d = (y[i] - t[i]) / v;
            dy[i] = d;
            dy[n / 2 + i] = (1 / v - d * d) / 2;
        }
"""
    return _of_each_in_rows(loss, y, slope, {}, eps=loss.eps)


@lowers(PoissonNLL)
def poisson_nll(loss: PoissonNLL, y: Shape) -> ElementwiseLoss:
    if loss.log_input:
        return _of_elements(loss, y, "EXP(y) - t")
    return _of_elements(loss, y, "1 - t / (y + eps)", eps=loss.eps)


_PROBABILITY = "(y > 1 ? 1 : y)"  # rounding puts some above 1


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> ElementwiseLoss:
    p = _PROBABILITY
    samples = " * batch" if loss.is_mean else ""
    gradient = f"({p} - t + eps * (1 - 2 * t)) / (({p} + eps) * (1 - {p} + eps){samples})"
    return ElementwiseLoss(gradient, {"eps": loss.eps})


@lowers(BinaryCrossEntropy)
def binary_cross_entropy(loss: BinaryCrossEntropy, y: Shape) -> ElementwiseLoss:
    p = _PROBABILITY
    both = f"(1 - {p}) * {p}"
    slope = f"({p} - t) / ({both} < least ? least : {both})"
    return _of_elements(loss, y, slope, least=1e-12)


@lowers(SigmoidCrossEntropy)
def sigmoid_cross_entropy(loss: SigmoidCrossEntropy, y: Shape) -> ElementwiseLoss | RowwiseLoss:
    slope = "(1 - t) * SIGMOID(y) - pos_weight * t * SIGMOID(-y)"
    if not isinstance(loss.pos_weight, tuple):
        return _of_elements(loss, y, slope, pos_weight=loss.pos_weight)
    each = """
        for (int i = 0; i < n; i++)
            dy[i] = (1 - t[i]) * SIGMOID(y[i]) - pos_weight[i] * t[i] * SIGMOID(-y[i]);
"""
    return _of_each_in_rows(loss, y, each, {"pos_weight": loss.pos_weight})
