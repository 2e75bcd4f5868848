"""The losses in PyTorch."""

from __future__ import annotations

from netlang.catalogue.losses import MSE, CrossEntropy, SoftmaxCrossEntropy
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchLoss
from netlang.lowering.pytorch.table import lowers


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> TorchLoss:
    if loss.reduction == "mean":
        return TorchLoss("F.mse_loss(y, t)")
    total = 'F.mse_loss(y, t, reduction="sum")'
    return TorchLoss(total, per_sample="(loss(y, t) / len(y))")


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> TorchLoss:
    p = "y.clamp(max=1)"  # rounding puts some probabilities above 1
    hit, miss = f"torch.log({p} + {loss.eps})", f"torch.log(1 - {p} + {loss.eps})"
    return TorchLoss(f"-(t * {hit} + (1 - t) * {miss}).sum() / len(y)")


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> TorchLoss:
    if len(y.sizes) == 1:
        return TorchLoss("F.cross_entropy(y, t)", of_classes=True)
    return TorchLoss("-(t * F.log_softmax(y, dim=-1)).sum() / len(y)")
