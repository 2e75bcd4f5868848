"""Products with weights, and constants that are added or multiplied."""

from __future__ import annotations

from typing import Any

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.operations.parts import picked
from netlang.imports.onnx.prepared import along
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, View, proper
from netlang.system.lazy import np

_EPS = 1e-12


@says("netlang.Linear")
def linear(speaker: Speaker, op: Op) -> View:
    view, weight, bias = speaker.view(op), op.attributes["weight"], op.attributes["bias"]
    if proper(view.own[-1]) != proper(view.axes[-1]) or len(view.own) == 1:
        view = speaker.straight(view)
    tensors = {"weight": weight} | ({} if bias is None else {"bias": bias})
    about = {"in_features": weight.shape[1], "out_features": weight.shape[0]}
    about["bias"] = bias is not None
    name, _ = speaker.say(op, "Linear", view, tensors=tensors, **about)
    speaker.share(name, op.get("source"))
    new = (Atom(weight.shape[0]),)
    return View(name, (*view.own[:-1], new), (*view.axes[:-1], new))


@says("netlang.Attention")
def attention(speaker: Speaker, op: Op) -> View:
    views = [speaker.strictly(speaker.view(op, at), 2) for at in range(len(op.inputs))]
    tensors, arguments = op.attributes["tensors"], op.attributes["arguments"]
    name, _ = speaker.say(op, "Attention", *views, tensors=tensors, **arguments)
    return views[0].replace(layer=name)


@says("netlang.Affine")
def affine(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    factor, term = op.attributes["factor"], op.attributes["term"]
    if factor.size == 1 and (term == 0).all():
        weight = factor.reshape(1)
        return speaker.same(op, "Scale", view, tensors={"weight": weight}, init=float(weight[0]))
    if view.is_straight and (factor == 1).all() and view.rank == 3 and _is_of_places(term, view):
        straight = speaker.straight(view)
        places = np.broadcast_to(term, (1, *view.shape[1:]))[0]
        about = {"max_length": view.shape[1], "embedding_dim": view.shape[2]}
        return speaker.same(
            op, "PositionalEmbedding", straight, tensors={"weight": places}, **about
        )
    for axis in dict.fromkeys((view.rank - 1, 1)):
        factors, terms = along(factor, view.shape, axis), along(term, view.shape, axis)
        if factors is not None and terms is not None:
            return _per_place(speaker, op, view, axis, factors, terms)
    raise Lacks("has constants of its own for places of several dimensions")


def _is_of_places(term: Any, view: View) -> bool:
    shape = np.shape(term)
    return (
        len(shape) in (2, 3)
        and shape[-2:] == view.shape[1:]
        and np.size(term) == np.prod(view.shape[1:])
    )


def _per_place(speaker: Speaker, op: Op, view: View, axis: int, factors: Any, terms: Any) -> View:
    factor, term = np.asarray(factors, np.float64), np.asarray(terms, np.float64)
    view, at = speaker.place(view, axis)
    if (term == 0).all():
        dim = -1 if at == len(view.own) - 1 else at
        weight = {"weight": factor.astype(np.float32)}
        return speaker.same(op, "Scale", view, tensors=weight, num_features=factor.size, dim=dim)
    if at != 1:
        raise Lacks("adds constants along a dimension that is not the first: BatchNorm has that")
    about = {"num_features": factor.size, "eps": _EPS}
    safe = np.where(factor == 0, 1, factor)
    tensors = {"running_mean": -term / safe, "running_var": 1 / safe**2 - _EPS}
    if (factor <= 0).any():
        tensors = {
            "running_mean": np.zeros_like(term),
            "running_var": np.full_like(term, 1 - _EPS),
            "weight": factor,
            "bias": term,
        }
    remark = "constants of the file: a BatchNorm has them as its statistics"
    return speaker.same(
        op,
        "BatchNorm",
        view,
        tensors={key: one.astype(np.float32) for key, one in tensors.items()},
        remark=remark,
        affine="weight" in tensors,
        **about,
    )


@says("Gather")
def gather(speaker: Speaker, op: Op) -> View:
    table, axis = speaker.graph.value(op, 0), op.get("axis", 0)
    if table is None:
        return picked(speaker, op)
    view = speaker.view(op, 1)
    if table.ndim != 2 or axis != 0:
        raise Lacks("looks up tokens in a table that has no rows of numbers")
    name, _ = speaker.say(
        op,
        "Embedding",
        view,
        tensors={"weight": table},
        num_embeddings=table.shape[0],
        embedding_dim=table.shape[1],
    )
    speaker.share(name, op.inputs[:1])
    new = (Atom(table.shape[1]),)
    return View(name, (*view.own, new), (*view.axes, new))
