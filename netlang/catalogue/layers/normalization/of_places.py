"""Norms over the last dimensions of a sample, with weights for each of their places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.normalization.norm import (
    EPS_DOC,
    Norm,
    affine,
    centre,
    ones,
)
from netlang.catalogue.modules import Sight, Weight
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class _OverLast(Norm, abstract=True):
    """A norm over the last dimensions of a sample, which has a weight for each of their places."""

    normalized_shape: Size | tuple[Size, ...] = arg(
        doc="the size of the last dimension, or those of the last ones in a list",
        known_as=("normalized_size", "features", "dim"),
    )

    standardizes = "samples"

    @property
    def alike(self) -> bool:
        return len(self._last) == 1

    @property
    def _last(self) -> tuple[int, ...]:
        """The sizes of the dimensions that it normalises."""
        sizes = self.normalized_shape
        return sizes if isinstance(sizes, tuple) else (sizes,)

    def infer(self, x: Shape) -> Shape:
        last, count = self._last, len(self._last)
        got, before = x.sample[-count:], x.sample[:-count]
        if len(got) < count or not Shape(got).unify(Shape(last)):
            takes = Shape((*before, *last) if len(got) == count else last)
            if len(x.sample) == 3 and last == (x.dim(0),):
                raise _of_rows(x, takes)
            alone = not isinstance(self.normalized_shape, tuple)
            raise ShapeError(takes, "normalized_shape" if alone else None, x.last)
        return x

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim >= len(x[0].sample) - len(self._last) else Sight(dim)

    def _rows(self, x: Tensor) -> Tensor:
        """``x`` with those of its numbers in a row that it normalises together.  Shape: [R, F]."""
        return x.reshape(-1, math.prod(self._last))

    def _scaled(self, standardized: Tensor) -> Tensor:
        """x̂ ⊙ weight + bias of x̂, which is left as it is.  Shape: [R, F]."""
        if self.weight is None:
            return standardized
        if self.bias is None:
            return standardized * self.weight.view(-1)
        return torch.addcmul(self.bias.view(-1), standardized, self.weight.view(-1))

    def _scaled_back(self, dy: Tensor, standardized: Tensor) -> tuple[Tensor, Tensor]:
        """The gradient g at x̂, and the mean of g ⊙ x̂ of each row. It adds to those of weight and
        bias.
        """
        along, count = dy * standardized, dy.shape[1]
        if self.weight is None:
            return dy.clone(), along.mean(1, keepdim=True)
        self.weight_grad.view(-1).add_(along.sum(0))
        if self.bias is not None:
            self.bias_grad.view(-1).add_(dy.sum(0))
        weight = self.weight.view(-1)
        return dy * weight, (along @ weight).unsqueeze(1).div_(count)


class LayerNorm(
    _OverLast,
    known_as=("LayerNormalization",),
    elsewhere={"LayerNormalization": {"eps": "0.001"}},
):
    """y = (x - mean) / √(variance + ε) ⊙ weight + bias, with a mean and a variance for all numbers
    of the last dimensions together.

    Shape: [N, *, *normalized_shape] -> the same.  Weights: ``weight`` [*normalized_shape], at first
    1, and ``bias`` of that shape, at first 0.  Source: Ba et al. 2016.
    """

    eps: float = arg(default=1e-5, above=0.0, doc=EPS_DOC, known_as=("epsilon",))
    elementwise_affine: bool = arg(
        default=True, doc="whether weights are learned", known_as=("affine",), like=("scale",)
    )
    with_bias: bool = arg(
        alias="bias", default=True, doc="whether they include a bias", like=("center",)
    )

    examples = (
        ("LayerNorm(4)", (4,)),
        ("LayerNorm([2, 3], eps=1e-3)", (2, 2, 3)),
        ("LayerNorm(3, bias=false)", (2, 3)),
        ("LayerNorm(3, elementwise_affine=false)", (2, 3)),
    )

    def tensors(self) -> dict[str, Weight]:
        weights = affine(self._last) if self.elementwise_affine else {}
        return {name: one for name, one in weights.items() if name != "bias" or self.with_bias}

    def remark(self, *x: Shape) -> str:
        return "of one number is always 0" if math.prod(self._last) == 1 else ""

    def forward(self, x: Tensor) -> Tensor:
        standardized, _, variance = centre(self._rows(x), (1,))
        inverse = torch.rsqrt(variance + self.eps)
        standardized.mul_(inverse)
        self.saved = standardized, inverse
        return self._scaled(standardized).view(x.shape)

    def backward(self, dy: Tensor) -> Tensor:
        # The mean and the variance depend on x, too:
        # dx = (g - mean of g - x̂ · mean of g ⊙ x̂) / √(variance + ε).
        standardized, inverse = self.saved
        g, along_variance = self._scaled_back(self._rows(dy), standardized)
        g.sub_(g.mean(1, keepdim=True)).addcmul_(standardized, along_variance, value=-1)
        return g.mul_(inverse).view(dy.shape)


class RMSNorm(
    _OverLast,
    known_as=("RootMeanSquareNorm", "RMSNormalization"),
    elsewhere={"RMSNormalization": {"eps": "1e-06"}},
):
    """y = x / √(mean of x² + ε) ⊙ weight, with a mean over all numbers of the last dimensions.

    Shape: [N, *, *normalized_shape] -> the same.  Weights: ``weight`` [*normalized_shape], at first
    1.  Source: Zhang and Sennrich 2019.
    """

    eps: float | None = arg(
        default=None,
        above=0.0,
        doc="ε, which keeps zeros from being divided by 0; with `none` the numbers' precision, "
        "1.2e-7 in float32",
        known_as=("epsilon",),
    )
    elementwise_affine: bool = arg(
        default=True, doc="whether weights are learned", known_as=("affine",), like=("scale",)
    )

    examples = (
        ("RMSNorm(4)", (4,)),
        ("RMSNorm([2, 3], eps=1e-3)", (2, 2, 3)),
        ("RMSNorm(3, elementwise_affine=false)", (2, 3)),
    )

    def tensors(self) -> dict[str, Weight]:
        weights = {"weight": Weight(self._last, ones, decay=False)}
        return weights if self.elementwise_affine else {}

    def forward(self, x: Tensor) -> Tensor:
        eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        rows = self._rows(x)
        inverse = torch.rsqrt(rows.square().mean(1, keepdim=True) + eps)
        standardized = rows * inverse
        self.saved = standardized, inverse
        return self._scaled(standardized).view(x.shape)

    def backward(self, dy: Tensor) -> Tensor:  # dx = (g - x̂ · mean of g ⊙ x̂) / √(mean of x² + ε)
        standardized, inverse = self.saved
        g, along_mean = self._scaled_back(self._rows(dy), standardized)
        return g.addcmul_(standardized, along_mean, value=-1).mul_(inverse).view(dy.shape)


def _of_rows(x: Shape, takes: Shape) -> ShapeError:
    """What to raise for a norm over the rows of pictures ``x`` that is as wide as their channels
    are many.
    """
    channels = x.dim(0)
    return ShapeError(
        takes,
        reason=f"normalises the last dimension, which in pictures {x} is that of a row",
        help=f"`BatchNorm({channels})` normalises each channel over the batch, and "
        f"`GroupNorm(1, {channels})` each picture by itself",
    )
