"""Activations, and what drops numbers in training."""

from __future__ import annotations

from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.teller import Step, Teller, number, says
from netlang.imports.telling import Lacks
from netlang.imports.views import View

_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("ReLU", {}),
    "relu6": ("ReLU6", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {}),
    "log_softmax": ("LogSoftmax", {}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "elu": ("ELU", {}),
    "celu": ("CELU", {}),
    "selu": ("SeLU", {"alpha": 1.673263, "lam": 1.050701}),
    "swish": ("SiLU", {}),
    "silu": ("SiLU", {}),
    "gelu": ("GELU", {}),
    "mish": ("Mish", {}),
    "hard_sigmoid": ("HardSigmoid", {}),
    "hard_swish": ("HardSwish", {}),
    "hard_silu": ("HardSwish", {}),
    "hard_tanh": ("HardTanh", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.2}),
}

_HARD = "hard_sigmoid is x/6 + 1/2 in its middle, as Keras 3 has it: Keras 2 has x/5 + 1/2."


def activated(teller: Teller, layer: KerasLayer, view: View, name: Any = None) -> View:
    """The view behind the layer's activation."""
    name = layer.get("activation", "linear") if name is None else name
    if isinstance(name, dict):
        name = name.get("config") if isinstance(name.get("config"), str) else name["class_name"]
    name = str(name).lower()
    if name == "linear":
        return view
    if name not in _ACTIVATIONS:
        raise Lacks(f"has the activation `{name}`, which netlang has not")
    if name == "hard_sigmoid":
        teller.remark(_HARD)
    call, arguments = _ACTIVATIONS[name]
    if call in ("Softmax", "LogSoftmax"):
        return along(teller, Step(f"{layer.name}.{name}"), call, view, -1)
    return teller.same(Step(f"{layer.name}.{name}"), call, view, **arguments)


def along(teller: Teller, step: Any, call: str, view: View, axis: int) -> View:
    view, at = teller.place(view, axis % view.rank)
    return teller.same(step, call, view, dim=-1 if at == len(view.own) - 1 else at)


@says("Activation")
def activation(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return activated(teller, layer, views[0])


@says("ReLU")
def relu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    most, slope = layer.get("max_value"), number(layer.config, "negative_slope", 0)
    if layer.get("threshold", 0):
        raise Lacks("begins at a threshold")
    if slope and most is None:
        return teller.same(layer, "LeakyReLU", views[0], negative_slope=slope)
    if slope or most not in (None, 6):
        if slope:
            raise Lacks("has a slope and a largest value")
        return teller.same(layer, "HardTanh", views[0], min_val=0.0, max_val=float(most))
    return teller.same(layer, "ReLU6" if most else "ReLU", views[0])


@says("LeakyReLU")
def leaky_relu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    slope = layer.get("negative_slope", layer.get("alpha", 0.3))
    return teller.same(layer, "LeakyReLU", views[0], negative_slope=float(slope))


@says("ELU")
def elu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return teller.same(layer, "ELU", views[0], alpha=number(layer.config, "alpha", 1.0))


@says("PReLU")
def prelu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    shared = [int(one) for one in layer.get("shared_axes") or []]
    if sorted(shared) != [*range(1, view.rank - 1)]:
        raise Lacks(
            "has a slope for each place: `shared_axes` are all but the channels in netlang's"
        )
    first = teller.channels_first(layer, view)
    return teller.same(layer, "PReLU", first, num_parameters=view.shape[-1])


@says("Softmax")
def softmax(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axis = layer.get("axis", -1)
    if isinstance(axis, list):
        raise Lacks("goes over several dimensions at once")
    return along(teller, layer, "Softmax", views[0], int(axis))


@says("Dropout", "SpatialDropout2D", "AlphaDropout")
def dropout(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    if layer.kind == "AlphaDropout":
        raise Lacks("keeps the mean and the deviation, which `Dropout` does not")
    call = "Dropout2d" if layer.kind.startswith("Spatial") else "Dropout"
    return teller.same(layer, call, views[0], p=number(layer.config, "rate", 0.5))
