"""Random graphs, for tests of whatever takes a graph."""

from __future__ import annotations

from hypothesis import strategies as st

from netlang.catalogue.layers import (
    Add,
    Concat,
    Dropout,
    Layer,
    Linear,
    Mul,
    ReLU,
    SeLU,
    Sigmoid,
    Slice,
    Softmax,
    Tanh,
)
from netlang.compiler.ir import Graph, Node, Origin
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span

SOURCE = SourceFile("made.net", "made by hand")
ORIGIN = Origin(Span(SOURCE, 0, 4))
SIZES = st.integers(1, 6)
INITS = ("xavier", "normal", "zero")
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
    start = Shape(tuple(draw(sizes) for _ in range(rank)))
    shapes, nodes = [start], list[Node]()
    for _ in range(draw(st.sampled_from(range(13)))):
        inputs, layer, shares = draw(steps(shapes, nodes, sizes))
        takes = tuple(shapes[number] for number in inputs)
        shape = layer.infer(*takes)
        name = f"{layer.name.lower()}{len(nodes) + 1}"
        nodes.append(Node(name, layer, inputs, takes, shape, ORIGIN, shares))
        shapes.append(shape)
    return Graph(start, tuple(nodes), draw(mostly_the_last(len(nodes))))


@st.composite
def steps(
    draw: st.DrawFn, shapes: list[Shape], nodes: list[Node], sizes: st.SearchStrategy[int]
) -> tuple[tuple[int, ...], Layer, int | None]:
    """The inputs, the layer, and whose weights it shares."""
    kind = draw(st.sampled_from(KINDS))
    if kind == "share" and (uses := fitting(shapes, nodes)):
        number, owner = uses[draw(mostly_the_last(len(uses) - 1))]
        return (number,), nodes[owner - 1].layer, owner
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
    values = {"in_features": shape.sizes[-1], "out_features": outer}
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
    start = Shape((rows, features))
    shapes, nodes = [start], list[Node]()

    def put(layer: Layer, *inputs: int, shares: int | None = None) -> int:
        takes = tuple(shapes[number] for number in inputs)
        shapes.append(layer.infer(*takes))
        name = f"{layer.name.lower()}{len(shapes)}"
        nodes.append(Node(name, layer, inputs, takes, shapes[-1], ORIGIN, shares))
        return len(nodes)

    uses: list[int] = []
    for _ in range(draw(st.integers(2, 4))):
        number = uses[-1] if uses and in_a_row else 0
        length = draw(st.integers(1, shapes[number].sizes[0]))
        first = draw(st.integers(0, shapes[number].sizes[0] - length))
        part = put(Slice.declared({"start": first, "length": length}), number)
        owner = next((n for n, node in enumerate(nodes, 1) if node.layer is layer), None)
        uses.append(put(draw(activations), put(layer, part, shares=owner)))
    last = put(Concat.declared({}), *uses) if draw(st.booleans()) else uses[-1]
    return Graph(start, tuple(nodes), last)


def mostly_the_last(last: int) -> st.SearchStrategy[int]:
    """From 0 to ``last``: graphs of which most is alive take mostly what came last."""
    return st.just(last) | st.integers(0, last)


def fitting(shapes: list[Shape], nodes: list[Node]) -> list[tuple[int, int]]:
    """A value's number and that of a layer whose weights fit it, those of other rows last."""
    uses = [
        (number, owner)
        for number, shape in enumerate(shapes)
        for owner, node in enumerate(nodes, 1)
        if node.layer.size and not node.shares and shape.last == node.takes[0].last
    ]
    return sorted(uses, key=lambda use: shapes[use[0]] != nodes[use[1] - 1].takes[0])


def behind_linears(layer: Layer, samples: tuple[tuple[int, ...], ...]) -> Graph:
    """The layer's inputs are outputs of Linear, whose gradients it decides on."""
    *outer, _ = samples[0]
    start = Shape((*outer, 3))
    takes = tuple(map(Shape, samples))
    nodes = [
        Node(f"linear{number}", dense(3, x.sizes[-1]), (0,), (start,), x, ORIGIN)
        for number, x in enumerate(takes, 1)
    ]
    numbers = tuple(range(1, len(nodes) + 1))
    last = Node("last", layer, numbers, takes, layer.infer(*takes), ORIGIN)
    return Graph(start, (*nodes, last), len(nodes) + 1)


def chain(*layers: Layer, start: tuple[int, ...]) -> Graph:
    shapes = [Shape(start)]
    nodes = []
    for number, layer in enumerate(layers):
        shapes.append(layer.infer(shapes[-1]))
        nodes.append(Node(f"layer{number}", layer, (number,), (shapes[-2],), shapes[-1], ORIGIN))
    return Graph(shapes[0], tuple(nodes), len(nodes))


def dense(inner: int, outer: int) -> Linear:
    return Linear.declared({"in_features": inner, "out_features": outer})
