"""Layers whose outputs are weighted sums of a few inputs, along one axis after another.

Averages, enlarged pictures and mirrored borders all are. Their gradient goes the same ways back:
each output's is shared among its inputs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.layers.sources import EqualParts, Sources
from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class AlongAxes(Layer, abstract=True):
    """Weighted sums along the last axes of pictures [N, C, H, W] or of sequences [N, C, L]."""

    def prepare(self) -> None:
        self._made_for: object = None  # the last sample's sizes and dtype
        self._made: Sequence[Sources | EqualParts] = ()

    @abstractmethod
    def sources(self, x: Tensor) -> Sequence[Sources | EqualParts]:
        """What outputs are made of, for samples of the sizes and the dtype of ``x``, along each of
        the last axes, on the CPU.
        """

    def forward(self, x: Tensor) -> Tensor:
        if self._made_for != (kind := (x.shape[1:], x.dtype)):
            self._made_for, self._made = kind, self.sources(x)
        axes = range(-len(self._made), 0)
        along = [*zip(axes, self._made, x.shape[axes.start :], strict=True)]
        if self._made[-1].outputs > x.shape[-1]:
            along.reverse()  # the last axis, whose numbers lie apart, while there are few of them
        self.saved = along
        for axis, one, _ in along:
            x = one.gathered(x, axis)
        return x

    def backward(self, dy: Tensor) -> Tensor:
        for axis, one, size in reversed(self.saved):
            dy = one.scattered(dy, axis, size)
        return dy


def averages(begins: Tensor, ends: Tensor, size: int, counts: Tensor | None = None) -> Sources:
    """The mean of inputs ``begins[i]`` to ``ends[i] - 1`` for output i. Those that are none of the
    ``size`` inputs are left out; with ``counts`` of all of them, they are zeros.
    """
    begins, ends = begins.clamp_min(0), ends.clamp_max(size)
    steps, found = torch.arange(int((ends - begins).max()), device="cpu"), ends - begins
    shares = (steps < found[:, None]) / (found if counts is None else counts).double()[:, None]
    return Sources((begins[:, None] + steps).minimum(ends[:, None] - 1), shares)


def copies(places: Tensor) -> Sources:
    """The input at ``places[i]`` for output i."""
    return Sources(places[:, None])


def interpolated(places: Tensor, size: int) -> Sources:
    """What lies at ``places[i]`` between the two nearest of ``size`` inputs for output i: the
    nearer one is, the more of it.
    """
    before = places.floor()
    share = places - before
    both = torch.stack([before, before + 1], 1).long().clamp_max(size - 1)
    return Sources(both, torch.stack([1 - share, share], 1))
