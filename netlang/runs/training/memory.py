"""How much memory a training takes, estimated from the program before anything is allocated.

This is the most that a process holds beside Python and torch, which depends on the engine.
"""

from __future__ import annotations

from netlang.catalogue.data import Description
from netlang.compiler.ir import Node, Program
from netlang.engine.choice import expected_memory
from netlang.engine.common_memory import TURNS
from netlang.engine.memory import BYTES, stretch
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.training import TooMuchMemory
from netlang.runs.training.measurement import measured_samples
from netlang.system.launcher import workers_here
from netlang.system.machine import memory_limit
from netlang.system.record import Record

_WIDE = 8  # of the float64 and the int64 that data are made of, and of a sample's number
_WORKSPACE = 16 << 20  # what torch and its BLAS take for themselves once they compute
_MEASURED = 4  # arrays of the size of the outputs that a loss makes
_MORE_IN_C = 64  # times the memory of tensors, which C never takes


class Memory(Record):
    """Bytes, by what they hold: those of EngineMemory, and others. ``data`` are all inputs,
    ``targets`` theirs, ``table`` what these were read as, and ``loading`` is what takes memory only
    while they are made. ``outputs`` wait to be measured.
    ``optimizer`` is all that a step holds and keeps, the average of the weights included.
    ``copies`` are those of what an epoch began with, and of the best one.
    """

    weights: int
    statistics: int
    gradients: int
    layouts: int
    optimizer: int
    copies: int
    activations: int
    draws: int
    data: int
    targets: int
    table: int
    loading: int
    outputs: int
    evaluation: int
    workspace: int

    @property
    def total(self) -> int:
        """The most that is held at once: data are loaded before a network is there."""
        parts: list[int] = [getattr(self, name) for name in self.fields if name != "loading"]
        of_data = self.data + self.targets + self.table
        return max(sum(parts), of_data + self.loading + self.workspace)


def training_memory(program: Program, backend: str = "auto") -> Memory:
    """What training by ``backend``, one of netlang.engine.BACKENDS, takes.

    An optimizer or data that the file does not name take none.
    """
    graph = program.graph
    weights, vectors = BYTES * graph.weights, _vectors(program) * BYTES * graph.weights
    statistics = BYTES * sum(node.own_statistics for node in graph.nodes)
    best = weights + statistics if program.stop else 0
    averaged = weights + statistics if program.average else 0
    return Memory(
        weights=weights,
        statistics=statistics,
        optimizer=vectors + averaged + (_masks(program) + _beside(program)) * weights,
        copies=(weights + statistics + vectors + averaged if program.optimizer else 0) + best,
        workspace=_WORKSPACE,
        **vars(expected_memory(backend, program)),
        **_of_data(program),
    )


def too_much_memory(program: Program, backend: str = "auto") -> TooMuchMemory | None:
    """What to say of a program that takes more memory to train than this machine has, which workers
    share.
    """
    workers = workers_here()
    available = memory_limit() // workers
    if _MORE_IN_C * training_memory(program, "tensor").total <= available:
        return None  # whatever trains it: C, which takes a moment to plan, is not looked at
    needed = training_memory(program, backend).total
    if workers > 1:
        needed += TURNS * BYTES * program.graph.weights  # where they sum their gradients
    if needed <= available:
        return None
    largest = max(program.graph.layers, key=lambda node: node.own_weights + node.numbers)
    return TooMuchMemory(largest.origin.span, needed, available, workers)


def node_memory(node: Node, program: Program) -> int:
    """A node's part: its weights, their gradients and the optimizer's state, what it keeps beside
    them, and its outputs for a batch with their gradients.
    """
    averages = 1 if program.average else 0
    kept = node.own_weights * (2 + _vectors(program) + averages + _masks(program))
    kept += node.own_statistics * (1 + averages)
    return BYTES * (kept + 2 * program.at_once * node.numbers)


def _of_data(program: Program) -> dict[str, int]:
    """The parts that the data take; 0 if there are none."""
    graph, found = program.graph, program.description
    if found is None or program.data is None:
        return dict.fromkeys(("data", "targets", "table", "loading", "outputs"), 0)
    target = found.targets * (BYTES if found.classes is None else _WIDE)
    try:
        held = program.data.samples_held(found)
        table, loading = program.data.bytes_kept, program.data.bytes_to_load(found)
    except NetError:  # of a trained model, whose data may be gone
        table, loading, held = 0, 0, found.samples
    return {
        "data": BYTES * held * graph.input.size,
        "targets": held * (target + _WIDE),  # and their order in an epoch
        "table": table,
        "loading": loading,
        "outputs": _outputs(program, found),
    }


def _outputs(program: Program, found: Description) -> int:
    """A stretch of samples with targets and outputs, and a piece of it that is measured; where
    samples are augmented, the stretch as it is then, in parts and as a whole.
    """
    graph, copies = program.graph, 3 if program.augment else 1
    measured = min(found.train, measured_samples(graph))
    taken = BYTES * stretch(program) * (copies * graph.input.size + 2 * graph.output.size)
    return taken + _MEASURED * BYTES * measured * graph.output.size


def _masks(program: Program) -> int:
    """How many numbers the penalties keep for each weight, and one while they are computed."""
    return len(program.penalties) + 1 if program.penalties else 0


def _beside(program: Program) -> int:
    """How many numbers for each weight an optimizer's step holds for itself."""
    return program.optimizer.beside if program.optimizer else 0


def _vectors(program: Program) -> int:
    """How many numbers the optimizer keeps for each weight."""
    return program.optimizer.kept if program.optimizer else 0
