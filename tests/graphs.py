"""Random graphs, for tests of whatever takes a graph."""

from __future__ import annotations

from hypothesis import strategies as st

from netlang.ir import Graph, Node, Origin
from netlang.modules import (
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
from netlang.shapes import Shape
from netlang.source import SourceFile, Span

SOURCE = SourceFile("made.net", "made by hand")
ORIGIN = Origin(Span(SOURCE, 0, 4))
SIZES = st.integers(1, 6)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """An acyclic graph of layers that fit: chains, branches, joins, shared weights, dead ends."""
    start = Shape(tuple(draw(st.lists(SIZES, min_size=1, max_size=3))))
    shapes, nodes = [start], list[Node]()
    for _ in range(draw(st.integers(0, 12))):
        inputs, layer, shares = draw(steps(shapes, nodes))
        takes = tuple(shapes[number] for number in inputs)
        shape = layer.infer(*takes)
        name = f"{layer.name.lower()}{len(nodes) + 1}"
        nodes.append(Node(name, layer, inputs, takes, shape, ORIGIN, shares))
        shapes.append(shape)
    return Graph(start, tuple(nodes), draw(st.integers(0, len(nodes))))


@st.composite
def steps(
    draw: st.DrawFn, shapes: list[Shape], nodes: list[Node]
) -> tuple[tuple[int, ...], Layer, int | None]:
    """The inputs, the layer, and whose weights it shares."""
    number = draw(st.integers(0, len(shapes) - 1))
    shape = shapes[number]
    alike = [n for n, other in enumerate(shapes) if other == shape]
    twins = [
        n
        for n, node in enumerate(nodes, 1)
        if node.layer.size and not node.shares and node.takes[0].last == shape.last
    ]
    kind = draw(st.sampled_from(["linear", "activation", "join", "concat", "slice", "share"]))
    if kind == "share" and twins:
        owner = draw(st.sampled_from(twins))
        return (number,), nodes[owner - 1].layer, owner
    if kind == "activation":
        declared = st.sampled_from(
            [
                *(item.declared({}) for item in (ReLU, Tanh, Sigmoid, Softmax)),
                Dropout.declared({"p": 0.25}),
                SeLU.declared({"alpha": 1.5, "lam": 1e-3}),
            ]
        )
        return (number,), draw(declared), None
    if kind == "join":
        inputs = tuple(draw(st.lists(st.sampled_from(alike), min_size=2, max_size=4)))
        return inputs, draw(st.sampled_from([Add, Mul])).declared({}), None
    if kind == "concat":
        dim = draw(st.integers(1, len(shape.sample)))
        return (
            tuple(draw(st.lists(st.sampled_from(alike), min_size=2, max_size=3))),
            (Concat.declared({"dim": dim})),
            None,
        )
    if kind == "slice":
        dim = draw(st.integers(1, len(shape.sample)))
        start = draw(st.integers(0, shape.sizes[dim - 1] - 1))
        length = draw(st.integers(1, shape.sizes[dim - 1] - start))
        return (number,), Slice.declared({"start": start, "length": length, "dim": dim}), None
    values = {"in_features": shape.sizes[-1], "out_features": draw(SIZES)}
    return (
        (number,),
        Linear.declared(values | {"init": draw(st.sampled_from(["zero", "xavier"]))}),
        None,
    )


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
