"""Layers that drop numbers by other means: the masks that they have drawn."""

from __future__ import annotations

from torch import Tensor

from netlang.catalogue.layers import Dropout


def _dropped(layer: Dropout, x: Tensor) -> Tensor:
    return x if layer.saved is None else x * layer.saved.expand_as(x)


ORACLES = {"Dropout": _dropped, "Dropout2d": _dropped, "DropPath": _dropped}
