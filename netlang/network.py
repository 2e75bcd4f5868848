"""From a graph to a network that computes."""

from __future__ import annotations

from netlang.ir import Graph
from netlang.lazy import torch
from netlang.modules import Sequential
from netlang.randomness import generator


class Network(Sequential):
    """The graph's layers with their weights in one vector, drawn from ``seed``.

    ``parameters`` and ``gradients`` have shape [graph.weights]; inputs and outputs have those
    of the graph. Outputs are fresh tensors until ``reuse_buffers`` is called.
    """

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.modules = [type(node.layer).declared(node.layer.values) for node in graph.nodes]
        self.attach(torch.zeros(graph.weights), torch.zeros(graph.weights))
        source = generator(seed, "initial weights")
        for layer in self.layers():
            layer.initialize(source)
        self._buffers: dict[int, list[dict[str, torch.Tensor]]] = {}

    def reuse_buffers(self, rows: int | None) -> None:
        """Write results of batches of ``rows`` samples over those of the batch before.

        Until the next call, every input must have that many rows. None makes results fresh.
        """
        if rows is None:
            for layer in self.layers():
                layer.buffers = None
            return
        layers = list(self.layers())
        pools = self._buffers.setdefault(rows, [{} for _ in layers])
        for layer, pool in zip(layers, pools, strict=True):
            layer.buffers = pool
