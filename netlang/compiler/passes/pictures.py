"""Layers that take rows of numbers, and get pictures that nobody has made rows of."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.compiler.ir import Graph, Node


def taken_for_rows(graph: Graph) -> Iterator[tuple[Node, Node]]:
    """Each layer with weights along the last dimension that gets channels with places behind them
    from a layer that moves a window over them, and the layer before it.

    Whoever puts dimensions in another order, or makes one of several, knows which is the last.
    """
    laid_out = set[int]()
    for number, node in enumerate(graph.layers, 1):
        if node.layer.rearranges:
            continue
        gets_places = not laid_out.isdisjoint(node.inputs)
        keeps_places = len(node.shape.sample) == len(node.takes[0].sample) > 1
        if node.layer.bias_dim == -1:
            if gets_places and keeps_places:
                yield node, graph.nodes[node.inputs[0]]
        elif keeps_places and (gets_places or node.layer.windows(*node.takes)):
            laid_out.add(number)
