"""Where everything of a diagram stands: a layered layout, from top to bottom.

Clusters are laid out from the inside out, each by level.py: to what is around it, a laid-out
cluster is one box, and the edges that cross its border do so at ports. So no box stands in a
cluster that is not its own, and no edge runs through a box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from itertools import groupby

from netlang.compiler.drawing.diagram import Box, Diagram
from netlang.compiler.drawing.level import PAD, Level
from netlang.compiler.drawing.vertices import Point, Vertex
from netlang.system.record import Record

LINE = 16.0  # height of a line of text
MARGIN = 20.0  # around the whole
_HEADS = 14.0  # the heads of edges that meet in one box
_OUTSIDE = -1  # of all clusters

_Route = list[tuple[int, Vertex, Vertex]]  # the links of an edge, each with its cluster


class Rectangle(Record):
    x: float
    y: float
    width: float
    height: float


class Layout(Record):
    """``boxes`` and ``clusters`` by index; ``edges`` are points that each edge goes through."""

    width: float
    height: float
    boxes: tuple[Rectangle, ...]
    clusters: tuple[Rectangle, ...]
    edges: tuple[tuple[Point, ...], ...]


def text_width(text: str, size: float = 12.0) -> float:
    """The approximate width of ``text`` in a sans-serif font of ``size``."""
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in "ijl.,:;'|!()[]{}":
        return 0.34
    if letter in "mwMW@%…":
        return 0.92
    return 0.7 if letter.isupper() else 0.58


def layout(diagram: Diagram) -> Layout:
    """Raises TooLarge."""
    return _Layouter(diagram).layout()


class _Layouter:
    """Has a level for each cluster, and tells the levels the measures of their vertices."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        labels = diagram.labels
        self.sizes = [_box_size(box, labels.get(n, "")) for n, box in enumerate(diagram.boxes)]
        self.chains = [self._chain(box.cluster) for box in diagram.boxes]
        self.levels = {_OUTSIDE: Level(self, None)}
        for index, cluster in enumerate(diagram.clusters):
            self.levels[index] = Level(self, text_width(cluster.title, 11) + 2 * PAD)
        self.first: dict[int, int] = {}  # each cluster's first box
        for index, chain in enumerate(self.chains):
            for cluster_index in chain:
                self.first.setdefault(cluster_index, index)

    def layout(self) -> Layout:
        for index, chain in enumerate(self.chains):
            inner = Vertex("box", index)
            for cluster in chain:
                self.levels[cluster].vertices[inner] = None
                inner = Vertex("cluster", cluster)
        routes = [self._route(edge.source, edge.target) for edge in self.diagram.edges]
        inside_out = sorted(self.levels, key=lambda cluster: -len(self._chain(cluster)))
        for cluster in inside_out:
            self.levels[cluster].arrange()
        return self._placed(routes, reversed(inside_out))

    def _chain(self, cluster: int | None) -> list[int]:
        """The clusters around a box, innermost first, and the outside of all."""
        found: list[int] = []
        while cluster is not None and cluster != _OUTSIDE:
            found.append(cluster)
            cluster = self.diagram.clusters[cluster].parent
        return [*found, _OUTSIDE]

    def rank(self, vertex: Vertex) -> tuple[int, int]:
        """Entrances come first, then boxes in their order, then exits."""
        index = self.first[vertex.number] if vertex.kind == "cluster" else vertex.number
        return {"in": 0, "out": 2}.get(vertex.kind, 1), index

    def _route(self, source: int, target: int) -> _Route:
        """The links that an edge is made of, one on each level it goes through."""
        out, into = self.chains[source], self.chains[target]
        shared = set(into)
        common = next(cluster for cluster in out if cluster in shared)
        here, end = Vertex("box", source), Vertex("box", target)
        outward: _Route = []
        inward: _Route = []
        for cluster in out[: out.index(common)]:
            outward.append((cluster, here, Vertex("out", source)))
            here = Vertex("cluster", cluster)
        for cluster in into[: into.index(common)]:
            inward.append((cluster, Vertex("in", source), end))
            end = Vertex("cluster", cluster)
        route = [*outward, (common, here, end), *reversed(inward)]
        for cluster, start, stop in route:
            level = self.levels[cluster]
            level.vertices[start] = level.vertices[stop] = None
            level.links[start, stop, source] = None
        return route

    def size(self, vertex: Vertex) -> tuple[float, float]:
        if vertex.kind == "box":
            return self.sizes[vertex.number]
        if vertex.kind == "cluster":
            level = self.levels[vertex.number]
            return level.width, level.height
        return (0.0, 0.0)

    def port(self, vertex: Vertex, kind: str, source: int) -> float:
        if vertex.kind != "cluster":
            return 0.0
        level = self.levels[vertex.number]
        return level.corners[Vertex(kind, source)][0] - level.width / 2

    def _placed(self, routes: list[_Route], outside_in: Iterable[int]) -> Layout:
        corners: dict[int, Point] = {_OUTSIDE: (MARGIN, MARGIN)}
        boxes: dict[int, Rectangle] = {}
        for cluster in outside_in:
            x, y = corners[cluster]
            for vertex, (dx, dy) in self.levels[cluster].corners.items():
                if vertex.kind == "cluster":
                    corners[vertex.number] = (x + dx, y + dy)
                elif vertex.kind == "box":
                    boxes[vertex.number] = Rectangle(x + dx, y + dy, *self.size(vertex))
        clusters = [
            Rectangle(*corners[index], *self.size(Vertex("cluster", index)))
            for index in range(len(self.diagram.clusters))
        ]
        edges = self._spread([self._points(route, corners, boxes) for route in routes], boxes)
        width, height = (side + 2 * MARGIN for side in self.size(Vertex("cluster", _OUTSIDE)))
        in_order = tuple(boxes[index] for index in range(len(boxes)))
        return Layout(width, height, in_order, tuple(clusters), tuple(edges))

    def _spread(
        self, edges: list[list[Point]], boxes: Mapping[int, Rectangle]
    ) -> list[tuple[Point, ...]]:
        """Edges that meet in one box, side by side, in the order in which they come."""
        meeting: dict[int, list[int]] = {}
        for index, edge in enumerate(self.diagram.edges):
            meeting.setdefault(edge.target, []).append(index)
        for target, found in meeting.items():
            found.sort(key=lambda index: edges[index][-3][0] if len(edges[index]) > 2 else 0.0)
            apart = min(_HEADS, boxes[target].width / (len(found) + 1))
            for rank, index in enumerate(found):
                shift = (rank - (len(found) - 1) / 2) * apart
                points = edges[index]
                points[-2:] = [(x + shift, y) for x, y in points[-2:]]
        rounded = ([(round(x, 1), round(y, 1)) for x, y in points] for points in edges)
        return [tuple(point for point, _ in groupby(points)) for points in rounded]

    def _points(
        self, route: _Route, corners: Mapping[int, Point], boxes: Mapping[int, Rectangle]
    ) -> list[Point]:
        """Where an edge runs: out of its box, through bends and ports, into the other."""
        source, target = route[0][1].number, route[-1][2].number
        start, end = boxes[source], boxes[target]
        points = [(start.x + start.width / 2, start.y + start.height)]
        for cluster, one, other in route:
            level = self.levels[cluster]
            x, y = corners[cluster]
            points += [(x + dx, y + dy) for dx, dy in level.bends.get((one, other, source), ())]
            if other.kind in ("out", "cluster"):
                dx, dy = level.corners[other]
                middle = x + dx + self.size(other)[0] / 2
                points.append((middle + self.port(other, "in", source), y + dy))
        points.append((end.x + end.width / 2, end.y))
        return points


def _box_size(box: Box, label: str) -> tuple[float, float]:
    width = max(text_width(box.text), text_width(box.note, 10)) + 24
    # The label stands right of the line that leaves the box at its middle.
    return max(width, 2 * (text_width(label, 10) + 8), 56.0), LINE * (2 if box.note else 1) + 14
