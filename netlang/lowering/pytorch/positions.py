"""Positions in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import PositionalEmbedding, Rotary
from netlang.catalogue.layers.positions import angles, rotated, rotations, sinusoids
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers

ROTATED = TorchDefinition.of(angles, rotations, rotated)


@lowers(PositionalEmbedding)
def positional_embedding(layer: PositionalEmbedding, x: Shape) -> TorchModule:
    if layer.form == "sinusoidal":
        return TorchModule("SinusoidalPositions()", uses=(_SINUSOIDAL,))
    text = f"LearnedPositions({layer.max_length}, {layer.embedding_dim}, std={layer.std})"
    return TorchModule(text, uses=(_LEARNED,))


@lowers(Rotary)
def rotary(layer: Rotary, x: Shape) -> TorchModule:
    return TorchModule(f"Rotary({layer.num_heads}, base={layer.base})", uses=(_ROTARY,))


_LEARNED = TorchDefinition(
    '''\
class LearnedPositions(nn.Module):
    """Adds to each position a vector of its own, which begins with N(0, std)."""

    def __init__(self, max_length, features, std):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(max_length, features) * std)

    def forward(self, x):
        return x + self.weight[: x.shape[1]]
'''
)

_SINUSOIDAL = TorchDefinition(
    '''\
class SinusoidalPositions(nn.Module):
    """Adds to each position sines and cosines of its own."""

    def forward(self, x):
        return x + sinusoids(x)
''',
    uses=(TorchDefinition.of(angles, sinusoids),),
)

_ROTARY = TorchDefinition(
    '''\
class Rotary(nn.Module):
    """Turns the pairs of features in each head by an angle for their position."""

    def __init__(self, heads, base):
        super().__init__()
        self.heads, self.base = heads, base

    def forward(self, x):
        heads = x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        turned = rotated(heads, *rotations(heads, self.base))
        return turned.transpose(1, 2).flatten(2)
''',
    uses=(ROTATED,),
)
