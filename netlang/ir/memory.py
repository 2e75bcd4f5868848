"""How much memory training takes, reckoned from the graph before anything is allocated."""

from __future__ import annotations

from netlang.ir.graph import Node, Program
from netlang.record import Record

BYTES = 4  # of one float32


class Memory(Record):
    """Bytes, by what they hold. ``activations`` are a batch's outputs and their gradients,
    ``data`` all samples and targets, with the shuffled copy of an epoch.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int
    data: int

    @property
    def total(self) -> int:
        return sum(getattr(self, name) for name in self._fields)


def training_memory(program: Program) -> Memory:
    """What training takes; an optimizer or data that the file does not name take none."""
    weights = BYTES * program.graph.weights
    vectors = program.optimizer.item.state_vectors if program.optimizer else 0
    activations = sum(node_activations(node, program.batch) for node in program.graph.nodes)
    return Memory(weights, weights, vectors * weights, activations, _data(program))


def node_activations(node: Node, batch: int) -> int:
    """Bytes of a node's outputs for a batch, and of their gradients."""
    return 2 * BYTES * batch * node.shape.size


def _data(program: Program) -> int:
    if program.description is None:
        return 0
    samples = program.description.train + program.description.test
    graph = program.graph
    return 2 * BYTES * samples * (graph.input.size + graph.output.size)
