"""A training is watched: after each epoch it is known how large each layer's gradients are.

Engines keep no gradients, so those of the step that comes next are computed once more. No bit of
the training changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.runs.training.events import EpochDone, Event, LayerNorms
from netlang.runs.training.training import Training
from netlang.system.interruption import uninterrupted

if TYPE_CHECKING:
    from torch import Tensor


def watched(training: Training) -> Iterator[Event]:
    """The events of ``training``, where each EpochDone has the norms of its layers' tensors."""
    network = training.network
    before = network.parameters.clone()
    for event in training.events():
        if isinstance(event, EpochDone):
            event = event.replace(layers=_norms(training, before))
            before.copy_(network.parameters)
        yield event


def _norms(training: Training, before: Tensor) -> dict[str, LayerNorms]:
    """The norms of each layer with weights, which were ``before`` at the beginning of the epoch."""
    network = training.network
    statistics = network.statistics.clone()
    with uninterrupted():  # a checkpoint that a signal asks for has the statistics as they were
        training.engine.gradients(training.batches.batch(training.cursor))
        network.statistics.copy_(statistics)
    found, at = {}, 0
    for name, layer in network.named_layers():
        if layer.size:
            weights, old = layer.parameters, before[at : at + layer.size]
            found[name] = LayerNorms(_norm(layer.gradients), _norm(weights), _norm(weights - old))
            at += layer.size
    return found


def _norm(vector: Tensor) -> float:
    return float(vector.double().norm())
