"""Attention in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Attention
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.positions import turned


@computes(Attention)
def attention(layer: Attention, x: Shape, *others: Shape) -> ForwardOnly:
    """Behind x come the memory, if there is one, and how long padded sequences are, if they are."""
    has_lengths = bool(others) and not others[-1].sizes
    memory = others[0] if len(others) > has_lengths else x
    names = [f"x{index}" for index in range(1 + len(others))] if others else ["x"]
    source = names[1] if len(others) > has_lengths else names[0]
    (steps, features), (keys, width) = x.sizes, memory.sizes
    heads, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    size = features // heads
    ends = f"(int){names[-1]}[0]" if has_lengths else "KEYS"
    is_behind = has_lengths and memory is x
    bias = {name: f"{name}_bias" if layer.bias else "NULL" for name in ("q", "k", "v", "out")}
    turns = [
        turned("q", "STEPS", "HEADS", "SIZE", layer.base),
        turned("k", "KEYS", "SHARED", "SIZE", layer.base),
    ]
    cleared = "memset(y + ends * WIDTH, 0, (size_t)(STEPS - ends) * WIDTH * sizeof(float));"
    return ForwardOnly(
        constants={
            "STEPS": steps,
            "WIDTH": features,
            "KEYS": keys,
            "MEMORY": width,
            "HEADS": heads,
            "SHARED": shared,  # heads of keys and values
            "SIZE": size,  # of a head
            "root": math.sqrt(size),
        },
        scratch={
            "q": steps * features,
            "k": keys * shared * size,
            "v": keys * shared * size,
            "p": keys,
        },
        forward=f"""
        const int ends = {ends};
        dots(STEPS, WIDTH, WIDTH, {names[0]}, q_weight, {bias["q"]}, q);
        dots(KEYS, SHARED * SIZE, MEMORY, {source}, k_weight, {bias["k"]}, k);
        dots(KEYS, SHARED * SIZE, MEMORY, {source}, v_weight, {bias["v"]}, v);
        {" ".join(turns) if layer.rotary else ""}
        /* o = softmax(q kT / root) v takes the place of q */
        for (int h = 0; h < HEADS; h++)
            for (int t = 0; t < STEPS; t++) {{
                float *const query = q + t * WIDTH + h * SIZE;
                const int first = h / (HEADS / SHARED) * SIZE;
                const int seen = {"least(t + 1, ends)" if layer.causal else "ends"};
                float top = -INFINITY, total = 0;
                for (int s = 0; s < seen; s++) {{
                    const float *const key = k + s * SHARED * SIZE + first;
                    p[s] = 0;
                    for (int i = 0; i < SIZE; i++) p[s] += query[i] / root * key[i];
                    top = p[s] > top ? p[s] : top;
                }}
                for (int s = 0; s < seen; s++) {{
                    p[s] = expf(p[s] - top);
                    total += p[s];
                }}
                for (int i = 0; i < SIZE; i++) {{
                    float sum = 0;
                    for (int s = 0; s < seen; s++) sum += p[s] * v[s * SHARED * SIZE + first + i];
                    query[i] = sum / total;
                }}
            }}
        dots(STEPS, WIDTH, WIDTH, q, out_weight, {bias["out"]}, y);
        {cleared if is_behind else ""}""",
    )
