"""What the outputs along an axis are made of, and the ways there and back.

Torch takes a slice many times as fast as numbers whose places are listed. So outputs that follow
each other in equal steps, whose places do, too, and whose shares are equal, are a run: a slice of
the outputs that is made of a slice of the inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_MOST_RUNS = 16  # that take less time than a list
_EPSILON = 1e-12  # by which rounded shares may differ that are equal


class Sources(Record):
    """What the outputs along an axis are made of: yᵢ = Σₖ shares[i, k] · x[places[i, k]].

    Without ``shares``, each takes what is at its places as it is.  Shape: [outputs, most] of both,
    where ``most`` is the largest number of inputs that an output has. An output of fewer has shares
    of 0 at the end.
    """

    places: Tensor
    shares: Tensor | None = None

    @property
    def outputs(self) -> int:
        return len(self.places)

    def gathered(self, x: Tensor, axis: int) -> Tensor:
        y = x.new_empty(_resized(x, axis, self.outputs))
        for k, parts in enumerate(self._parts):
            for part in parts:
                part.gather(x, y, axis, add=k > 0)
        return y

    def scattered(self, dy: Tensor, axis: int, size: int) -> Tensor:
        """The gradient at an axis of ``size`` inputs."""
        # A part that reaches all of them comes first, in place of zeros.
        parts = sorted(chain(*self._parts), key=lambda part: not part.reaches_all(size))
        has_all = parts[0].reaches_all(size)
        shape = _resized(dy, axis, size)
        dx = dy.new_empty(shape) if has_all else dy.new_zeros(shape)
        for number, part in enumerate(parts):
            part.scatter(dy, dx, axis, add=number > 0 or not has_all)
        return dx

    @cached_property
    def _parts(self) -> list[Sequence[_Run | _Listed]]:
        """What all outputs get of their first input, what of their second, and so on."""
        ones = torch.ones((), device="cpu").expand(self.places.shape)
        shares = ones if self.shares is None else self.shares
        return [_parts(*one) for one in zip(self.places.unbind(1), shares.unbind(1), strict=True)]


class EqualParts(Record):
    """An axis in ``outputs`` parts of as many inputs each, of which an output is the mean."""

    outputs: int

    def gathered(self, x: Tensor, axis: int) -> Tensor:
        before, (size, *behind) = x.shape[:axis], x.shape[axis:]
        parts = x.reshape(*before, self.outputs, size // self.outputs, *behind)
        return parts.mean(axis)

    def scattered(self, dy: Tensor, axis: int, size: int) -> Tensor:
        each = size // self.outputs
        parts = (dy / each).unsqueeze(axis)
        return parts.expand(_resized(parts, axis, each)).flatten(axis - 1, axis)


class _Run(Record):
    """``count`` outputs, each ``every``-th one from ``first`` on, get a share of as many inputs
    from ``place`` on, in steps of ``step``.
    """

    count: int
    first: int
    every: int
    place: int
    step: int
    share: float

    def gather(self, x: Tensor, y: Tensor, axis: int, add: bool) -> None:
        self._put(self._inputs(x, axis), self._outputs(y, axis), add)

    def scatter(self, dy: Tensor, dx: Tensor, axis: int, add: bool) -> None:
        self._put(self._outputs(dy, axis), self._inputs(dx, axis), add)

    def reaches_all(self, size: int) -> bool:
        """Whether each of ``size`` inputs is in it."""
        return self.count == size

    def _put(self, values: Tensor, into: Tensor, add: bool) -> None:
        if not add:
            torch.mul(values, self.share, out=into)
        elif self.share:  # 0 times infinity is no number
            into.add_(values, alpha=self.share)

    def _outputs(self, y: Tensor, axis: int) -> Tensor:
        return _slice(y, axis, self.first, self.every, self.count)

    def _inputs(self, x: Tensor, axis: int) -> Tensor:
        return _slice(x, axis, self.place, self.step, self.count)


class _Listed(Record):
    """Each output gets its share [outputs] of the input at its place [outputs]."""

    places: Tensor
    shares: Tensor

    def gather(self, x: Tensor, y: Tensor, axis: int, add: bool) -> None:
        # Each of torch's two functions is slow where the other is fast: along the last axis, and
        # along others.
        places = self.places.to(x.device)
        if axis == -1:
            found = x.gather(axis, _for_each(places, axis, x))
        else:
            found = x.index_select(axis, places)
        found.mul_(self._shares(x, axis))
        if add:
            y += found
        else:
            y.copy_(found)

    def scatter(self, dy: Tensor, dx: Tensor, axis: int, add: bool) -> None:
        places = _for_each(self.places.to(dy.device), axis, dy)
        dx.scatter_add_(axis, places, dy * self._shares(dy, axis))

    def reaches_all(self, size: int) -> bool:
        return False

    def _shares(self, x: Tensor, axis: int) -> Tensor:
        return _along(self.shares.to(x), axis)


def _parts(places: Tensor, shares: Tensor) -> Sequence[_Run | _Listed]:
    """The fewest runs of outputs that get these shares of what is at these places; a list if they
    are many.  Shape: [outputs] of both.
    """
    fewest, steps = len(places), 1
    for every in range(1, _MOST_RUNS + 1):
        if every >= fewest:  # each of its phases is a run at least
            break
        count = sum(int(_begins(*phase).sum()) for phase in _phases(places, shares, every))
        if count < fewest:
            fewest, steps = count, every
    if fewest > _MOST_RUNS:
        return [_Listed(places, shares)]
    return [*_runs(places, shares, steps)]


def _phases(places: Tensor, shares: Tensor, every: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Each ``every``-th output, from the first on, from the second on, and so on."""
    for phase in range(min(every, len(places))):
        yield places[phase::every], shares[phase::every]


def _begins(places: Tensor, shares: Tensor) -> Tensor:
    """Where a run begins, as a step or a share is another than before.  Shape: [outputs], bool."""
    begins = torch.ones(len(places), dtype=torch.bool, device="cpu")
    begins[1:] = (places.diff() < 1) | (shares.diff().abs() > _EPSILON)
    begins[2:] |= places.diff(n=2) != 0
    return begins


def _runs(places: Tensor, shares: Tensor, every: int) -> Iterator[_Run]:
    """Runs of each ``every``-th output."""
    for phase, (at, share) in enumerate(_phases(places, shares, every)):
        for begin, end in pairwise([*_begins(at, share).nonzero().flatten().tolist(), len(at)]):
            step = int(at[begin + 1] - at[begin]) if end - begin > 1 else 1
            first = phase + begin * every
            yield _Run(end - begin, first, every, int(at[begin]), step, float(share[begin]))


def _slice(x: Tensor, axis: int, first: int, step: int, count: int) -> Tensor:
    """``count`` places of an axis, from ``first`` on in steps of ``step``."""
    chosen = slice(first, first + (count - 1) * step + 1, step)
    return x.movedim(axis, 0)[chosen].movedim(0, axis)


def _resized(x: Tensor, axis: int, size: int) -> list[int]:
    shape = [*x.shape]
    shape[axis] = size
    return shape


def _along(values: Tensor, axis: int) -> Tensor:
    """``values`` in a shape that goes along an axis, which is counted from the last, -1."""
    return values.view(-1, *[1] * (-1 - axis))


def _for_each(places: Tensor, axis: int, x: Tensor) -> Tensor:
    """``places`` along the axis, again for each place of the other axes of ``x``."""
    return _along(places, axis).expand(_resized(x, axis, len(places)))
