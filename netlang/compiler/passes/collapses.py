"""Two layers that multiply by weights, with nothing between them that bends: they are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from netlang.compiler.ir import Graph, Node


def collapsing(graph: Graph) -> Iterator[tuple[Node, Node]]:
    """Each layer with weights whose inputs are another's outputs as they are, and that other.

    One layer could say no less, unless the numbers between them are fewer than those at both ends,
    which is what makes such a product of weights useful. Nor is anything wrong where weights are
    shared, frozen or of groups of channels, or where others read what lies between.
    """
    readers = Counter(number for node in graph.nodes for number in (*node.inputs, node.shares))
    shared = {node.shares for node in graph.nodes}
    for number, node in enumerate(graph.layers, 1):
        if number in shared or not _is_plain(node):
            continue
        source = node.inputs[0]
        while graph.nodes[source].layer.rearranges and readers[source] == 1:
            source = graph.nodes[source].inputs[0]
        before = graph.nodes[source]
        if source and _is_plain(before) and readers[source] == 1:
            between = before.shape.size
            if between >= min(before.takes[0].size, node.shape.size):
                yield node, before


def _is_plain(node: Node) -> bool:
    layer = node.layer
    return (
        layer.bias_dim is not None
        and len(node.inputs) == 1
        and getattr(layer, "groups", 1) == 1
        and not getattr(layer, "tied", None)
        and node.shares is None
        and not node.frozen
    )
