"""The vertices of each layer, in an order in which few links cross."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence

from netlang.compiler.drawing.vertices import Link, Vertex

_SWEEPS = 12


def with_few_crossings(
    layers: Sequence[Sequence[Vertex]], segments: Iterable[Link]
) -> list[list[Vertex]]:
    """Sort each layer by where its neighbours stand, down and up, and keep the best."""
    order = [list(layer) for layer in layers]
    layer_of = {vertex: index for index, layer in enumerate(order) for vertex in layer}
    gaps: list[list[tuple[Vertex, Vertex]]] = [[] for _ in order]  # segments below each layer
    above: dict[Vertex, list[Vertex]] = {}
    below: dict[Vertex, list[Vertex]] = {}
    for start, stop, _ in segments:
        gaps[layer_of[start]].append((start, stop))
        above.setdefault(stop, []).append(start)
        below.setdefault(start, []).append(stop)
    best, fewest = [list(layer) for layer in order], _crossings(gaps, _indices(order))
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        at = _indices(order)
        for layer in reversed(order) if sweep % 2 else order:
            _sort(layer, below if sweep % 2 else above, at)
        if (crossings := _crossings(gaps, at)) < fewest:
            best, fewest = [list(layer) for layer in order], crossings
    return best


def _indices(layers: Iterable[Iterable[Vertex]]) -> dict[Vertex, int]:
    """Where each vertex stands in its layer."""
    return {vertex: index for layer in layers for index, vertex in enumerate(layer)}


def _sort(
    layer: list[Vertex], neighbours: Mapping[Vertex, list[Vertex]], at: dict[Vertex, int]
) -> None:
    """Sort a layer by the middle of each vertex's neighbours, and keep ``at`` up to date."""

    def middle(vertex: Vertex) -> float:
        found = [at[other] for other in neighbours.get(vertex, ())]
        return sum(found) / len(found) if found else at[vertex]

    layer.sort(key=middle)
    at.update((vertex, index) for index, vertex in enumerate(layer))


def _crossings(gaps: Iterable[Iterable[tuple[Vertex, Vertex]]], at: Mapping[Vertex, int]) -> int:
    """How many pairs of segments cross."""
    count = 0
    for gap in gaps:
        ends: list[int] = []
        for _, end in sorted((at[start], at[stop]) for start, stop in gap):
            count += len(ends) - bisect.bisect_right(ends, end)
            bisect.insort(ends, end)
    return count
