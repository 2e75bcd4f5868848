"""Freeze: mark the nodes of the parts of a network whose weights stay as they are in training."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.compiler.ir import Graph
from netlang.compiler.passes.values import Part
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.freezing import NothingTrained, PartNotFound


def freeze(graph: Graph, parts: Sequence[Part], sink: Sink) -> Graph:
    """``graph`` with the nodes of ``parts`` frozen, and the nodes that share their weights.

    A part that has no weights in the graph is reported, and so is that none are left to train.
    """
    if not parts:
        return graph
    members = {part.definition: _members(graph, part) for part in parts}
    for part in parts:
        found = members[part.definition]
        if not any(graph.nodes[number].layer.size for number in found):
            sink.report(PartNotFound(part.span, part.name, bool(found)))
    still = {graph.owner(number) for found in members.values() for number in found}
    nodes = [
        node.replace(frozen=graph.owner(number) in still) for number, node in enumerate(graph.nodes)
    ]
    frozen = graph.replace(nodes=tuple(nodes))
    if graph.result in graph.behind_weights and graph.result not in frozen.behind_weights:
        sink.report(NothingTrained(parts[-1].span, tuple(part.name for part in parts)))
    return frozen


def _members(graph: Graph, part: Part) -> set[int]:
    """The numbers of the nodes that a use of the part leads to; all of them for the network."""
    if part.name == "net":
        return {*range(1, len(graph.nodes))}
    return {
        number
        for number, node in enumerate(graph.nodes)
        if any(expansion.definition == part.definition for expansion in node.origin.trail)
    }
