"""The parts of a sample's row in ONNX."""

from __future__ import annotations

from netlang.catalogue.layers import Input
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, concat


@lowers(Input)
def input_(layer: Input, own: Own, x: Value) -> Value:
    row = concat(1, *(x.sliced(1, begin, end) for begin, end in layer.runs))
    if layer.shape is None:
        return row
    return row.reshaped(0, *layer.shape) if layer.shape else row.squeezed(1)
