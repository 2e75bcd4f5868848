"""Tokens that become vectors in C."""

from __future__ import annotations

from netlang.catalogue.layers import Embedding
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes


@computes(Embedding)
def embedding(layer: Embedding, x: Shape) -> ForwardOnly:
    """A token that is none has no row: reading one would go beyond the weights."""
    row = "weight[(int)x[i] * SIZE + k]"
    if layer.padding_idx is not None:
        row = f"x[i] == PADDING ? 0 : {row}"
    return ForwardOnly(
        constants={
            "COUNT": x.size,
            "TOKENS": layer.num_embeddings,
            "SIZE": layer.embedding_dim,
            **({} if layer.padding_idx is None else {"PADDING": layer.padding_idx}),
        },
        forward=f"""
        /* y[i] is row x[i] of the weights, and no number for a token that is none */
        for (int i = 0; i < COUNT; i++) {{
            const int is_token = x[i] >= 0 && x[i] < TOKENS;
            for (int k = 0; k < SIZE; k++) y[i * SIZE + k] = is_token ? ({row}) : NAN;
        }}""",
    )
