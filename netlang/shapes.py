"""Shapes of tensors as the compiler knows them, before any tensor exists.

>>> Shape.of(25)
[N, 25]
>>> Shape.of(25).with_last(10)
[N, 10]
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape [N, d1, d2, ...] of a batch; ``sample`` holds (d1, d2, ...) of one sample."""

    sample: tuple[int, ...]

    @classmethod
    def of(cls, *sample: int) -> Shape:
        return cls(sample)

    @property
    def last(self) -> int | None:
        """The size of the last dimension of a sample, None for a sample that is one number."""
        return self.sample[-1] if self.sample else None

    @property
    def size(self) -> int:
        """How many numbers one sample has."""
        return math.prod(self.sample)

    def with_last(self, size: int) -> Shape:
        """The same shape with another last dimension; a lone number becomes a row of ``size``."""
        return Shape((*self.sample[:-1], size))

    def __repr__(self) -> str:
        return "[" + ", ".join(["N", *map(str, self.sample)]) + "]"

    __str__ = __repr__


@dataclass(eq=False)
class Misfit(Exception):
    """Raised by ``Layer.infer``: the input's shape is not what the layer takes.

    ``argument`` and ``size`` name the argument whose change would make it fit.
    """

    takes: Shape
    argument: str | None = None
    size: int | None = None
