"""One level of a layered layout: vertices in layers, an order in each, and straight lines.

After Sugiyama, Tagawa and Toda 1981: layers by the longest path from above, long links through
dummies, an order that crosses few links, and positions that keep what is linked in a line. What
a box is, and what stands inside a cluster, is unknown here: a cluster is a box with ports.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple, Protocol

HEADER = 20.0  # of a cluster's title
ENTRANCE = 22.0  # below the title, where what enters a cluster parts
PAD = 14.0  # between a cluster's border and what is in it
BETWEEN = 26.0  # boxes side by side
LAYER_GAP = 40.0  # boxes below each other: room for an edge's label
_SWEEPS = 12
_MOST_PIECES = 60_000  # of links: some seconds

Point = tuple[float, float]


class Vertex(NamedTuple):
    """What stands on a level: the "box" or the "cluster" of that number; a port, "in" or "out", by
    which what comes from the box ``number`` enters or leaves the level's cluster; or a "dummy",
    where a link that comes from it passes ``layer`` by.
    """

    kind: str
    number: int
    layer: int = 0


Link = tuple[Vertex, Vertex, int]  # from, to, and the box that it comes from


class TooLarge(Exception):
    """Raised for a picture whose links pass so many layers that it would take minutes to lay out.

    Its text says how many pieces the links have.
    """


class Measures(Protocol):
    """What a level has to know of its vertices."""

    def size(self, vertex: Vertex) -> tuple[float, float]: ...

    def port(self, vertex: Vertex, kind: str, source: int) -> float: ...

    def rank(self, vertex: Vertex) -> tuple[int, int]: ...


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
        self._layer: dict[Vertex, int] = {}
        self._layers: list[list[Vertex]] = []
        self._pieces: dict[Link, None] = {}  # of links, each one layer down
        self._paths: dict[Link, list[Vertex]] = {}
        self._x: dict[Vertex, float] = {}

    def arrange(self) -> None:
        """Raises TooLarge."""
        self._assign_layers()
        self._check_size()
        self._split_links()
        self._order()
        self._position()
        self._store()

    def _assign_layers(self) -> None:
        entered = self._is_entered()
        before: dict[Vertex, list[Vertex]] = {}
        for start, stop, _ in self.links:
            before.setdefault(stop, []).append(start)
        for vertex in sorted(self.vertices, key=self.measures.rank):
            least = 1 if entered and vertex.kind != "in" else 0
            above = (self._layer.get(other, -1) + 1 for other in before.get(vertex, ()))
            self._layer[vertex] = max(least, *above, least)
        last = max(self._layer.values(), default=0)
        leaving = [vertex for vertex in self.vertices if vertex.kind == "out"]
        if any(self._layer[vertex] <= last for vertex in leaving):
            inner = max((at for one, at in self._layer.items() if one.kind != "out"), default=0)
            self._layer |= dict.fromkeys(leaving, inner + 1)

    def _check_size(self) -> None:
        """A link has a piece for each layer that it leads down."""
        pieces = sum(self._layer[stop] - self._layer[start] for start, stop, _ in self.links)
        if pieces > _MOST_PIECES:
            raise TooLarge(f"its edges pass {pieces:,} layers in all")

    def _split_links(self) -> None:
        """Long links as pieces; those that come from one box share their dummies."""
        for start, stop, source in self.links:
            passed = range(self._layer[start] + 1, self._layer[stop])
            dummies = [Vertex("dummy", source, layer) for layer in passed]
            self._layer |= {dummy: dummy.layer for dummy in dummies}
            path = self._paths[start, stop, source] = [start, *dummies, stop]
            self._pieces |= dict.fromkeys((one, other, source) for one, other in pairwise(path))
        self._layers = [[] for _ in range(max(self._layer.values(), default=0) + 1)]
        for vertex in sorted(self._layer, key=self.measures.rank):
            self._layers[self._layer[vertex]].append(vertex)

    def _order(self) -> None:
        """Sort each layer by where its neighbours stand, down and up, and keep the best."""
        above: _Neighbours = {}
        below: _Neighbours = {}
        for start, stop, _ in self._pieces:
            above.setdefault(stop, []).append(start)
            below.setdefault(start, []).append(stop)
        best, fewest = [list(layer) for layer in self._layers], self._crossings()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            neighbours, layers = (below, self._layers[::-1]) if sweep % 2 else (above, self._layers)
            at = self._indices()
            for layer in layers:
                _sort(layer, neighbours, at)
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(layer) for layer in self._layers], crossings
        self._layers = best

    def _indices(self) -> dict[Vertex, int]:
        """Where each vertex stands in its layer."""
        return {vertex: index for layer in self._layers for index, vertex in enumerate(layer)}

    def _crossings(self) -> int:
        """How many pairs of pieces cross."""
        at = self._indices()
        rows: list[list[tuple[int, int]]] = [[] for _ in self._layers]
        for start, stop, _ in self._pieces:
            rows[self._layer[start]].append((at[start], at[stop]))
        count = 0
        for row in rows:
            passed: list[int] = []
            for _, end in sorted(row):
                count += len(passed) - bisect.bisect_right(passed, end)
                bisect.insort(passed, end)
        return count

    def _position(self) -> None:
        """Positions that keep the order and the distances, and bring what is linked together."""
        for layer in self._layers:
            at = 0.0
            for vertex in layer:
                self._x[vertex] = at + self._width(vertex) / 2
                at += self._width(vertex) + _distance(vertex)
        down, up = self._pulls()
        # The last sweep leads down, so that what follows a box stands straight below it.
        for sweep in range(_SWEEPS + 1):
            pulls, layers = (up, self._layers[::-1]) if sweep % 2 else (down, self._layers)
            for layer in layers:
                self._move(layer, pulls)

    def _pulls(self) -> tuple[_Pulls, _Pulls]:
        """What each vertex is pulled by: its neighbours above, and those below."""
        down: _Pulls = {}
        up: _Pulls = {}
        for start, stop, source in self._pieces:
            shift = self._offset(start, "out", source) - self._offset(stop, "in", source)
            # Boxes stand below boxes, and what passes them by makes room.
            down.setdefault(stop, []).append((start, shift, _strength(stop)))
            up.setdefault(start, []).append((stop, -shift, _strength(start)))
        return {vertex: _main(found) for vertex, found in down.items()}, up

    def _move(self, layer: list[Vertex], pulls: _Pulls) -> None:
        wanted: list[tuple[float, float]] = []
        apart = [0.0]
        for index, vertex in enumerate(layer):
            found = pulls.get(vertex) or [(vertex, 0.0, 0.01)]
            weight = sum(strength for _, _, strength in found)
            total = sum((self._x[other] + shift) * strength for other, shift, strength in found)
            wanted.append((total / weight, weight))
            if index:
                before = layer[index - 1]
                least = (self._width(before) + self._width(vertex)) / 2 + _distance(before)
                apart.append(apart[-1] + least)
        pairs = zip(wanted, apart, strict=True)
        positions = _increasing([(x - gap, weight) for (x, weight), gap in pairs])
        for vertex, position, gap in zip(layer, positions, apart, strict=True):
            self._x[vertex] = position + gap

    def _width(self, vertex: Vertex) -> float:
        return self.measures.size(vertex)[0]

    def _height(self, vertex: Vertex) -> float:
        return self.measures.size(vertex)[1]

    def _offset(self, vertex: Vertex, kind: str, source: int) -> float:
        """How far right of a vertex's middle a link from ``source`` meets it."""
        return self.measures.port(vertex, kind, source) - self._width(vertex) / 2

    def _store(self) -> None:
        is_cluster = self.least_width is not None
        left = min((self._x[vertex] - self._width(vertex) / 2 for vertex in self._x), default=0.0)
        right = max((self._x[vertex] + self._width(vertex) / 2 for vertex in self._x), default=0.0)
        side = PAD if is_cluster else 0.0
        self.width = max(right - left + 2 * side, self.least_width or 0.0)
        shift = (self.width - (right - left)) / 2 - left
        self._x = {vertex: x + shift for vertex, x in self._x.items()}
        y = HEADER + (ENTRANCE if self._is_entered() else PAD / 2) if is_cluster else 0.0
        rows: list[tuple[float, float]] = []  # the top and the height of each layer
        for layer in self._layers:
            height = max(map(self._height, layer), default=0.0)
            rows.append((y, height))
            y += 0.0 if all(one.kind in ("in", "out") for one in layer) else height + LAYER_GAP
        self.height = y - LAYER_GAP + (PAD if is_cluster else 0.0)
        edge = {"in": 0.0, "out": self.height}
        for vertex in self.vertices:
            top, height = rows[self._layer[vertex]]
            middle = top + (height - self._height(vertex)) / 2
            x = self._x[vertex] - self._width(vertex) / 2
            self.corners[vertex] = (x, edge.get(vertex.kind, middle))
        for link, path in self._paths.items():
            self.bends[link] = list(self._bends(path, link[2], rows))

    def _is_entered(self) -> bool:
        return any(vertex.kind == "in" for vertex in self.vertices)

    def _bends(
        self, path: list[Vertex], source: int, rows: list[tuple[float, float]]
    ) -> Iterator[Point]:
        """Straight through every layer on the path, so that nothing in it is touched."""
        for index, vertex in enumerate(path):
            if vertex.kind == "in":  # straight down through the title's line
                yield self._x[vertex], HEADER
            if vertex.kind in ("in", "out"):
                continue
            top, height = rows[self._layer[vertex]]
            x = self._x[vertex] + self._offset(vertex, "in" if index else "out", source)
            if index:
                yield x, top
            if index + 1 < len(path):
                yield x, top + height


