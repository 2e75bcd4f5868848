"""Of an ONNX file that netlang wrote, the network alone is read.

What makes inputs of columns stands before it, what reads answers behind it, and both are told by
their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_AROUND = ("pipeline/", "answers/")
REMARK = (
    "The network alone is read: columns become inputs before it, and answers are read behind it."
)


def is_own(model: Any) -> bool:
    return any(one.key == "netlang.version" for one in model.metadata_props)


def network_alone(model: Any) -> Any:
    """A model of the nodes of the network."""
    import onnx

    graph, found = model.graph, onnx.ModelProto()
    found.CopyFrom(model)
    outputs = {one.name for one in graph.output}
    inner = [one for one in graph.node if not _is_around(one.name) and not outputs & {*one.output}]
    made = {name for one in inner for name in one.output}
    weights = {one.name for one in graph.initializer}
    given = dict.fromkeys(
        name for one in inner for name in one.input if name and name not in made | weights
    )
    read = dict.fromkeys(
        name
        for one in graph.node
        if _is_around(one.name) or outputs & {*one.output}
        for name in one.input
        if name in made
    )
    ends = [*read] or [name for name in made if name in outputs]
    shaped = {one.name: one for one in _shaped(model)}
    if not inner or not ends or not all(name in shaped for name in (*given, *ends)):
        return model
    del found.graph.node[:], found.graph.input[:], found.graph.output[:]
    found.graph.node.extend(inner)
    found.graph.input.extend(shaped[name] for name in given)
    found.graph.output.extend(shaped[name] for name in ends)
    _rename(found.graph)
    return found


def _rename(graph: Any) -> None:
    """Call an input ``x`` that the pipeline has made, or ``x1``, ``x2``, ..."""
    several = len(graph.input) > 1
    for number, one in enumerate(graph.input, 1):
        if not _is_around(one.name):
            continue
        old, one.name = one.name, f"x{number}" if several else "x"
        for node in graph.node:
            for at, name in enumerate(node.input):
                if name == old:
                    node.input[at] = one.name


def context(model: Any) -> int | None:
    """How many symbols of a text the network was trained on at a time."""
    for one in model.metadata_props:
        if one.key == "netlang.pipeline":
            try:
                found = json.loads(one.value).get("context")
            except (ValueError, AttributeError, RecursionError):
                return None
            return found if isinstance(found, int) and found > 0 else None
    return None


def _is_around(name: str) -> bool:
    return name.startswith(_AROUND)


def _shaped(model: Any) -> Iterator[Any]:
    """All values whose type and shape are known."""
    import onnx

    try:
        whole = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    except Exception:
        whole = model.graph
    yield from (*whole.input, *whole.value_info, *whole.output)
