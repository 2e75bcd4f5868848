"""Factors in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import FanInScale, Scale
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Scale)
def scale(layer: Scale, x: Shape) -> TorchModule:
    if layer.num_features is None:
        return TorchModule(f"Scale(1, {layer.init})", uses=(_SCALE,))
    behind = len(x.sample) - 1 - place(x, layer.dim)
    text = f"Scale({layer.num_features}, {layer.init}{f', {behind}' if behind else ''})"
    return TorchModule(text, uses=(_SCALE,))


@lowers(FanInScale)
def fan_in_scale(layer: FanInScale, x: Shape) -> TorchExpression:
    return TorchExpression("x / math.sqrt(x.shape[-1])")


_SCALE = TorchDefinition(
    '''\
class Scale(nn.Module):
    """Multiplies each feature by a factor that is learned; so many dimensions lie behind it."""

    def __init__(self, features, init, behind=0):
        super().__init__()
        self.behind = behind
        self.weight = nn.Parameter(torch.full((features,), float(init)))

    def forward(self, x):
        return x * self.weight.view(-1, *[1] * self.behind)
'''
)
