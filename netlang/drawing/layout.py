"""Where everything of a diagram stands: a layered layout, from top to bottom.

After Sugiyama, Tagawa and Toda 1981: boxes in layers by their longest way from the input, long
edges through dummies, an order in each layer that crosses few edges, and positions that keep
edges straight. Clusters are laid out from the inside out: to what is around it, a laid-out
cluster is one box, and the edges that cross its border do so at ports. So no box stands in a
cluster that is not its own, and no edge runs through a box.
"""

from __future__ import annotations

import bisect
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from netlang.drawing.diagram import Box, Diagram
from netlang.record import Record

LINE = 16.0  # height of a line of text
HEADER = 20.0  # of a cluster's title
ENTRANCE = 22.0  # below the title, where what enters a cluster parts
PAD = 14.0  # between a cluster's border and what is in it
MARGIN = 20.0  # around the whole
BETWEEN = 26.0  # boxes side by side
LAYER_GAP = 40.0  # boxes below each other: room for an edge's label
_HEADS = 14.0  # the heads of edges that meet in one box
_SWEEPS = 12


class Rectangle(Record):
    x: float
    y: float
    width: float
    height: float


Point = tuple[float, float]


class Layout(Record):
    """``boxes`` and ``clusters`` by index; ``edges`` are points that each edge goes through."""

    width: float
    height: float
    boxes: tuple[Rectangle, ...]
    clusters: tuple[Rectangle, ...]
    edges: tuple[tuple[Point, ...], ...]


def text_width(text: str, size: float = 12.0) -> float:
    """About how wide ``text`` is in a sans-serif font of ``size``."""
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in "ijl.,:;'|!()[]{}":
        return 0.34
    if letter in "mwMW@%…":
        return 0.92
    return 0.7 if letter.isupper() else 0.58


# An item of one level: ("box", i), ("cluster", i), or a port: ("in", box) or ("out", box), by
# which what comes from that box enters the level's cluster or leaves it.
Item = tuple[str, int]
Dummy = tuple[str, int, int]


class _Level:
    """What stands directly in one cluster, or outside of all, and the edges between it."""

    def __init__(self) -> None:
        self.items: dict[Item, None] = {}
        self.links: dict[tuple[Item, Item, int], None] = {}  # from, to, and the box it comes from
        self.place: dict[Item, Point] = {}  # the left upper corner
        self.bends: dict[tuple[Item, Item, int], list[Point]] = {}
        self.width = self.height = 0.0


def layout(diagram: Diagram) -> Layout:
    return _Layouter(diagram).layout()


class _Layouter:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        labels = _labels(diagram)
        self.sizes = [_box_size(*pair) for pair in zip(diagram.boxes, labels, strict=True)]
        self.levels: dict[int | None, _Level] = {None: _Level()}
        self.levels |= {index: _Level() for index in range(len(diagram.clusters))}
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
            title = None if cluster is None else self.diagram.clusters[cluster].title
            _Arrangement(self.levels[cluster], self, title).arrange()
        return self._placed(routes)

    def _chain(self, cluster: int | None) -> list[int | None]:
        """The clusters around a box, innermost first, and None for the outside of all."""
        found: list[int | None] = []
        while cluster is not None:
            found.append(cluster)
            cluster = self.diagram.clusters[cluster].parent
        return [*found, None]

    def rank(self, node: Item | Dummy) -> tuple[int, int]:
        """By what a level is sorted at first: entrances, boxes as they come, exits."""
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
        return self.levels[item[1]].place[kind, source][0]

    def _placed(self, routes: list[list[tuple[int | None, Item, Item]]]) -> Layout:
        corners: dict[int | None, Point] = {None: (MARGIN, MARGIN)}
        outside_in = self._inside_out()[::-1]
        for cluster in outside_in:
            x, y = corners[cluster]
            for (kind, index), (dx, dy) in self.levels[cluster].place.items():
                if kind == "cluster":
                    corners[index] = (x + dx, y + dy)
        boxes = []
        for index, chain in enumerate(self.chains):
            x, y = corners[chain[0]]
            dx, dy = self.levels[chain[0]].place["box", index]
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
            for place, index in enumerate(found):
                shift = (place - (len(found) - 1) / 2) * apart
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
                dx, dy = level.place[other]
                points.append((x + dx, y + dy))
            elif other[0] == "cluster":
                dx, dy = level.place[other]
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


