"""What a pipeline makes of a model's inputs, before the network gets it."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.lowering.onnx.file import Port
from netlang.lowering.onnx.values import Value, constant, op
from netlang.system.record import Record


class Encoded(Record):
    """The model's ``inputs`` as they come, the row or the array that the network gets of them, and
    which samples can be ``used`` [N]: None where all can.
    """

    inputs: Sequence[Port]
    row: Value
    used: Value | None = None


def numbers(x: Value, rank: int) -> Value:
    """Which samples of ``x``, of so many dimensions with the batch, have nothing but numbers in
    them, and no infinity.  Shape: [N] bool.
    """
    zeros = x * 0.0  # but NaN of NaN and of infinity
    return zeros.sum(*range(1, rank), keep=False).equals(0.0)


def tokens(x: Value, count: int, rank: int, least: int = 0) -> tuple[Value, Value]:
    """The tokens of ``x``, those brought into their range that are out of it, and which samples
    have none of these.  Shape: [N, *] int64 -> the same, and [N] bool.
    """
    inside = op("Clip", x, least, count - 1)
    return inside, _all(inside.equals(x), rank)


def ends(is_none: Value, rank: int) -> Value:
    """Which sequences have a step at least, and nothing behind their first one that is none, as
    ``is_none`` says of each number.  Shape: [N, T, *] -> [N] bool.
    """
    none = is_none.cast("int32")
    some, whole = none, none
    if inner := range(2, rank):
        some, whole = none.max(*inner, keep=False), none.min(*inner, keep=False)
    past = op("CumSum", some, constant(1, "int64")) > 0
    is_right = past.equals(whole > 0).cast("int32").min(1, keep=False)
    begins = some.sliced(1, 0, 1).equals(0).squeezed(1)
    return op("And", is_right.cast("bool"), begins, dtype="bool")


def _all(found: Value, rank: int) -> Value:
    """Which samples have it all.  Shape: [N, *] bool -> [N] bool."""
    return found.cast("int32").min(*range(1, rank), keep=False).cast("bool")


def both(one: Value | None, other: Value | None) -> Value | None:
    """Where both hold; None holds everywhere."""
    if one is None or other is None:
        return other if one is None else one
    return op("And", one, other)
