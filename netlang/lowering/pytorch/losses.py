"""The losses in PyTorch."""

from __future__ import annotations

from netlang.catalogue.losses import MSE, CrossEntropy, SoftmaxCrossEntropy
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchLoss
from netlang.lowering.pytorch.lowerings import lowers


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> TorchLoss:
    if loss.reduction == "mean":
        return TorchLoss("F.mse_loss(y, t)")
    return TorchLoss('F.mse_loss(y, t, reduction="sum")', per_sample="(loss(y, t) / len(y))")


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> TorchLoss:
    return TorchLoss(f"cross_entropy(y, t, {loss.eps})", uses=(_CROSS_ENTROPY,))


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> TorchLoss:
    if len(y.sizes) == 1:
        return TorchLoss("F.cross_entropy(y, t)", of_classes=True)
    return TorchLoss("-(t * F.log_softmax(y, dim=-1)).sum() / len(y)")


# The gradient of clamp() would be 0 where netlang's is not.
_CROSS_ENTROPY = TorchDefinition(
    '''\
def cross_entropy(y, t, eps):
    """Of each output, a probability: summed over outputs, mean over samples."""
    y = y - (y - 1).clamp(min=0).detach()  # rounding puts some above 1
    return -(t * torch.log(y + eps) + (1 - t) * torch.log(1 - y + eps)).sum() / len(y)
'''
)
