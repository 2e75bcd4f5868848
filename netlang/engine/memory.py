"""What an engine holds at once while it trains, estimated before anything is allocated."""

from __future__ import annotations

import math

from netlang.compiler.ir import Graph, Program
from netlang.engine.pieces import PIECES, evaluation_samples, most_held, stretch_samples
from netlang.engine.threads import THREADS_FROM
from netlang.system.record import Record

BYTES = 4  # of one float32
_THREADS = 2  # pieces that are evaluated side by side on a small machine
_OF_A_THREAD = 24 << 20  # bytes that each of them keeps to use again
_FRESH = 3  # times the values of a piece, as freed memory is not reused at once


class EngineMemory(Record):
    """Bytes, beside the weights and the optimizer's state.

    ``activations`` are a batch's outputs and their gradients, and what layers keep and work in,
    ``draws`` the masks of dropout, ``evaluation`` the values held at once while evaluating. C has
    ``gradients`` for each slice of a batch, and ``layouts`` of the weights beside what else all
    threads read.
    """

    gradients: int
    activations: int
    evaluation: int
    draws: int
    layouts: int


def tensor_memory(program: Program) -> EngineMemory:
    """The tensor engine keeps what layers save of a batch for the backward pass. It evaluates
    pieces side by side, beside the outputs of those that are done.
    """
    graph, held_out, piece = program.graph, _held_out(program), evaluation_samples(program.graph)
    drawing = (node for node in graph.nodes if node.layer.draws)
    taken = [node.members * math.prod(node.layer.drawn(*node.takes)) for node in drawing]
    values = _FRESH * min(held_out, _THREADS * piece) * most_held(graph)
    at_once = min(held_out, PIECES * piece)
    is_parallel = graph.macs * at_once >= THREADS_FROM and held_out > piece
    kept_by_threads = _THREADS * _OF_A_THREAD if is_parallel else 0
    return EngineMemory(
        gradients=BYTES * graph.weights,
        activations=BYTES * program.at_once * _kept(graph),
        evaluation=BYTES * (values + at_once * graph.output.size) + kept_by_threads,
        # The masks of a stretch, and three words for each number of a layer while it draws.
        draws=BYTES * stretch(program) * (sum(taken) + 3 * max(taken, default=0)),
        layouts=0,
    )


def native_memory(program: Program) -> EngineMemory:
    """The native engine takes a chunk at a time through the layers, and each slice of a batch has
    gradients of its own; where layers measure the whole batch, all slices are held at once. It
    evaluates chunks side by side, beside the outputs of many of them.

    Raises Unsupported if a part of the program has no C.
    """
    # They take a moment to import, and few programs need them.
    from netlang.catalogue.losses import MSE
    from netlang.lowering.c.generator.losses import Losses
    from netlang.lowering.c.generator.plan import Plan
    from netlang.lowering.c.generator.room import prepared, room
    from netlang.lowering.c.generator.steps import steps_of
    from netlang.lowering.c.tiling import tile

    graph, held_out, plan = program.graph, _held_out(program), Plan(program.graph)
    losses = Losses(program.loss or MSE(), graph.output, plan.members)
    if program.optimizer:
        steps_of(graph, program.optimizer, program.penalties, program.clipping)
    parts = tile(graph, program.batch_size, plan.calls_blas, plan.is_in_blocks, plan.measures)
    side_by_side = parts.slices if plan.measures else min(_THREADS, parts.slices)
    values = _THREADS * room(Plan(graph, to_evaluate=True), parts) if held_out else 0
    outputs = min(held_out, stretch_samples(graph, 1)) * graph.output.size
    return EngineMemory(
        gradients=BYTES * graph.weights * (1 + parts.slices),
        activations=BYTES * side_by_side * room(plan, parts, losses),
        evaluation=BYTES * (values + outputs),
        draws=0,
        layouts=BYTES * prepared(plan, parts),
    )


def stretch(program: Program) -> int:
    """How many samples are taken for many steps."""
    most = stretch_samples(program.graph, program.batch_size)
    return min(most, program.description.train) if program.description else program.batch_size


def _held_out(program: Program) -> int:
    """How many samples are evaluated at most after an epoch."""
    found = program.description
    return max(found.validation, found.test) if found else 0


def _kept(graph: Graph) -> int:
    """Numbers that are held of each sample: values that layers save, and at one node at a time its
    output, its inputs and their gradients.

    What a layer saves is not declared. Those with weights need their inputs for the backward pass,
    and the others are taken to need their output.
    """
    nodes = [graph.nodes[number] for number in graph.live - {0}]
    saved = {number for number in graph.live if not graph.nodes[number].layer.size} | {graph.result}
    saved |= {number for node in nodes if node.layer.size for number in node.inputs}
    taken = (
        node.numbers + node.members * sum(shape.size for shape in node.takes) for node in nodes
    )
    return sum(graph.nodes[n].numbers for n in saved - {0}) + max(taken, default=0)
