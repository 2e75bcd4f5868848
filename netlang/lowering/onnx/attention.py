"""Attention in ONNX."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Attention
from netlang.lowering.onnx.ends import behind, filled
from netlang.lowering.onnx.heads import heads_apart, heads_together
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.positions import rotated
from netlang.lowering.onnx.values import Value, constant, op
from netlang.system.lazy import np


@lowers(Attention)
def attention(layer: Attention, own: Own, x: Value, *others: Value) -> Value:
    lengths = others[-1] if others and not others[-1].sizes else None
    memories = others if lengths is None else others[:-1]
    memory = memories[0] if memories else x
    (steps, features), keys = x.sizes, memory.sizes[0]
    heads, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    size = features // heads

    q = heads_apart(_linear(own, "q", x), steps, heads, size)
    k = heads_apart(_linear(own, "k", memory), keys, shared, size)
    v = heads_apart(_linear(own, "v", memory), keys, shared, size)
    if layer.rotary:
        q = rotated(q, steps, size, layer.base)
        k = rotated(k, keys, size, layer.base)
    rows = (0, shared, heads // shared * steps, -1)  # of the heads that share keys and values
    scores = ((q / math.sqrt(size)).reshaped(*rows)) @ k.transposed(0, 1, 3, 2)
    p = _softmax(layer, scores.reshaped(0, heads, steps, keys), steps, keys, lengths)
    o = (p.reshaped(*rows) @ v).reshaped(0, heads, steps, size)
    y = _linear(own, "out", heads_together(o, steps, features)).of_shape(x.shape)
    return y if memories else filled(y, lengths)


def _softmax(
    layer: Attention, scores: Value, steps: int, keys: int, lengths: Value | None
) -> Value:
    """The weight of each key for each query: 0 where it is hidden from it."""
    hidden: Value | None = None
    if layer.causal:
        hidden = constant(np.arange(keys) > np.arange(steps)[:, None], "bool")
    if lengths is not None:
        padding = behind(keys, lengths).unsqueezed(1, 2)
        hidden = padding if hidden is None else op("Or", padding, hidden)
    if hidden is None:
        return op("Softmax", scores, axis=-1)
    least = constant(np.finfo("float32").min)
    p = op("Softmax", least.where(hidden, scores), axis=-1)
    return p if lengths is None else constant(0.0).where(hidden, p)  # all may be hidden


def _linear(own: Own, name: str, x: Value) -> Value:
    y = x @ own[f"{name}_weight"].transposed(1, 0)
    bias = own.get(f"{name}_bias")
    return y if bias is None else y + bias
