"""From a graph to a network that computes: its layers, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netlang.ir import Graph
from netlang.lazy import torch
from netlang.modules.module import Buffered, Layer, Module, Pair
from netlang.randomness import generator
from netlang.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class _Stop(Record):
    """A layer on the data's way; ``number`` is its node's.

    ``wanted`` are, for each input, its number, and whether its gradient is asked for and comes
    here first: a value that several layers use gets the sum of their gradients.
    """

    number: int
    module: Any  # a Layer; a join's methods take and give several tensors
    inputs: tuple[int, ...]
    wanted: tuple[tuple[int, bool, bool], ...]


class Network(Buffered, Module):
    """The graph's layers with their weights in one vector, drawn from ``seed``.

    ``parameters`` and ``gradients`` have shape [graph.weights]; inputs and outputs have those
    of the graph. Outputs are fresh tensors until ``reuse_buffers`` is called.
    """

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.modules = [type(node.layer).declared(node.layer.values) for node in graph.nodes]
        self.attach(torch.zeros(graph.weights), torch.zeros(graph.weights))
        source = generator(seed, "initial weights")
        for node, layer in zip(graph.nodes, self.modules, strict=True):
            if not node.shares:
                layer.initialize(source)
        self._values: list[Any] = [None] * (len(graph.nodes) + 1)
        self._way = self._stops(graph.live)
        self._way_to_weights = self._stops(graph.live & _behind_weights(graph))
        self._pools: dict[int, list[dict[str, Tensor]]] = {}

    @property
    def size(self) -> int:
        return self.graph.weights

    def attach(self, parameters: Tensor, gradients: Tensor) -> None:
        self.parameters, self.gradients = parameters, gradients
        begins: list[int] = []
        at = 0
        for node, module in zip(self.graph.nodes, self.modules, strict=True):
            begin = begins[node.shares - 1] if node.shares else at
            begins.append(begin)
            end = begin + module.size
            module.attach(parameters[begin:end], gradients[begin:end])
            at = max(at, end)

    def forward(self, x: Tensor) -> Tensor:
        values = self._values
        values[0] = x
        for stop in self._way:
            inputs = stop.inputs
            if len(inputs) == 1:
                values[stop.number] = stop.module.forward(values[inputs[0]])
            else:
                values[stop.number] = stop.module.forward(*[values[number] for number in inputs])
        y: Tensor = values[self.graph.result]
        return y

    def backward(self, dy: Tensor) -> Tensor:
        dx = self._back(self._way, dy)
        return torch.zeros_like(self._values[0]) if dx is None else dx

    def accumulate(self, dy: Tensor) -> None:
        self._back(self._way_to_weights, dy)

    def _back(self, way: list[_Stop], dy: Tensor) -> Tensor | None:
        """The gradient at the input, if ``way`` leads there."""
        gradients: list[Any] = [None] * len(self._values)
        gradients[self.graph.result] = dy
        for stop in reversed(way):
            gradient = gradients[stop.number]
            if not any(asked for _, asked, _ in stop.wanted):
                stop.module.accumulate(gradient)
                continue
            found = stop.module.backward(gradient)
            if len(stop.inputs) == 1:
                found = (found,)
            for (number, asked, first), dx in zip(stop.wanted, found, strict=True):
                if asked:
                    gradients[number] = dx if first else self._sum(number, gradients[number], dx)
        dx_: Tensor | None = gradients[0]
        return dx_

    def _sum(self, number: int, one: Tensor, other: Tensor) -> Tensor:
        """Both together; neither may be written to, as it may be some layer's own."""
        return torch.add(one, other, out=self.buffer(f"gradient {number}", one))

    def _stops(self, numbers: frozenset[int]) -> list[_Stop]:
        """The layers with these numbers, in order; gradients go on to these alone."""
        stops: list[_Stop] = []
        met: set[int] = set()
        for number in sorted(numbers - {0}, reverse=True):
            inputs = self.graph.nodes[number - 1].inputs
            wanted = []
            for source in inputs:
                wanted.append((source, source in numbers, source not in met))
                met.add(source)
            stops.append(_Stop(number, self.modules[number - 1], inputs, tuple(wanted)))
        return stops[::-1]

    def param(self) -> list[Pair]:
        return [
            pair
            for node, module in zip(self.graph.nodes, self.modules, strict=True)
            if not node.shares
            for pair in module.param()
        ]

    def layers(self) -> Iterator[Layer]:
        yield from self.modules

    def reuse_buffers(self, rows: int | None) -> None:
        """Write results of batches of ``rows`` samples over those of the batch before.

        Until the next call, every input must have that many rows. None makes results fresh.
        """
        owners: list[Buffered] = [self, *self.modules]
        if rows is None:
            for owner in owners:
                owner.buffers = None
            return
        pools = self._pools.setdefault(rows, [{} for _ in owners])
        for owner, pool in zip(owners, pools, strict=True):
            owner.buffers = pool


def _behind_weights(graph: Graph) -> frozenset[int]:
    """The numbers of the nodes that have weights, or depend on one that has."""
    found: set[int] = set()
    for number, node in enumerate(graph.nodes, 1):
        if node.layer.size or found.intersection(node.inputs):
            found.add(number)
    return frozenset(found)
