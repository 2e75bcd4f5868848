"""The two engines beside each other: the same training, once on tensors and once in C."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.clipping import Clipping
from netlang.catalogue.layers import (
    Embedding,
    LogSoftmax,
    Slice,
    Softmax,
    Softplus,
    Unflatten,
)
from netlang.catalogue.losses import MSE, Loss
from netlang.catalogue.losses.pairs import VectorLoss
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import Adam, Optimizer
from netlang.compiler.ir import Graph
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.descent import Descent
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from tests.graphs import chain, dense, side_by_side

ADAM = (Adam, {"lr": 1e-2})

Kind = type[TensorEngine] | type[NativeEngine]
Trained = tuple[Tensor, ...]  # the weights, the outputs of the last epoch, and those after it


def train(
    kind: Kind,
    graph: Graph,
    loss: Loss,
    optimizer: tuple[type[Optimizer], Mapping[str, PlainValue]],
    samples: tuple[Tensor, Tensor],
    batch: int,
    epochs: int,
    seed: int = 0,
    weights: Tensor | None = None,
    clipping: Clipping | None = None,
) -> Trained:
    """Weights and outputs, in training and evaluated, of the samples' own dtype."""
    inputs, targets = samples
    network = Network(graph, seed)
    network.to(inputs.dtype)
    item, values = optimizer
    descent = Descent(network, item.over(network, values), clipping=clipping)
    engine = kind(network, loss, descent, batch, seed)
    batches = Batches(inputs, targets, batch, seed, weights=weights)
    for epoch in range(1, epochs + 1):
        outputs = [y for y, _ in engine.run(batches, Cursor(epoch))]
    evaluated = torch.cat([*engine.evaluate(inputs)])
    return network.parameters.clone(), torch.cat(outputs), evaluated


def difference(one: Trained, other: Trained) -> float:
    """The largest, relative to the largest number of the other, or to 1 if that is more.

    Infinite if either has what is no finite number.
    """
    if not all(part.isfinite().all() for part in (*one, *other)):
        return math.inf
    return max(
        (a.double() - b.double()).abs().max().item() / max(1.0, b.abs().max().item())
        for a, b in zip(one, other, strict=True)
    )


def random_samples(graph: Graph, count: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(1)
    inputs = 2 * torch.rand(count, *graph.input.sizes, generator=source, dtype=dtype) - 1
    for tokens, known in _tokens(graph, inputs):
        tokens.copy_(((tokens + 1) / 2 * known).long().clamp(max=known - 1))
    return inputs, torch.rand(count, *graph.output.sizes, generator=source, dtype=dtype)


def _tokens(graph: Graph, inputs: Tensor) -> Iterator[tuple[Tensor, int]]:
    """The parts of the inputs that are tokens, and how many tokens each knows."""
    for node in graph.layers:
        if isinstance(node.layer, Embedding):
            part = inputs
            above = graph.nodes[node.inputs[0]]
            while above.inputs:
                if isinstance(above.layer, Slice):
                    part = inputs.narrow(1, above.layer.start, above.layer.length)
                above = graph.nodes[above.inputs[0]]
            yield part, node.layer.num_embeddings


def both(
    graph: Graph,
    loss: Loss,
    optimizer: tuple[type[Optimizer], dict[str, float]] = ADAM,
    batch: int = 4,
    count: int = 11,
    dtype: torch.dtype = torch.float64,
    clipping: Clipping | None = None,
) -> list[Trained]:
    """What three epochs in C and on tensors come to."""
    samples = random_samples(graph, count, dtype)
    return [
        train(kind, graph, loss, optimizer, samples, batch, epochs=3, clipping=clipping)
        for kind in (NativeEngine, TensorEngine)
    ]


def apart(graph: Graph, loss: Loss, **how: Any) -> float:
    """How far apart the two are."""
    return difference(*both(graph, loss, **how))


def apart_in_one(
    graphs: Sequence[Graph], optimizer: tuple[type[Optimizer], dict[str, float]] = ADAM, **how: Any
) -> list[float]:
    """How far apart the two are in each of the graphs, which stand side by side in one network."""
    loss = MSE(reduction="sum")  # of each part as if it were alone
    found = both(side_by_side(graphs), loss, optimizer, **how)
    return [difference(*pair) for pair in zip(*(parts(one, graphs) for one in found), strict=True)]


_LAST: Mapping[str, type[Layer]] = {
    "probabilities": Softmax,
    "log-probabilities": LogSoftmax,
    "means and variances": Softplus,
}


def ending_for(loss: Loss) -> list[Layer]:
    """What makes numbers into the outputs that the loss expects."""
    return [_LAST[loss.expects].declared({})] if loss.expects in _LAST else []


def network_for(loss: Loss) -> Graph:
    """A network whose outputs are three classes or numbers, or two if the loss is of two classes;
    or its vectors.
    """
    if isinstance(loss, VectorLoss):
        vectors = Unflatten.declared({"unflattened_size": (loss.vectors, 5)})
        return chain(dense(3, 5 * loss.vectors), vectors, start=(3,))
    outputs = 2 if loss.misfit(3) else 3 * loss.outputs_per_number
    return chain(dense(3, outputs), *ending_for(loss), start=(3,))


def parts(trained: Trained, graphs: Sequence[Graph]) -> list[Trained]:
    """What belongs to each of the graphs that are side by side."""
    weights = [len(Network(graph, 0).parameters) for graph in graphs]
    outputs = [graph.output.size for graph in graphs]
    parameters, *results = trained
    split = (parameters.split(weights), *(y.flatten(1).split(outputs, -1) for y in results))
    return [*zip(*split, strict=True)]
