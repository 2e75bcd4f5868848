"""Shapes of tensors as the compiler knows them, before any tensor exists.

A dimension is a size, or an ``Unknown`` that a later layer, an earlier one or the data may
determine: ``unify`` makes two dimensions one.

>>> Shape.of(25)
[N, 25]
>>> hole = Unknown()
>>> Shape.of(3, hole)
[N, 3, _]
>>> unify(hole, 10)
True
>>> Shape.of(3, hole)
[N, 3, 10]
"""

from __future__ import annotations

import math
from dataclasses import dataclass


class Unknown:
    """A dimension that is not known yet, such as a hole's; equal only to itself."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: Dim | None = None

    def __repr__(self) -> str:
        found = solved(self)
        return "_" if isinstance(found, Unknown) else str(found)


Dim = int | Unknown


def solved(dim: Dim) -> Dim:
    """The size that ``dim`` is known to be, or the one unknown that stands for all its equals."""
    end = dim
    while isinstance(end, Unknown) and end._found is not None:
        end = end._found
    while isinstance(dim, Unknown) and dim._found is not None:  # shorten the path for the next
        dim._found, dim = end, dim._found
    return end


def unify(a: Dim | None, b: Dim | None) -> bool:
    """Make ``a`` and ``b`` one; False if they are two sizes that differ, or one is None."""
    if a is None or b is None:
        return False
    a, b = solved(a), solved(b)
    if isinstance(a, Unknown):
        if a is not b:
            a._found = b
        return True
    if isinstance(b, Unknown):
        b._found = a
        return True
    return a == b


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The shape [N, d1, d2, ...] of a batch; ``sample`` holds (d1, d2, ...) of one sample.

    The numbers in it are any, or ``tokens``: whole numbers from 0 on that stand for something, as
    those of characters do, and of which there are so many. Two shapes are equal if their dimensions
    and tokens are known to be, by now.

    Where samples are ``padded``, they are sequences of unequal length, each from the beginning of
    their first dimension on; what lies behind their ends is no part of them.
    """

    sample: tuple[Dim, ...]
    tokens: Dim | None = None
    padded: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shape):
            return NotImplemented
        mine, others = ([*map(solved, one.sample)] for one in (self, other))
        return mine == others and self.vocabulary == other.vocabulary

    def __hash__(self) -> int:  # what stays while unknown dimensions are found
        return len(self.sample)

    @classmethod
    def of(cls, *sample: Dim, tokens: Dim | None = None) -> Shape:
        return cls(sample, tokens)

    @property
    def vocabulary(self) -> Dim | None:
        """How many tokens there are, as far as it is known by now; None where numbers are any."""
        return None if self.tokens is None else solved(self.tokens)

    @property
    def last(self) -> Dim | None:
        """The last dimension of a sample, None for a sample that is one number."""
        return solved(self.sample[-1]) if self.sample else None

    def dim(self, at: int) -> Dim:
        """Dimension ``at`` of a sample, counting from 0."""
        return solved(self.sample[at])

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of a sample's dimensions.  Raises ValueError if one is not known."""
        sizes = [size for size in map(solved, self.sample) if isinstance(size, int)]
        if len(sizes) < len(self.sample):
            raise ValueError(f"{self} is not wholly known")
        return tuple(sizes)

    @property
    def size(self) -> int:
        """How many numbers one sample has.  Raises ValueError if a dimension is not known."""
        return math.prod(self.sizes)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """The dimensions that are not known, each as the one unknown that stands for its equals."""
        return tuple(dim for dim in map(solved, self.sample) if isinstance(dim, Unknown))

    def solved(self) -> Shape:
        """The same shape, with sizes where they are known by now."""
        return Shape(tuple(map(solved, self.sample)), self.vocabulary, self.padded)

    def with_dim(self, at: int, dim: Dim) -> Shape:
        """The same shape with another dimension at ``at``, counted in ``sample``. Another first one
        is not padded.
        """
        sample = list(self.sample)
        sample[at] = dim
        return Shape(tuple(sample), self.tokens, self.padded and at not in (0, -len(sample)))

    def without(self, at: int) -> Shape:
        """The same shape without dimension ``at``, counted in ``sample``."""
        sample = (*self.sample[:at], *self.sample[at + 1 :])
        return Shape(sample, self.tokens, self.padded and at > 0)

    def with_new(self, at: int, dim: Dim) -> Shape:
        """The same shape with one more dimension, before the one at ``at``, counted in ``sample``.
        A new first one is not padded.
        """
        sample = (*self.sample[:at], dim, *self.sample[at:])
        return Shape(sample, self.tokens, self.padded and at > 0)

    def with_last(self, dim: Dim) -> Shape:
        """The same shape with another last dimension; a lone number becomes a row of ``dim``."""
        return Shape((*self.sample[:-1], dim), self.tokens, self.padded and len(self.sample) > 1)

    def of_rank(self, rank: int) -> Shape:
        """The same shape with unknown dimensions at its end, to have ``rank`` in a sample."""
        unknown = (Unknown() for _ in range(rank - len(self.sample)))
        return Shape((*self.sample, *unknown), self.tokens, self.padded)

    def unify(self, other: Shape) -> bool:
        """Make the two shapes one; False if they differ, in rank, in a size or in their tokens.

        If shapes of one rank differ in a size, all other dimensions are made one even so.
        """
        if len(self.sample) != len(other.sample):
            return False
        made_one = [unify(a, b) for a, b in zip(self.sample, other.sample, strict=True)]
        if self.tokens is not None or other.tokens is not None:
            made_one.append(unify(self.tokens, other.tokens))
        return all(made_one)

    def __repr__(self) -> str:
        sizes = "[" + ", ".join(["N", *map(str, self.sample)]) + "]"
        if self.tokens is not None:
            count = self.vocabulary
            sizes += f" of {count:,} tokens" if isinstance(count, int) else " of tokens"
        return f"{sizes} with padding" if self.padded else sizes


@dataclass(eq=False)
class ShapeError(Exception):
    """Raised by ``Layer.infer``: an input's shape is not what the layer takes.

    ``input`` is the input's index, ``takes`` the shape that would fit, or with ``at_least`` the
    smallest one. With ``size`` for its ``argument``, the layer would fit. Where more has to be said
    than which shape would fit, ``reason`` goes on after the layer's name, as in "has a kernel of
    5 x 5, and its input is 3 x 3", and ``help`` says what to change.
    """

    takes: Shape
    argument: str | None = None
    size: Dim | None = None
    input: int = 0
    at_least: bool = False
    reason: str = ""
    help: str = ""
