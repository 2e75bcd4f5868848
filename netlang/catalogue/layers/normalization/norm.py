"""What norms have in common: numbers get the mean 0 and the variance 1, and learned weights then.

The variance is the mean square of what is left when the mean is taken away: the difference of two
large squares would lose its digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.modules import Layer, Weight

if TYPE_CHECKING:
    from torch import Generator, Tensor

EPS_DOC = "ε, which keeps equal numbers from being divided by 0"


class Norm(Layer, abstract=True):
    """What a norm makes of x, times ``weight``, plus ``bias``; both may be missing, or one."""

    def prepare(self) -> None:
        self.weight: Tensor | None = None
        self.bias: Tensor | None = None
        self.weight_grad: Tensor
        self.bias_grad: Tensor


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
    return 0, *places(x)


def places(x: Tensor) -> tuple[int, ...]:
    """The dimensions of ``x`` [N, C, *] behind that of its channels."""
    return tuple(range(2, x.dim()))


def centre(x: Tensor, over: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """``x`` less its mean ``over`` these dimensions, the mean, and the variance."""
    mean = x.mean(over, keepdim=True)
    centred = x - mean
    return centred, mean, centred.square().mean(over, keepdim=True)
