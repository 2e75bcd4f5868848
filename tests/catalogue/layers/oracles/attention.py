"""Attention by other means: one head after another."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import Attention
from tests.catalogue.layers.oracles.positions import turned


def attention(layer: Attention, x: Tensor, memory: Tensor | None = None) -> Tensor:
    memory = x if memory is None else memory
    heads, kv_heads = layer.num_heads, layer.num_kv_heads or layer.num_heads
    size = layer.embed_dim // heads
    q, k, v = (_made(layer, *one) for one in (("q", x), ("k", memory), ("v", memory)))
    q, k, v = (list(one.split(size, dim=2)) for one in (q, k, v))
    outputs = []
    for head in range(heads):
        query, key, value = q[head], k[head * kv_heads // heads], v[head * kv_heads // heads]
        if layer.rotary:
            query, key = turned(query, layer.base), turned(key, layer.base)
        scores = torch.einsum("ntd,nsd->nts", query, key) / math.sqrt(size)
        if layer.causal:
            scores = scores + torch.full(scores.shape[1:], -math.inf, dtype=x.dtype).triu(1)
        outputs.append(torch.einsum("nts,nsd->ntd", torch.softmax(scores, 2), value))
    return _made(layer, "out", torch.cat(outputs, 2))


def _made(layer: Attention, name: str, x: Tensor) -> Tensor:
    bias = getattr(layer, f"{name}_bias") if layer.bias else None
    return functional.linear(x, getattr(layer, f"{name}_weight"), bias)


ORACLES = {"Attention": attention}
