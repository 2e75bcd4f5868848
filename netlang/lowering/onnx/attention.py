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
    heads, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    size = layer.embed_dim // heads
    # Where heads share keys and values, these are of one head for each group of them.
    of_q: tuple[int, ...] = (heads, size)
    of_kv: tuple[int, ...] = (shared, size)
    if heads != shared:
        of_q, of_kv = (shared, heads // shared, size), (shared, 1, size)

    q = heads_apart(_linear(own, "q", x), *of_q)
    k = heads_apart(_linear(own, "k", memory), *of_kv)
    v = heads_apart(_linear(own, "v", memory), *of_kv)
    if layer.rotary:
        q, k = rotated(q, x, of_q, layer.base), rotated(k, memory, of_kv, layer.base)
    rank = len(of_q) + 2
    turned = k.transposed(*range(rank - 2), rank - 1, rank - 2)
    hidden = _hidden(layer, x, memory, lengths, rank)
    p = _softmax((q / math.sqrt(size)) @ turned, hidden, all_may_be=lengths is not None)
    y = _linear(own, "out", heads_together(p @ v, *of_q)).of_shape(x.shape, x.is_free)
    return y if memories else filled(y, lengths)


def _softmax(scores: Value, hidden: Value | None, all_may_be: bool) -> Value:
    """The weight of each key for each query: 0 where it is hidden from it."""
    if hidden is None:
        return op("Softmax", scores, axis=-1)
    least = constant(np.finfo("float32").min)
    p = op("Softmax", least.where(hidden, scores), axis=-1)
    return constant(0.0).where(hidden, p) if all_may_be else p


def _hidden(
    layer: Attention, x: Value, memory: Value, lengths: Value | None, rank: int
) -> Value | None:
    """Which keys are hidden from which queries, in a shape that meets scores of that rank."""
    later = memory.places() > x.places().unsqueezed(1) if layer.causal else None
    if lengths is None:
        return later
    padding = behind(memory, lengths).unsqueezed(*range(1, rank - 1))
    return padding if later is None else op("Or", padding, later)


def _linear(own: Own, name: str, x: Value) -> Value:
    y = x @ own[f"{name}_weight"].transposed(1, 0)
    bias = own.get(f"{name}_bias")
    return y if bias is None else y + bias
