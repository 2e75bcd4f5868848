"""Random graphs, for tests of whatever takes a graph."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st

from netlang.catalogue.layers import (
    Add,
    Concat,
    Dropout,
    Flatten,
    Linear,
    Mul,
    ReLU,
    SeLU,
    Sigmoid,
    Slice,
    Softmax,
    Tanh,
    Unflatten,
)
from netlang.catalogue.layers.initial import INITS
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph, Node, Origin, input_node
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span

SOURCE = SourceFile("made.net", "made by hand")
ORIGIN = Origin(Span(SOURCE, 0, 4))
SIZES = st.integers(1, 6)
KINDS = ("linear", "activation", "join", "concat", "slice", "share")
activations = st.sampled_from(
    [
        *(item.declared({}) for item in (ReLU, Tanh, Sigmoid, Softmax)),
        Dropout.declared({"p": 0.25}),
        SeLU.declared({"alpha": 1.5, "lam": 1e-3}),
    ]
)


@st.composite
def graphs(draw: st.DrawFn, sizes: st.SearchStrategy[int] = SIZES) -> Graph:
    """An acyclic graph of layers that fit: chains, branches, joins, shared weights, dead ends.

    ``sizes`` are those of dimensions. Uses of shared weights may differ in all but the last.
    """
    rank = draw(st.sampled_from([1, 2, 2, 3]))
    nodes = [input_node(Shape(tuple(draw(sizes) for _ in range(rank))), ORIGIN)]
    for _ in range(draw(st.sampled_from(range(13)))):
        inputs, layer, shares = draw(layers(nodes, sizes))
        add(nodes, layer, *inputs, shares=shares)
    return Graph(tuple(nodes), draw(mostly_the_last(len(nodes) - 1)))


def add(nodes: list[Node], layer: Layer, *inputs: int, shares: int | None = None) -> int:
    """Put a layer behind ``inputs``; gives the number of its node."""
    takes = tuple(nodes[number].shape for number in inputs)
    name = f"{layer.name.lower()}{len(nodes)}"
    nodes.append(Node(name, layer, inputs, takes, layer.infer(*takes), ORIGIN, shares))
    return len(nodes) - 1


@st.composite
def layers(
    draw: st.DrawFn, nodes: list[Node], sizes: st.SearchStrategy[int]
) -> tuple[tuple[int, ...], Layer, int | None]:
    """The inputs, the layer, and whose weights it shares."""
    kind = draw(st.sampled_from(KINDS))
    if kind == "share" and (uses := fitting(nodes)):
        number, owner = uses[draw(mostly_the_last(len(uses) - 1))]
        return (number,), nodes[owner].layer, owner
    shapes = [node.shape for node in nodes]
    number = draw(mostly_the_last(len(shapes) - 1))
    shape = shapes[number]
    alike = [n for n, other in enumerate(shapes) if other == shape]
    if kind == "activation":
        return (number,), draw(activations), None
    if kind == "join":
        inputs = tuple(draw(st.lists(st.sampled_from(alike), min_size=2, max_size=4)))
        return inputs, draw(st.sampled_from([Add, Mul])).declared({}), None
    if kind == "concat":
        dim = draw(st.integers(1, len(shape.sample)))
        rest = beside(shape, dim)
        others = [n for n, other in enumerate(shapes) if beside(other, dim) == rest]
        inputs = tuple(draw(st.lists(st.sampled_from(others), min_size=2, max_size=3)))
        return inputs, Concat.declared({"dim": dim}), None
    if kind == "slice":
        dim = draw(st.integers(1, len(shape.sample)))
        start = draw(st.integers(0, shape.sizes[dim - 1] - 1))
        length = draw(st.just(1) | st.integers(1, shape.sizes[dim - 1] - start))
        return (number,), Slice.declared({"start": start, "length": length, "dim": dim}), None
    outer = draw(st.just(shape.sizes[-1]) | sizes)
    values = {"in_features": shape.sizes[-1], "out_features": outer, "bias": draw(st.booleans())}
    return (number,), Linear.declared(values | {"init": draw(st.sampled_from(INITS))}), None


def beside(shape: Shape, dim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sizes before and after a dimension."""
    return shape.sizes[: dim - 1], shape.sizes[dim:]


