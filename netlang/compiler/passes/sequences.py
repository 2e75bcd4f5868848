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
        lost_by = one.lost_at.layer.name if one.lost_at else ""
        place = one.lost_at.origin.within() if one.lost_at else None
        span = one.node.origin.within()
        name, front = one.node.layer.name, _all_in_front(one.node)
        sink.report(PaddingMixed(span, name, one.averages, lost_by, place, front))


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
    if front := _all_in_front(node):
        return f"put all padding in front: `{front}` without `padding`"
    others = "`Attention` with `causal=true`, `GRU` or `LSTM`"
    return f"take layers in which a place sees those before it alone: {others}"


def _all_in_front(node: Node) -> str:
    """How to write a layer that moves a window over steps so that it sees none behind its own;
    "" for any other layer.
    """
    windows = node.layer.windows(*node.takes)
    steps_are_channels = node.takes[0].padded
    if steps_are_channels or len(windows) != 1 or windows[0].stride > 1 or windows[0].extent == 1:
        return ""
    return f"Pad([{windows[0].extent - 1}, 0]) -> {node.layer.name}(...)"
