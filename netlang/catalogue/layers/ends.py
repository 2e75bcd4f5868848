"""The ends of sequences: what lies behind them is padding, and no part of them.

Sequences of unequal length lie in one tensor [N, T, *], each from its beginning on. The data put
NaN behind their ends. The compiler puts two layers before a network of such inputs, which no file
names: ``Lengths`` says where sequences end, and ``FillPadding`` makes numbers of what is behind
these ends, so that all other layers compute with numbers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Lengths(Layer, abstract=True):
    """How many steps of each sequence are before its end: those whose first number is not NaN, and
    one of a sample that lacks all of them and gets no answer.

    Shape: [N, T, *] -> [N].  Source: there is no gradient.
    """

    takes = "either"

    def infer(self, x: Shape) -> Shape:
        return Shape.of()

    def forward(self, x: Tensor) -> Tensor:
        steps = x if x.dim() == 2 else x.flatten(2)[:, :, 0]
        return (~steps.isnan()).sum(1).clamp(min=1).to(x.dtype)

    def backward(self, dy: Tensor) -> Any:
        return None


class FillPadding(Layer, abstract=True):
    """0 behind the ends of sequences, where the data have NaN.

    Shape: [N, T, *] -> [N, T, *].  Source: the chain rule; what is behind the ends gets 0.
    """

    takes = "either"

    def forward(self, x: Tensor) -> Tensor:
        self.saved = behind = x.isnan()
        return x.masked_fill(behind, 0)

    def backward(self, dy: Tensor) -> Tensor:
        return dy.masked_fill(self.saved, 0)


class Ends:
    """Where each of N sequences ends in a tensor like ``x`` [N, T, *]: behind as many steps as
    ``lengths`` [N] says, of any dtype; without lengths, all of them fill it.
    """

    def __init__(self, x: Tensor, lengths: Tensor | None) -> None:
        self.steps = x.shape[1]
        self.lengths = None if lengths is None else lengths.long()
        self._places = torch.arange(self.steps, device=x.device)

    @cached_property
    def behind(self) -> Tensor | None:
        """Whether each place is behind the end of its sequence.  Shape: [N, T], bool."""
        return None if self.lengths is None else self._places >= self.lengths.unsqueeze(1)

    def filled(self, x: Tensor, value: float = 0.0) -> Tensor:
        """``x`` with ``value`` behind the ends.  Shape: [N, T, *] -> the same."""
        if self.behind is None:
            return x
        return x.masked_fill(self.behind.view(*x.shape[:2], *[1] * (x.dim() - 2)), value)

    def turned(self, x: Tensor) -> Tensor:
        """Each sequence from its end to its beginning, with the padding still behind it. It is its
        own inverse, and so its own transpose.  Shape: [N, T, *] -> the same.
        """
        return x.flip(1) if self._order is None else x.gather(1, _like(x, self._order))

    @cached_property
    def _order(self) -> Tensor | None:
        if self.lengths is None:
            return None
        order = self.lengths.unsqueeze(1) - 1 - self._places
        return torch.where(order >= 0, order, self._places)

    def counts(self, x: Tensor) -> Tensor | int:
        """How many steps each sequence has, to divide what is left of ``x`` without them."""
        if self.lengths is None:
            return self.steps
        return self.lengths.to(x.dtype).view(-1, *[1] * (x.dim() - 2))

    def last(self, x: Tensor) -> Tensor:
        """The last step of each sequence.  Shape: [N, T, *] -> [N, *]."""
        if self.lengths is None:
            return x[:, -1]
        return x.gather(1, self._last(x)).squeeze(1)

    def at_last(self, dy: Tensor) -> Tensor:
        """``dy`` at the last steps, and 0 elsewhere.  Shape: [N, *] -> [N, T, *]."""
        dx = dy.new_zeros(dy.shape[0], self.steps, *dy.shape[1:])
        if self.lengths is None:
            dx[:, -1] = dy
            return dx
        return dx.scatter_(1, self._last(dx), dy.unsqueeze(1))

    def _last(self, x: Tensor) -> Tensor:
        assert self.lengths is not None
        return _like(x[:, :1], self.lengths.unsqueeze(1) - 1)


def _like(x: Tensor, index: Tensor) -> Tensor:
    """``index`` [N, T] for each number of a step.  Shape: that of ``x`` [N, T, *]."""
    return index.view(*index.shape, *[1] * (x.dim() - 2)).expand(x.shape)
