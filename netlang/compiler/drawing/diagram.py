"""What is drawn of a graph: boxes, the clusters they stand in, and the edges between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from itertools import chain

from netlang.compiler.ir import Expansion, Graph, Node
from netlang.system.record import Record
from netlang.system.terminal import visible

_LONGEST = 44  # characters of a text


class Box(Record):
    """``kind`` is "input", "output", "weights", "join" or "plain"; ``cluster`` an index or None."""

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
    def __init__(self, graph: Graph, expand: bool) -> None:
        self.graph = graph
        self.stand_in = {} if expand else _stand_ins(graph)
        self.drawn = [n for n in range(len(graph.nodes)) if n not in self.stand_in]
        self.clusters: list[Cluster] = []
        self.cluster_of: dict[Expansion, int] = {}
        trails = (graph.nodes[number].origin.trail for number in self.drawn)
        self.members = Counter(chain.from_iterable(trails))  # how many boxes each expansion has

    def diagram(self) -> Diagram:
        index = {number: at for at, number in enumerate(self.drawn)}
        boxes = [self._box(self.graph.nodes[number]) for number in self.drawn]
        boxes.append(Box("output", "output", None))
        edges: dict[tuple[int, int, int], Edge] = {}
        for number in self.drawn:
            for at, source in enumerate(self.graph.nodes[number].inputs):
                start, end = index[self.stand_in.get(source, source)], index[number]
                edges[start, end, at] = Edge(start, end, str(self.graph.nodes[source].shape))
        result = self.stand_in.get(self.graph.result, self.graph.result)
        last = Edge(index[result], len(boxes) - 1, str(self.graph.output))
        return Diagram(tuple(boxes), tuple(self.clusters), (*edges.values(), last))

    def _box(self, node: Node) -> Box:
        if not node.inputs:
            return Box("input", "input", None)
        kind = "weights" if node.layer.size else "join" if len(node.inputs) > 1 else "plain"
        shares = node.shares and node.layer.size
        note = f"weights of {self.graph.nodes[node.shares].name}" if shares and node.shares else ""
        return Box(_short(node.call), kind, self._cluster(node.origin.expansion), note)

    def _cluster(self, expansion: Expansion | None) -> int | None:
        """The cluster of an expansion; one of a single box is left out."""
        wanted: list[Expansion] = []
        while expansion and expansion not in self.cluster_of:
            wanted.append(expansion)
            expansion = expansion.outer
        for inner in reversed(wanted):
            parent = self.cluster_of.get(inner.outer) if inner.outer else None
            if self.members[inner] < 2:
                if parent is not None:
                    self.cluster_of[inner] = parent
                continue
            self.clusters.append(Cluster(self._title(inner), parent))
            self.cluster_of[inner] = len(self.clusters) - 1
        found = wanted[0] if wanted else expansion
        return self.cluster_of.get(found) if found else None

    def _title(self, expansion: Expansion) -> str:
        if expansion.name:
            return _short(" ".join(expansion.span.text.split()))
        if self.stand_in:
            return f"{expansion.copies} times"
        return f"copy {expansion.copy} of {expansion.copies}"


def _stand_ins(graph: Graph) -> Mapping[int, int]:
    """For each node of a repeat's later copies, the same node of the first."""
    found: dict[int, int] = {}
    first_copies: dict[tuple[object, ...], int] = {}
    counts: Counter[tuple[object, ...]] = Counter()
    for number, node in enumerate(graph.nodes):
        # What it is a copy of: its trail without the copies, and that it is the n-th node there.
        path = tuple((expansion.span, expansion.copies) for expansion in node.origin.trail)
        copies = tuple(expansion.copy for expansion in node.origin.trail)
        key = path, node.origin.span, counts[path, node.origin.span, copies]
        counts[path, node.origin.span, copies] += 1
        if all(copy == 1 for copy in copies):
            first_copies[key] = number
        elif key in first_copies:
            found[number] = first_copies[key]
    return found


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
