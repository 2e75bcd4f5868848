"""How much memory training takes, estimated from the program before anything is allocated.

This is the most that a process holds beside Python and torch, which depends on the engine.
"""

from __future__ import annotations

from netlang.catalogue.data import Description
from netlang.compiler.ir.graph import Graph, Node
from netlang.compiler.ir.pieces import (
    PIECES,
    evaluation_samples,
    measured_samples,
    most_held,
    stretch_samples,
)
from netlang.compiler.ir.program import Program
from netlang.compiler.ir.tiling import BLAS_FROM, tile
from netlang.compiler.ir.time_estimate import compiling_pays
from netlang.system.record import Record

BYTES = 4  # of one float32
_WIDE = 8  # of the float64 and the int64 that data are made of, and of a sample's number
_MOST_FOR_C = 1 << 31  # weights that the C can count
_WORKSPACE = 16 << 20  # what torch and its BLAS take for themselves once they compute
_THREADS = 2  # pieces that are evaluated side by side on a small machine
_OF_A_THREAD = 24 << 20  # bytes that each of them keeps to use again
_SHARED_FROM = 10_000_000  # multiply-adds from which on they share an evaluation
_FRESH = 3  # times the values of a piece, as freed memory is not reused at once
_MEASURED = 4  # arrays of the size of the outputs that a loss makes


class Memory(Record):
    """Bytes, by what they hold. ``gradients`` have a part for each slice of a batch in C, which
    has ``layouts`` of the weights, too. ``activations`` are a batch's outputs and their gradients,
    ``draws`` the masks of dropout, ``data`` all inputs, ``targets`` theirs, and ``loading`` what
    they are made of. ``outputs`` are those that wait to be measured, ``evaluation`` the values held
    at once while evaluating.
    """

    weights: int
    statistics: int
    gradients: int
    layouts: int
    optimizer: int
    activations: int
    draws: int
    data: int
    targets: int
    loading: int
    outputs: int
    evaluation: int
    workspace: int

    @property
    def total(self) -> int:
        """The most that is held at once: data are loaded before a network is there."""
        parts: list[int] = [getattr(self, name) for name in self.fields if name != "loading"]
        return max(sum(parts), self.data + self.targets + self.loading + self.workspace)


def training_memory(program: Program, backend: str = "auto") -> Memory:
    """What training by ``backend`` takes: "auto", "tensor" or "native".

    An optimizer or data that the file does not name take none.
    """
    graph = program.graph
    native = backend == "native" or (backend == "auto" and compiling_pays(program))
    in_c = native and graph.weights < _MOST_FOR_C
    return Memory(
        weights=BYTES * graph.weights,
        statistics=BYTES * sum(node.statistics for node in graph.nodes),
        optimizer=_vectors(program) * BYTES * graph.weights,
        workspace=_WORKSPACE,
        **(_in_c(program) if in_c else _on_tensors(program)),
        **_of_data(program),
    )


def _of_data(program: Program) -> dict[str, int]:
    """The parts that the data take; 0 if there are none."""
    graph, found = program.graph, program.description
    if found is None or program.data is None:
        return dict.fromkeys(("data", "targets", "loading", "outputs"), 0)
    target = _WIDE if found.classes is not None else BYTES * found.targets
    copies = 3 if program.data.files else 1  # a table stays, beside its parts
    return {
        "data": BYTES * found.samples * graph.input.size,
        "targets": found.samples * (target + _WIDE),  # and their order in an epoch
        "loading": copies * _WIDE * found.samples * graph.input.size,
        "outputs": _outputs(program, found),
    }


def node_memory(node: Node, program: Program) -> int:
    """A node's part: its weights, their gradients and the optimizer's state, what it keeps beside
    them, and activations.
    """
    kept = node.weights * (2 + _vectors(program)) + node.statistics
    return BYTES * kept + _activations(node, program.batch_size)


def _on_tensors(program: Program) -> dict[str, int]:
    """What layers save of a batch is kept for the backward pass. Pieces are evaluated side by side,
    beside the outputs of those that are done.
    """
    graph, held_out, piece = program.graph, _held_out(program), evaluation_samples(program.graph)
    taken = [node.takes[0].size for node in graph.nodes if node.layer.draws]
    values = _FRESH * min(held_out, _THREADS * piece) * most_held(graph)
    shared = graph.macs * min(held_out, PIECES * piece) >= _SHARED_FROM and held_out > piece
    outputs = min(held_out, PIECES * piece) * graph.output.size
    return {
        "gradients": BYTES * graph.weights,
        "layouts": 0,
        "activations": BYTES * program.batch_size * _kept(graph),
        # The masks of a stretch, and three words for each number of a layer while it draws.
        "draws": BYTES * _stretch(program) * (sum(taken) + 3 * max(taken, default=0)),
        "evaluation": BYTES * (values + outputs) + (_THREADS * _OF_A_THREAD if shared else 0),
    }


def _kept(graph: Graph) -> int:
    """Numbers that are held of each sample: values that layers save, and at one node at a time its
    output, its inputs and their gradients.

    What a layer saves is not declared. Those with weights need their inputs for the backward pass,
    and the others are taken to need their output.
    """
    nodes = [graph.nodes[number] for number in graph.live - {0}]
    saved = {number for number in graph.live if not graph.nodes[number].weights} | {graph.result}
    saved |= {number for node in nodes if node.weights for number in node.inputs}
    taken = (node.shape.size + sum(shape.size for shape in node.takes) for node in nodes)
    return sum(graph.nodes[n].shape.size for n in saved - {0}) + max(taken, default=0)


def _in_c(program: Program) -> dict[str, int]:
    """A chunk at a time goes through the layers, and each slice of a batch has its own gradients.
    Chunks are evaluated side by side, beside the outputs of many of them.
    """
    graph, held_out = program.graph, _held_out(program)
    small = [node for node in graph.nodes if node.weights and node.layer.size <= BLAS_FROM]
    calls_blas = any(node.layer.size > BLAS_FROM for node in graph.nodes)
    parts = tile(graph, program.batch_size, calls_blas)
    chunk = min(parts.chunk, program.batch_size)
    values = _THREADS * chunk * most_held(graph) if held_out else 0
    outputs = min(held_out, stretch_samples(graph, 1)) * graph.output.size
    return {
        "gradients": BYTES * graph.weights * (1 + parts.slices),
        "layouts": 3 * BYTES * sum(node.weights for node in small),
        "activations": sum(_activations(node, chunk) for node in graph.layers),
        "draws": 0,
        "evaluation": BYTES * (values + outputs),
    }


def _held_out(program: Program) -> int:
    """How many samples are evaluated at most after an epoch."""
    found = program.description
    return max(found.validation, found.test) if found else 0


def _vectors(program: Program) -> int:
    """How many numbers the optimizer keeps for each weight."""
    return len(program.optimizer.state) if program.optimizer else 0


def _activations(node: Node, batch: int) -> int:
    """Bytes of a node's outputs for a batch, and of their gradients."""
    return 2 * BYTES * batch * node.shape.size


def _outputs(program: Program, found: Description) -> int:
    """A stretch of samples with targets and outputs, and a piece of it that is measured."""
    graph = program.graph
    measured = min(found.train, measured_samples(graph))
    taken = BYTES * _stretch(program) * (graph.input.size + 2 * graph.output.size)
    return taken + _MEASURED * BYTES * measured * graph.output.size


def _stretch(program: Program) -> int:
    """Samples that are taken for many steps."""
    most = stretch_samples(program.graph, program.batch_size)
    return min(most, program.description.train) if program.description else program.batch_size
