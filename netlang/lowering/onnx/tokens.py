"""Tokens become vectors, in ONNX."""

from __future__ import annotations

from typing import Any

from netlang.catalogue.layers import Embedding
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, op


@lowers(Embedding)
def embedding(layer: Embedding, own: Own, x: Value) -> Value:
    pads = layer.padding_idx is not None
    table = own.made("rows", lambda: _rows(layer, own)) if pads else own["weight"]
    return op("Gather", table, x.cast("int64"))


def _rows(layer: Embedding, own: Own) -> Any:
    """The table, with 0 for the token that is padding."""
    rows = own.array("weight").copy()
    rows[layer.padding_idx] = 0
    return rows
