"""The losses in C."""

from __future__ import annotations

from netlang.catalogue.losses import MSE, CrossEntropy, SoftmaxCrossEntropy
from netlang.catalogue.outputs import SumOfLosses
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ElementwiseLoss, LossKernel, RowwiseLoss
from netlang.lowering.c.lowerings import SEVERAL, lowers
from netlang.lowering.lowerings import Unsupported


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> ElementwiseLoss:
    if loss.reduction == "sum":
        return ElementwiseLoss("2 * (y - t)")
    return ElementwiseLoss("(y - t) * (2 / (batch * size))", {"size": y.size})


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> ElementwiseLoss:
    p = "(y > 1 ? 1 : y)"  # rounding puts some probabilities above 1
    gradient = f"({p} - t + eps * (1 - 2 * t)) / (({p} + eps) * (1 - {p} + eps) * batch)"
    return ElementwiseLoss(gradient, {"eps": loss.eps})


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> RowwiseLoss:
    return RowwiseLoss("""
        real top = y[0], total = 0, sum = 0;
        for (int i = 1; i < n; i++) top = y[i] > top ? y[i] : top;
        for (int i = 0; i < n; i++) sum += t[i];
        for (int i = 0; i < n; i++) dy[i] = EXP(y[i] - top);
        for (int i = 0; i < n; i++) total += dy[i];
        for (int i = 0; i < n; i++) dy[i] = (dy[i] / total * sum - t[i]) / rows;""")


@lowers(SumOfLosses)
def weighted(loss: SumOfLosses, y: Shape) -> LossKernel:
    """A loss times a number.  Raises Unsupported for the losses of several outputs."""
    if loss.parts:
        raise Unsupported(SEVERAL)
    (term,) = loss.terms
    kernel: LossKernel = lowers.lowered(term.loss, y)
    constants = {**kernel.constants, "loss_weight": term.weight}
    if isinstance(kernel, ElementwiseLoss):
        return ElementwiseLoss(f"loss_weight * ({kernel.gradient})", constants)
    times = "for (int i = 0; i < n; i++) dy[i] *= loss_weight;"
    return RowwiseLoss(f"{kernel.gradient}\n{times}", constants)
