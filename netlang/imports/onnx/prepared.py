"""Operations that are one layer together become one: a product and its bias, a norm's parts.

What is left of constants that are added or multiplied stands as one operation, ``netlang.Affine``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.imports.onnx.graph import OnnxGraph, Op
from netlang.system.lazy import np

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

_CONVOLUTIONS = ("Conv", "ConvTranspose")
_NORMS = ("netlang.LayerNorm", "netlang.RMSNorm", "netlang.GroupNorm")


def prepare(graph: OnnxGraph) -> OnnxGraph:
    """The graph with ``netlang.Linear`` for products with weights, biases in the operations that
    they belong to, and ``netlang.Affine`` for other constants.
    """
    named = (
        _without_nothing,
        _named_linear,
        _with_group_norms,
        _with_gates,
        _with_picked,
        _as_affine,
    )
    for step in (*named, _merged, _merged):  # what two constants make may go into what is before
        graph = step(graph)
    return graph


def _changed(graph: OnnxGraph, change: Any) -> OnnxGraph:
    """The graph with what ``change`` makes of each operation, itself where that is None."""
    return graph.with_ops([change(op) or op for op in graph.ops])


def _without_nothing(graph: OnnxGraph) -> OnnxGraph:
    """Without constants of no numbers that are put behind others, as those for an empty batch."""

    def change(op: Op) -> Op | None:
        if op.type != "Concat":
            return None
        known = {name: graph.constants.get(name) for name in op.inputs}
        kept = tuple(name for name, one in known.items() if one is None or one.size)
        if len(kept) == len(known) or not kept:
            return None
        kind = "Identity" if len(kept) == 1 else op.type
        return Op(kind, op.name, kept, op.outputs, op.attributes)

    return _changed(graph, change)


def _named_linear(graph: OnnxGraph) -> OnnxGraph:
    """Gemm and MatMul by a matrix that is known."""

    def change(op: Op) -> Op | None:
        weight = graph.value(op, 1)
        if weight is None or weight.ndim != 2 or op.inputs[0] in graph.constants:
            return None
        if op.type == "MatMul":
            return _linear(op, weight.T, None, "MatMul")
        if op.type != "Gemm" or op.get("transA", 0):
            return None
        bias = graph.value(op, 2)
        if graph.input(op, 2) and bias is None:
            return None
        if bias is not None:
            size = weight.shape[0 if op.get("transB", 0) else 1]
            if bias.size not in (1, size):
                return None
            bias = np.broadcast_to(bias.reshape(-1), (size,)) * op.get("beta", 1.0)
        weight = weight if op.get("transB", 0) else weight.T
        return _linear(op, weight * op.get("alpha", 1.0), bias, "Gemm")

    return _changed(graph, change)


def _linear(op: Op, weight: Array, bias: Array | None, kind: str) -> Op:
    about = {"weight": weight, "bias": bias, "source": (kind, *op.inputs[1:])}
    return Op("netlang.Linear", op.name, op.inputs[:1], op.outputs, about)


def _with_group_norms(graph: OnnxGraph) -> OnnxGraph:
    """A GroupNorm is exported as an InstanceNormalization of groups in the place of channels."""
    makers = graph.makers()

    def change(op: Op) -> Op | None:
        inner = makers.get(op.inputs[0]) if op.type == "Reshape" else None
        if not inner or inner.type != "InstanceNormalization":
            return None
        outer = makers.get(inner.inputs[0])
        scale, bias = graph.value(inner, 1), graph.value(inner, 2)
        if not outer or outer.type != "Reshape" or scale is None or bias is None:
            return None
        x, y = graph.shape(outer.inputs[0]), graph.shape(op.output)
        if x is None or x != y or not (scale == 1).all() or not (bias == 0).all():
            return None
        about = {"eps": inner.get("epsilon", 1e-5), "num_groups": len(scale)}
        return Op("netlang.GroupNorm", op.name, outer.inputs[:1], op.outputs, about)

    return _changed(graph, change)


def _with_gates(graph: OnnxGraph) -> OnnxGraph:
    """One half of a value times the sigmoid of the other half is GLU."""
    makers = graph.makers()

    def change(op: Op) -> Op | None:
        if op.type != "Mul":
            return None
        for one, other in (op.inputs, op.inputs[::-1]):
            gate = makers.get(other)
            if not gate or gate.type != "Sigmoid":
                continue
            halves = makers.get(one)
            if not halves or halves.type != "Split" or len(halves.outputs) != 2:
                continue
            shapes = [graph.shape(name) for name in halves.outputs]
            if halves.outputs == (one, gate.inputs[0]) and shapes[0] == shapes[1]:
                about = {"axis": halves.get("axis", 0)}
                return Op("netlang.GLU", op.name, halves.inputs[:1], op.outputs, about)
        return None

    return _changed(graph, change)


def _with_picked(graph: OnnxGraph) -> OnnxGraph:
    """One of several values that are put side by side and taken apart again, as last states are."""
    makers = graph.makers()

    def change(op: Op) -> Op | None:
        at, whole = graph.value(op, 1), makers.get(op.inputs[0]) if op.inputs else None
        if op.type != "Gather" or at is None or at.size != 1 or not whole:
            return None
        axis = op.get("axis", 0)
        shapes = [graph.shape(name) for name in whole.inputs]
        if whole.type != "Concat" or whole.get("axis") != axis:
            return None
        if any(shape is None or shape[axis] != 1 for shape in shapes):
            return None
        picked = whole.inputs[int(at.reshape(-1)[0])]
        if at.ndim:
            return Op("Identity", op.name, (picked,), op.outputs)
        return Op("netlang.Squeeze", op.name, (picked,), op.outputs, {"axes": [axis]})

    return _changed(graph, change)


def _as_affine(graph: OnnxGraph) -> OnnxGraph:
    """Each Add, Sub, Mul and Div by a constant, as ``x * factor + term``."""

    def change(op: Op) -> Op | None:
        if op.type not in ("Add", "Sub", "Mul", "Div") or len(op.inputs) != 2:
            return None
        known = [graph.constants.get(name) for name in op.inputs]
        if (known[0] is None) == (known[1] is None):
            return None
        at = 0 if known[0] is None else 1
        x, constant = op.inputs[at], known[1 - at]
        assert constant is not None
        shape, made = graph.shape(x), graph.shape(op.output)
        if shape is None or shape != made or not np.issubdtype(constant.dtype, np.floating):
            return None
        one, zero = np.ones((), constant.dtype), np.zeros((), constant.dtype)
        if op.type == "Add":
            factor, term = one, constant
        elif op.type == "Mul":
            factor, term = constant, zero
        elif op.type == "Sub":
            factor, term = (one, -constant) if at == 0 else (-one, constant)
        elif at == 0:
            factor, term = 1 / constant, zero
        else:
            return None
        about = {"factor": factor, "term": term, "source": op.inputs[1 - at]}
        return Op("netlang.Affine", op.name, (x,), op.outputs, about)

    return _changed(graph, change)


def _merged(graph: OnnxGraph) -> OnnxGraph:
    """Each Affine in the operation before it, where that is a layer which has such weights."""
    users, makers = graph.users(), graph.makers()
    done: dict[str, Op] = {}
    for op in graph.ops:
        if op.type != "netlang.Affine":
            continue
        before = done.get(op.inputs[0]) or makers.get(op.inputs[0])
        if not before or len(users.get(op.inputs[0], ())) != 1 or op.inputs[0] in graph.outputs:
            continue
        if made := _absorbed(before, op, graph):
            done[op.output] = made.replace(name=before.name, outputs=op.outputs)
    return graph.with_ops([done.get(op.output, op) for op in graph.ops])


def _absorbed(before: Op, op: Op, graph: OnnxGraph) -> Op | None:
    """``before`` with the constants of the Affine ``op`` behind it."""
    factor, term = op.attributes["factor"], op.attributes["term"]
    shape = graph.shape(op.output)
    assert shape is not None
    if before.type == "netlang.Affine":
        about = {
            "factor": before.attributes["factor"] * factor,
            "term": before.attributes["term"] * factor + term,
            "source": op.name,  # no other has these constants
        }
        return before.replace(attributes=about)
    axis = {"netlang.Linear": -1, "netlang.LayerNorm": -1, "netlang.RMSNorm": -1}.get(
        before.type, 1
    )
    known = before.type in ("netlang.Linear", *_NORMS, *_CONVOLUTIONS)
    if not known or len(shape) < 2:
        return None
    if before.get("axes", 1) > 1:
        last = shape[-before.attributes["axes"] :]
        terms, factors = _over(term, last), _over(factor, last)
    else:
        terms, factors = along(term, shape, axis), along(factor, shape, axis)
    if terms is None or factors is None:
        return None
    if before.type in _NORMS:
        return _in_norm(before, factors, terms)
    if (factors != 1).any() and (terms == 0).all():
        return None  # factors alone are a layer of their own, as LayerScale's are
    if before.type == "netlang.Linear":
        bias = before.attributes["bias"]
        made = {
            "weight": before.attributes["weight"] * factors[:, None],
            "bias": terms if bias is None else bias * factors + terms,
            "source": (*before.attributes["source"], op.attributes["source"]),
        }
        return before.replace(attributes={**before.attributes, **made})
    if before.get("bias") is not None or before.type == "ConvTranspose":
        return None
    weight, bias = graph.value(before, 1), graph.value(before, 2)
    if weight is None or (graph.input(before, 2) and bias is None):
        return None
    own = {
        "weight": weight * factors.reshape(-1, *(1,) * (weight.ndim - 1)),
        "bias": terms if bias is None else bias * factors + terms,
    }
    return before.replace(attributes={**before.attributes, **own})


def _in_norm(before: Op, factors: Array, terms: Array) -> Op | None:
    weight, bias = before.get("weight"), before.get("bias")
    weight = factors if weight is None else weight * factors
    if before.type == "netlang.RMSNorm":
        if (terms != 0).any():
            return None
        return before.replace(attributes={**before.attributes, "weight": weight})
    bias = terms if bias is None else bias * factors + terms
    return before.replace(attributes={**before.attributes, "weight": weight, "bias": bias})


def _over(constant: Array, last: tuple[int, ...]) -> Array | None:
    """The numbers of a constant for the places of the last dimensions, if it has no others."""
    sizes = constant.shape[max(0, constant.ndim - len(last)) :]
    if constant.size != np.prod(sizes, dtype=int):
        return None
    return np.broadcast_to(constant.reshape(sizes), last)


def along(constant: Array, shape: tuple[int, ...], axis: int) -> Array | None:
    """The numbers of a constant for each place of one axis; None if it differs along others."""
    rank, axis = len(shape), axis % len(shape)
    sizes = (1,) * (rank - constant.ndim) + constant.shape
    if len(sizes) > rank or any(n != 1 for at, n in enumerate(sizes) if at != axis):
        return None
    return np.broadcast_to(constant.reshape(-1), (shape[axis],))
