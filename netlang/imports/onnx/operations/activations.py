"""Activations, each number by itself, and those along an axis."""

from __future__ import annotations

import math
from typing import Any

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, View

_PLAIN = {
    "Relu": "ReLU",
    "Sigmoid": "Sigmoid",
    "Tanh": "Tanh",
    "Softplus": "Softplus",
    "Softsign": "Softsign",
    "HardSwish": "HardSwish",
    "Mish": "Mish",
    **{
        f"netlang.{name}": name
        for name in (
            *("SiLU", "GELU", "Mish", "HardSwish", "HardSigmoid", "Softplus", "Softsign"),
            *("ReLU6", "Sigmoid", "Tanh"),
        )
    },
}


@says(*_PLAIN)
def plain(speaker: Speaker, op: Op) -> View:
    own = op.attributes if op.type.startswith("netlang.") else {}
    return speaker.same(op, _PLAIN[op.type], speaker.view(op), **own)


@says("LeakyRelu")
def leaky_relu(speaker: Speaker, op: Op) -> View:
    return speaker.same(
        op, "LeakyReLU", speaker.view(op), negative_slope=float(op.get("alpha", 0.01))
    )


@says("Elu", "Celu")
def elu(speaker: Speaker, op: Op) -> View:
    return speaker.same(op, op.type.upper(), speaker.view(op), alpha=float(op.get("alpha", 1.0)))


@says("Selu")
def selu(speaker: Speaker, op: Op) -> View:
    alpha, gamma = op.get("alpha", 1.67326319217681884765625), op.get("gamma", 1.05070102214813232)
    return speaker.same(op, "SeLU", speaker.view(op), alpha=float(alpha), lam=float(gamma))


@says("Gelu")
def gelu(speaker: Speaker, op: Op) -> View:
    return speaker.same(op, "GELU", speaker.view(op), approximate=op.get("approximate", "none"))


@says("Swish")
def swish(speaker: Speaker, op: Op) -> View:
    if op.get("alpha", 1.0) != 1.0:
        raise Lacks(f"has an alpha of {op.get('alpha'):g}: SiLU has 1")
    return speaker.same(op, "SiLU", speaker.view(op))


@says("HardSigmoid")
def hard_sigmoid(speaker: Speaker, op: Op) -> View:
    alpha, beta = op.get("alpha", 0.2), op.get("beta", 0.5)
    if not math.isclose(alpha, 1 / 6, rel_tol=1e-5) or beta != 0.5:
        raise Lacks(f"is {alpha:g}·x + {beta:g} in the middle: netlang's HardSigmoid is x/6 + 1/2")
    return speaker.same(op, "HardSigmoid", speaker.view(op))


@says("PRelu")
def prelu(speaker: Speaker, op: Op) -> View:
    view, slope = speaker.view(op), speaker.weights(op, 1, "slopes")
    count = slope.size
    if count > 1:
        view = speaker.strictly(view)
        sizes = (1,) * (view.rank - slope.ndim) + slope.shape
        if sizes[1] != count:
            raise Lacks("has other slopes than one for all, or one for each channel")
    tensors = {"weight": slope.reshape(-1)}
    return speaker.same(op, "PReLU", view, num_parameters=count, tensors=tensors)


@says("Clip")
def clip(speaker: Speaker, op: Op) -> View:
    ends = [speaker.graph.value(op, at, name) for at, name in ((1, "min"), (2, "max"))]
    low, high = (None if one is None else float(one) for one in ends)
    view = speaker.view(op)
    if low == 0 and (high is None or high > 3e38):
        return speaker.same(op, "ReLU", view)
    if low == 0 and high == 6:
        return speaker.same(op, "ReLU6", view)
    if low is None or high is None:
        raise Lacks("has one end alone, and HardTanh two")
    return speaker.same(op, "HardTanh", view, min_val=low, max_val=high)


@says("Softmax", "LogSoftmax")
def softmax(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    is_old = speaker.graph.opset < 13  # all dimensions from the axis on are one row
    axis = op.get("axis", 1 if is_old else -1) % view.rank
    if is_old and math.prod(view.shape[axis + 1 :]) != 1:
        raise Lacks("goes over several dimensions at once")
    return _along(speaker, op, op.type, view, axis)


@says("netlang.GLU")
def glu(speaker: Speaker, op: Op) -> View:
    view, at = speaker.place(speaker.view(op), op.attributes["axis"])
    dim = _dim(view, at)
    name, sizes = speaker.say(op, "GLU", view, dim=dim)
    new = (Atom(sizes[at - 1]),)
    old = view.own[at]
    axes = tuple(new if axis == old else axis for axis in view.axes)
    return View(name, (*view.own[:at], new, *view.own[at + 1 :]), axes)


def _along(speaker: Speaker, op: Op, call: str, view: View, axis: int, **more: Any) -> View:
    view, at = speaker.place(view, axis)
    return speaker.same(op, call, view, dim=_dim(view, at), **more)


def _dim(view: View, at: int) -> int:
    """How netlang counts the dimension: the last one as -1."""
    return -1 if at == len(view.own) - 1 else at


@says("Dropout")
def dropout(speaker: Speaker, op: Op) -> View:
    ratio = speaker.graph.value(op, 1, "ratio")
    return speaker.same(op, "Dropout", speaker.view(op), p=0.5 if ratio is None else float(ratio))
