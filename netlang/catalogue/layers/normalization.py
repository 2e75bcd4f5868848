"""Normalisation: layers that give numbers the mean 0 and the variance 1, each for other numbers.

The variance is the mean square of what is left when the mean is taken away: the difference of two
large squares would lose its digits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer, Statistic, Weight
from netlang.language.shapes import Dim, Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

_EPS_DOC = "ε, which keeps equal numbers from being divided by 0"
_CHANNELS_DOC = "C, the size of the dimension behind the batch's"
_AFFINE_DOC = "whether a factor and a bias are learned for each channel"


class _Norm(Layer, abstract=True):
    """y = x̂ · weight + bias, where x̂ is what a norm makes of x; either of the two may be missing.

    They lie along the channels, the first dimension of a sample.
    """

    def prepare(self) -> None:
        self.weight: Tensor | None = None
        self.bias: Tensor | None = None
        self.weight_grad: Tensor
        self.bias_grad: Tensor

    def _scaled(self, standardized: Tensor) -> Tensor:
        """y for x̂, which ``backward`` needs as it is."""
        if self.weight is None or self.bias is None:
            return standardized
        weight, bias = (_along(one, standardized) for one in (self.weight, self.bias))
        return torch.addcmul(bias, standardized, weight)

    def _scaled_back(self, dy: Tensor, standardized: Tensor) -> Tensor:
        """The gradient at x̂; those of weight and bias, to which all that they touch adds up, are
        added to.
        """
        if self.weight is None or self.bias is None:
            return dy
        weight = _along(self.weight, dy)
        self.weight_grad.add_((dy * standardized).sum_to_size(weight.shape).flatten())
        self.bias_grad.add_(dy.sum_to_size(weight.shape).flatten())
        return dy * weight


class BatchNorm(
    _Norm,
    known_as=("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "BatchNormalization", "BN"),
):
    """y = (x - mean) / √(variance + ε) · weight + bias, with a mean and a variance per channel.

    While it is trained, they are those of the batch, which has to have at least two numbers of
    each channel. Evaluated, it takes running ones, which each step moves towards the batch's, with
    a variance divided by n - 1. Where a batch is computed in parts, each part takes its own.

    Shape: [N, C, *] -> [N, C, *].  Weights: ``weight`` [C], at first 1, and ``bias`` [C], at
    first 0.  Statistics: ``running_mean`` and ``running_var`` [C].  Source: Ioffe and Szegedy 2015.
    """

    num_features: Size = arg(doc=_CHANNELS_DOC, known_as=("channels", "num_filters"))
    eps: float = arg(default=1e-5, above=0.0, doc=_EPS_DOC, known_as=("epsilon",))
    momentum: float = arg(
        default=0.1,
        at_least=0.0,
        at_most=1.0,
        doc="how far a step moves the running statistics; Keras's momentum is 1 less this",
    )
    affine: bool = arg(default=True, doc=_AFFINE_DOC, like=("center", "scale"))

    examples = (
        ("BatchNorm(3)", (3,)),
        ("BatchNorm(2, eps=1e-3, momentum=0.3)", (2, 4)),
        ("BatchNorm(2, affine=false)", (2, 2, 3)),
        ("BatchNorm(2)", (2, 2, 1, 2)),
    )

    def tensors(self) -> dict[str, Weight | Statistic]:
        shape = (self.num_features,)
        statistics = {"running_mean": Statistic(shape), "running_var": Statistic(shape, 1.0)}
        return {**_affine(shape), **statistics} if self.affine else {**statistics}

    def prepare(self) -> None:
        super().prepare()
        self.running_mean: Tensor
        self.running_var: Tensor

    def infer(self, x: Shape) -> Shape:
        return _of_channels(x, self.num_features, "num_features")

    def forward(self, x: Tensor) -> Tensor:
        of_batch = self.training
        standardized, inverse = self._by_batch(x) if of_batch else self._by_statistics(x)
        self.saved = standardized, inverse, of_batch
        return self._scaled(standardized)

    def _by_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x̂ and 1/√(variance + ε) by the batch's mean and variance, which the running ones take in.

        Raises ValueError for a batch with a single number of each channel.
        """
        count = x.numel() // self.num_features
        if count < 2:
            raise ValueError(
                f"{self!r} is trained on at least two numbers of each channel, not on a batch of "
                f"shape {[*x.shape]}; after `eval()` it takes its running statistics"
            )
        centred, mean, variance = _centred(x, _all_but_channels(x))
        self.running_mean.lerp_(mean.flatten(), self.momentum)
        self.running_var.lerp_(variance.flatten() * (count / (count - 1)), self.momentum)
        inverse = torch.rsqrt(variance + self.eps)
        return centred.mul_(inverse), inverse

    def _by_statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inverse = _along(torch.rsqrt(self.running_var + self.eps), x)
        return (x - _along(self.running_mean, x)).mul_(inverse), inverse

    def backward(self, dy: Tensor) -> Tensor:
        standardized, inverse, of_batch = self.saved
        dy = self._scaled_back(dy, standardized)
        if of_batch:
            return _standardized_back(dy, standardized, inverse, _all_but_channels(dy))
        return dy.mul(inverse)  # the running statistics do not depend on x


