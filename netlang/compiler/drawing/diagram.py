"""What is drawn of a graph: boxes, the clusters they stand in, and the edges between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from itertools import chain

from netlang.compiler.ir import Expansion, Graph
from netlang.language.source import Span
from netlang.system.record import Record
from netlang.system.terminal import visible

COLOURS = {  # the fill and the outline of each kind of box
    "input": ("#eef1f4", "#5b6875"),
    "output": ("#eef1f4", "#5b6875"),
    "weights": ("#dbe9f6", "#3b6ea5"),
    "join": ("#fdebd0", "#b9770e"),
    "plain": ("#ffffff", "#8695a3"),
}
TEXT_COLOUR = "#1b2733"
_LONGEST = 44  # characters of a text


class Box(Record):
    """``kind`` is one of ``COLOURS``; ``cluster`` is an index or None."""

    text: str
    kind: str
    cluster: int | None
    note: str = ""


class Cluster(Record):
    """A block's, a named network's or a repeat's boxes; ``parent`` is the cluster around it."""

    title: str
    parent: int | None


class Edge(Record):
    """From one box to another, by index; ``label`` is the shape of what travels."""

    source: int
    target: int
    label: str


class Diagram(Record):
    """Boxes are in an order in which every edge leads from an earlier to a later one."""

    boxes: tuple[Box, ...]
    clusters: tuple[Cluster, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def labels(self) -> Mapping[int, str]:
        """The label of the first edge that leaves each box, by the box's index."""
        return {edge.source: edge.label for edge in reversed(self.edges)}


def diagram_of(graph: Graph, expand: bool = False) -> Diagram:
    """The picture of ``graph``; of a repeat one copy is drawn, unless ``expand`` asks for all."""
    return _Drawing(graph, expand).diagram()


class _Drawing:
    """Which nodes of a graph are drawn, and in which clusters."""

    def __init__(self, graph: Graph, expand: bool) -> None:
        self.graph = graph
        # The node that is drawn for each: itself, or its like in the first copy of a repeat.
        self.stand_in = {number: number for number in range(len(graph.nodes))}
        self.folded: set[Expansion] = set()  # the copies that are drawn for all of their repeat
        if not expand:
            self._fold()
        self.drawn = [number for number, other in self.stand_in.items() if number == other]
        self.notes = self._notes_of_weights()
        self.clusters: list[Cluster] = []
        self.cluster_of: dict[Expansion, int] = {}
        trails = (graph.nodes[number].origin.trail for number in self.drawn)
        self.members = Counter(chain.from_iterable(trails))  # how many boxes each expansion has

    def _fold(self) -> None:
        """Let the first copy of a repeat stand for all, where each has the same layers and shapes.

        They may differ, as the first of ``Linear(_, 8) * 3`` does for an input of [N, 10].
        """
        nodes, numbers_in = self.graph.nodes, dict[Expansion, list[int]]()
        for number, node in enumerate(nodes):
            for expansion in node.origin.trail:
                numbers_in.setdefault(expansion, []).append(number)
        repeats: dict[tuple[Expansion | None, Span], list[Expansion]] = {}
        for expansion in numbers_in:
            if not expansion.name:
                repeats.setdefault((expansion.outer, expansion.span), []).append(expansion)
        for first, *others in repeats.values():
            facts = [
                [(nodes[number].call, nodes[number].takes) for number in numbers_in[copy]]
                for copy in (first, *others)
            ]
            if all(fact == facts[0] for fact in facts):
                self.folded.add(first)
                for copy in others:
                    self.stand_in.update(zip(numbers_in[copy], numbers_in[first], strict=True))
        for number, other in self.stand_in.items():  # the first may be in a later copy
            self.stand_in[number] = self.stand_in[other]

    def diagram(self) -> Diagram:
        index = {number: at for at, number in enumerate(self.drawn)}
        boxes = [self._box(number) for number in self.drawn]
        boxes.append(Box("output", "output", None))
        nodes, result = self.graph.nodes, self.graph.result
        edges = [
            Edge(index[self.stand_in[source]], index[number], str(nodes[source].shape))
            for number in self.drawn
            for source in nodes[number].inputs
        ]
        edges.append(Edge(index[self.stand_in[result]], len(boxes) - 1, str(self.graph.output)))
        return Diagram(tuple(boxes), tuple(self.clusters), tuple(edges))

    def _box(self, number: int) -> Box:
        node = self.graph.nodes[number]
        if not node.inputs:
            return Box("input", "input", None)
        kind = "weights" if node.layer.size else "join" if len(node.inputs) > 1 else "plain"
        note = self.notes.get(self.graph.owner(number), "") if node.layer.size else ""
        return Box(shown(node.call), kind, self._cluster(node.origin.expansion), note)

    def _notes_of_weights(self) -> dict[int, str]:
        """What boxes say of weights that several nodes have, by the number of their owner."""
        notes = {
            self.graph.owner(number): "the same weights each time"
            for number, other in self.stand_in.items()
            if number != other and self.graph.nodes[number].shares
        }
        boxes = Counter(self.graph.owner(n) for n in self.drawn if self.graph.nodes[n].layer.size)
        shared = (owner for owner, count in boxes.items() if count > 1)
        return notes | {owner: f"shared weights {n}" for n, owner in enumerate(shared, 1)}

    def _cluster(self, expansion: Expansion | None) -> int | None:
        """The cluster of an expansion; one of a single box is left out, if it is drawn once."""
        wanted: list[Expansion] = []
        while expansion and expansion not in self.cluster_of:
            wanted.append(expansion)
            expansion = expansion.outer
        for inner in reversed(wanted):
            parent = self.cluster_of.get(inner.outer) if inner.outer else None
            if self.members[inner] < 2 and inner not in self.folded:
                if parent is not None:
                    self.cluster_of[inner] = parent
                continue
            self.clusters.append(Cluster(self._title(inner), parent))
            self.cluster_of[inner] = len(self.clusters) - 1
        found = wanted[0] if wanted else expansion
        return self.cluster_of.get(found) if found else None

    def _title(self, expansion: Expansion) -> str:
        if expansion.name:
            return shown(" ".join(expansion.span.text.split()))
        if expansion in self.folded:
            return f"{expansion.copies} times"
        return f"copy {expansion.copy} of {expansion.copies}"


def shown(text: str) -> str:
    """``text`` as a box or a frame shows it."""
    whole = visible(text)
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"
