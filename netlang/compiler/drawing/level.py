"""One level of a layered layout: vertices in layers, an order in each, and straight lines.

After Sugiyama, Tagawa and Toda 1981: layers by the longest path from above, long links through
dummies, an order that crosses few links, and positions that keep what is linked in a line. What
a box is, and what stands inside a cluster, is unknown here: a cluster is a box with ports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from netlang.compiler.drawing.crossings import with_few_crossings
from netlang.compiler.drawing.positions import positions
from netlang.compiler.drawing.vertices import Link, Measures, Point, Vertex

HEADER = 20.0  # of a cluster's title
ENTRANCE = 22.0  # below the title, where what enters a cluster parts
PAD = 14.0  # between a cluster's border and what is in it
LAYER_GAP = 40.0  # boxes below each other: room for an edge's label
_MOST_SEGMENTS = 60_000  # of links: some seconds


class TooLarge(Exception):
    """Raised for a picture whose links pass so many layers that it would take minutes to lay out.

    Its text says how many that are.
    """


class Level:
    """What stands directly in one cluster, or outside of all, and the links between its vertices.

    A cluster has a ``least_width``, for its title; the level outside of all has none. When the
    vertices and links are there, ``arrange`` finds the upper left ``corners`` of the vertices, the
    ``bends`` of the links, and the size of the whole.
    """

    def __init__(self, measures: Measures, least_width: float | None) -> None:
        self.measures, self.least_width = measures, least_width
        self.vertices: dict[Vertex, None] = {}
        self.links: dict[Link, None] = {}
        self.corners: dict[Vertex, Point] = {}
        self.bends: dict[Link, list[Point]] = {}
        self.width = self.height = 0.0
        self._layer_of: dict[Vertex, int] = {}
        self._x: dict[Vertex, float] = {}  # of the middle
        self._rows: list[tuple[float, float]] = []  # the top and the height of each layer

    def arrange(self) -> None:
        """Raises TooLarge."""
        self._assign_layers()
        self._check_size()
        paths = {link: self._path(*link) for link in self.links}
        last = max(self._layer_of.values(), default=0)
        layers: list[list[Vertex]] = [[] for _ in range(last + 1)]
        for vertex in sorted(self._layer_of, key=self.measures.rank):
            layers[self._layer_of[vertex]].append(vertex)
        # A segment leads one layer down. Links that come from one box may share some.
        segments = {
            (one, other, source): None
            for (_, _, source), path in paths.items()
            for one, other in pairwise(path)
        }
        layers = with_few_crossings(layers, segments)
        self._place_across(positions(layers, segments, self.measures))
        self._place_down(layers)
        self.bends = {link: list(self._bends(path, link[2])) for link, path in paths.items()}

    def _assign_layers(self) -> None:
        """Below all that leads to a vertex; the first and the last layer have the ports alone."""
        entered = self._is_entered()
        before: dict[Vertex, list[Vertex]] = {}
        for start, stop, _ in self.links:
            before.setdefault(stop, []).append(start)
        for vertex in sorted(self.vertices, key=self.measures.rank):
            least = 1 if entered and vertex.kind != "in" else 0
            above = (self._layer_of.get(other, -1) + 1 for other in before.get(vertex, ()))
            self._layer_of[vertex] = max([least, *above])
        leaving = [vertex for vertex in self.vertices if vertex.kind == "out"]
        inner = max((at for one, at in self._layer_of.items() if one.kind != "out"), default=0)
        self._layer_of |= dict.fromkeys(leaving, inner + 1)

    def _is_entered(self) -> bool:
        return any(vertex.kind == "in" for vertex in self.vertices)

    def _check_size(self) -> None:
        """A link has a segment for each layer that it leads down."""
        count = sum(self._layer_of[stop] - self._layer_of[start] for start, stop, _ in self.links)
        if count > _MOST_SEGMENTS:
            raise TooLarge(f"its edges pass {count:,} layers in all")

    def _path(self, start: Vertex, stop: Vertex, source: int) -> list[Vertex]:
        """A link's vertices: a long one has a dummy in each layer that it passes."""
        passed = range(self._layer_of[start] + 1, self._layer_of[stop])
        dummies = [Vertex("dummy", source, layer) for layer in passed]
        self._layer_of |= {dummy: dummy.layer for dummy in dummies}
        return [start, *dummies, stop]

    def _place_across(self, x: Mapping[Vertex, float]) -> None:
        half = {vertex: self.measures.size(vertex)[0] / 2 for vertex in x}
        left = min((x[vertex] - half[vertex] for vertex in x), default=0.0)
        right = max((x[vertex] + half[vertex] for vertex in x), default=0.0)
        side = PAD if self.least_width is not None else 0.0
        self.width = max(right - left + 2 * side, self.least_width or 0.0)
        shift = (self.width - (right - left)) / 2 - left
        self._x = {vertex: at + shift for vertex, at in x.items()}

    def _place_down(self, layers: Sequence[Sequence[Vertex]]) -> None:
        """Vertices stand in the middle of their rows, and ports on the level's edges."""
        is_cluster = self.least_width is not None
        y = HEADER + (ENTRANCE if self._is_entered() else PAD / 2) if is_cluster else 0.0
        for layer in layers:
            height = max((self.measures.size(vertex)[1] for vertex in layer), default=0.0)
            self._rows.append((y, height))
            y += 0.0 if all(one.kind in ("in", "out") for one in layer) else height + LAYER_GAP
        self.height = y - LAYER_GAP + (PAD if is_cluster else 0.0)
        edge = {"in": 0.0, "out": self.height}
        for vertex in self.vertices:
            width, height = self.measures.size(vertex)
            top, row_height = self._rows[self._layer_of[vertex]]
            y = edge.get(vertex.kind, top + (row_height - height) / 2)
            self.corners[vertex] = (self._x[vertex] - width / 2, y)

    def _bends(self, path: Sequence[Vertex], source: int) -> Iterator[Point]:
        """Straight through every layer on the path, so that nothing in it is touched."""
        for index, vertex in enumerate(path):
            if vertex.kind == "in":  # straight down through the title's line
                yield self._x[vertex], HEADER
            if vertex.kind in ("in", "out"):
                continue
            top, height = self._rows[self._layer_of[vertex]]
            at = self._x[vertex] + self.measures.port(vertex, "in" if index else "out", source)
            if index:
                yield at, top
            if index + 1 < len(path):
                yield at, top + height
