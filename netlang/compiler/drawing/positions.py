"""Where the vertices of each layer stand: side by side in their order, and near what they link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netlang.compiler.drawing.vertices import Link, Measures, Vertex

_BETWEEN = 26.0  # boxes side by side
_SWEEPS = 13  # an odd number: the last one leads down, so that a chain stands in a straight line

_Pull = tuple[Vertex, float, float]  # a neighbour, how far right of it, and how strongly


def positions(
    layers: Sequence[Sequence[Vertex]], segments: Iterable[Link], measures: Measures
) -> dict[Vertex, float]:
    """How far right the middle of each vertex is.

    In sweeps down and up, each layer comes as near to its neighbours as order and distances allow.
    """
    x: dict[Vertex, float] = {}
    for layer in layers:
        at = 0.0
        for vertex in layer:
            width, _ = measures.size(vertex)
            x[vertex] = at + width / 2
            at += width + _distance(vertex)
    down, up = _pulls(segments, measures)
    for sweep in range(_SWEEPS):
        for layer in reversed(layers) if sweep % 2 else layers:
            _move(layer, up if sweep % 2 else down, x, measures)
    return x


def _pulls(
    segments: Iterable[Link], measures: Measures
) -> tuple[Mapping[Vertex, list[_Pull]], Mapping[Vertex, list[_Pull]]]:
    """What each vertex is pulled by: its neighbours above, and those below."""
    down: dict[Vertex, list[_Pull]] = {}
    up: dict[Vertex, list[_Pull]] = {}
    for start, stop, source in segments:
        shift = measures.port(start, "out", source) - measures.port(stop, "in", source)
        # Boxes stand below boxes, and what passes them by makes room.
        down.setdefault(stop, []).append((start, shift, _strength(stop)))
        up.setdefault(start, []).append((stop, -shift, _strength(start)))
    return {vertex: _main(found) for vertex, found in down.items()}, up


def _move(
    layer: Sequence[Vertex],
    pulls: Mapping[Vertex, list[_Pull]],
    x: dict[Vertex, float],
    measures: Measures,
) -> None:
    """Move the vertices of a layer to where they are pulled."""
    wanted: list[tuple[float, float]] = []
    apart = [0.0]
    for index, vertex in enumerate(layer):
        found = pulls.get(vertex) or [(vertex, 0.0, 0.01)]
        weight = sum(strength for _, _, strength in found)
        total = sum((x[other] + shift) * strength for other, shift, strength in found)
        wanted.append((total / weight, weight))
        if index:
            before = layer[index - 1]
            widths = measures.size(before)[0] + measures.size(vertex)[0]
            apart.append(apart[-1] + widths / 2 + _distance(before))
    shifted = [(at - gap, weight) for (at, weight), gap in zip(wanted, apart, strict=True)]
    for vertex, at, gap in zip(layer, _increasing(shifted), apart, strict=True):
        x[vertex] = at + gap


def _distance(vertex: Vertex) -> float:
    """The room right of a vertex."""
    return _BETWEEN if vertex.kind in ("box", "cluster") else 0.7 * _BETWEEN


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
