"""Tokens that become vectors in C."""

from __future__ import annotations

from netlang.catalogue.layers import Embedding
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import cleared, length, row_sizes


@lowers(Embedding)
def embedding(layer: Embedding, x: Shape) -> Routine:
    rows, last = row_sizes(x)
    is_token = "token >= 0 && token < TOKENS"
    if layer.padding_idx is not None:
        is_token += " && token != PADDING"
    each = """
        for (int r = 0; r < N * ROWS; r++)
            for (int t = 0; t < LAST; t++) {
                const int e = (r * LAST + t) * PAD(SIZE);
                const real token = x[r * PAD(LAST) + t];"""
    none = "token == PADDING ? 0 : (real)NAN" if layer.padding_idx is not None else "(real)NAN"
    return Routine(
        constants={
            "ROWS": rows,
            "LAST": last,
            "TOKENS": layer.num_embeddings,
            "SIZE": layer.embedding_dim,
            **({} if layer.padding_idx is None else {"PADDING": layer.padding_idx}),
        },
        reads=("x",),
        forward=f"""
        /* y is row x of the weights, and no number for a token that is none */{each}
                if ({is_token})
                    for (int i = 0; i < SIZE; i++) y[e + i] = weight[(int)token * SIZE + i];
                else
                    for (int i = 0; i < SIZE; i++) y[e + i] = {none};
            }}""",
        gradients=f"""
        {cleared("weight_grad", "TOKENS * SIZE")}{each}
                if ({is_token})
                    for (int i = 0; i < SIZE; i++)
                        weight_grad[(int)token * SIZE + i] += dy[e + i];
            }}""",
        backward=(f"/* tokens have no gradient */\n{cleared('dx', f'N * {length(x)}')}",),
    )
