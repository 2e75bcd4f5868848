"""Where boxes, clusters and edges stand, on random diagrams with nested clusters."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlang.compiler.drawing.diagram import Box, Cluster, Diagram, Edge
from netlang.compiler.drawing.layout import Layout, Rectangle, layout
from netlang.compiler.drawing.level import TooLarge


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Boxes in a row, clusters that hold stretches of them, edges that lead onwards."""
    count = draw(st.integers(1, 14))
    clusters: list[Cluster] = []
    member: list[int | None] = [None] * count
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, count - 1))
        end = draw(st.integers(start + 1, count))
        inside = set(member[start:end])
        if len(inside) == 1 and end - start > 0:  # a stretch of one cluster, so that they nest
            clusters.append(Cluster(draw(st.text(max_size=30)), inside.pop()))
            member[start:end] = [len(clusters) - 1] * (end - start)
    used = {index for index in member if index is not None}
    for index in list(used):
        parent = clusters[index].parent
        while parent is not None:
            used.add(parent)
            parent = clusters[parent].parent
    new: dict[int | None, int | None] = {None: None}
    new |= {old: index for index, old in enumerate(sorted(used))}
    kept = tuple(Cluster(clusters[n].title, new[clusters[n].parent]) for n in sorted(used))
    notes = st.sampled_from(["", "a note"])
    boxes = tuple(Box(draw(st.text(max_size=20)), "plain", new[at], draw(notes)) for at in member)
    edges = [
        Edge(draw(st.integers(0, target - 1)), target, "[N, 5]")
        for target in range(1, count)
        for _ in range(draw(st.integers(1, 3)))
    ]
    return Diagram(boxes, kept, tuple(edges))


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one.x + one.width > other.x + 0.01
        and other.x + other.width > one.x + 0.01
        and one.y + one.height > other.y + 0.01
        and other.y + other.height > one.y + 0.01
    )


def inside(inner: Rectangle, outer: Rectangle) -> bool:
    return (
        inner.x >= outer.x - 0.01
        and inner.y >= outer.y - 0.01
        and inner.x + inner.width <= outer.x + outer.width + 0.01
        and inner.y + inner.height <= outer.y + outer.height + 0.01
    )


def around(diagram: Diagram, cluster: int | None) -> list[int]:
    found = []
    while cluster is not None:
        found.append(cluster)
        cluster = diagram.clusters[cluster].parent
    return found


@settings(max_examples=150)
@given(diagrams())
def test_nothing_overlaps_but_a_cluster_and_what_is_in_it(diagram: Diagram) -> None:
    placed = layout(diagram)
    for one, other in combinations(placed.boxes, 2):
        assert not overlap(one, other)
    for index, where in enumerate(placed.clusters):
        for box, at in zip(diagram.boxes, placed.boxes, strict=True):
            member = index in around(diagram, box.cluster)
            assert inside(at, where) if member else not overlap(at, where)
        for other in range(index):
            nested = index in around(diagram, other) or other in around(diagram, index)
            assert nested or not overlap(where, placed.clusters[other])


@settings(max_examples=150)
@given(diagrams())
def test_edges_lead_down_from_box_to_box_and_through_no_other(diagram: Diagram) -> None:
    placed = layout(diagram)
    for edge, points in zip(diagram.edges, placed.edges, strict=True):
        start, end = placed.boxes[edge.source], placed.boxes[edge.target]
        assert abs(points[0][1] - (start.y + start.height)) < 0.2
        assert abs(points[-1][1] - end.y) < 0.2
        assert all(y2 >= y1 - 0.11 for (_, y1), (_, y2) in pairwise(points))
        for index, box in enumerate(placed.boxes):
            if index not in (edge.source, edge.target):
                assert not runs_through(points, box)


def runs_through(points: tuple[tuple[float, float], ...], box: Rectangle) -> bool:
    """A piece beside a box's height is straight down; it must not lie within its width."""
    return any(
        box.x + 0.2 < max(x1, x2)
        and min(x1, x2) < box.x + box.width - 0.2
        and y1 < box.y + box.height - 0.2
        and y2 > box.y + 0.2
        for (x1, y1), (x2, y2) in pairwise(points)
    )


@settings(max_examples=60)
@given(diagrams())
def test_everything_stands_on_the_sheet_and_twice_in_the_same_place(diagram: Diagram) -> None:
    placed = layout(diagram)
    sheet = Rectangle(0, 0, placed.width, placed.height)
    assert all(inside(where, sheet) for where in (*placed.boxes, *placed.clusters))
    again = layout(diagram)
    assert corners(placed) == corners(again)
    assert placed.edges == again.edges


def corners(placed: Layout) -> list[tuple[float, float]]:
    return [(where.x, where.y) for where in (*placed.boxes, *placed.clusters)]


def test_a_chain_stands_in_one_column() -> None:
    boxes = tuple(Box(f"Linear({i}, 2)", "weights", None) for i in range(10))
    edges = tuple(Edge(i, i + 1, "[N, 2]") for i in range(9))
    middles = {round(at.x + at.width / 2, 1) for at in layout(Diagram(boxes, (), edges)).boxes}
    assert len(middles) == 1


def test_clusters_hundreds_deep_and_long_chains_are_laid_out() -> None:
    clusters = tuple(Cluster("c", i - 1 if i else None) for i in range(500))
    deep = Diagram((Box("a", "plain", None), Box("b", "plain", 499)), clusters, (Edge(0, 1, ""),))
    assert len(layout(deep).clusters) == 500
    boxes = tuple(Box("ReLU", "plain", None) for _ in range(5000))
    chain = Diagram(boxes, (), tuple(Edge(i, i + 1, "") for i in range(4999)))
    assert layout(chain).height > 5000 * 30


def test_a_picture_whose_edges_pass_too_many_layers_is_refused_at_once() -> None:
    boxes = tuple(Box(str(index), "plain", None) for index in range(20_000))
    chain = [Edge(index, index + 1, "") for index in range(19_999)]
    shortcuts = [Edge(index, 19_999, "") for index in range(19_998)]
    with pytest.raises(TooLarge, match=r"^its edges pass 200,"):
        layout(Diagram(boxes, (), (*chain, *shortcuts)))
