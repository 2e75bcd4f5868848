"""Norms with weights for each channel, and the one over neighbouring channels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.normalization.norm import (
    EPS_DOC,
    Norm,
    affine,
    all_but_channels,
    along_channels,
    centre,
    places,
)
from netlang.catalogue.modules import Layer, Sight, Statistic, Weight, Window
from netlang.language.diagnostics.wording import either
from netlang.language.shapes import Dim, Shape, ShapeError, solved, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_CHANNELS_DOC = "C, the size of the dimension behind the batch's"
_AFFINE_DOC = "whether a factor and a bias are learned for each channel"


class _OfChannels(Norm, abstract=True):
    """y = c ⊙ s ⊙ weight + bias, where c is x less a mean, and s is 1/√(variance + ε).

    The mean and the variance depend on x, too. Of n numbers that have them in common,

    dx = (g - mean of g - c ⊙ s² · mean of g ⊙ c) ⊙ s, with g = dy ⊙ weight.
    """

    def _scaled(self, centred: Tensor, inverse: Tensor) -> Tensor:
        y = centred * self._factor(inverse)
        return y if self.bias is None else y.add_(along_channels(self.bias, y))

    def _factor(self, inverse: Tensor) -> Tensor:
        """s ⊙ weight.  Shape: that of ``inverse``."""
        return inverse if self.weight is None else inverse * along_channels(self.weight, inverse)

    def _sums(
        self, dy: Tensor, centred: Tensor, inverse: Tensor, over: tuple[int, ...]
    ) -> tuple[Tensor, Tensor]:
        """The sums of g and of g ⊙ c ``over`` these dimensions. It adds to the gradients of weight
        and bias, which are sums of those of dy.
        """
        sums, along = _summed(dy, over), _summed(dy * centred, over)
        if self.weight is None or self.bias is None:
            return sums, along
        weight = along_channels(self.weight, dy)
        self.weight_grad.add_((along * inverse).sum_to_size(weight.shape).view(-1))
        self.bias_grad.add_(sums.sum_to_size(weight.shape).view(-1))
        return sums * weight, along * weight


def _through_statistics(
    dx: Tensor, centred: Tensor, inverse: Tensor, sums: Tensor, along: Tensor, count: int
) -> Tensor:
    """g ⊙ s in ``dx``, less what the mean and the variance of ``count`` numbers take of it."""
    through_variance = (along * inverse).mul_(inverse).mul_(inverse / count)
    return dx.addcmul_(centred, through_variance, value=-1).sub_(sums * (inverse / count))


def _summed(x: Tensor, over: tuple[int, ...]) -> Tensor:
    return x.sum(over, keepdim=True) if over else x


def _of_keras(momentum: float) -> str | None:
    """What to write for a momentum that keeps next to nothing of the running statistics."""
    if not 0.9 <= momentum < 1:
        return None
    return f"Keras's momentum, what stays of them, is 1 less this: write `{1 - momentum:.6g}`"


class BatchNorm(
    _OfChannels,
    known_as=("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "BatchNormalization", "BN"),
    elsewhere={"BatchNormalization": {"eps": "0.001", "momentum": "0.01"}},
):
    """y = (x - mean) / √(variance + ε) · weight + bias, with a mean and a variance per channel.

    While it is trained, they are those of the batch, which has to have at least two numbers of
    each channel. Evaluated, it takes running ones, which each step moves towards the batch's, with
    a variance divided by n - 1. Where a batch is computed in parts, each part takes its own.

    Shape: [N, C, *] -> [N, C, *].  Weights: ``weight`` [C], at first 1, and ``bias`` [C], at
    first 0.  Statistics: ``running_mean`` and ``running_var`` [C].  Source: Ioffe and Szegedy 2015.
    """

    num_features: Size = arg(doc=_CHANNELS_DOC, known_as=("channels", "num_filters"))
    eps: float = arg(default=1e-5, above=0.0, doc=EPS_DOC, known_as=("epsilon",))
    momentum: float = arg(
        default=0.1,
        at_least=0.0,
        at_most=1.0,
        doc="how far a step moves the running statistics; Keras's momentum is 1 less this",
        doubt=_of_keras,
    )
    affine: bool = arg(default=True, doc=_AFFINE_DOC, like=("bias", "center", "scale"))

    standardizes = "channels"
    examples = (
        ("BatchNorm(3)", (3,)),
        ("BatchNorm(2, eps=1e-3, momentum=0.3)", (2, 4)),
        ("BatchNorm(2, affine=false)", (2, 2, 3)),
        ("BatchNorm(2)", (2, 2, 1, 2)),
    )

    def tensors(self) -> dict[str, Weight | Statistic]:
        shape = (self.num_features,)
        statistics = {"running_mean": Statistic(shape), "running_var": Statistic(shape, 1.0)}
        return {**affine(shape), **statistics} if self.affine else {**statistics}

    def prepare(self) -> None:
        super().prepare()
        self.running_mean: Tensor
        self.running_var: Tensor

    def infer(self, x: Shape) -> Shape:
        return of_channels(x, self.num_features, "num_features")

    def least_samples(self, *x: Shape) -> int:
        return 2 if x[0].size == self.num_features else 1  # a single number has no variance

    def forward(self, x: Tensor) -> Tensor:
        of_batch = self.training
        centred, inverse = self._by_batch(x) if of_batch else self._by_statistics(x)
        self.saved = centred, inverse, of_batch
        return self._scaled(centred, inverse)

    def _by_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x less its mean, and 1/√(variance + ε), by the batch's, which the running ones take in.

        Raises ValueError for a batch with a single number of each channel.
        """
        count = x.numel() // self.num_features
        if count < 2:
            raise ValueError(
                f"{self!r} is trained on at least two numbers of each channel, not on a batch of "
                f"shape {[*x.shape]}; after `eval()` it takes its running statistics"
            )
        centred, mean, variance = centre(x, all_but_channels(x))
        self.running_mean.lerp_(mean.flatten(), self.momentum)
        self.running_var.lerp_(variance.flatten() * (count / (count - 1)), self.momentum)
        return centred, torch.rsqrt(variance + self.eps)

    def _by_statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inverse = along_channels(torch.rsqrt(self.running_var + self.eps), x)
        return x - along_channels(self.running_mean, x), inverse.unsqueeze(0)

    def backward(self, dy: Tensor) -> Tensor:
        centred, inverse, of_batch = self.saved
        over = all_but_channels(dy)
        sums, along = self._sums(dy, centred, inverse, over)
        dx = dy * self._factor(inverse)
        if not of_batch:  # the running statistics do not depend on x
            return dx
        return _through_statistics(dx, centred, inverse, sums, along, dy.numel() // sums.numel())


class InstanceNorm(
    _OfChannels,
    known_as=("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "InstanceNormalization"),
    elsewhere={"InstanceNormalization": {"eps": "0.001", "affine": "true"}},
):
    """y = (x - mean) / √(variance + ε), with a mean and a variance per sample and channel.

    Shape: [N, C, *] -> [N, C, *].  Weights, if it is ``affine``: a factor ``weight`` [C], at first
    1, and ``bias`` [C], at first 0.  Source: Ulyanov et al. 2016.
    """

    num_features: Size = arg(doc=_CHANNELS_DOC, known_as=("channels", "num_filters"))
    eps: float = arg(default=1e-5, above=0.0, doc=EPS_DOC, known_as=("epsilon",))
    affine: bool = arg(default=False, doc=_AFFINE_DOC, like=("bias", "center", "scale"))

    standardizes = "channels"
    examples = (
        ("InstanceNorm(2)", (2, 4)),
        ("InstanceNorm(3, eps=1e-3, affine=true)", (3, 2, 3)),
    )

    def tensors(self) -> dict[str, Weight]:
        return affine((self.num_features,)) if self.affine else {}

    def infer(self, x: Shape) -> Shape:
        _check_places(x, f"for a row of numbers it is `LayerNorm({self.num_features})`")
        return of_channels(x, self.num_features, "num_features")

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim else Sight(dim)

    def remark(self, *x: Shape) -> str:
        return "of one number is always 0" if math.prod(x[0].sizes[1:]) == 1 else ""

    def forward(self, x: Tensor) -> Tensor:
        centred, _, variance = centre(x, places(x))
        inverse = torch.rsqrt(variance + self.eps)
        self.saved = centred, inverse
        return self._scaled(centred, inverse)

    def backward(self, dy: Tensor) -> Tensor:
        centred, inverse = self.saved
        sums, along = self._sums(dy, centred, inverse, places(dy))
        dx = dy * self._factor(inverse)
        return _through_statistics(dx, centred, inverse, sums, along, math.prod(dy.shape[2:]))


class GroupNorm(
    _OfChannels,
    known_as=("GroupNormalization",),
    elsewhere={
        "GroupNormalization": {"num_groups": "32", "num_channels": "_", "eps": "0.001"},
    },
):
    """y = (x - mean) / √(variance + ε) ⊙ weight + bias, with a mean and a variance per sample and
    group of channels.

    Shape: [N, C, *] -> [N, C, *].  Weights, if it is ``affine``: a factor ``weight`` [C], at first
    1, and ``bias`` [C], at first 0.  Source: Wu and He 2018.
    """

    num_groups: Size = arg(doc="how many groups of as many channels each", known_as=("groups",))
    num_channels: Size = arg(doc=_CHANNELS_DOC, known_as=("num_features", "channels"))
    eps: float = arg(default=1e-5, above=0.0, doc=EPS_DOC, known_as=("epsilon",))
    affine: bool = arg(default=True, doc=_AFFINE_DOC, like=("bias", "center", "scale"))

    standardizes = "samples"
    examples = (
        ("GroupNorm(2, 4)", (4,)),
        ("GroupNorm(1, 3, eps=1e-3, affine=false)", (3, 2)),
        ("GroupNorm(2, 4)", (4, 1, 2)),
    )

    def tensors(self) -> dict[str, Weight]:
        return affine((self.num_channels,)) if self.affine else {}

    def infer(self, x: Shape) -> Shape:
        y = of_channels(x, self.num_channels, "num_channels")
        channels, groups = solved(self.num_channels), solved(self.num_groups)
        if isinstance(channels, int) and isinstance(groups, int) and channels % groups:
            even = [str(one) for one in range(1, channels + 1) if channels % one == 0]
            raise ShapeError(
                x,
                reason=f"has {groups} groups, which do not divide {channels} channels",
                help=f"take {either(even)} for `num_groups`",
            )
        return y

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim or self.num_groups == 1:
            return Sight()
        size = self.num_channels // self.num_groups
        begins = [channel // size * size for channel in range(self.num_channels)]
        return Sight(dim, tuple(range(begin, begin + size) for begin in begins))

    def remark(self, *x: Shape) -> str:
        return "of one number in a group is always 0" if x[0].size == self.num_groups else ""

    def forward(self, x: Tensor) -> Tensor:
        groups = x.reshape(len(x), self.num_groups, math.prod(x.shape[1:]) // self.num_groups)
        centred, _, variance = centre(groups, (2,))
        inverse = self._of_each(torch.rsqrt(variance + self.eps), x)
        centred = centred.view(x.shape)
        self.saved = centred, inverse
        return self._scaled(centred, inverse)

    def backward(self, dy: Tensor) -> Tensor:
        centred, inverse = self.saved
        sums, along = self._sums(dy, centred, inverse, places(dy))
        sums, along = (self._of_groups(one) for one in (sums, along))
        dx = dy * self._factor(inverse)
        count = math.prod(dy.shape[1:]) // self.num_groups
        return _through_statistics(dx, centred, inverse, sums, along, count)

    def _of_groups(self, values: Tensor) -> Tensor:
        """The sum of all channels of its group for each.  Shape: [N, C, 1, ...] -> the same."""
        groups = values.reshape(len(values), self.num_groups, self._each)
        return self._of_each(groups.sum(2, keepdim=True), values)

    def _of_each(self, values: Tensor, x: Tensor) -> Tensor:
        """What groups have, for each of their channels.  Shape: [N, groups, 1] -> [N, C, 1, ...]"""
        each = values.expand(-1, -1, self._each)
        return each.reshape(len(x), self.num_channels, *(1,) * (x.dim() - 2))

    @property
    def _each(self) -> int:
        """The channels of a group."""
        return self.num_channels // self.num_groups


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
        _check_places(x, "leave it out: a row of numbers has no channels around each")
        return x

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim:
            return Sight(dim)
        window, size = Window(self.window, before=self.window // 2), x[0].sizes[dim]
        return Sight(dim, tuple(window.places(channel, size) for channel in range(size)))

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


def of_channels(x: Shape, channels: Dim, argument: str) -> Shape:
    """``x``, if it has so many channels.  Raises ShapeError."""
    if not x.sample:
        raise ShapeError(Shape.of(channels))
    if not unify(x.dim(0), channels):
        raise ShapeError(x.with_dim(0, channels), argument, x.dim(0))
    return x


def _check_places(x: Shape, help: str) -> None:
    """Raise ShapeError unless a sample of ``x`` has channels, and places in each."""
    if len(x.sample) < 2:
        reason = f"takes channels with several numbers in each, and its input is {x}"
        raise ShapeError(x.of_rank(2), reason=reason, help=help)
