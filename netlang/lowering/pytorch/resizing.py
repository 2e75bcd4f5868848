"""Layers that make pictures and sequences larger in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Pad, Upsample
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Upsample)
def upsample(layer: Upsample, x: Shape) -> TorchModule:
    by_size = layer.output_size is not None
    sizes = f"size={layer.output_size}" if by_size else f"scale_factor={layer.scale_factor}"
    if layer.mode == "nearest":
        return TorchModule(f"nn.Upsample({sizes})")
    mode = "linear" if len(x.sample) == 2 else "bilinear"
    corners = ", align_corners=True" if layer.align_corners else ""
    return TorchModule(f'nn.Upsample({sizes}, mode="{mode}"{corners})')


@lowers(Pad)
def pad(layer: Pad, x: Shape) -> TorchExpression:
    axes = len(x.sample) - 1
    borders = layer.borders(axes)
    if layer.mode != "constant":  # of a picture, PyTorch mirrors both axes or none
        borders = [(0, 0)] * (axes - len(borders)) + borders
    ends = ", ".join(str(end) for pair in reversed(borders) for end in pair)
    if layer.mode != "constant":
        return TorchExpression(f'F.pad(x, ({ends}), mode="{layer.mode}")')
    value = f", value={layer.value}" if layer.value else ""
    return TorchExpression(f"F.pad(x, ({ends}){value})")
