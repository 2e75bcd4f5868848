"""How much memory training takes, reckoned from the graph before anything is allocated."""

from __future__ import annotations

from netlang.ir.graph import Graph, Node, Program
from netlang.record import Record

BYTES = 4  # of one float32
EVALUATION_UNITS = 1 << 23  # numbers held at once, of the samples evaluated at a time


class Memory(Record):
    """Bytes, by what they hold. ``activations`` are a batch's outputs and their gradients,
    ``evaluation`` the outputs held at once while evaluating, when there are no activations,
    ``data`` all samples and targets, with the shuffled copy of an epoch.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int
    evaluation: int
    data: int

    @property
    def total(self) -> int:
        held = self.weights + self.gradients + self.optimizer + self.data
        return held + max(self.activations, self.evaluation)


def training_memory(program: Program) -> Memory:
    """What training takes; an optimizer or data that the file does not name take none."""
    weights = BYTES * program.graph.weights
    activations = sum(_activations(node, program.rows) for node in program.graph.nodes)
    evaluation = 0
    if program.description:
        held_out = max(program.description.validation, program.description.test)
        rows = min(held_out, evaluation_rows(program.graph))
        evaluation = BYTES * rows * _most_held(program.graph)
    data = _data(program)
    optimizer = _vectors(program) * weights
    return Memory(weights, weights, optimizer, activations, evaluation, data)


def node_memory(node: Node, program: Program) -> int:
    """A node's part: its weights, their gradients and the optimizer's state, and activations."""
    weights = BYTES * node.weights * (2 + _vectors(program))
    return weights + _activations(node, program.rows)


def evaluation_rows(graph: Graph) -> int:
    """How many samples are evaluated at a time: so many that what is held stays within bounds."""
    return max(1, EVALUATION_UNITS // max(1, _most_held(graph)))


def _most_held(graph: Graph) -> int:
    """Numbers held at once while a sample is evaluated: outputs of layers, until they are read."""
    held = most = 0
    for number in sorted(graph.live - {0}):
        held += graph.shape(number).size
        most = max(most, held)
        held -= sum(graph.shape(source).size for source in graph.last_read[number] if source)
    return most


def _vectors(program: Program) -> int:
    """How many numbers the optimizer keeps for each weight."""
    return len(program.optimizer.item.state) if program.optimizer else 0


def _activations(node: Node, batch: int) -> int:
    """Bytes of a node's outputs for a batch, and of their gradients."""
    return 2 * BYTES * batch * node.shape.size


def _data(program: Program) -> int:
    if program.description is None:
        return 0
    graph = program.graph
    return 2 * BYTES * program.description.samples * (graph.input.size + graph.output.size)
