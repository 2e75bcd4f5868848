"""Layers that make pictures and sequences larger in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Pad, Upsample
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Upsample)
def upsample(layer: Upsample, x: Shape) -> TorchModule:
    options = {"size": layer.output_size, "scale_factor": layer.scale_factor}
    given = [f"{name}={one}" for name, one in options.items() if one is not None]
    given += [f'mode="{layer.mode}"'] * (layer.mode != "nearest")
    given += ["align_corners=True"] * layer.align_corners
    return TorchModule(f"nn.Upsample({', '.join(given)})")


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
