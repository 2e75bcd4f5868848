"""Parts: the nodes of a graph that belong to the networks and blocks that settings name."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.compiler.ir import Graph
from netlang.compiler.passes.values import Part
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.freezing import PartNotFound


def members(graph: Graph, part: Part) -> set[int]:
    """The numbers of the nodes that a use of the part leads to; all of them for the network."""
    if part.name == "net":
        return {*range(1, len(graph.nodes))}
    return {
        number
        for number, node in enumerate(graph.nodes)
        if any(expansion.definition == part.definition for expansion in node.origin.trail)
    }


def owners(graph: Graph, part: Part, sink: Sink, purpose: str) -> set[int]:
    """The numbers of the nodes that have the weights of ``part``, though others may share them.

    A part that has no weights in the graph is reported; ``purpose`` is what it is named for.
    """
    found = members(graph, part)
    if not any(graph.nodes[number].layer.size for number in found):
        sink.report(PartNotFound(part.span, part.name, bool(found), purpose))
    return {graph.owner(number) for number in found}


def label(graph: Graph, parts: Sequence[Part], sink: Sink) -> Graph:
    """``graph`` whose nodes say to which of the ``parts`` their weights belong."""
    if not parts:
        return graph
    found = {part.name: owners(graph, part, sink, "on") for part in parts}
    nodes = (
        node.replace(parts=tuple(name for name, its in found.items() if number in its))
        for number, node in enumerate(graph.nodes)
    )
    return graph.replace(nodes=tuple(nodes))
