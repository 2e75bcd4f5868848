"""Attention in NumPy."""

from __future__ import annotations

import math
from collections.abc import Mapping

from netlang.catalogue.layers import Attention
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, inputs_of, lowers
from netlang.lowering.numpy.sequences import behind, heads_apart, heads_together, rotated
from netlang.lowering.python.mathematics import softmax
from netlang.system.lazy import np


def attention(
    x: Array,
    memory: Array,
    weights: Mapping[str, Array],
    heads: int,
    kv_heads: int | None = None,
    causal: bool = False,
    base: float | None = None,
    lengths: Array = None,
) -> Array:
    """softmax(q k^T / sqrt(d)) v in heads, where q is made of x, and k and v of the memory.

    With a base, queries and keys turn with the position. What is behind the lengths is padding.
    Shape: [N, T, D], memory [N, S, *] -> [N, T, D].
    """

    def made(name: str, source: Array) -> Array:
        return source @ weights[f"{name}_weight"].T + weights.get(f"{name}_bias", 0)

    kv_heads = kv_heads or heads
    q = heads_apart(made("q", x), heads)
    k, v = (heads_apart(made(name, memory), kv_heads) for name in "kv")
    if base:
        q, k = rotated(q, base), rotated(k, base)
    k, v = (one.repeat(heads // kv_heads, 1) for one in (k, v))
    scores = q @ k.swapaxes(2, 3) / math.sqrt(q.shape[3])
    hidden = np.zeros((1, 1, *scores.shape[2:]), bool)
    if causal:
        hidden = np.triu(~hidden, 1)
    if lengths is not None:
        hidden = hidden | (np.arange(k.shape[2]) >= lengths[:, None])[:, None, None]
    p = softmax(np.where(hidden, np.finfo(x.dtype).min, scores))
    if lengths is not None:
        p = np.where(hidden, 0, p)
    y = made("out", heads_together(p @ v))
    if lengths is not None and memory is x:
        y = np.where(behind(y, lengths), 0, y)
    return y


@lowers(Attention)
def _attention(layer: Attention, *x: Shape) -> NumpyCall:
    padded = x[-1].padded
    names = inputs_of(len(x) + padded)
    options: dict[str, object] = {"kv_heads": layer.num_kv_heads, "causal": layer.causal}
    options["base"] = layer.base if layer.rotary else None
    made = call(attention, names[0], names[len(x) - 1], "{}", layer.num_heads, **options)
    if padded:
        made = made.replace(text=f"{made.text[:-1]}, lengths={names[-1]})")
    return made
