"""Layers whose outputs are weighted sums of a few inputs, along one axis after another.

Averages, enlarged pictures and mirrored borders all are. Their gradient goes the same ways back:
each output's is shared among its inputs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.catalogue.modules import Layer
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Sources(Record):
    """What the outputs along an axis are made of: yᵢ = Σₖ shares[i, k] · x[places[i, k]].

    Without ``shares``, each takes what is at its places as it is.  Shape: [outputs, most] of both,
    where ``most`` is the largest number of inputs that an output has.
    """

    places: Tensor
    shares: Tensor | None = None

    def gathered(self, x: Tensor, axis: int) -> Tensor:
        y, *others = (_taken(x, axis, at, share) for at, share in self._each(x, axis))
        for other in others:
            y += other
        return y

    def scattered(self, dy: Tensor, axis: int, size: int) -> Tensor:
        """The gradient at an axis of ``size`` inputs."""
        shape = [*dy.shape]
        shape[axis] = size
        dx = dy.new_zeros(shape)
        for at, share in self._each(dy, axis):
            dx.scatter_add_(axis, _for_each(at, axis, dy), dy if share is None else dy * share)
        return dx

    def _each(self, x: Tensor, axis: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        """The places [outputs] and the shares of one k after another, in a shape that goes along
        the axis.
        """
        for k, places in enumerate(self.places.to(x.device).t().contiguous()):
            share = None if self.shares is None else self.shares[:, k].to(x)
            yield places, None if share is None else share.view(-1, *[1] * (-1 - axis))


class AlongAxes(Layer, abstract=True):
    """Weighted sums along the last axes of pictures [N, C, H, W] or of sequences [N, C, L]."""

    @abstractmethod
    def sources(self, x: Tensor) -> list[Sources]:
        """What outputs are made of, for an input like ``x``, along each of the last axes, on the
        CPU.
        """

    def forward(self, x: Tensor) -> Tensor:
        each = self.sources(x)
        self.saved = along = [*zip(range(-len(each), 0), each, x.shape[-len(each) :], strict=True)]
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


def _taken(x: Tensor, axis: int, places: Tensor, share: Tensor | None) -> Tensor:
    """What is at these places, times the share. Each of torch's two functions is slow where the
    other is fast, along the last axis and along others.
    """
    if axis == -1:
        found = x.gather(axis, _for_each(places, axis, x))
    else:
        found = x.index_select(axis, places)
    return found if share is None else found.mul_(share)


def _for_each(places: Tensor, axis: int, x: Tensor) -> Tensor:
    """``places`` along the axis, again for each place of the other axes of ``x``."""
    shape = [*x.shape]
    shape[axis] = len(places)
    return places.view(-1, *[1] * (-1 - axis)).expand(shape)
