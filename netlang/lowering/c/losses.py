"""The losses in C, but for those whose outputs have another shape than their targets."""

from __future__ import annotations

import re
from functools import partial

from netlang.catalogue.losses import (
    KL,
    MAE,
    MSE,
    NLL,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    LogCosh,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    SmoothL1,
    SoftmaxCrossEntropy,
)
from netlang.catalogue.losses.classes import ClassLoss
from netlang.catalogue.losses.reduced import ElementLoss, RowLoss
from netlang.catalogue.outputs import SumOfLosses
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ElementwiseLoss, LossKernel, RowwiseLoss
from netlang.lowering.c.lowerings import SEVERAL, lowers
from netlang.lowering.lowerings import Unsupported


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
def quantile(loss: Quantile, y: Shape) -> ElementwiseLoss | None:
    if isinstance(loss.q, tuple):
        return None
    return _of_elements(loss, y, "y > t ? 1 - q : y < t ? -q : y - t", q=loss.q)


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
def sigmoid_cross_entropy(loss: SigmoidCrossEntropy, y: Shape) -> ElementwiseLoss | None:
    if isinstance(loss.pos_weight, tuple):
        return None
    slope = "(1 - t) * SIGMOID(y) - pos_weight * t * SIGMOID(-y)"
    return _of_elements(loss, y, slope, pos_weight=loss.pos_weight)


def _of_rows(loss: RowLoss, slope: str, **constants: float) -> RowwiseLoss | None:
    """The gradient of a mean over all rows, or of their sum. Nothing here knows how much the class
    of each other row counts.
    """
    if isinstance(loss, ClassLoss) and not (loss.weight is None and loss.ignore is None):
        return None
    over = "for (int i = 0; i < n; i++) dy[i] /= rows;" if loss.is_mean else ""
    return RowwiseLoss(f"{slope}{over}", constants)


_SOFTMAX = """
        real top = y[0], total = 0, sum = 0;
        for (int i = 1; i < n; i++) top = y[i] > top ? y[i] : top;
        for (int i = 0; i < n; i++) sum += t[i];
        for (int i = 0; i < n; i++) dy[i] = EXP(y[i] - top);
        for (int i = 0; i < n; i++) total += dy[i];
"""


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> RowwiseLoss | None:
    if not loss.label_smoothing:
        slope = "for (int i = 0; i < n; i++) dy[i] = dy[i] / total * sum - t[i];\n"
        return _of_rows(loss, _SOFTMAX + slope)
    slope = """
        real part = smoothing * sum / n;
        for (int i = 0; i < n; i++)
            dy[i] = dy[i] / total * sum - (1 - smoothing) * t[i] - part;
"""
    return _of_rows(loss, _SOFTMAX + slope, smoothing=loss.label_smoothing)


@lowers(NLL)
def nll(loss: NLL, y: Shape) -> RowwiseLoss | None:
    return _of_rows(loss, "for (int i = 0; i < n; i++) dy[i] = -t[i];\n")


@lowers(KL)
def kl(loss: KL, y: Shape) -> RowwiseLoss | None:
    target = "EXP(t[i])" if loss.log_target else "t[i]"
    return _of_rows(loss, f"for (int i = 0; i < n; i++) dy[i] = -{target};\n")


@lowers(Hinge)
def hinge(loss: Hinge, y: Shape) -> RowwiseLoss | None:
    if y.last == 1:
        return _hinge_of_one(loss, y)
    step = "less > 0 ? share : 0" if loss.p == 1 else "less > 0 ? 2 * less * share : 0"
    slope = f"""
        for (int i = 0; i < n; i++) dy[i] = 0;
        for (int c = 0; c < n; c++) {{
            real share = t[c] / n, sum = 0;
            if (share == 0) continue;
            for (int i = 0; i < n; i++) {{
                if (i == c) continue;
                real less = margin - y[c] + y[i];
                real step = {step};
                dy[i] += step;
                sum += step;
            }}
            dy[c] -= sum;
        }}
"""
    return _of_rows(loss, slope, margin=loss.margin)


def _hinge_of_one(loss: Hinge, y: Shape) -> RowwiseLoss | None:
    """One output is above 0 for the second of two classes."""
    if len(y.sizes) > 1:
        return None  # where a target of 0 may be none
    first, second = ("1", "1") if loss.p == 1 else ("2 * high", "2 * low")
    slope = f"""
        real high = margin + y[0], low = margin - y[0];
        dy[0] = (1 - t[0]) * (high > 0 ? {first} : 0) - t[0] * (low > 0 ? {second} : 0);
"""
    return _of_rows(loss, slope, margin=loss.margin)


@lowers(SumOfLosses)
def sum_of_losses(loss: SumOfLosses, y: Shape) -> LossKernel:
    """Losses of one output, each times a number.  Raises Unsupported for those of several, and for
    sums of losses that C has row by row.
    """
    if loss.parts:
        raise Unsupported(SEVERAL)
    kernels: list[LossKernel] = [lowers.lowered(term.loss, y) for term in loss.terms]
    weights = [term.weight for term in loss.terms]
    if isinstance(kernels[0], RowwiseLoss) and len(kernels) == 1:
        times = "for (int i = 0; i < n; i++) dy[i] *= loss_weight;"
        constants = {**kernels[0].constants, "loss_weight": weights[0]}
        return RowwiseLoss(f"{kernels[0].gradient}\n{times}", constants)
    texts, constants = [], {}
    for number, (kernel, weight) in enumerate(zip(kernels, weights, strict=True)):
        if isinstance(kernel, RowwiseLoss):
            raise Unsupported(f"C adds no {loss.terms[number].loss.name} to other losses")
        named = {f"{name}_{number}": value for name, value in kernel.constants.items()}
        text = re.sub(r"\b[a-z_]+\b", partial(_numbered, kernel, number), kernel.gradient)
        texts.append(f"loss_weight_{number} * ({text})")
        constants |= {**named, f"loss_weight_{number}": weight}
    return ElementwiseLoss(" + ".join(texts), constants)


def _numbered(kernel: LossKernel, number: int, name: re.Match[str]) -> str:
    """The kernel's own constants have names of their own in a sum."""
    return f"{name[0]}_{number}" if name[0] in kernel.constants else name[0]
