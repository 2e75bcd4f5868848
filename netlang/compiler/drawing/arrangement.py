"""One level of a layered layout: boxes in layers, an order in each, and straight lines.

After Sugiyama, Tagawa and Toda 1981: layers by the longest path from above, long links through
dummies, an order that crosses few links, and positions that keep what is linked in a line. What
a box is, and what stands inside it, is nothing to this room: a cluster is a box with ports.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol

HEADER = 20.0  # of a cluster's title
ENTRANCE = 22.0  # below the title, where what enters a cluster parts
PAD = 14.0  # between a cluster's border and what is in it
BETWEEN = 26.0  # boxes side by side
LAYER_GAP = 40.0  # boxes below each other: room for an edge's label
_SWEEPS = 12
_MOST_PIECES = 60_000  # of links: some seconds

Point = tuple[float, float]

# An item of one level: ("box", i), ("cluster", i), or a port: ("in", box) or ("out", box), by
# which what comes from that box enters the level's cluster or leaves it.
Item = tuple[str, int]
Dummy = tuple[str, int, int]


class TooLarge(Exception):
    """Raised for a picture whose links pass so many layers that it would take minutes to lay out.

    Its text says how many pieces the links have.
    """


class Level:
    """What stands directly in one cluster, or outside of all, and the edges between it."""

    def __init__(self) -> None:
        self.items: dict[Item, None] = {}
        self.links: dict[tuple[Item, Item, int], None] = {}  # from, to, and the box it comes from
        self.corners: dict[Item, Point] = {}  # the left upper ones
        self.bends: dict[tuple[Item, Item, int], list[Point]] = {}
        self.width = self.height = 0.0


class Measures(Protocol):
    """What an arrangement has to know of its items."""

    def size(self, item: Item) -> tuple[float, float]: ...

    def port(self, item: Item, kind: str, source: int) -> float: ...

    def rank(self, node: Item | Dummy) -> tuple[int, int]: ...


class Arrangement:
    """One level laid out: nodes are its items, and dummies where a link passes a layer by.

    A cluster has a ``least_width``, for its title; the level outside of all has none.
    """

    def __init__(self, level: Level, measures: Measures, least_width: float | None) -> None:
        self.level, self.measures, self.least_width = level, measures, least_width
        self.nodes: list[Item | Dummy] = []
        self.layer: dict[Item | Dummy, int] = {}
        self.layers: list[list[Item | Dummy]] = []
        # Each piece of a link leads one layer down; with the box that it comes from.
        self.pieces: dict[tuple[Item | Dummy, Item | Dummy, int], None] = {}
        self.paths: dict[tuple[Item, Item, int], list[Item | Dummy]] = {}
        self.x: dict[Item | Dummy, float] = {}

    def arrange(self) -> None:
        """Raises TooLarge."""
        self._assign_layers()
        self._check_size()
        self._split_links()
        self._order()
        self._place_in_rows()
        self._store()

    def _assign_layers(self) -> None:
        entering = self._is_entered()
        before: dict[Item, list[Item]] = {}
        for start, stop, _ in self.level.links:
            before.setdefault(stop, []).append(start)
        for item in sorted(self.level.items, key=self.measures.rank):
            kind, _ = item
            least = 0 if kind == "in" or not entering else 1
            above = (self.layer.get(other, -1) + 1 for other in before.get(item, ()))
            self.layer[item] = max(least, *above, least)
        last = max(self.layer.values(), default=0)
        leaving = [item for item in self.level.items if item[0] == "out"]
        if any(self.layer[item] <= last for item in leaving):
            inner = max((at for item, at in self.layer.items() if item[0] != "out"), default=0)
            self.layer |= dict.fromkeys(leaving, inner + 1)

    def _check_size(self) -> None:
        """A link has a piece for each layer that it leads down."""
        pieces = sum(self.layer[stop] - self.layer[start] for start, stop, _ in self.level.links)
        if pieces > _MOST_PIECES:
            raise TooLarge(f"its edges pass {pieces:,} layers in all")

    def _split_links(self) -> None:
        """Long links as pieces; those that come from one box share their dummies."""
        for start, stop, source in self.level.links:
            path: list[Item | Dummy] = [start]
            for at in range(self.layer[start] + 1, self.layer[stop]):
                dummy: Dummy = ("dummy", source, at)
                self.layer.setdefault(dummy, at)
                path.append(dummy)
            path.append(stop)
            self.paths[start, stop, source] = path
            for one, other in pairwise(path):
                self.pieces[one, other, source] = None
        self.layers = [[] for _ in range(max(self.layer.values(), default=0) + 1)]
        for node in sorted(self.layer, key=self.measures.rank):
            self.layers[self.layer[node]].append(node)

    def _order(self) -> None:
        """Sort each layer by where its neighbours stand, down and up, and keep the best."""
        above, below = self._neighbours()
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            neighbours, layers = (below, self.layers[::-1]) if sweep % 2 else (above, self.layers)
            at = self._indices()
            for layer in layers:
                _sort(layer, neighbours, at)
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

    def _indices(self) -> dict[Item | Dummy, int]:
        """Where each node stands in its layer."""
        return {node: index for row in self.layers for index, node in enumerate(row)}

    def _crossings(self) -> int:
        """How many pairs of pieces cross."""
        at = self._indices()
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
        return 0.0 if len(node) == 3 else self.measures.size(node)[0]

    def _distance(self, node: Item | Dummy) -> float:
        return BETWEEN if node[0] in ("box", "cluster") else 0.7 * BETWEEN

    def _offset(self, node: Item | Dummy, kind: str, source: int) -> float:
        """How far right of a node's middle a link from ``source`` meets it."""
        if len(node) == 3:
            return 0.0
        return self.measures.port(node, kind, source) - self._width(node) / 2

    def _store(self) -> None:
        level, is_cluster = self.level, self.least_width is not None
        left = min((self.x[node] - self._width(node) / 2 for node in self.x), default=0.0)
        right = max((self.x[node] + self._width(node) / 2 for node in self.x), default=0.0)
        side = PAD if is_cluster else 0.0
        level.width = max(right - left + 2 * side, self.least_width or 0.0)
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
                level.corners[node] = (x, edge.get(node[0], middle))
        for link, path in self.paths.items():
            level.bends[link] = list(self._bends(path, link[2], shift, tops, heights))

    def _is_entered(self) -> bool:
        return any(kind == "in" for kind, _ in self.level.items)

    def _height(self, node: Item | Dummy) -> float:
        return 0.0 if len(node) == 3 else self.measures.size(node)[1]

    def _bends(
        self,
        path: list[Item | Dummy],
        source: int,
        shift: float,
        tops: list[float],
        heights: list[float],
    ) -> Iterator[Point]:
        """Straight through every layer on the path, so that nothing in it is touched."""
        for index, node in enumerate(path):
            if node[0] == "in":  # straight down through the title's line
                yield self.x[node] + shift, HEADER
            if node[0] in ("in", "out"):
                continue
            at = self.layer[node]
            kind = "in" if index else "out"
            x = self.x[node] + shift + self._offset(node, kind, source)
            if index:
                yield x, tops[at]
            if index + 1 < len(path):
                yield x, tops[at] + heights[at]


_Neighbours = dict[Item | Dummy, list[Item | Dummy]]
_Pull = tuple[Item | Dummy, float, float]  # a neighbour, how far right of it, and how strongly
_Pulls = dict[Item | Dummy, list[_Pull]]


def _sort(layer: list[Item | Dummy], neighbours: _Neighbours, at: dict[Item | Dummy, int]) -> None:
    """Order a layer by the middle of each node's neighbours, and say in ``at`` where it stands."""

    def middle(node: Item | Dummy) -> float:
        found = [at[other] for other in neighbours.get(node, ())]
        return sum(found) / len(found) if found else at[node]

    layer.sort(key=middle)
    at.update((node, index) for index, node in enumerate(layer))


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
