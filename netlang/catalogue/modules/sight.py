"""Sight: which places along a dimension of its input an output of a layer depends on."""

from __future__ import annotations

from netlang.system.record import Record


class Sight(Record):
    """The places along dimension ``dim`` of a layer's outputs see those along one of an input.

    Output place t sees ``places[t]``, and without ``places`` place t alone. Where no dimension of
    the output has places for them, ``dim`` is None, and each output sees all. Dimensions are
    counted in a sample, from 0.
    """

    dim: int | None = None
    places: tuple[range, ...] | None = None


def up_to_its_own(dim: int, count: int) -> Sight:
    """Each of ``count`` places along ``dim`` sees itself and those before it."""
    return Sight(dim, tuple(range(place + 1) for place in range(count)))
