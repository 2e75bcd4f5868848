"""The compiler's result: a network as a graph, and a program, which is all that a file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Value, as_source
from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.layers import Layer
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.optimizers import Optimizer
from netlang.language.origin import Read
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Step(Record):
    """One expansion on the way to a node: the use of a block or of a named network, or one copy
    of a repeat. The nodes of one expansion share one ``Step``.

    ``name`` is the block's or network's, "" for a repeat, ``span`` the use or the repeat;
    ``copy`` counts a repeat's copies from 1. ``outer`` is the expansion that this one stands in.
    """

    span: Span
    name: str
    copy: int
    copies: int
    outer: Step | None


class Origin(Record):
    """Where a node is written, and the innermost expansion that led there."""

    span: Span
    step: Step | None = None

    @property
    def trail(self) -> Iterator[Step]:
        """The expansions that led there, the innermost first."""
        step = self.step
        while step:
            yield step
            step = step.outer


class Input(Layer, abstract=True):
    """y = x: the layer of a graph's input, which no file names."""

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, dy: Tensor) -> Tensor:
        return dy

    def macs(self, *x: Shape) -> int:
        return 0


class Node(Record):
    """One layer of a graph. ``inputs`` are the numbers of earlier nodes.

    ``name`` is the layer's in lower case and a count, such as ``linear2``. ``layer`` is declared:
    it holds the bound arguments, and no tensor. ``takes`` are the inputs' shapes. ``shares`` is
    the number of the earlier node whose weights are this one's, too.
    """

    name: str
    layer: Layer
    inputs: tuple[int, ...]
    takes: tuple[Shape, ...]
    shape: Shape
    origin: Origin
    shares: int | None = None

    @property
    def weights(self) -> int:
        """How many weights it has of its own."""
        return 0 if self.shares else self.layer.size

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample."""
        return self.layer.macs(*self.takes)


def input_node(shape: Shape, origin: Origin) -> Node:
    """The node of a network's input; ``origin`` is where its shape is written."""
    return Node("input", Input.declared({}), (), (), shape, origin)


class Graph(Record):
    """Nodes in topological order; node number n is ``nodes[n]``, and the first one the input.

    ``result`` is the number of the node whose output is the network's.
    """

    nodes: tuple[Node, ...]
    result: int

    @property
    def layers(self) -> tuple[Node, ...]:
        """The nodes that compute something: all but the input."""
        return self.nodes[1:]

    @property
    def input(self) -> Shape:
        return self.nodes[0].shape

    @property
    def output(self) -> Shape:
        return self.nodes[self.result].shape

    @cached_property
    def weights(self) -> int:
        return sum(node.weights for node in self.nodes)

    @cached_property
    def macs(self) -> int:
        return sum(node.macs for node in self.nodes)

    @property
    def structure(self) -> tuple[object, ...]:
        """All that it computes, and nothing of where that is written: equal for equal graphs."""
        nodes = (
            (
                node.layer.name,
                tuple(node.layer.values.items()),
                node.inputs,
                node.shape,
                node.shares,
            )
            for node in self.nodes
        )
        return (self.result, *nodes)

    @cached_property
    def live(self) -> frozenset[int]:
        """The numbers of the nodes that the output depends on, the input's included."""
        found = {self.result}
        for number in reversed(range(len(self.nodes))):
            if number in found:
                found.update(self.nodes[number].inputs)
        return frozenset(found)

    @cached_property
    def last_read(self) -> Mapping[int, tuple[int, ...]]:
        """For each live node, the numbers of the values that no later one reads, nor the output."""
        found: dict[int, tuple[int, ...]] = {}
        read = {self.result}
        for number in sorted(self.live - {0}, reverse=True):
            sources = dict.fromkeys(self.nodes[number].inputs)
            found[number] = tuple(source for source in sources if source not in read)
            read.update(sources)
        return found

    @cached_property
    def behind_weights(self) -> frozenset[int]:
        """The numbers of the nodes that have weights, or depend on one that has."""
        found: set[int] = set()
        for number, node in enumerate(self.nodes):
            if node.layer.size or found.intersection(node.inputs):
                found.add(number)
        return frozenset(found)


class Optimization(Record):
    """An optimizer that is declared, and made once there is a network for it."""

    item: type[Optimizer]
    values: Mapping[str, Value]
    span: Span


class Expectation(Record):
    """``expect test.accuracy > 0.95``."""

    metric: str
    comparison: str
    bound: float
    span: Span

    @property
    def text(self) -> str:
        return f"expect {self.metric} {self.comparison} {as_source(self.bound)}"

    def met_by(self, value: float) -> bool:
        match self.comparison:
            case ">":
                return value > self.bound
            case ">=":
                return value >= self.bound
            case "<":
                return value < self.bound
            case "<=":
                return value <= self.bound
            case "==":
                return value == self.bound
            case _:
                return value != self.bound


class Program(Record):
    """Everything that a checked file says. What it does not say is None, or has its default.

    ``files`` are all that it was read from, as they were read: itself, what it imports, and its
    data. ``imported`` are the sources that it imports. ``overrides`` are what the command line
    changed, such as ``epochs=3``.
    """

    source: SourceFile
    files: tuple[Read, ...]
    imported: tuple[SourceFile, ...]
    overrides: tuple[str, ...]
    graph: Graph
    data: DataSet | None
    description: Description | None
    loss: Loss | None
    loss_span: Span | None
    optimizer: Optimization | None
    metrics: tuple[Metric, ...]
    epochs: int
    batch: int
    seed: int
    expectations: tuple[Expectation, ...]

    @property
    def rows(self) -> int:
        """Samples in a step: a batch, or all that there are to train on where these are fewer."""
        return min(self.batch, self.description.train) if self.description else self.batch

    def seeded(self, seed: int) -> Program:
        """The same with another seed."""
        return Program(**{**vars(self), "seed": seed})

    @property
    def has_plane(self) -> bool:
        """Whether its inputs are points of a plane, and its outputs classes."""
        is_classes = self.description is not None and self.description.classes is not None
        return self.graph.input.sizes == (2,) and is_classes
