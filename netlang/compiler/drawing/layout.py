"""Where everything of a diagram stands: a layered layout, from top to bottom.

Clusters are laid out from the inside out, each by arrangement.py: to what is around it, a laid-out
cluster is one box, and the edges that cross its border do so at ports. So no box stands in a
cluster that is not its own, and no edge runs through a box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby

from netlang.compiler.drawing.arrangement import PAD, Arrangement, Dummy, Item, Level, Point
from netlang.compiler.drawing.diagram import Box, Diagram
from netlang.system.record import Record

LINE = 16.0  # height of a line of text
MARGIN = 20.0  # around the whole
_HEADS = 14.0  # the heads of edges that meet in one box


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
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        labels = _labels(diagram)
        self.sizes = [_box_size(*pair) for pair in zip(diagram.boxes, labels, strict=True)]
        self.levels: dict[int | None, Level] = {None: Level()}
        self.levels |= {index: Level() for index in range(len(diagram.clusters))}
        self.chains = [self._chain(box.cluster) for box in diagram.boxes]
        self.first: dict[int, int] = {}  # each cluster's first box
        for index, chain in enumerate(self.chains):
            for cluster in chain:
                if cluster is not None:
                    self.first.setdefault(cluster, index)

    def layout(self) -> Layout:
        for index, chain in enumerate(self.chains):
            inner: Item = ("box", index)
            for cluster in chain:
                self.levels[cluster].items[inner] = None
                if cluster is not None:
                    inner = ("cluster", cluster)
        routes = [self._route(edge.source, edge.target) for edge in self.diagram.edges]
        for cluster in self._inside_out():
            least = None if cluster is None else self._title_width(cluster)
            Arrangement(self.levels[cluster], self, least).arrange()
        return self._placed(routes)

    def _chain(self, cluster: int | None) -> list[int | None]:
        """The clusters around a box, innermost first, and None for the outside of all."""
        found: list[int | None] = []
        while cluster is not None:
            found.append(cluster)
            cluster = self.diagram.clusters[cluster].parent
        return [*found, None]

    def rank(self, node: Item | Dummy) -> tuple[int, int]:
        """The key that first sorts a level: entrances, boxes in their order, exits."""
        kind, index = node[:2]
        if kind == "cluster":
            index = self.first[index]
        return (("in", "box", "out").index(kind) if kind in ("in", "out") else 1, index)

    def _route(self, source: int, target: int) -> list[tuple[int | None, Item, Item]]:
        """The links that an edge is made of, one on each level it goes through."""
        out, into = self.chains[source], self.chains[target]
        shared = set(into)
        common = next(cluster for cluster in out if cluster in shared)
        links: list[tuple[int | None, Item, Item]] = []
        here: Item = ("box", source)
        for cluster in out[: out.index(common)]:
            links.append((cluster, here, ("out", source)))
            assert cluster is not None
            here = ("cluster", cluster)
        end: Item = ("box", target)
        inward: list[tuple[int | None, Item, Item]] = []
        for cluster in into[: into.index(common)]:
            inward.append((cluster, ("in", source), end))
            assert cluster is not None
            end = ("cluster", cluster)
        links += [(common, here, end), *reversed(inward)]
        for cluster, start, stop in links:
            level = self.levels[cluster]
            level.items[start] = level.items[stop] = None
            level.links[start, stop, source] = None
        return links

    def _inside_out(self) -> list[int | None]:
        depth = {index: len(self._chain(index)) for index in range(len(self.diagram.clusters))}
        return [*sorted(depth, key=lambda index: -depth[index]), None]

    def _title_width(self, cluster: int) -> float:
        return text_width(self.diagram.clusters[cluster].title, 11) + 2 * PAD

    def size(self, item: Item) -> tuple[float, float]:
        kind, index = item
        if kind == "box":
            return self.sizes[index]
        if kind == "cluster":
            level = self.levels[index]
            return level.width, level.height
        return (0.0, 0.0)

    def port(self, item: Item, kind: str, source: int) -> float:
        """How far right of its left side what comes from ``source`` enters or leaves ``item``."""
        width = self.size(item)[0]
        if item[0] != "cluster":
            return width / 2
        return self.levels[item[1]].corners[kind, source][0]

    def _placed(self, routes: list[list[tuple[int | None, Item, Item]]]) -> Layout:
        corners: dict[int | None, Point] = {None: (MARGIN, MARGIN)}
        outside_in = self._inside_out()[::-1]
        for cluster in outside_in:
            x, y = corners[cluster]
            for (kind, index), (dx, dy) in self.levels[cluster].corners.items():
                if kind == "cluster":
                    corners[index] = (x + dx, y + dy)
        boxes = []
        for index, chain in enumerate(self.chains):
            x, y = corners[chain[0]]
            dx, dy = self.levels[chain[0]].corners["box", index]
            boxes.append(Rectangle(x + dx, y + dy, *self.sizes[index]))
        clusters = [
            Rectangle(*corners[index], *self.size(("cluster", index)))
            for index in range(len(self.diagram.clusters))
        ]
        edges = self._spread([self._points(route, corners, boxes) for route in routes], boxes)
        outer = self.levels[None]
        size = (outer.width + 2 * MARGIN, outer.height + 2 * MARGIN)
        return Layout(*size, tuple(boxes), tuple(clusters), tuple(edges))

    def _spread(
        self, edges: list[list[Point]], boxes: Sequence[Rectangle]
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
        self,
        route: list[tuple[int | None, Item, Item]],
        corners: Mapping[int | None, Point],
        boxes: Sequence[Rectangle],
    ) -> list[Point]:
        """Where an edge runs: out of its box, through bends and ports, into the other."""
        source, target = route[0][1][1], route[-1][2][1]
        start, end = boxes[source], boxes[target]
        points = [(start.x + start.width / 2, start.y + start.height)]
        for cluster, one, other in route:
            level = self.levels[cluster]
            x, y = corners[cluster]
            points += [(x + dx, y + dy) for dx, dy in level.bends.get((one, other, source), ())]
            if other[0] == "out":
                dx, dy = level.corners[other]
                points.append((x + dx, y + dy))
            elif other[0] == "cluster":
                dx, dy = level.corners[other]
                points.append((x + dx + self.port(other, "in", source), y + dy))
        points.append((end.x + end.width / 2, end.y))
        return points


def _labels(diagram: Diagram) -> list[str]:
    """For each box, the label of the edges that leave it."""
    found = [""] * len(diagram.boxes)
    for edge in diagram.edges:
        found[edge.source] = edge.label
    return found


def _box_size(box: Box, label: str) -> tuple[float, float]:
    width = max(text_width(box.text), text_width(box.note, 10)) + 24
    # The label stands right of the line that leaves the box at its middle.
    return max(width, 2 * (text_width(label, 10) + 8), 56.0), LINE * (2 if box.note else 1) + 14
