"""Whether outputs see of a sequence what they had better not: padding, or what they predict."""

from __future__ import annotations

from netlang.compiler.ir import Graph, Node
from netlang.compiler.passes.settings import Data
from netlang.compiler.passes.sight import mixing_padding, sees_ahead
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.sequences import PaddingMixed, TargetsSeen


def lint_padding(graph: Graph, sink: Sink) -> None:
    """Report layers that take the padding of sequences for steps of them."""
    if not any(node.shape.padded for node in graph.nodes):
        return
    for one in mixing_padding(graph):
        lost, place = (
            ("", None)
            if one.lost_at is None
            else (one.lost_at.layer.name, one.lost_at.origin.within())
        )
        span = one.node.origin.within()
        sink.report(PaddingMixed(span, one.node.layer.name, one.averages, lost, place))


def lint_order(graph: Graph, data: Data, sink: Sink) -> None:
    """Report the layer by which outputs see the symbols that they have to predict."""
    if node := sees_ahead(graph):
        span, name = node.origin.within(), node.layer.name
        sink.report(TargetsSeen(span, name, data.span, _remedy(node)))


def _remedy(node: Node) -> str:
    """How to keep a layer from seeing later places."""
    values = node.layer.values
    if values.get("bidirectional"):
        return "leave out `bidirectional=true`"
    if values.get("causal") is False:
        return "add `causal=true`: then each place sees itself and those before it alone"
    if windows := node.layer.windows(*node.takes):
        front = f"`Pad([{windows[-1].extent - 1}, 0]) -> {node.layer.name}(...)`"
        return f"put all padding in front: {front} without `padding`"
    others = "`Attention` with `causal=true`, `GRU` or `LSTM`"
    return f"take layers in which a place sees those before it alone: {others}"
