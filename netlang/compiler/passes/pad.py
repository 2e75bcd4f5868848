"""Pad: where samples are sequences of unequal length, layers are wired to what says how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph, Node
from netlang.language.shapes import Shape


def pad(graph: Graph) -> Graph:
    """The graph in which layers that honour lengths get them, behind their other inputs.

    Behind each node where padded sequences begin, ``FillPadding`` makes numbers of their padding
    for all others, and ``Lengths`` says how long they are, if a layer wants to know.
    """
    begins = _begins(graph)
    asking = {
        number: begins[node.inputs[-1]]
        for number, node in enumerate(graph.nodes)
        if node.inputs and node.inputs[-1] in begins and node.layer.honours_lengths(*node.takes)
    }
    padded = _Padded()
    for number, node in enumerate(graph.nodes):
        padded.add(number, node, asking.get(number))
        if begins.get(number) == number:
            padded.begin(number, node, number in asking.values())
    return Graph(tuple(padded.nodes), padded.moved[graph.result])


def _begins(graph: Graph) -> Mapping[int, int]:
    """For each node that gives padded sequences, the number of that where these begin."""
    found: dict[int, int] = {}
    for number, node in enumerate(graph.nodes):
        if node.shape.padded:
            found[number] = next((found[one] for one in node.inputs if one in found), number)
    return found


class _Padded:
    """The nodes so far, with the new number of each by its old one, and the number of its lengths
    by that of the node where sequences begin.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.moved: dict[int, int] = {}
        self.lengths: dict[int, int] = {}
        self._counts: Counter[str] = Counter()

    def add(self, number: int, node: Node, asking: int | None) -> None:
        """Add a node, with the lengths of the sequences that begin at ``asking``, if it asks."""
        inputs = [self.moved[source] for source in node.inputs]
        inputs += [] if asking is None else [self.lengths[asking]]
        shares = self.moved[node.shares] if node.shares else None
        self.moved[number] = len(self.nodes)
        self.nodes.append(node.replace(inputs=tuple(inputs), shares=shares))

    def begin(self, number: int, node: Node, is_asked: bool) -> None:
        """Add what follows the node where sequences begin."""
        begin = self.moved[number]
        if is_asked:
            self.lengths[number] = self._behind(node, begin, Lengths, Shape.of())
        self.moved[number] = self._behind(node, begin, FillPadding, node.shape)

    def _behind(self, node: Node, number: int, kind: type[Layer], shape: Shape) -> int:
        """The number of a new node of that ``kind``, behind the one with this ``number``."""
        self._counts[kind.name] += 1
        name, layer = f"{kind.name.lower()}{self._counts[kind.name]}", kind.declared({})
        self.nodes.append(Node(name, layer, (number,), (node.shape,), shape, node.origin))
        return len(self.nodes) - 1
