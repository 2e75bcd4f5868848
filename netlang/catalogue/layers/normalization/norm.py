"""What norms have in common: numbers get the mean 0 and the variance 1, and learned weights then.

The variance is the mean square of what is left when the mean is taken away: the difference of two
large squares would lose its digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.modules import Layer, Weight
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

EPS_DOC = "ε, which keeps equal numbers from being divided by 0"


class Norm(Layer, abstract=True):
    """y = x̂ ⊙ weight + bias, where x̂ is what a norm makes of x; both may be missing, or bias alone.

    One of each belongs to a channel, which is the first dimension of a sample.
    """

    def prepare(self) -> None:
        self.weight: Tensor | None = None
        self.bias: Tensor | None = None
        self.weight_grad: Tensor
        self.bias_grad: Tensor

    def _along(self, values: Tensor, x: Tensor) -> Tensor:
        """A weight, or the like, in the shape in which it is multiplied with ``x``."""
        return along_channels(values, x)

    def _scaled(self, standardized: Tensor) -> Tensor:
        """y for x̂, which is left as it is."""
        if self.weight is None:
            return standardized
        weight = self._along(self.weight, standardized)
        if self.bias is None:
            return standardized * weight
        return torch.addcmul(self._along(self.bias, standardized), standardized, weight)

    def _scaled_back(self, dy: Tensor, standardized: Tensor) -> Tensor:
        """The gradient at x̂. A weight's is the sum of those where it is used."""
        if self.weight is None:
            return dy
        weight = self._along(self.weight, dy)
        along_weight = (dy * standardized).sum_to_size(weight.shape)
        self.weight_grad.add_(along_weight.reshape(self.weight.shape))
        if self.bias is not None:
            self.bias_grad.add_(dy.sum_to_size(weight.shape).reshape(self.bias.shape))
        return dy * weight


def affine(shape: tuple[int, ...]) -> dict[str, Weight]:
    """A factor and a bias for each of so many numbers, which leave them as they are at first."""
    return {"weight": Weight(shape, ones, decay=False), "bias": Weight(shape, zeros, decay=False)}


def ones(values: Tensor, generator: Generator) -> None:
    values.fill_(1.0)


def zeros(values: Tensor, generator: Generator) -> None:
    values.zero_()


def along_channels(values: Tensor, x: Tensor) -> Tensor:
    """``values`` [C] in the shape in which each meets its channel of ``x`` [N, C, *]."""
    return values.view(-1, *(1,) * (x.dim() - 2))


def all_but_channels(x: Tensor) -> tuple[int, ...]:
    """The dimensions of ``x`` [N, C, *] without that of its channels."""
    return (0, *range(2, x.dim()))


def centre(x: Tensor, over: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """``x`` less its mean ``over`` these dimensions, the mean, and the variance."""
    mean = x.mean(over, keepdim=True)
    centred = x - mean
    return centred, mean, centred.square().mean(over, keepdim=True)


def standardize(x: Tensor, over: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor]:
    """x̂ = (x - mean) / √(variance + ε) and 1/√(variance + ε), ``over`` these dimensions."""
    centred, _, variance = centre(x, over)
    inverse = torch.rsqrt(variance + eps)
    return centred.mul_(inverse), inverse


def standardize_back(
    dy: Tensor, standardized: Tensor, inverse: Tensor, over: tuple[int, ...]
) -> Tensor:
    """The gradient at x from that at x̂. The mean and the variance depend on x, too:

    dx = (dy - mean of dy - x̂ · mean of dy ⊙ x̂) / √(variance + ε).
    """
    along_variance = (dy * standardized).mean(over, keepdim=True)
    dx = torch.addcmul(dy, standardized, along_variance, value=-1)
    return dx.sub_(dy.mean(over, keepdim=True)).mul_(inverse)
