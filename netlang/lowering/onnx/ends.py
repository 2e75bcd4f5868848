"""The ends of sequences in ONNX."""

from __future__ import annotations

import math

from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, constant, op


@lowers(Lengths)
def lengths(layer: Lengths, own: Own, x: Value) -> Value:
    rows = (
        x
        if len(x.sizes) == 1
        else x.reshaped(0, 0, math.prod(x.sizes[1:])).sliced(2, 0, 1).squeezed(2)
    )
    numbers = op("Not", op("IsNaN", rows, dtype="bool")).cast("float32")
    return op("Max", numbers.sum(1, keep=False), 1.0)


@lowers(FillPadding)
def fill_padding(layer: FillPadding, own: Own, x: Value) -> Value:
    behind = op("IsNaN", x, dtype="bool")
    return constant(0.0).where(behind, x)


def filled(x: Value, lengths: Value | None, number: float = 0.0) -> Value:
    """``x`` [N, T, *] with a number behind the ends of its sequences."""
    if lengths is None:
        return x
    ones = range(2, len(x.sizes) + 1)
    return constant(number).where(behind(x, lengths).unsqueezed(*ones), x)


def behind(x: Value, lengths: Value) -> Value:
    """Which steps of ``x`` [N, T, *] are behind the ends.  Shape: [N, T]."""
    return x.places() >= lengths.cast("int64").unsqueezed(1)
