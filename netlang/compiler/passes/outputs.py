"""Outputs: what each output of a network has to predict, and the loss that is their sum."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.losses import Loss
from netlang.catalogue.outputs import SumOfLosses, Term
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import Graph
from netlang.compiler.passes.settings import Data, LossCall
from netlang.compiler.passes.wiring import Wiring


def output_parts(
    wiring: Wiring, graph: Graph, data: Data | None, losses: Sequence[LossCall]
) -> tuple[OutputPart, ...]:
    """Where each output of a network of several lies in the row of all, and its target; none for a
    network of one. An output is called as the network says, or else as the data do.
    """
    outputs = wiring.outputs
    targets = data.description.for_outputs(len(outputs)) if data else None
    if len(outputs) == 1 or (data and targets is None):
        return ()
    each = [*(one.loss for one in losses), *[None] * len(outputs)]  # of a file without data
    found: list[OutputPart] = []
    begin = target_begin = 0
    taken = {output.name for output in outputs}
    for index, output in enumerate(outputs):
        shape = graph.nodes[output.number].shape.sizes
        if targets:
            name, described = targets[index]
            goal = described.target_shape, described.task, len(described.classes or ())
        else:
            name, goal = "", _target_for(each[index], shape)
        name = output.name or (name if name not in taken else "") or f"output{index + 1}"
        part = OutputPart(name, output.number, begin, shape, target_begin, *goal)
        found.append(part)
        begin, target_begin = part.end, part.target_end
    return tuple(found)


def takes_any_numbers(
    graph: Graph | None, parts: Sequence[OutputPart], losses: Sequence[LossCall]
) -> LossCall | None:
    """A loss of outputs that are no probabilities, and of which it makes none."""
    each: Sequence[OutputPart | None] = parts or [None]
    for part, one in zip(each, losses, strict=False):
        if graph is None or one.loss is None:
            continue
        shape = part.shape if part else graph.output.sizes
        if one.loss.expects == "probabilities" or (shape and one.loss.stands_by(shape[-1])):
            continue
        last = graph.before_training_only(part.node) if part else graph.last
        reads = part is None or part.task != "regression"
        if reads and not (last and last.layer.gives == "probabilities"):
            return one
    return None


def _target_for(loss: Loss | None, shape: tuple[int, ...]) -> tuple[tuple[int, ...], str, int]:
    """What an output of ``shape`` is taken to predict in a file without data."""
    if loss is None or "regression" in loss.tasks:
        return loss.predicted(shape) if loss else shape, "regression", 0
    *positions, classes = loss.predicted(shape)
    return tuple(positions), "classification", max(classes, 2)


def summed(losses: Sequence[LossCall], parts: Sequence[OutputPart]) -> Loss | None:
    """The loss of the whole network: that of its output, or the sum over those of all ``parts``."""
    known = [(one.loss, one.weight) for one in losses]
    terms = [Term(loss, weight) for loss, weight in known if loss]
    if not terms or len(terms) != max(1, len(parts)):
        return None
    if parts:
        terms = [term.replace(part=part) for term, part in zip(terms, parts, strict=True)]
    elif terms[0].weight == 1:
        return terms[0].loss
    return SumOfLosses.of(*terms)