class InstanceNorm(
    _Norm,
    known_as=("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "InstanceNormalization"),
):
    """y = (x - mean) / √(variance + ε), with a mean and a variance per sample and channel.

    Shape: [N, C, *] -> [N, C, *].  Weights, if it is ``affine``: a factor ``weight`` [C], at first
    1, and ``bias`` [C], at first 0.  Source: Ulyanov et al. 2016.
    """

    num_features: Size = arg(doc=_CHANNELS_DOC, known_as=("channels", "num_filters"))
    eps: float = arg(default=1e-5, above=0.0, doc=_EPS_DOC, known_as=("epsilon",))
    affine: bool = arg(default=False, doc=_AFFINE_DOC, like=("center", "scale"))

    examples = (
        ("InstanceNorm(2)", (2, 4)),
        ("InstanceNorm(3, eps=1e-3, affine=true)", (3, 2, 3)),
    )

    def tensors(self) -> dict[str, Weight]:
        return _affine((self.num_features,)) if self.affine else {}

    def infer(self, x: Shape) -> Shape:
        return _of_channels(x, self.num_features, "num_features", rank=2)

    def remark(self, *x: Shape) -> str:
        return "of one number is always 0" if math.prod(x[0].sizes[1:]) == 1 else ""

    def forward(self, x: Tensor) -> Tensor:
        self.saved = standardized, _ = _standardized(x, _all_but_channels(x)[1:], self.eps)
        return self._scaled(standardized)

    def backward(self, dy: Tensor) -> Tensor:
        standardized, inverse = self.saved
        dy = self._scaled_back(dy, standardized)
        return _standardized_back(dy, standardized, inverse, _all_but_channels(dy)[1:])


class LocalResponseNorm(Layer, known_as=("LRN", "LocalResponseNormalization")):
    """yᵢ = xᵢ / sᵢ^β with sᵢ = k + α/n · Σ xⱼ², over the n channels j around channel i.

    Shape: [N, C, *] -> [N, C, *].  Source: Krizhevsky et al. 2012, section 3.3; α is divided by n
    as in PyTorch.
    """

    window: Size = arg(
        alias="size", doc="n, how many channels around each are summed up", known_as=("n",)
    )
    alpha: float = arg(default=1e-4, at_least=0.0, doc="α, the weight of the squares")
    beta: float = arg(default=0.75, at_least=0.0, at_most=10.0, doc="β, the exponent")
    k: float = arg(default=1.0, above=0.0, doc="what is added to the sum", like=("bias",))

    examples = (
        ("LocalResponseNorm(3, alpha=0.5)", (5, 2)),
        ("LocalResponseNorm(2, alpha=1, beta=2, k=0.5)", (3, 2, 2)),
        ("LocalResponseNorm(5)", (3, 1)),
    )

    def infer(self, x: Shape) -> Shape:
        if len(x.sample) < 2:
            raise ShapeError(x.of_rank(2))
        return x

    def forward(self, x: Tensor) -> Tensor:
        squares = self._summed(x.square(), before=self.window // 2)
        base = squares.mul_(self.alpha / self.window).add_(self.k)
        self.saved = x, base, power = x, base, base.pow(-self.beta)
        return x * power

    def backward(self, dy: Tensor) -> Tensor:
        # sᵢ holds xⱼ² for each i around j, where before and after have changed places:
        # dxⱼ = dyⱼ sⱼ^-β - 2αβ/n · xⱼ · Σ dyᵢ xᵢ sᵢ^(-β-1).
        x, base, power = self.saved
        direct = dy * power
        through_sums = self._summed(direct * x / base, before=(self.window - 1) // 2)
        factor = 2 * self.alpha * self.beta / self.window
        return torch.addcmul(direct, x, through_sums, value=-factor)

    def _summed(self, values: Tensor, before: int) -> Tensor:
        """For each channel, the sum of ``window`` ones: so many ``before`` it, and it and others
        after it. Those beyond the first and the last channel are 0.
        """
        beyond = [*(0, 0) * (values.dim() - 2), before, self.window - 1 - before]
        return torch.constant_pad_nd(values, beyond).unfold(1, self.window, 1).sum(-1)


def _affine(shape: tuple[int, ...]) -> dict[str, Weight]:
    """A factor and a bias for each of so many numbers, which leave them as they are at first."""
    return {"weight": Weight(shape, _ones, decay=False), "bias": Weight(shape, _zeros, decay=False)}


def _ones(values: Tensor, generator: Generator) -> None:
    values.fill_(1.0)


def _zeros(values: Tensor, generator: Generator) -> None:
    values.zero_()


def _of_channels(x: Shape, channels: Dim, argument: str, rank: int = 1) -> Shape:
    """``x``, if it has so many channels, and a sample of it at least ``rank`` dimensions.

    Raises ShapeError.
    """
    if not x.sample:
        raise ShapeError(Shape.of(channels).of_rank(rank))
    if not unify(x.dim(0), channels):
        raise ShapeError(x.with_dim(0, channels).of_rank(rank), argument, x.dim(0))
    if len(x.sample) < rank:
        raise ShapeError(x.of_rank(rank))
    return x


def _along(values: Tensor, x: Tensor) -> Tensor:
    """One of ``values`` [C] for each channel of ``x`` [N, C, *], to compute with it."""
    return values.view(-1, *(1,) * (x.dim() - 2))


def _all_but_channels(x: Tensor) -> tuple[int, ...]:
    """The dimensions of ``x`` [N, C, *] without that of its channels."""
    return (0, *range(2, x.dim()))


def _centred(x: Tensor, over: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """``x`` less its mean ``over`` these dimensions, the mean, and the variance."""
    mean = x.mean(over, keepdim=True)
    centred = x - mean
    return centred, mean, centred.square().mean(over, keepdim=True)


def _standardized(x: Tensor, over: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor]:
    """x̂ = (x - mean) / √(variance + ε) and 1/√(variance + ε), ``over`` these dimensions."""
    centred, _, variance = _centred(x, over)
    inverse = torch.rsqrt(variance + eps)
    return centred.mul_(inverse), inverse


def _standardized_back(
    dy: Tensor, standardized: Tensor, inverse: Tensor, over: tuple[int, ...]
) -> Tensor:
    """The gradient at x from that at x̂. The mean and the variance depend on x, too:

    dx = (dy - mean of dy - x̂ · mean of dy ⊙ x̂) / √(variance + ε).
    """
    along_variance = (dy * standardized).mean(over, keepdim=True)
    dx = torch.addcmul(dy, standardized, along_variance, value=-1)
    return dx.sub_(dy.mean(over, keepdim=True)).mul_(inverse)
