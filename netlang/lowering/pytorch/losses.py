"""The losses in PyTorch."""

from __future__ import annotations

from typing import Any

from netlang.catalogue.losses import (
    KL,
    MAE,
    MSE,
    NLL,
    BinaryCrossEntropy,
    CosineEmbedding,
    CrossEntropy,
    Focal,
    GaussianNLL,
    Hinge,
    Huber,
    LogCosh,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    SmoothL1,
    SoftmaxCrossEntropy,
    Triplet,
)
from netlang.catalogue.losses.class_loss import ClassLoss
from netlang.catalogue.losses.classes import LikelihoodLoss
from netlang.catalogue.losses.reduced import ReducedLoss
from netlang.catalogue.outputs import SumOfLosses
from netlang.catalogue.p_norms import largest_size, p_norm
from netlang.catalogue.targets import NO_CLASS
from netlang.language.shapes import Shape
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchLoss
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.several import as_classes, shape_of, summand

_AS_ONE = "(loss(y, t) / len(y))"  # per sample, of a sum


def _of_torch(loss: ReducedLoss, call: str, **more: Any) -> TorchLoss:
    """A loss of torch's whose mean is over all elements; ``call`` lacks its last bracket."""
    each = f'{call}, reduction="none").flatten(1).{loss.reduction}(1)'
    if loss.is_mean:
        return TorchLoss(f"{call})", each, **more)
    return TorchLoss(f'{call}, reduction="sum")', each, _AS_ONE, **more)


def _of_own(loss: ReducedLoss, call: str, own: TorchDefinition, **more: Any) -> TorchLoss:
    """A loss that torch has not, as a ``call`` of a function that gives the numbers of all elements
    or rows, of which it is the mean or the sum.
    """
    each = f"{call}.reshape(len(y), -1).{loss.reduction}(1)"
    per_sample = "loss(y, t)" if loss.is_mean else _AS_ONE
    return TorchLoss(f"{call}.{loss.reduction}()", each, per_sample, uses=(own,), **more)


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> TorchLoss:
    return _of_torch(loss, "F.mse_loss(y, t")


@lowers(MAE)
def mae(loss: MAE, y: Shape) -> TorchLoss:
    return _of_torch(loss, "F.l1_loss(y, t")


@lowers(Huber)
def huber(loss: Huber, y: Shape) -> TorchLoss:
    return _of_torch(loss, f"F.huber_loss(y, t, delta={loss.delta}")


@lowers(SmoothL1)
def smooth_l1(loss: SmoothL1, y: Shape) -> TorchLoss:
    return _of_torch(loss, f"F.smooth_l1_loss(y, t, beta={loss.beta}")


@lowers(LogCosh)
def log_cosh(loss: LogCosh, y: Shape) -> TorchLoss:
    return _of_own(loss, "log_cosh(y - t)", _LOG_COSH)


_LOG_COSH = TorchDefinition(
    '''\
def log_cosh(d):
    """log(cosh(d)), which is exact near 0 and does not overflow far from it."""
    near, d = torch.log1p(2 * torch.sinh(d.clamp(-1, 1) / 2) ** 2), d.abs()
    return torch.where(d < 1, near, d + torch.log1p(torch.exp(-2 * d)) - math.log(2))
'''
)


@lowers(Quantile)
def quantile(loss: Quantile, y: Shape) -> TorchLoss:
    each = loss.q if isinstance(loss.q, tuple) else (loss.q,)
    own = f"quantile_losses(y, t, {literal(each)})"
    parts = f"y.chunk({len(each)}, -1)"
    middle = min(range(len(each)), key=lambda index: abs(each[index] - 0.5))
    prediction = f"{parts}[{middle}]" if len(each) > 1 else "y"
    return _of_own(loss, own, _QUANTILES, prediction=prediction)


_QUANTILES = TorchDefinition(
    '''\
def quantile_losses(y, t, shares):
    """Of each output: those of the first quantile come first."""
    below = [t - one for one in y.chunk(len(shares), -1)]
    found = [torch.maximum(q * d, (q - 1) * d) for q, d in zip(shares, below)]
    return torch.cat(found, -1)
'''
)


