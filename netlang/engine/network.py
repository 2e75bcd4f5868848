"""From a graph to a network that computes: its layers, and the ways between them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from netlang.catalogue.layers.module import Layer, Module
from netlang.catalogue.randomness import generator
from netlang.compiler.ir import Graph
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


# Layers in the order in which data goes through them: the number of a layer's node, its method,
# and the numbers of its inputs; the first input apart, as most layers have one.
_Forward = list[tuple[int, Callable[..., "Tensor"], int, tuple[int, ...] | None]]

# And back: the number of the node, its method, and for each input its number, and whether its
# gradient comes here first: a value that several layers use gets the sum of their gradients.
# A layer of one input has these two apart, and number -1 if its gradient is not asked for.
_Backward = list[tuple[int, Callable[..., Any], int, bool, tuple[tuple[int, bool], ...] | None]]


class Network(Module):
    """The graph's layers with their weights in one vector, drawn from ``seed``.

    ``parameters`` and ``gradients`` have shape [graph.weights]; inputs and outputs have those
    of the graph.
    """

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.modules: list[Layer] = [
            type(node.layer).declared(node.layer.values) for node in graph.nodes
        ]
        for node, module in zip(graph.nodes, self.modules, strict=True):
            module.shares = self.modules[node.shares] if node.shares else None
        self.make_tensors(generator(seed, "initial weights"))
        self._values: list[Any] = [None] * len(graph.nodes)
        self._forward = self._way(graph.live)
        self._backward = self._way_back(graph.live)
        self._backward_to_weights = self._way_back(graph.live & graph.behind_weights)

    def forward(self, x: Tensor) -> Tensor:
        values = self._values
        values[0] = x
        for number, forward, first, inputs in self._forward:
            if inputs is None:
                values[number] = forward(values[first])
            else:
                values[number] = forward(*[values[source] for source in inputs])
        y: Tensor = values[self.graph.result]
        return y

    def evaluate(self, x: Tensor) -> Tensor:
        """``forward`` that leaves nothing for ``backward``: no value outlives its last reader."""
        values = {0: x}
        for number in sorted(self.graph.live - {0}):
            # What a layer remembers goes with the copy.
            layer = copy.copy(self.modules[number])
            node = self.graph.nodes[number]
            values[number] = layer.forward(*[values[source] for source in node.inputs])
            for source in self.graph.last_read.get(number, ()):
                del values[source]
        return values[self.graph.result]

    def backward(self, dy: Tensor) -> Tensor:
        dx = self._back(self._backward, dy)
        return torch.zeros_like(self._values[0]) if dx is None else dx

    def accumulate(self, dy: Tensor) -> None:
        self._back(self._backward_to_weights, dy)

    def _back(self, way: _Backward, dy: Tensor) -> Tensor | None:
        """The gradient at the input, if ``way`` leads there."""
        gradients: list[Any] = [None] * len(self._values)
        gradients[self.graph.result] = dy
        for number, backward, source, first, several in way:
            dx = backward(gradients[number])
            gradients[number] = None  # its memory is free for the next ones
            if several is None:
                if first:
                    gradients[source] = dx
                elif source >= 0:
                    gradients[source] = gradients[source] + dx
                continue
            for (other, is_first), part in zip(several, dx, strict=True):
                if is_first:
                    gradients[other] = part
                elif other >= 0:
                    gradients[other] = gradients[other] + part
        found: Tensor | None = gradients[0]
        return found

    def _way(self, numbers: frozenset[int]) -> _Forward:
        way: _Forward = []
        for number in sorted(numbers - {0}):
            inputs, module = self.graph.nodes[number].inputs, self.modules[number]
            several = inputs if len(inputs) > 1 else None
            way.append((number, module.forward, inputs[0], several))
        return way

    def _way_back(self, numbers: frozenset[int]) -> _Backward:
        """From the last layer on; gradients go on to the nodes with these ``numbers`` alone."""
        way: _Backward = []
        met: set[int] = set()
        for number in sorted(numbers - {0}, reverse=True):
            inputs, module = self.graph.nodes[number].inputs, self.modules[number]
            wanted: list[tuple[int, bool]] = []
            for source in inputs:
                asked = source in numbers
                wanted.append((source if asked else -1, asked and source not in met))
                met.add(source)
            ((source, first), *others) = wanted
            if others:
                way.append((number, module.backward, source, first, tuple(wanted)))
            else:
                call = module.backward if source >= 0 else module.accumulate
                way.append((number, call, source, first, None))
        return way

    def layers(self) -> Iterator[Layer]:
        yield from self.modules[1:]

    def named_layers(self) -> Iterator[tuple[str, Layer]]:
        for node, layer in zip(self.graph.layers, self.layers(), strict=True):
            if not node.shares:
                yield node.name, layer
