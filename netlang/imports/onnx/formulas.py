"""Activations and norms are written out by many exporters: what they compute tells which they are.

``x * 0.5 * (1 + erf(x / 1.414))`` is GELU in whatever order it is multiplied. So a formula of one
value is tried at some numbers, and compared with what the catalogue has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from netlang.imports.onnx.graph import OnnxGraph, Op
from netlang.system.lazy import np

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

_LONGEST = 16  # operations of a formula
_CLOSE = 1e-5  # constants of a file are float32


def name_formulas(graph: OnnxGraph) -> OnnxGraph:
    """The graph with one operation for each formula that is a layer of netlang's."""
    replaced: dict[str, Op] = {}
    makers = graph.makers()
    for op in graph.ops:
        if op.type in _COMPUTED and (found := _recognised(op, graph, makers)):
            replaced[op.output] = found
    ops = [replaced.get(op.output, op) for op in graph.ops]
    return graph.with_ops(ops)


def _recognised(op: Op, graph: OnnxGraph, makers: Mapping[str, Op]) -> Op | None:
    """The operation that does what ``op`` and those before it do, the most of them."""
    for x, region in reversed([*_regions(op, graph, makers)]):
        if len(region) < 2:
            continue
        scalars = {
            float(graph.constants[name].reshape(-1)[0])
            for one in region
            for name in one.inputs
            if name in graph.constants and graph.constants[name].size == 1
        }
        if found := _layer_of(x, op.output, region, graph, scalars):
            return Op(f"netlang.{found[0]}", op.name, (x,), op.outputs, found[1])
    return None


def _regions(op: Op, graph: OnnxGraph, makers: Mapping[str, Op]) -> Iterator[tuple[str, list[Op]]]:
    """Each value on which ``op`` depends by formulas alone, with the operations in between."""
    region, leaves = [op], [one for one in op.inputs if one not in graph.constants and one]
    order = {one.output: at for at, one in enumerate(graph.ops)}
    leaves = list(dict.fromkeys(leaves))
    while len(region) <= _LONGEST:
        if len(leaves) == 1:
            yield leaves[0], sorted(region, key=lambda one: order[one.output])
        inner = [one for one in leaves if one in makers and makers[one].type in _COMPUTED]
        if not inner:
            return
        latest = max(inner, key=lambda one: order[makers[one].output])
        maker = makers[latest]
        if not _is_plain(maker, graph):
            return
        region.append(maker)
        leaves.remove(latest)
        leaves += [
            one for one in maker.inputs if one and one not in graph.constants and one not in leaves
        ]


def _is_plain(op: Op, graph: OnnxGraph) -> bool:
    """Whether its constants are single numbers, and its means go over the last dimension."""
    if op.type == "ReduceMean":
        return _last_axes(op, graph) > 0
    return all(graph.constants[one].size == 1 for one in op.inputs if one in graph.constants)


def _last_axes(op: Op, graph: OnnxGraph) -> int:
    """Over how many of the last dimensions a mean goes, 0 where they are others."""
    shape, axes = graph.shape(op.inputs[0]), graph.numbers(op, 1, "axes")
    if not shape or not axes:
        return 0
    places = sorted(axis % len(shape) for axis in axes)
    is_last = places == [*range(len(shape) - len(places), len(shape))] and 0 not in places
    return len(places) if is_last else 0


def _layer_of(
    x: str, y: str, region: list[Op], graph: OnnxGraph, scalars: set[float]
) -> tuple[str, dict[str, Any]] | None:
    if not all(_is_plain(one, graph) for one in region):
        return None
    means = {_last_axes(one, graph) for one in region if one.type == "ReduceMean"}
    if len(means) > 1:
        return None
    at = _rows() if means else _points()
    found = _computed(x, y, region, graph, at)
    if found is None or found.shape != at.shape:
        return None
    if means:
        norm = _norm(found, at, scalars)
        return norm and (norm[0], norm[1] | {"axes": means.pop()})
    for name, arguments, formula in _FORMULAS:
        if np.allclose(found, formula(at), rtol=_CLOSE, atol=_CLOSE):
            return name, arguments
    return None