@lowers(GaussianNLL)
def gaussian_nll(loss: GaussianNLL, y: Shape) -> TorchLoss:
    own = f"gaussian_nll(y, t, {loss.full}, {loss.eps})"
    return _of_own(loss, own, _GAUSSIAN, prediction="y.chunk(2, -1)[0]")


# Torch refuses variances below 0.
_GAUSSIAN = TorchDefinition(
    '''\
def gaussian_nll(y, t, full, eps):
    """Of each number: the means come first in y, the variances behind them."""
    mean, variance = y.chunk(2, -1)
    variance = variance + (eps - variance).clamp(min=0).detach()
    return F.gaussian_nll_loss(mean, t, variance, full, eps, reduction="none")
'''
)


@lowers(PoissonNLL)
def poisson_nll(loss: PoissonNLL, y: Shape) -> TorchLoss:
    how = f"log_input={loss.log_input}, full={loss.full}, eps={loss.eps}"
    prediction = "y.exp()" if loss.log_input else "y"
    return _of_torch(loss, f"F.poisson_nll_loss(y, t, {how}", prediction=prediction)


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> TorchLoss:
    each = f"cross_entropy(y, t, {loss.eps})"
    if loss.is_mean:
        return TorchLoss(f"{each}.sum() / len(y)", each, uses=(_CROSS_ENTROPY,))
    return TorchLoss(f"{each}.sum()", each, _AS_ONE, uses=(_CROSS_ENTROPY,))


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


@lowers(BinaryCrossEntropy)
def binary_cross_entropy(loss: BinaryCrossEntropy, y: Shape) -> TorchLoss:
    probability = "y - (y - 1).clamp(min=0).detach()"  # rounding puts some above 1
    return _of_torch(loss, f"F.binary_cross_entropy({probability}, t")


@lowers(SigmoidCrossEntropy)
def sigmoid_cross_entropy(loss: SigmoidCrossEntropy, y: Shape) -> TorchLoss:
    weight = loss.pos_weight
    said = f", pos_weight=y.new_tensor({literal(weight)})" if weight != 1 else ""
    call = f"F.binary_cross_entropy_with_logits(y, t{said}"
    about = {"prediction": "torch.sigmoid(y)", "probabilities": "torch.sigmoid(y.double())"}
    return _of_torch(loss, call, **about)


def _weights(loss: ClassLoss) -> str:
    return f"y.new_tensor({literal(loss.weight)})"


def _of_classes(loss: LikelihoodLoss, y: Shape, function: str, *more: str) -> TorchLoss:
    """A loss of torch's whose mean is over rows, or over the weights of their classes."""
    rows, t = ("y", "t") if len(y.sizes) == 1 else ("y.flatten(0, -2)", "t.flatten()")
    if len(y.sizes) > 1 and loss.ignore is not None:
        t += f".masked_fill(t.flatten() == {loss.ignore}, {NO_CLASS})"  # one number is ignored
    ignored = NO_CLASS if len(y.sizes) > 1 else loss.ignore
    how = [f"ignore_index={ignored}"] if ignored is not None else []
    how += [f"weight={_weights(loss)}"] if loss.weight is not None else []
    call = f"{function}({', '.join([rows, t, *how, *more])}"
    each = f'{call}, reduction="none")'
    if len(y.sizes) > 1:
        each += ".view(len(y), -1).sum(1)"
    if not loss.is_mean:
        return TorchLoss(f'{call}, reduction="sum")', each, _AS_ONE, of_classes=True)
    counts = _counts(loss, t, ignored)
    if not counts:
        return TorchLoss(f"{call})", each, of_classes=True)
    each = f"({each} * (len(y) / {counts}.sum()))"
    return TorchLoss(f"{call})", each, of_classes=True, counts=f"{counts}.sum()")


