"""Freeze: mark the nodes of the parts of a network whose weights stay as they are in training."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.compiler.ir import Graph
from netlang.compiler.passes.parts import owners
from netlang.compiler.passes.values import Part
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.freezing import NothingTrained


def freeze(graph: Graph, parts: Sequence[Part], sink: Sink) -> Graph:
    """``graph`` with the nodes of ``parts`` frozen, and the nodes that share their weights.

    A part that has no weights in the graph is reported, and so is that none are left to train.
    """
    if not parts:
        return graph
    still = {number for part in parts for number in owners(graph, part, sink, "freeze")}
    nodes = [
        node.replace(frozen=graph.owner(number) in still) for number, node in enumerate(graph.nodes)
    ]
    frozen = graph.replace(nodes=tuple(nodes))
    if graph.result in graph.behind_weights and graph.result not in frozen.behind_weights:
        sink.report(NothingTrained(parts[-1].span, tuple(part.name for part in parts)))
    return frozen
