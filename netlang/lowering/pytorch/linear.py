"""The fully connected layer in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Linear
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Linear)
def linear(layer: Linear, x: Shape) -> TorchModule:
    return TorchModule(
        f"{layer.init}(nn.Linear({layer.in_features}, {layer.out_features}))",
        uses=(_IN_PYTORCH[layer.init],),
    )


def _initialised(init: str, values: str, call: str, first: str = "") -> TorchDefinition:
    return TorchDefinition(
        f'''\
def {init}(linear):
    """Weights and biases {values}."""
{first}    nn.init.{call.format("linear.weight")}
    nn.init.{call.format("linear.bias")}
    return linear
'''
    )


_DEVIATION = "    deviation = math.sqrt(2 / (linear.in_features + linear.out_features))\n"
_XAVIER = "drawn from N(0, sqrt(2) / sqrt(in + out))"

_IN_PYTORCH = {
    "xavier": _initialised("xavier", _XAVIER, "normal_({}, std=deviation)", _DEVIATION),
    "normal": _initialised("normal", "drawn from N(0, 1)", "normal_({})"),
    "zero": _initialised("zero", "that begin as 0", "zeros_({})"),
}
