"""Resized pictures and borders by ``torch.nn.functional``."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import Pad, Upsample
from tests.catalogue.layers.oracles import Oracle


def upsampled(layer: Upsample, x: Tensor) -> Tensor:
    corners = None if layer.mode == "nearest" else layer.align_corners
    size, factor = layer.output_size, layer.scale_factor
    return functional.interpolate(x, size, factor, layer.mode, corners)  # type: ignore[arg-type]


def padded(layer: Pad, x: Tensor) -> Tensor:
    each = layer.padding
    borders = each if isinstance(each, tuple) else (each,) * 2 * max(1, x.dim() - 2)
    wide = len(borders) // 2 + 2 > x.dim() or layer.mode == "constant"
    value = layer.value if layer.mode == "constant" else None
    if not wide and len(borders) == 2 and x.dim() == 4:  # torch mirrors both axes of a picture
        borders = (*borders, 0, 0)
    return functional.pad(x, borders, layer.mode, value)


ORACLES: dict[str, Oracle] = {"Upsample": upsampled, "Pad": padded}
