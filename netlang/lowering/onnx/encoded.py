"""What a pipeline makes of a model's inputs, before the network gets it."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.lowering.onnx.file import Port
from netlang.lowering.onnx.values import Value, op
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


def both(one: Value | None, other: Value | None) -> Value | None:
    """Where both hold; None holds everywhere."""
    if one is None or other is None:
        return other if one is None else one
    return op("And", one, other)
