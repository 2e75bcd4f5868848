"""Whether a network that compares the tokens of a sequence can tell where each stands."""

from __future__ import annotations

from netlang.compiler.ir import Graph, Node


def lost_without_positions(graph: Graph) -> Node | None:
    """The first layer that needs positions where nothing before it says any.

    None unless that is sure: the input is tokens, which do not say where they stand, and what lies
    between does the same to each of them.
    """
    if graph.input.tokens is None or len(graph.input.sample) != 1:
        return None
    alike = {0}
    for number, node in enumerate(graph.layers, 1):
        if alike.issuperset(node.inputs):
            if node.layer.needs_positions:
                return node
            if node.layer.alike:
                alike.add(number)
    return None