_Neighbours = dict[Vertex, list[Vertex]]
_Pull = tuple[Vertex, float, float]  # a neighbour, how far right of it, and how strongly
_Pulls = dict[Vertex, list[_Pull]]


def _sort(layer: list[Vertex], neighbours: _Neighbours, at: dict[Vertex, int]) -> None:
    """Sort a layer by the middle of each vertex's neighbours, and keep ``at`` up to date."""

    def middle(vertex: Vertex) -> float:
        found = [at[other] for other in neighbours.get(vertex, ())]
        return sum(found) / len(found) if found else at[vertex]

    layer.sort(key=middle)
    at.update((vertex, index) for index, vertex in enumerate(layer))


def _distance(vertex: Vertex) -> float:
    """The room right of a vertex."""
    return BETWEEN if vertex.kind in ("box", "cluster") else 0.7 * BETWEEN


def _strength(vertex: Vertex) -> float:
    return 1.0 if vertex.kind == "dummy" else 10.0


def _main(pulls: list[_Pull]) -> list[_Pull]:
    """If a box pulls beside a shortcut, the box alone: the shortcut comes in from the side."""
    boxes = [pull for pull in pulls if pull[0].kind != "dummy"]
    return boxes if len(pulls) == 2 and boxes else pulls


def _increasing(wanted: Iterable[tuple[float, float]]) -> list[float]:
    """The numbers nearest to those that are ``wanted``, by weighted squares, that never decrease.

    Pool adjacent violators: a number that is less than the one before joins it in their mean.
    """
    pools: list[tuple[float, float, int]] = []
    for value, weight in wanted:
        count = 1
        while pools and pools[-1][0] > value:
            other, heavy, many = pools.pop()
            value = (value * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        pools.append((value, weight, count))
    return [value for value, _, count in pools for _ in range(count)]
