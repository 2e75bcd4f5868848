"""A network in ONNX: what its layers make of the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from netlang.compiler.ir import Graph, Node
from netlang.lowering.lowerings import described
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.steps import nodes_of_any_length
from netlang.lowering.onnx.values import Value, belongs

if TYPE_CHECKING:
    from torch import Tensor


def outputs_of(graph: Graph, tensors: Mapping[str, Tensor], inputs: Value) -> dict[int, Value]:
    """What each node gives that the output depends on, by its number; the ``tensors`` of the
    network have the names of a model file.

    Values and the operations that make them are called as their nodes are.  Raises Unsupported.
    """
    free = nodes_of_any_length(graph)
    values = {0: inputs.of_shape(graph.input, 0 in free)}
    owned: dict[int, Own] = {}
    for number in sorted(graph.live - {0}):
        node, owner = graph.nodes[number], graph.owner(number)
        if owner not in owned:
            owned[owner] = _own(graph.nodes[owner], tensors)
        x = [values[source] for source in node.inputs]
        y: Value = lowers.lowered(node.layer, owned[owner], *x, name=described(node))
        if y not in x:
            y.name = node.name
            belongs(y, x, node.name, f"{node.call}, {node.origin.where()}")
        values[number] = y.of_shape(node.shape, number in free)
    return values


def _own(node: Node, tensors: Mapping[str, Tensor]) -> Own:
    names = node.layer.tensors()
    return Own(node.name, {name: tensors[f"{node.name}.{name}"] for name in names})