class _Arrangement:
    """One level laid out: nodes are its items, and dummies where a link passes a layer by."""

    def __init__(self, level: _Level, layouter: _Layouter, title: str | None) -> None:
        self.level, self.layouter, self.title = level, layouter, title
        self.nodes: list[Item | Dummy] = []
        self.layer: dict[Item | Dummy, int] = {}
        self.layers: list[list[Item | Dummy]] = []
        # Each piece of a link leads one layer down; with the box that it comes from.
        self.pieces: dict[tuple[Item | Dummy, Item | Dummy, int], None] = {}
        self.ways: dict[tuple[Item, Item, int], list[Item | Dummy]] = {}
        self.x: dict[Item | Dummy, float] = {}

    def arrange(self) -> None:
        self._assign_layers()
        self._split_links()
        self._order()
        self._place_in_rows()
        self._store()

    def _assign_layers(self) -> None:
        entering = self._is_entered()
        before: dict[Item, list[Item]] = {}
        for start, stop, _ in self.level.links:
            before.setdefault(stop, []).append(start)
        for item in sorted(self.level.items, key=self.layouter.rank):
            kind, _ = item
            least = 0 if kind == "in" or not entering else 1
            above = (self.layer.get(other, -1) + 1 for other in before.get(item, ()))
            self.layer[item] = max(least, *above, least)
        last = max(self.layer.values(), default=0)
        leaving = [item for item in self.level.items if item[0] == "out"]
        if any(self.layer[item] <= last for item in leaving):
            inner = max((at for item, at in self.layer.items() if item[0] != "out"), default=0)
            self.layer |= dict.fromkeys(leaving, inner + 1)

    def _split_links(self) -> None:
        """Long links as pieces; those that come from one box share their dummies."""
        for start, stop, source in self.level.links:
            way: list[Item | Dummy] = [start]
            for at in range(self.layer[start] + 1, self.layer[stop]):
                dummy: Dummy = ("dummy", source, at)
                self.layer.setdefault(dummy, at)
                way.append(dummy)
            way.append(stop)
            self.ways[start, stop, source] = way
            for one, other in pairwise(way):
                self.pieces[one, other, source] = None
        self.layers = [[] for _ in range(max(self.layer.values(), default=0) + 1)]
        for node in sorted(self.layer, key=self.layouter.rank):
            self.layers[self.layer[node]].append(node)

    def _order(self) -> None:
        """Sort each layer by where its neighbours stand, down and up, and keep the best."""
        above, below = self._neighbours()
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            neighbours, layers = (below, self.layers[::-1]) if sweep % 2 else (above, self.layers)
            for layer in layers:
                self._sort(layer, neighbours)
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def _neighbours(self) -> tuple[_Neighbours, _Neighbours]:
        above: _Neighbours = {}
        below: _Neighbours = {}
        for start, stop, _ in self.pieces:
            above.setdefault(stop, []).append(start)
            below.setdefault(start, []).append(stop)
        return above, below

    def _sort(self, layer: list[Item | Dummy], neighbours: _Neighbours) -> None:
        at = {node: index for row in self.layers for index, node in enumerate(row)}

        def middle(node: Item | Dummy) -> float:
            found = [at[other] for other in neighbours.get(node, ())]
            return sum(found) / len(found) if found else at[node]

        layer.sort(key=middle)

    def _crossings(self) -> int:
        """How many pairs of pieces cross."""
        at = {node: index for row in self.layers for index, node in enumerate(row)}
        rows: list[list[tuple[int, int]]] = [[] for _ in self.layers]
        for start, stop, _ in self.pieces:
            rows[self.layer[start]].append((at[start], at[stop]))
        count = 0
        for row in rows:
            passed: list[int] = []
            for _, end in sorted(row):
                count += len(passed) - bisect.bisect_right(passed, end)
                bisect.insort(passed, end)
        return count

    def _place_in_rows(self) -> None:
        """Positions that keep the order and the distances, and bring what is linked together."""
        for layer in self.layers:
            at = 0.0
            for node in layer:
                self.x[node] = at + self._width(node) / 2
                at += self._width(node) + self._distance(node)
        down, up = self._pulls()
        # The last sweep leads down, so that what follows a box stands straight below it.
        for sweep in range(_SWEEPS + 1):
            pulls, layers = (up, self.layers[::-1]) if sweep % 2 else (down, self.layers)
            for layer in layers:
                self._move(layer, pulls)

    def _pulls(self) -> tuple[_Pulls, _Pulls]:
        """For each node, its neighbours above and below, how far right it wants to be, how much."""
        down: _Pulls = {}
        up: _Pulls = {}
        for start, stop, source in self.pieces:
            shift = self._offset(start, "out", source) - self._offset(stop, "in", source)
            # Boxes stand below boxes, and what passes them by makes room.
            down.setdefault(stop, []).append((start, shift, self._strength(stop)))
            up.setdefault(start, []).append((stop, -shift, self._strength(start)))
        return {node: _main(found) for node, found in down.items()}, up

    def _strength(self, node: Item | Dummy) -> float:
        return 1.0 if node[0] == "dummy" else 10.0

    def _move(self, layer: list[Item | Dummy], pulls: _Pulls) -> None:
        wanted: list[tuple[float, float]] = []
        apart = [0.0]
        for index, node in enumerate(layer):
            found = pulls.get(node) or [(node, 0.0, 0.01)]
            weight = sum(strength for _, _, strength in found)
            mean = (
                sum((self.x[other] + shift) * strength for other, shift, strength in found) / weight
            )
            wanted.append((mean, weight))
            if index:
                before = layer[index - 1]
                least = (self._width(before) + self._width(node)) / 2 + self._distance(before)
                apart.append(apart[-1] + least)
        positions = _increasing(
            [(x - gap, weight) for (x, weight), gap in zip(wanted, apart, strict=True)]
        )
        for node, position, gap in zip(layer, positions, apart, strict=True):
            self.x[node] = position + gap

    def _width(self, node: Item | Dummy) -> float:
        return 0.0 if len(node) == 3 else self.layouter.size(node)[0]

    def _distance(self, node: Item | Dummy) -> float:
        return BETWEEN if node[0] in ("box", "cluster") else 0.7 * BETWEEN

    def _offset(self, node: Item | Dummy, kind: str, source: int) -> float:
        """How far right of a node's middle a link from ``source`` meets it."""
        if len(node) == 3:
            return 0.0
        return self.layouter.port(node, kind, source) - self._width(node) / 2

    def _store(self) -> None:
        level, is_cluster = self.level, self.title is not None
        left = min((self.x[node] - self._width(node) / 2 for node in self.x), default=0.0)
        right = max((self.x[node] + self._width(node) / 2 for node in self.x), default=0.0)
        side = PAD if is_cluster else 0.0
        title = text_width(self.title or "", 11) + 2 * PAD if is_cluster else 0.0
        level.width = max(right - left + 2 * side, title)
        shift = (level.width - (right - left)) / 2 - left
        y = HEADER + (ENTRANCE if self._is_entered() else PAD / 2) if is_cluster else 0.0
        tops: list[float] = []
        heights: list[float] = []
        for layer in self.layers:
            height = max((self._height(node) for node in layer), default=0.0)
            ports = all(node[0] in ("in", "out") for node in layer)
            tops.append(y)
            heights.append(height)
            y += 0.0 if ports else height + LAYER_GAP
        level.height = y - LAYER_GAP + (PAD if is_cluster else 0.0)
        for node in self.x:
            if len(node) == 2:
                at = self.layer[node]
                x = self.x[node] + shift - self._width(node) / 2
                middle = tops[at] + (heights[at] - self._height(node)) / 2
                edge = {"in": 0.0, "out": level.height}
                level.place[node] = (x, edge.get(node[0], middle))
        for link, way in self.ways.items():
            level.bends[link] = list(self._bends(way, link[2], shift, tops, heights))

    def _is_entered(self) -> bool:
        return any(kind == "in" for kind, _ in self.level.items)

    def _height(self, node: Item | Dummy) -> float:
        return 0.0 if len(node) == 3 else self.layouter.size(node)[1]

    def _bends(
        self,
        way: list[Item | Dummy],
        source: int,
        shift: float,
        tops: list[float],
        heights: list[float],
    ) -> Iterator[Point]:
        """Straight through every layer on the way, so that nothing in it is touched."""
        for index, node in enumerate(way):
            if node[0] == "in":  # straight down through the title's line
                yield self.x[node] + shift, HEADER
            if node[0] in ("in", "out"):
                continue
            at = self.layer[node]
            kind = "in" if index else "out"
            x = self.x[node] + shift + self._offset(node, kind, source)
            if index:
                yield x, tops[at]
            if index + 1 < len(way):
                yield x, tops[at] + heights[at]


_Neighbours = dict[Item | Dummy, list[Item | Dummy]]
_Pull = tuple[Item | Dummy, float, float]  # a neighbour, how far right of it, and how strongly
_Pulls = dict[Item | Dummy, list[_Pull]]


def _main(
    pulls: list[tuple[Item | Dummy, float, float]],
) -> list[tuple[Item | Dummy, float, float]]:
    """Of a box beside a shortcut, the box alone: the shortcut comes in from the side."""
    boxes = [pull for pull in pulls if pull[0][0] != "dummy"]
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
