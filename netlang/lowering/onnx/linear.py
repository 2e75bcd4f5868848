"""The fully connected layer in ONNX."""

from __future__ import annotations

from netlang.catalogue.layers import Linear
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, op


@lowers(Linear)
def linear(layer: Linear, own: Own, x: Value) -> Value:
    bias = own["bias"] if layer.with_bias else None
    if len(x.sizes) == 1:
        return op("Gemm", x, own["weight"], bias, transB=1)
    y = x @ own["weight"].transposed(1, 0)
    return y if bias is None else y + bias