def _counts(loss: LikelihoodLoss, t: str, ignored: int | None) -> str:
    """How much each row counts in the mean; nothing where all count the same."""
    said = f"({t} != {ignored})" if ignored is not None else ""
    if loss.weight is None:
        return said
    return f"({_weights(loss)}[{t}.clamp(min=0)] * {said})" if said else f"{_weights(loss)}[{t}]"


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> TorchLoss:
    smoothing = [f"label_smoothing={loss.label_smoothing}"] if loss.label_smoothing else []
    found = _of_classes(loss, y, "F.cross_entropy", *smoothing)
    of_shares = loss.weight is None and loss.ignore is None  # else torch weighs shares otherwise
    return found.replace(probabilities="y.double().softmax(-1)", of_shares=of_shares)


@lowers(NLL)
def nll(loss: NLL, y: Shape) -> TorchLoss:
    return _of_classes(loss, y, "F.nll_loss").replace(probabilities="y.double().exp()")


@lowers(Focal)
def focal(loss: Focal, y: Shape) -> TorchLoss:
    weight = (1 - loss.alpha, loss.alpha) if loss.alpha is not None else loss.weight
    said = None if weight is None else f"y.new_tensor({literal(weight)})"
    function = "sigmoid()" if y.last == 1 else "softmax(-1)"
    found = _masked(loss, y, f"focal_losses(y, t, {loss.gamma}, {said}", _FOCAL)
    return found.replace(probabilities=f"y.double().{function}")


def _masked(loss: ClassLoss, y: Shape, call: str, own: TorchDefinition) -> TorchLoss:
    """A loss that torch has not, of rows of which some may say nothing."""
    prediction = "torch.sigmoid(y)" if isinstance(loss, Focal) else "(1 + y) / 2"
    prediction = prediction if y.last == 1 else "y"
    t = "t" if loss.ignore is None else f"t.masked_fill(t == {loss.ignore}, {NO_CLASS})"
    rows = f"{call})".replace("(y, t,", f"(y, {t},", 1)
    how = f"{rows}.reshape(len(y), -1)"
    if not loss.is_mean:
        each = f"{how}.sum(1)"
        return TorchLoss(f"{rows}.sum()", each, _AS_ONE, True, (own,), prediction)
    if len(y.sizes) == 1 and loss.ignore is None:
        return TorchLoss(
            f"{rows}.mean()", f"{how}.mean(1)", uses=(own,), of_classes=True, prediction=prediction
        )
    said = f"({t} != {NO_CLASS})"
    counts = f"{said}.sum().clamp(min=1)"
    text, each = f"{rows}.sum() / {counts}", f"({how}.sum(1) * (len(y) / {counts}))"
    found = TorchLoss(text, each, of_classes=True, uses=(own,), prediction=prediction)
    return found.replace(counts=counts)


_FOCAL = TorchDefinition(
    f'''\
def focal_losses(y, t, gamma, weight=None):
    """Of each row of logits; one output is that of the second of two classes."""
    if y.shape[-1] == 1:
        y = torch.cat([torch.zeros_like(y), y], -1)
    of_true = F.log_softmax(y, -1).gather(-1, t.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    found = -((-torch.expm1(of_true)) ** gamma) * of_true
    if weight is not None:
        found = found * weight[t.clamp(min=0)]
    return found.masked_fill(t == {NO_CLASS}, 0)
'''
)


@lowers(Hinge)
def hinge(loss: Hinge, y: Shape) -> TorchLoss:
    said = None if loss.weight is None else _weights(loss)
    found = _masked(loss, y, f"hinge_losses(y, t, {loss.p}, {loss.margin}, {said}", _HINGE)
    return found if y.last == 1 else found.replace(probabilities="y.double().softmax(-1)")


_HINGE = TorchDefinition(
    f'''\
def hinge_losses(y, t, p, margin, weight=None):
    """Of each row of scores; one output is above 0 for the second of two classes."""
    true = t.clamp(min=0)
    if y.shape[-1] == 1:
        found = (margin - (2 * true - 1) * y.squeeze(-1)).clamp(min=0) ** p
        found = found if weight is None else found * weight[true]
    else:
        how = {{"p": p, "margin": margin, "weight": weight, "reduction": "none"}}
        found = F.multi_margin_loss(y.flatten(0, -2), true.flatten(), **how).view_as(t)
    return found.masked_fill(t == {NO_CLASS}, 0)
'''
)


