"""The fully connected layer in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Linear
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import Definition, TorchModule
from netlang.lowering.pytorch.table import lowers


@lowers(Linear)
def linear(layer: Linear, x: Shape) -> TorchModule:
    return TorchModule(
        f"{layer.init}(nn.Linear({layer.in_features}, {layer.out_features}))",
        uses=(_IN_PYTORCH[layer.init],),
    )


_IN_PYTORCH = {
    "xavier": Definition(
        '''\
def xavier(linear):
    """Weights and biases drawn from N(0, sqrt(2) / sqrt(in + out))."""
    deviation = math.sqrt(2 / (linear.in_features + linear.out_features))
    nn.init.normal_(linear.weight, std=deviation)
    nn.init.normal_(linear.bias, std=deviation)
    return linear
'''
    ),
    "normal": Definition(
        '''\
def normal(linear):
    """Weights and biases drawn from N(0, 1)."""
    nn.init.normal_(linear.weight)
    nn.init.normal_(linear.bias)
    return linear
'''
    ),
    "zero": Definition(
        '''\
def zero(linear):
    """Weights and biases that begin as 0."""
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear
'''
    ),
}
