"""How much memory training takes, reckoned before anything is allocated."""

from __future__ import annotations

import os

from netlang.diagnostics import DiagnosticError
from netlang.diagnostics.settings import TooMuchMemory
from netlang.ir import Program

_BYTES = 4  # of one float32


def check_memory(program: Program) -> None:
    """Raises DiagnosticError if training needs more than this machine has."""
    if not hasattr(os, "sysconf"):  # Windows does not say
        return
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    needed = training_bytes(program)
    if needed > available:
        largest = max(program.graph.nodes, key=lambda node: node.weights + node.shape.size)
        raise DiagnosticError(TooMuchMemory(largest.origin.span, needed, available))


def training_bytes(program: Program) -> int:
    """Weights, gradients, the optimizer's state, a batch's activations and gradients, the data."""
    graph = program.graph
    vectors = 2 + (program.optimizer.item.state_vectors if program.optimizer else 0)
    units = sum(node.shape.size for node in graph.nodes)
    numbers = vectors * graph.weights + 2 * program.batch * units
    if program.description:
        samples = program.description.train + program.description.test
        numbers += 2 * samples * (graph.input.size + graph.output.size)
    return _BYTES * numbers