def _computed(x: str, y: str, region: list[Op], graph: OnnxGraph, at: Array) -> Array | None:
    values: dict[str, Array] = {x: at}
    try:
        with np.errstate(all="ignore"):
            for op in region:
                given = [
                    np.asarray(values[one] if one in values else graph.constants[one], np.float64)
                    for one in op.inputs
                    if one
                ]
                values[op.output] = _COMPUTED[op.type](op, *given)
    except (KeyError, ValueError, TypeError):
        return None
    return np.asarray(values[y])


def _norm(found: Array, x: Array, scalars: set[float]) -> tuple[str, dict[str, Any]] | None:
    centred = x - x.mean(-1, keepdims=True)
    for eps in sorted(one for one in scalars if 0 < one < 0.1):
        layer = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
        if np.allclose(found, layer, rtol=1e-7, atol=1e-9):
            return "LayerNorm", {"eps": eps}
        rms = x / np.sqrt((x**2).mean(-1, keepdims=True) + eps)
        if np.allclose(found, rms, rtol=1e-7, atol=1e-9):
            return "RMSNorm", {"eps": eps}
    return None


def _points() -> Array:
    return np.asarray([*np.linspace(-9, 9, 181), 1e-3, -1e-3, 0.3333])


def _rows() -> Array:
    rows = np.sin(np.arange(35.0).reshape(5, 7) ** 1.3)
    return np.asarray(rows * np.array([[0.02], [1], [3], [7], [0.3]]))


def _erf(x: Array) -> Array:
    return np.asarray(np.vectorize(math.erf, otypes=[float])(x))


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _softplus(x: Array) -> Array:
    return np.asarray(np.logaddexp(0, x))


def _hard_sigmoid(x: Array) -> Array:
    return np.asarray(np.clip(x / 6 + 0.5, 0, 1))


def _tanh_gelu(x: Array) -> Array:
    return np.asarray(x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))


Formula = Callable[[Any], Any]
_FORMULAS: tuple[tuple[str, dict[str, Any], Formula], ...] = (
    ("SiLU", {}, lambda x: x * _sigmoid(x)),
    ("GELU", {}, lambda x: x / 2 * (1 + _erf(x / math.sqrt(2)))),
    ("GELU", {"approximate": "tanh"}, _tanh_gelu),
    ("Mish", {}, lambda x: x * np.tanh(_softplus(x))),
    ("HardSwish", {}, lambda x: x * _hard_sigmoid(x)),
    ("HardSigmoid", {}, _hard_sigmoid),
    ("Softplus", {}, _softplus),
    ("Softsign", {}, lambda x: x / (1 + abs(x))),
    ("ReLU6", {}, lambda x: np.clip(x, 0, 6)),
    ("Sigmoid", {}, _sigmoid),
    ("Tanh", {}, np.tanh),
)


def _clip(op: Op, x: Array, *ends: Array) -> Array:
    low, high = (*ends, None, None)[:2] if ends else (op.get("min"), op.get("max"))
    return np.asarray(np.clip(x, low, high))


def _mean(op: Op, x: Array, *axes: Array) -> Array:
    return np.asarray(x.mean(-1, keepdims=bool(op.get("keepdims", 1))))


_COMPUTED: Mapping[str, Callable[..., Any]] = {
    "Add": lambda op, x, y: x + y,
    "Sub": lambda op, x, y: x - y,
    "Mul": lambda op, x, y: x * y,
    "Div": lambda op, x, y: x / y,
    "Pow": lambda op, x, y: x**y,
    "Sqrt": lambda op, x: np.sqrt(x),
    "Reciprocal": lambda op, x: 1 / x,
    "Exp": lambda op, x: np.exp(x),
    "Log": lambda op, x: np.log(x),
    "Neg": lambda op, x: -x,
    "Abs": lambda op, x: abs(x),
    "Erf": lambda op, x: _erf(x),
    "Tanh": lambda op, x: np.tanh(x),
    "Sigmoid": lambda op, x: _sigmoid(x),
    "Softplus": lambda op, x: _softplus(x),
    "Relu": lambda op, x: np.maximum(x, 0),
    "Clip": _clip,
    "Min": lambda op, *x: np.minimum.reduce([*x]),
    "Max": lambda op, *x: np.maximum.reduce([*x]),
    "HardSigmoid": lambda op, x: np.clip(op.get("alpha", 0.2) * x + op.get("beta", 0.5), 0, 1),
    "Identity": lambda op, x: x,
    "ReduceMean": _mean,
}