@lowers(KL)
def kl(loss: KL, y: Shape) -> TorchLoss:
    target = ", log_target=True" if loss.log_target else ""
    call = f'F.kl_div(y, t{target}, reduction="none").sum(-1)'
    each = f"{call}.reshape(len(y), -1).{loss.reduction}(1)"
    per_sample = "loss(y, t)" if loss.is_mean else _AS_ONE
    probabilities = "y.double().exp()"
    return TorchLoss(f"{call}.{loss.reduction}()", each, per_sample, probabilities=probabilities)


@lowers(CosineEmbedding)
def cosine_embedding(loss: CosineEmbedding, y: Shape) -> TorchLoss:
    call = f"F.cosine_embedding_loss(*y.unbind(1), 2 * t - 1, margin={loss.margin}"
    cosine = "F.cosine_similarity(*y.unbind(1))"
    prediction = f"torch.stack([1 - {cosine}, 1 + {cosine}], -1) / 2"
    found = _of_torch(loss, call, of_classes=True, prediction=prediction)
    return found.replace(each=f'{call}, reduction="none")')


@lowers(Triplet)
def triplet(loss: Triplet, y: Shape) -> TorchLoss:
    how = f"margin={loss.margin}, swap={loss.swap}"
    if loss.p in (1, 2):
        distances = f"F.pairwise_distance(y[:, :1], y[:, 1:], p={loss.p}, eps={loss.eps})"
        call = f"F.triplet_margin_loss(*in_order(y, t), p={loss.p}, eps={loss.eps}, {how}"
    else:  # whose powers overflow in torch's
        distance = f"distance_by(p={loss.p}, eps={loss.eps})"
        distances = f"{distance}(y[:, :1], y[:, 1:])"
        how += f", distance_function={distance}"
        call = f"F.triplet_margin_with_distance_loss(*in_order(y, t), {how}"
    uses = (_IN_ORDER,) if loss.p in (1, 2) else (_IN_ORDER, _P_NORM, _DISTANCE)
    about = {"of_classes": True, "uses": uses, "prediction": f"-{distances}"}
    return _of_torch(loss, call, **about).replace(each=f'{call}, reduction="none")')


_P_NORM = TorchDefinition.of(p_norm, largest_size)
_DISTANCE = TorchDefinition(
    '''\
def distance_by(p, eps):
    """Of two vectors, by the p-norm; eps is added to each difference."""
    return lambda a, b: p_norm(a - b + eps, p)
'''
)
_IN_ORDER = TorchDefinition(
    '''\
def in_order(y, t):
    """Of each triplet the anchor, what is to be near it, and what is to be far."""
    anchor, one, other = y.unbind(1)
    swapped = (t == 1).unsqueeze(-1)
    return anchor, torch.where(swapped, other, one), torch.where(swapped, one, other)
'''
)


@lowers(SumOfLosses)
def sum_of_losses(loss: SumOfLosses, y: Shape) -> TorchLoss:
    said = [(term, lowers.lowered(term.loss, shape_of(term.part, y))) for term in loss.terms]
    of_classes = not loss.parts and any(one.of_classes for _, one in said)
    found = [
        summand(term, as_classes(one, y) if of_classes and not one.of_classes else one)
        for term, one in said
    ]
    text, per_sample = (
        " + ".join(texts)
        for texts in zip(*((one.text, one.per_sample) for one in found), strict=True)
    )
    # Weights of samples make a mean of all terms, or a sum.
    alike = len({term.loss.is_mean for term in loss.terms}) == 1
    each = " + ".join(one.each for one in found) if alike and all(one.each for one in found) else ""
    uses = tuple(definition for one in found for definition in one.uses)
    about = of_classes, uses, found[0].prediction, found[0].probabilities
    counts = {one.counts for one in found}
    as_one = counts == {"len(t)"} or (len(counts) == 1 and not loss.parts)
    way = found[0].counts if alike and as_one else ""
    return TorchLoss(text, each and f"({each})", f"({per_sample})", *about, counts=way)
