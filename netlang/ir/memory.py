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
    activations = sum(_activations(node, program.batch) for node in program.graph.nodes)
    return Memory(weights, weights, _vectors(program) * weights, activations, _data(program))


def node_memory(node: Node, program: Program) -> int:
    """A node's part: its weights, their gradients and the optimizer's state, and activations."""
    weights = BYTES * node.weights * (2 + _vectors(program))
    return weights + _activations(node, program.batch)


def _vectors(program: Program) -> int:
    """How many numbers the optimizer keeps for each weight."""
    return program.optimizer.item.state_vectors if program.optimizer else 0


def _activations(node: Node, batch: int) -> int:
    """Bytes of a node's outputs for a batch, and of their gradients."""
    return 2 * BYTES * batch * node.shape.size


def _data(program: Program) -> int:
    if program.description is None:
        return 0
    graph = program.graph
    return 2 * BYTES * program.description.samples * (graph.input.size + graph.output.size)
