"""The compiler's result: a network as a graph, and a program, which is all that a file says."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.arguments import Value, as_source
from netlang.data import DataSet, Description
from netlang.losses import Loss
from netlang.metrics import Metric
from netlang.modules import Layer
from netlang.optim import Optimizer
from netlang.record import Record
from netlang.shapes import Shape
from netlang.source import SourceFile, Span


class Origin(Record):
    """Where a node is written, and the uses of names that led there, outermost first."""

    span: Span
    trail: tuple[Span, ...] = ()


class Node(Record):
    """One layer in its place. ``inputs`` are numbers of earlier nodes; 0 is the network's input.

    ``name`` is the layer's in lower case and a count, such as ``linear2``. ``layer`` is declared:
    it holds the bound arguments, and no tensor.
    """

    name: str
    layer: Layer
    inputs: tuple[int, ...]
    takes: Shape
    shape: Shape
    origin: Origin

    @property
    def weights(self) -> int:
        return self.layer.size

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample."""
        return self.layer.macs(self.takes)


class Graph(Record):
    """Nodes in topological order; node number n is ``nodes[n - 1]``, number 0 the input."""

    input: Shape
    nodes: tuple[Node, ...]

    @property
    def output(self) -> Shape:
        return self.nodes[-1].shape if self.nodes else self.input

    @property
    def weights(self) -> int:
        return sum(node.weights for node in self.nodes)

    @property
    def macs(self) -> int:
        return sum(node.macs for node in self.nodes)


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
    """Everything that a checked file says. What it does not say is None, or has its default."""

    source: SourceFile
    graph: Graph
    data: DataSet | None
    description: Description | None
    loss: Loss | None
    optimizer: Optimization | None
    metrics: tuple[Metric, ...]
    epochs: int
    batch: int
    seed: int
    expectations: tuple[Expectation, ...]