@st.composite
def graphs_with_shared_weights(draw: st.DrawFn, sizes: st.SearchStrategy[int] = SIZES) -> Graph:
    """One Linear behind rows of several numbers, one after the other or side by side."""
    features, rows = draw(sizes), draw(st.integers(1, 8))
    in_a_row = draw(st.booleans())
    layer = dense(features, features if in_a_row else draw(sizes))
    nodes = [input_node(Shape((rows, features)), ORIGIN)]
    uses: list[int] = []
    for _ in range(draw(st.integers(2, 4))):
        number = uses[-1] if uses and in_a_row else 0
        length = draw(st.integers(1, nodes[number].shape.sizes[0]))
        first = draw(st.integers(0, nodes[number].shape.sizes[0] - length))
        part = add(nodes, Slice.declared({"start": first, "length": length}), number)
        owner = next((n for n, node in enumerate(nodes) if node.layer is layer), None)
        uses.append(add(nodes, draw(activations), add(nodes, layer, part, shares=owner)))
    last = add(nodes, Concat.declared({}), *uses) if draw(st.booleans()) else uses[-1]
    return Graph(tuple(nodes), last)


def mostly_the_last(last: int) -> st.SearchStrategy[int]:
    """From 0 to ``last``, and mostly that: a graph then has few dead ends."""
    return st.just(last) | st.integers(0, last)


def fitting(nodes: list[Node]) -> list[tuple[int, int]]:
    """A value's number and that of a layer whose weights fit it, those of other rows last."""
    uses = [
        (number, owner)
        for number, value in enumerate(nodes)
        for owner, node in enumerate(nodes)
        if node.layer.size and not node.shares and value.shape.last == node.takes[0].last
    ]
    return sorted(uses, key=lambda use: nodes[use[0]].shape != nodes[use[1]].takes[0])


def behind_linears(layer: Layer, samples: Sequence[tuple[int, ...] | Shape]) -> Graph:
    """The layer's inputs are outputs of Linear, whose gradients it decides on; tokens are the
    graph's own input.
    """
    if isinstance(samples[0], Shape):
        nodes = [input_node(samples[0], ORIGIN)]
        last = add(nodes, layer, 0)
        return Graph(tuple(nodes), last)
    sizes = [sample for sample in samples if not isinstance(sample, Shape)]
    if any(sample[:-1] != sizes[0][:-1] for sample in sizes):
        nodes = [input_node(Shape.of(3), ORIGIN)]
        rows = (add(nodes, dense(3, math.prod(sample)), 0) for sample in sizes)
        parts = zip(rows, sizes, strict=True)
        inputs = [
            add(nodes, Unflatten.declared({"unflattened_size": sample}), row)
            for row, sample in parts
        ]
        last = add(nodes, layer, *inputs)
        return Graph(tuple(nodes), last)
    *outer, _ = sizes[0]
    nodes = [input_node(Shape((*outer, 3)), ORIGIN)]
    inputs = [add(nodes, dense(3, sample[-1]), 0) for sample in sizes]
    last = add(nodes, layer, *inputs)
    return Graph(tuple(nodes), last)


def side_by_side(graphs: Sequence[Graph]) -> Graph:
    """All of them in one: each takes its part of a row of numbers, and gives a part of another."""
    nodes = [input_node(Shape.of(sum(graph.input.size for graph in graphs)), ORIGIN)]
    results, start = [], 0
    for graph in graphs:
        values = {"start": start, "length": graph.input.size}
        part = add(nodes, Slice.declared(values), 0)
        own = [add(nodes, Unflatten.declared({"unflattened_size": graph.input.sizes}), part)]
        for node in graph.layers:
            shares = None if node.shares is None else own[node.shares]
            own.append(add(nodes, node.layer, *(own[one] for one in node.inputs), shares=shares))
        results.append(add(nodes, Flatten.declared({}), own[graph.result]))
        start += graph.input.size
    joined = add(nodes, Concat.declared({}), *results)
    return Graph(tuple(nodes), joined)


def chain(*layers: Layer, start: tuple[int, ...]) -> Graph:
    nodes = [input_node(Shape(start), ORIGIN)]
    for number, layer in enumerate(layers):
        add(nodes, layer, number)
    return Graph(tuple(nodes), len(layers))


def dense(inner: int, outer: int) -> Linear:
    return Linear.declared({"in_features": inner, "out_features": outer})
