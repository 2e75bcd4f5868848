"""The parts of a sample's row in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Input
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Input)
def input_(layer: Input, x: Shape) -> TorchExpression:
    runs = [f"x[:, {begin}:{end}]" for begin, end in layer.runs]
    row = runs[0] if len(runs) == 1 else f"torch.cat([{', '.join(runs)}], dim=1)"
    if layer.shape == ():
        return TorchExpression(f"x[:, {layer.runs[0][0]}]")
    return TorchExpression(f"{row}.unflatten(1, {layer.shape})" if layer.shape else row)
