"""Tokens become vectors by other means: as rows with a single 1."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import Embedding


def _embedding(layer: Embedding, x: Tensor) -> Tensor:
    rows = functional.one_hot(x.long(), layer.num_embeddings).to(layer.weight.dtype)
    if layer.padding_idx is not None:
        rows[..., layer.padding_idx] = 0
    return rows @ layer.weight


ORACLES = {"Embedding": _embedding}
