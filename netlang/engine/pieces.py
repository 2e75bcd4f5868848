"""How many samples are taken at a time. It depends on the program alone, not on the machine."""

from __future__ import annotations

import math

from netlang.compiler.ir import Graph

EVALUATION_UNITS = 1 << 20  # numbers held at once while a piece of samples is evaluated
PIECES = 8  # how many are evaluated side by side, if there are as many threads
_STRETCH_UNITS = 1 << 22  # numbers in the samples, targets and outputs of many steps
_DRAWN_UNITS = 1 << 22  # random numbers that are drawn for many steps
_WORK_BUDGET = 1 << 31  # multiply-adds in a stretch of steps, after which progress is reported


def evaluation_samples(graph: Graph) -> int:
    """How many samples are evaluated together."""
    return max(1, EVALUATION_UNITS // max(1, most_held(graph)))


def stretch_samples(graph: Graph, batch: int) -> int:
    """How many samples an engine takes for many steps: whole batches."""
    units = max(1, _drawn(graph)), graph.input.size + 2 * graph.output.size, max(1, graph.macs)
    budgets = _DRAWN_UNITS, _STRETCH_UNITS, _WORK_BUDGET
    samples = min(budget // unit for budget, unit in zip(budgets, units, strict=True))
    return max(1, samples // batch) * batch


def _drawn(graph: Graph) -> int:
    """Random numbers that are drawn for a sample."""
    drawing = (node for node in graph.nodes if node.layer.draws)
    return sum(node.members * math.prod(node.layer.drawn(*node.takes)) for node in drawing)


def most_held(graph: Graph) -> int:
    """Numbers held at once while a sample is evaluated: outputs of layers, until they are read."""
    held = most = 0
    for number in sorted(graph.live - {0}):
        held += graph.nodes[number].numbers
        most = max(most, held)
        held -= sum(graph.nodes[source].numbers for source in graph.last_read[number] if source)
    return most
