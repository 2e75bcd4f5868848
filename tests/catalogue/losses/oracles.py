"""Each loss as PyTorch has it, or said in torch's tensors in another way where it has none."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Oracle = Callable[[Any, Tensor, Tensor], Tensor]


def quantile(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    each = loss.q if isinstance(loss.q, tuple) else (loss.q,)
    found = [
        torch.maximum(q * (t - one), (q - 1) * (t - one))
        for q, one in zip(each, y.chunk(len(each), -1), strict=True)
    ]
    return torch.stack(found).mean() if loss.is_mean else torch.stack(found).sum()


def gaussian(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    mean, variance = y.chunk(2, -1)
    how = {"full": loss.full, "eps": loss.eps, "reduction": loss.reduction}
    return functional.gaussian_nll_loss(mean, t, variance, **how)


def poisson(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    how = {"log_input": loss.log_input, "full": loss.full, "eps": loss.eps}
    return functional.poisson_nll_loss(y, t, **how, reduction=loss.reduction)


def paper(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    each = -(t * torch.log(y + loss.eps) + (1 - t) * torch.log(1 - y + loss.eps))
    return each.sum() / (len(y) if loss.is_mean else 1)


def sigmoid(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    weight = torch.tensor(loss.pos_weight, dtype=y.dtype)
    how = {"pos_weight": weight, "reduction": loss.reduction}
    return functional.binary_cross_entropy_with_logits(y, t, **how)


def _of_classes(loss: Any, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor, dict[str, Any]]:
    """Torch has classes in dimension 1."""
    how: dict[str, Any] = {"reduction": loss.reduction}
    if loss.weight is not None:
        how["weight"] = torch.tensor(loss.weight, dtype=y.dtype)
    t = t if t.dim() < y.dim() else t.movedim(-1, 1)
    return y.movedim(-1, 1), t, how


def softmax(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    ignored = {} if loss.ignore is None or t.dim() == y.dim() else {"ignore_index": loss.ignore}
    y, t, how = _of_classes(loss, y, t)
    how["label_smoothing"] = loss.label_smoothing
    return functional.cross_entropy(y, t, **how, **ignored)


def nll(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    y, t, how = _of_classes(loss, y, t)
    return functional.nll_loss(
        y, t, ignore_index=-100 if loss.ignore is None else loss.ignore, **how
    )


def focal(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    """With one output, torchvision's sigmoid_focal_loss."""
    if y.shape[-1] == 1:
        t = t.double().view_as(y)
        p = torch.sigmoid(y)
        of_true = p * t + (1 - p) * (1 - t)
        ce = functional.binary_cross_entropy_with_logits(y, t, reduction="none")
        each = ce * (1 - of_true) ** loss.gamma
        if loss.alpha is not None:
            each = each * (loss.alpha * t + (1 - loss.alpha) * (1 - t))
    else:
        p = torch.softmax(y, -1).gather(-1, t.unsqueeze(-1)).squeeze(-1)
        each = -((1 - p) ** loss.gamma) * p.log()
        weight = (1 - loss.alpha, loss.alpha) if loss.alpha is not None else loss.weight
        if weight is not None:
            each = each * torch.tensor(weight, dtype=y.dtype)[t]
    return each.mean() if loss.is_mean else each.sum()


def hinge(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    if y.shape[-1] == 1:
        sign = 2 * t.double().view_as(y) - 1
        each = (loss.margin - sign * y).clamp(min=0) ** loss.p
        return each.mean() if loss.is_mean else each.sum()
    weight = None if loss.weight is None else torch.tensor(loss.weight, dtype=y.dtype)
    how = {"p": loss.p, "margin": loss.margin, "weight": weight, "reduction": loss.reduction}
    return functional.multi_margin_loss(y.flatten(0, -2), t.flatten(), **how)


def kl(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    total = functional.kl_div(y, t, reduction="sum", log_target=loss.log_target)
    return total / math.prod(y.shape[:-1]) if loss.is_mean else total


def cosine(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    how = {"margin": loss.margin, "reduction": loss.reduction}
    return functional.cosine_embedding_loss(*y.unbind(1), 2 * t - 1, **how)


def triplet(loss: Any, y: Tensor, t: Tensor) -> Tensor:
    anchor, one, other = y.unbind(1)
    swapped = (t == 1).unsqueeze(-1)
    near, far = torch.where(swapped, other, one), torch.where(swapped, one, other)
    how = {"margin": loss.margin, "p": loss.p, "eps": loss.eps, "swap": loss.swap}
    return functional.triplet_margin_loss(anchor, near, far, reduction=loss.reduction, **how)


ORACLES: dict[str, Oracle] = {
    "MSE": lambda loss, y, t: functional.mse_loss(y, t, reduction=loss.reduction),
    "MAE": lambda loss, y, t: functional.l1_loss(y, t, reduction=loss.reduction),
    "Huber": lambda loss, y, t: functional.huber_loss(y, t, loss.reduction, loss.delta),
    "SmoothL1": lambda loss, y, t: functional.smooth_l1_loss(
        y, t, reduction=loss.reduction, beta=loss.beta
    ),
    "LogCosh": lambda loss, y, t: torch.log(torch.cosh(y - t)).mean(),
    "Quantile": quantile,
    "GaussianNLL": gaussian,
    "PoissonNLL": poisson,
    "CrossEntropy": paper,
    "BinaryCrossEntropy": lambda loss, y, t: functional.binary_cross_entropy(
        y, t, reduction=loss.reduction
    ),
    "SigmoidCrossEntropy": sigmoid,
    "SoftmaxCrossEntropy": softmax,
    "NLL": nll,
    "Focal": focal,
    "Hinge": hinge,
    "KL": kl,
    "CosineEmbedding": cosine,
    "Triplet": triplet,
}

# Those whose oracle takes class numbers alone.
OF_CLASS_NUMBERS = {"NLL", "Focal", "Hinge", "CosineEmbedding", "Triplet"}
