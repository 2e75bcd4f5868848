"""The losses in PyTorch."""

from __future__ import annotations

from netlang.catalogue.losses import MSE, CrossEntropy, SoftmaxCrossEntropy
from netlang.catalogue.outputs import SumOfLosses
from netlang.catalogue.targets import NO_CLASS
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchLoss
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.several import shape_of, summand


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> TorchLoss:
    each = f"((y - t) ** 2).flatten(1).{loss.reduction}(1)"
    if loss.reduction == "mean":
        return TorchLoss("F.mse_loss(y, t)", each)
    text = 'F.mse_loss(y, t, reduction="sum")'
    return TorchLoss(text, each, per_sample="(loss(y, t) / len(y))")


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> TorchLoss:
    each = f"cross_entropy(y, t, {loss.eps})"
    return TorchLoss(f"{each}.sum() / len(y)", each, uses=(_CROSS_ENTROPY,))


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> TorchLoss:
    if len(y.sizes) == 1:
        each = 'F.cross_entropy(y, t, reduction="none")'
        return TorchLoss("F.cross_entropy(y, t)", each, of_classes=True)
    rows = f"F.cross_entropy(y.flatten(0, -2), t.flatten(), ignore_index={NO_CLASS}"
    each = f'{rows}, reduction="none").view(len(y), -1).mean(1)'
    return TorchLoss(f"{rows})", each, of_classes=True)


@lowers(SumOfLosses)
def sum_of_losses(loss: SumOfLosses, y: Shape) -> TorchLoss:
    said = [(term, lowers.lowered(term.loss, shape_of(term.part, y))) for term in loss.terms]
    found = [summand(term, one) for term, one in said]
    text, per_sample = (
        " + ".join(texts)
        for texts in zip(*((one.text, one.per_sample) for one in found), strict=True)
    )
    each = " + ".join(one.each for one in found) if all(one.each for one in found) else ""
    uses = tuple(definition for one in found for definition in one.uses)
    of_classes = found[0].of_classes
    return TorchLoss(text, each and f"({each})", f"({per_sample})", of_classes, uses)


# The gradient of clamp() would be 0 where netlang's is not.
_CROSS_ENTROPY = TorchDefinition(
    '''\
def cross_entropy(y, t, eps):
    """Of each output, a probability: summed over the outputs of each sample."""
    y = y - (y - 1).clamp(min=0).detach()  # rounding puts some above 1
    likelihood = t * torch.log(y + eps) + (1 - t) * torch.log(1 - y + eps)
    return -likelihood.flatten(1).sum(1)
'''
)
