"""Members: make one network of a file several that share its weights, and predict together.

Each linear layer gets factors and biases of its own for each member, and the last one all of its
weights. What comes before the first linear layer is computed once for all of them.
"""

from __future__ import annotations

import math

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.layers.members import EachMember, MeanOfMembers, is_split, own, shared
from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import Layer
from netlang.catalogue.outputs import SumOfLosses
from netlang.compiler.ir import Graph, Node, Origin
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.members import MembersAlike
from netlang.language.shapes import Shape
from netlang.language.source import Span


def of_members(
    graph: Graph, members: tuple[int, Span] | None, loss: Loss | None, sink: Sink
) -> Graph:
    """The graph of so many ``members``, or as it is; ``loss`` says what outputs stand for.

    A network is reported whose members would not differ.
    """
    if members is None or sink.has_errors:
        return graph
    count, span = members
    if not any(is_split(graph.nodes[number].layer) for number in graph.live):
        sink.report(MembersAlike(span, count))
        return graph
    made = _Members(graph, count)
    for number, node in enumerate(graph.nodes):
        made.add(number, node)
    result = made.mean(loss)
    return Graph(tuple(made.nodes), result)


class _Members:
    """The nodes so far. By their old numbers, ``moved`` has the new ones, and ``each`` those where
    samples are as many rows as there are members.
    """

    def __init__(self, graph: Graph, count: int) -> None:
        self.graph, self.count = graph, count
        self.nodes: list[Node] = []
        self.moved: dict[int, int] = {}
        self.each: dict[int, int] = {}
        self._last = _last_ones(graph)
        self._repeats = 0

    def add(self, number: int, node: Node) -> None:
        """Add a node, for all members at once if it is behind a linear layer, or is one."""
        shares = self.moved[node.shares] if node.shares else None
        is_first = not any(source in self.each for source in node.inputs)
        if is_first and not is_split(node.layer):
            inputs = tuple(self.moved[source] for source in node.inputs)
            self.moved[number] = self._added(node.replace(inputs=inputs, shares=shares))
            return
        inputs = tuple(self.each.get(one) or self._repeated(one, node) for one in node.inputs)
        if is_split(node.layer):
            node = node.replace(layer=self._linear(number, node, is_first))
        node = node.replace(inputs=inputs, shares=shares, members=self.count)
        self.moved[number] = self.each[number] = self._added(node)

    def mean(self, loss: Loss | None) -> int:
        """Add what the members say together, and return its number."""
        result, shape = self.graph.result, self.graph.output
        parts = [(loss, shape.sizes)]
        if isinstance(loss, SumOfLosses) and loss.parts:  # an output may have several terms
            of_parts = {one.part: one.loss for one in reversed(loss.terms)}
            parts = [(of_parts[part], part.shape) for part in dict.fromkeys(loss.parts)]
        values: dict[str, PlainValue] = {
            "members": self.count,
            "by": tuple(one.stands_by(sizes[-1]) if one else "" for one, sizes in parts),
            "sizes": tuple(math.prod(sizes) for _, sizes in parts),
            "classes": tuple(sizes[-1] for _, sizes in parts),
        }
        mean = MeanOfMembers.declared(values)
        origin = self.graph.nodes[result].origin
        return self._behind("mean_of_members", mean, self.each[result], shape, origin)

    def _linear(self, number: int, node: Node, is_first: bool) -> Layer:
        """The linear layer of all members, in place of one. Those that share weights are alike."""
        owner = self.graph.owner(number)
        if owner in self._last:
            return own(node.layer, self.count)
        if node.shares:
            is_first = bool(self.nodes[self.moved[owner]].layer.values["signs"])
        return shared(node.layer, self.count, signs=is_first)

    def _repeated(self, number: int, reader: Node) -> int:
        """The rows of each member, of a value that is the same for all, which a node reads."""
        self._repeats += 1
        layer = EachMember.declared({"members": self.count})
        name = f"each_member{self._repeats}"
        shape, source = self.graph.nodes[number].shape, self.moved[number]
        self.each[number] = self._behind(name, layer, source, shape, reader.origin, self.count)
        return self.each[number]

    def _behind(
        self, name: str, layer: Layer, source: int, shape: Shape, origin: Origin, members: int = 1
    ) -> int:
        """The number of a new node behind the node ``source``."""
        return self._added(Node(name, layer, (source,), (shape,), shape, origin, members=members))

    def _added(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1


def _last_ones(graph: Graph) -> set[int]:
    """The owners of weights behind which no linear layer comes, wherever they are used."""
    before, others = set[int](), set[int]()  # nodes before a linear layer; owners that are
    for number in sorted(graph.live, reverse=True):
        node = graph.nodes[number]
        if number in before and is_split(node.layer):
            others.add(graph.owner(number))
        if number in before or is_split(node.layer):
            before.update(node.inputs)
    split = {graph.owner(number) for number in graph.live if is_split(graph.nodes[number].layer)}
    return split - others
