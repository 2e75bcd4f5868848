"""Dropout by other means: the mask that it has drawn."""

from __future__ import annotations

ORACLES = {
    "Dropout": lambda layer, x: x if layer.saved is None else x * layer.saved,
}
