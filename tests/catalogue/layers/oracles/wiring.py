"""Wires by other means."""

from __future__ import annotations

ORACLES = {
    "Identity": lambda layer, x: 1 * x,
    "Select": lambda layer, *x: 1 * x[layer.index],
}
