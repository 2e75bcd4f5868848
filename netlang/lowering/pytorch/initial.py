"""How weights begin in PyTorch, for any layer whose weights are its ``weight`` and its ``bias``."""

from __future__ import annotations

from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule


def initialised(module: str, init: str) -> TorchModule:
    """The text ``module``, such as ``nn.Linear(2, 25)``, with weights that begin as ``init`` says.

    It is one of ``netlang.catalogue.layers.initial.INITS``.
    """
    if init == "uniform":  # as PyTorch's own layers begin
        return TorchModule(module)
    return TorchModule(f"{init}({module})", uses=(_IN_PYTORCH[init],), bare=module)


def _definition(init: str, begins: str, weight: str, bias: str, first: str) -> TorchDefinition:
    return TorchDefinition(
        f'''\
def {init}(layer):
    """{begins}"""
{first}    nn.init.{weight}
    if layer.bias is not None:
        nn.init.{bias}
    return layer
'''
    )


def _drawn(init: str, distribution: str, call: str, first: str = "") -> TorchDefinition:
    """Of one distribution for weights and biases."""
    weight, bias = (call.format(f"layer.{name}") for name in ("weight", "bias"))
    return _definition(init, f"Weights and biases {distribution}.", weight, bias, first)


def _without_bias(init: str, distribution: str, call: str) -> TorchDefinition:
    """Of a distribution for weights alone."""
    begins = f"Weights {distribution}, and biases that begin as 0."
    return _definition(init, begins, call.format("layer.weight"), "zeros_(layer.bias)", "")


_FANS = """\
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(layer.weight)
    deviation = math.sqrt(2 / (fan_in + fan_out))
"""
_UNIFORM = "drawn from a uniform distribution of deviation"
_IN_PYTORCH = {
    "xavier": _drawn(
        "xavier",
        "drawn from N(0, sqrt(2) / sqrt(in + out))",
        "normal_({}, std=deviation)",
        _FANS,
    ),
    "xavier_uniform": _without_bias(
        "xavier_uniform", f"{_UNIFORM} sqrt(2) / sqrt(in + out)", "xavier_uniform_({})"
    ),
    "kaiming": _without_bias(
        "kaiming", "drawn from N(0, sqrt(2) / sqrt(in))", 'kaiming_normal_({}, nonlinearity="relu")'
    ),
    "kaiming_uniform": _without_bias(
        "kaiming_uniform",
        f"{_UNIFORM} sqrt(2) / sqrt(in)",
        'kaiming_uniform_({}, nonlinearity="relu")',
    ),
    "lecun": _without_bias(
        "lecun", "drawn from N(0, 1 / sqrt(in))", 'kaiming_normal_({}, nonlinearity="linear")'
    ),
    "normal": _drawn("normal", "drawn from N(0, 1)", "normal_({})"),
    "orthogonal": _without_bias("orthogonal", "at right angles to each other", "orthogonal_({})"),
    "zero": _drawn("zero", "that begin as 0", "zeros_({})"),
}
