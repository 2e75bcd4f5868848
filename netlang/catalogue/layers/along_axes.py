"""Layers whose outputs are weighted sums of neighbouring inputs, along one axis after another.

Averages, enlarged pictures and mirrored borders are all y = R x Cᵀ, with a small matrix for the
rows of a picture and one for its columns. So their gradient is Rᵀ dy C.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class AlongAxes(Layer, abstract=True):
    """y = R x Cᵀ for pictures [N, C, H, W], and y = x Cᵀ for sequences [N, C, L]."""

    @abstractmethod
    def matrices(self, x: Sequence[int]) -> list[Tensor]:
        """How much of each input is in each output, for a sample with the sizes ``x``: a matrix for
        each of the last axes, two at most, on the CPU.  Shape: [outputs, inputs] each.
        """

    def forward(self, x: Tensor) -> Tensor:
        self.saved = matrices = [one.to(x) for one in self.matrices(x.shape[1:])]
        return _applied(matrices, x)

    def backward(self, dy: Tensor) -> Tensor:
        matrices: list[Tensor] = self.saved
        return _applied([one.t() for one in matrices], dy)


def averages(begins: Tensor, ends: Tensor, size: int, counts: Tensor | None = None) -> Tensor:
    """The matrix whose row i takes the mean of inputs ``begins[i]`` to ``ends[i] - 1``. Those that
    are none of the ``size`` inputs are left out; with ``counts`` of all of them, they are zeros.
    """
    inputs = torch.arange(size, device="cpu")
    inside = (inputs >= begins[:, None]) & (inputs < ends[:, None])
    return inside.double() / (inside.sum(1) if counts is None else counts)[:, None]


def interpolated(places: Tensor, size: int) -> Tensor:
    """The matrix whose row i takes what lies at ``places[i]`` between the two nearest of ``size``
    inputs: the nearer one is, the more of it. A place that is an input's own takes that alone.
    """
    inputs = torch.arange(size, device="cpu")
    return (1 - (places[:, None] - inputs).abs()).clamp_min(0)


def _applied(matrices: list[Tensor], x: Tensor) -> Tensor:
    y = x @ matrices[-1].t()
    return y if len(matrices) == 1 else matrices[0] @ y
