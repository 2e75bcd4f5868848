"""A training is watched: after each epoch it is known how large each layer's gradients are.

Engines keep no gradients, so those of the step that comes next are computed once more. No bit of
the training changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.engine import Batch, Engine
from netlang.runs.training.events import LayerNorms

if TYPE_CHECKING:
    from torch import Tensor


def layer_norms(engine: Engine, batch: Batch, before: Tensor) -> dict[str, LayerNorms]:
    """The norms of each layer with weights: of its gradient for ``batch``, of its weight, and of
    the weight's change since all weights of the network were ``before``.
    """
    network = engine.network
    statistics = network.statistics.clone()
    engine.gradients(batch)
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
