"""The numbers that Keras's layers have for each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.telling import Lacks
from netlang.imports.views import View


def places_of(layer: KerasLayer, view: View) -> tuple[int, ...]:
    """The sizes of the axes behind or before the channels."""
    last = layer.channels_last
    return view.shape[1:-1] if last else view.shape[2:]


def numbers_of(value: Any, axes: int) -> list[int]:
    """A number for each axis, of one for all or of a list.  Raises Lacks."""
    several = isinstance(value, list | tuple)
    numbers = [int(one) for one in value] if several else [int(value)] * axes
    if len(numbers) != axes:
        raise Lacks(f"has {len(numbers)} numbers where {axes} are expected")
    return numbers


def pairs_of(value: Any, axes: int) -> list[tuple[int, int]]:
    """How much stands at both ends of each axis."""
    if isinstance(value, int):
        return [(value, value)] * axes
    if axes == 1 and len(value) == 2 and isinstance(value[0], int):
        return [(int(value[0]), int(value[1]))]
    return [(one, one) if isinstance(one, int) else (int(one[0]), int(one[1])) for one in value]


def one_or_all(numbers: Sequence[int]) -> Any:
    """One number where all are equal, as people write it."""
    return numbers[0] if len({*numbers}) == 1 else tuple(numbers)
