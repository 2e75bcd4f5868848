"""Which networks take sequences of any length: in ONNX, their steps have no size then."""

from __future__ import annotations

from netlang.catalogue.layers import (
    GRU,
    LSTM,
    RNN,
    Attention,
    Last,
    LinearPerFeature,
    Max,
    Mean,
    PeriodicEmbedding,
    PositionalEmbedding,
    Rotary,
)
from netlang.catalogue.layers.dims import place
from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.compiler.ir import Graph, Node
from netlang.language.shapes import Shape

# Layers whose functions name no number of steps, beside those that are `alike` for all of them.
_TAKE_ANY = (
    *(Attention, FillPadding, PositionalEmbedding, Rotary),
    *(GRU, LSTM, RNN, LinearPerFeature, PeriodicEmbedding),
)


def nodes_of_any_length(graph: Graph) -> frozenset[int]:
    """The numbers of the nodes that give as many steps as the network gets, if that may get any
    number of them; none of a network that takes its own number alone.
    """
    if not _is_sequence(graph.input):
        return frozenset()
    found = {0}
    for number in sorted(graph.live - {0}):
        node = graph.nodes[number]
        gets = [source in found for source in node.inputs]
        if not any(gets) or _ends_steps(node):
            continue
        takes_lengths = not graph.nodes[node.inputs[-1]].shape.sample
        is_sequence = all(gets[:-1] if takes_lengths else gets) and _is_sequence(node.shape)
        if not (is_sequence and _takes_any(node)):
            return frozenset()
        found.add(number)
    return frozenset(found)


def _is_sequence(shape: Shape) -> bool:
    """Whether it is tokens [T], or vectors [T, features]."""
    return len(shape.sample) >= 2 or (len(shape.sample) == 1 and shape.vocabulary is not None)


def _takes_any(node: Node) -> bool:
    layer = node.layer
    is_ours = type(layer).__module__.startswith("netlang.")
    return is_ours and node.members == 1 and (layer.alike or isinstance(layer, _TAKE_ANY))


def _ends_steps(node: Node) -> bool:
    """Whether it makes something of all steps that has none."""
    match node.layer:
        case Lengths():
            return True
        case Mean() | Max() | Last():
            return place(node.takes[0], node.layer.dim) == 0
        case GRU() | LSTM() | RNN():
            return node.layer.output == "last"
    return False
