"""Losses have to fit the outputs, what there is to predict, and each other in a sum."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from netlang.catalogue.data import Description
from netlang.catalogue.losses import Loss
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import Graph
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.reach import ranges_of
from netlang.compiler.passes.settings import Data
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.losses import (
    LossMisfit,
    SumOfOthers,
    TargetsOutOfRange,
)
from netlang.language.shapes import Shape


def keep_targets(data: Data | None, losses: Sequence[Loss | None]) -> None:
    """Let the data leave numbers to predict as they are, if all losses of numbers ask for that;
    those of an autoencoder are its inputs.
    """
    of_numbers = [loss for loss in losses if loss and "regression" in loss.tasks]
    if data and of_numbers and data.item.values.get("target") != "input":
        data.item.keeps_targets = all(loss.target_range for loss in of_numbers)


def check_losses(
    graph: Graph,
    outputs: Sequence[OutputPart],
    losses: Sequence[Sequence[BoundCall]],
    data: Data | None,
    sink: Sink,
) -> None:
    """Report losses whose arguments do not fit as many classes or numbers as there are, or that
    cannot take these numbers, and sums of losses that take outputs of different shapes.
    """
    nodes = [part.node for part in outputs] or [graph.result]
    targets = data.description.for_outputs(len(nodes)) if data else None
    described = [*(one for _, one in targets or ()), *[None] * len(nodes)]
    for node, calls, target in zip(nodes, losses, described, strict=False):
        shape = graph.nodes[node].shape.sizes
        for call in calls:
            loss = call.declared()
            assert isinstance(loss, Loss)
            if wrong := loss.misfit(_count(loss, shape, target)):
                argument, text = wrong
                span = call.spans.get(argument, call.span)
                source = data.span if data else None
                sink.report(LossMisfit(span, loss.name, text, argument, source))
            elif data and target and target.task == "regression":
                _check_range(loss, call, target, data, sink)
        _check_sum(calls, sink)


def _check_range(loss: Loss, call: BoundCall, target: Description, data: Data, sink: Sink) -> None:
    """Report numbers to predict that a loss cannot take, as far as they are known."""
    if loss.target_range is None:
        return
    least, most = loss.target_range
    for name, (low, high) in ranges_of(data, target.target).items():
        if low < least or most < high:
            ends, standardized = (low, high), data.item.standardizes_targets
            about = (least, most), name, ends, data.span, standardized
            sink.report(TargetsOutOfRange(call.span, loss.name, *about))
            return


def _count(loss: Loss, shape: tuple[int, ...], target: Description | None) -> int:
    """How many classes or numbers there are at each position."""
    predicted = loss.predicted(shape)
    if target is None or predicted == shape:
        return predicted[-1] if predicted else 1
    return target.outputs


def _check_sum(calls: Sequence[BoundCall], sink: Sink) -> None:
    """Report the first loss of a sum that takes outputs of another shape than the one before."""
    shapes = [_taken(call) for call in calls]
    for (before, call), (shape, other) in zip(pairwise(calls), pairwise(shapes), strict=True):
        if shape != other:
            sink.report(SumOfOthers(call.span, call.item.name, before.item.name, before.span))
            return


def _taken(call: BoundCall) -> str:
    """The shape of the outputs that a loss takes, for two numbers or classes."""
    loss = call.declared()
    assert isinstance(loss, Loss)
    return str(loss.outputs_for(Shape.of(2)))
