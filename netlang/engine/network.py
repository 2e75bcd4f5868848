"""A network computes what a graph says: it has the layers, and runs them in the right order."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.layers.members import MeanOfMembers
from netlang.catalogue.modules import Layer, Module
from netlang.catalogue.outputs import mean_of_members
from netlang.catalogue.randomness import generator
from netlang.compiler.ir import Graph
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.losses import Loss
    from netlang.catalogue.losses.loss import Whole


# One layer's turn: its node's number, the method to call, and the numbers of the node's inputs.
# Forwards, the numbers of the values follow that no later layer reads. Backwards, an input whose
# gradient is not needed is None.
_ForwardCall = tuple[int, Callable[..., "Tensor"], tuple[int, ...], tuple[int, ...]]
_BackwardCall = tuple[int, Callable[..., Any], tuple[int | None, ...]]


class Network(Module):
    """The graph's layers with their weights, drawn from ``seed``.

    ``modules[n]`` is the layer of node n. Inputs and outputs have the graph's shapes.
    """

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.modules: list[Layer] = []
        for node in graph.nodes:
            layer = type(node.layer).declared(node.layer.values)
            layer.shares = self.modules[node.shares] if node.shares else None
            layer.frozen, layer.parts = node.frozen, node.parts
            self.modules.append(layer)
        self.make_tensors(generator(seed, "initial weights"))
        self._frozen = [one for one in self.modules if one.frozen and one.size and not one.shares]
        self._input: Any = None  # of the last ``forward``
        self._forward: list[_ForwardCall] = [
            (n, self.modules[n].forward, graph.nodes[n].inputs, graph.last_read[n])
            for n in sorted(graph.live - {0})
        ]
        self._backward = self._backward_order(graph.live)
        self._backward_to_weights = self._backward_order(graph.live & graph.behind_weights)

    def forward(self, x: Tensor) -> Tensor:
        """The outputs for ``x``. A value is freed after its last reader, unless one saves it."""
        self._input = x
        return self._output(x, self._forward)

    def forward_all(self, x: Tensor) -> dict[int, Tensor]:
        """The outputs of all nodes that are needed, by number, for ``x``."""
        self._input, values = x, {0: x}
        for number, forward, inputs, _ in self._forward:
            values[number] = forward(*[values[source] for source in inputs])
        return values

    def backward_all(self, dy: Tensor) -> dict[int, Tensor]:
        """The gradients at the outputs of all nodes that are needed, by number, the last node first
        and the input at the end.  Raises RuntimeError before a forward.
        """
        found: dict[int, Tensor] = {}
        dx = self._back(self._backward, dy, found)
        return found if dx is None else found | {0: dx}

    def evaluate(self, x: Tensor) -> Tensor:
        """The outputs for ``x``; nothing is saved for ``backward``."""
        # What a layer saves goes with its copy, before there is the next one.
        order = (
            (number, copy.copy(self.modules[number]).forward, inputs, dead)
            for number, _, inputs, dead in self._forward
        )
        return self._output(x, order)

    def _output(self, x: Tensor, order: Iterable[_ForwardCall]) -> Tensor:
        values = {0: x}
        for number, forward, inputs, dead in order:
            values[number] = forward(*[values[source] for source in inputs])
            for source in dead:
                del values[source]
        return values[self.graph.result]

    def loss_gradient(
        self, loss: Loss, y: Tensor, t: Tensor, weights: Tensor | None, whole: Whole = None
    ) -> Tensor:
        """The gradient of the loss, which ``backward`` takes, for the outputs ``y`` of the last
        ``forward``. Where a network has members, it is that of the mean of their losses.
        """
        last = self.modules[self.graph.result]
        if not isinstance(last, MeanOfMembers):
            return loss.weighted_gradient(y, t, weights, whole)
        of_rows = _of_rows(last.members, t, weights, whole)
        return mean_of_members(loss, last.members).weighted_gradient(last.saved, *of_rows)

    def loss_value(
        self, loss: Loss, y: Tensor, t: Tensor, weights: Tensor | None, whole: Whole
    ) -> float:
        """The number whose gradient ``loss_gradient`` is: the samples' part in the loss of a
        ``whole`` batch.
        """
        last = self.modules[self.graph.result]
        if not isinstance(last, MeanOfMembers):
            return loss.weighted(y, t, weights, whole).item()
        of_rows = _of_rows(last.members, t, weights, whole)
        return mean_of_members(loss, last.members).weighted(last.saved, *of_rows).item()

    def backward(self, dy: Tensor) -> Tensor:
        """Raises RuntimeError before a ``forward``."""
        dx = self._back(self._backward, dy)
        return torch.zeros_like(self._input) if dx is None else dx

    def accumulate(self, dy: Tensor) -> None:
        """Raises RuntimeError before a ``forward``."""
        self._back(self._backward_to_weights, dy)

    def _back(
        self, order: Iterable[_BackwardCall], dy: Tensor, kept: dict[int, Tensor] | None = None
    ) -> Tensor | None:
        """The gradient at the input; None if ``order`` does not reach it.

        A value that several layers read gets the sum of their gradients. Those of all nodes are
        ``kept`` where that is given. Those of frozen weights are 0: no optimizer moves them.
        """
        if self._input is None:
            raise RuntimeError("call the network's forward before its backward")
        gradients: list[Any] = [None] * len(self.modules)
        gradients[self.graph.result] = dy
        for number, backward, inputs in order:
            if gradients[number] is None:  # what reads it gave none
                continue
            if kept is not None:
                kept[number] = gradients[number]
            dx = backward(gradients[number])
            gradients[number] = None  # frees its memory
            for source, part in zip(inputs, dx if len(inputs) > 1 else (dx,), strict=True):
                if source is not None and part is not None:  # there is none at tokens
                    other = gradients[source]
                    gradients[source] = part if other is None else other + part
        for layer in self._frozen:
            layer.zero_grad()
        found: Tensor | None = gradients[0]
        return found

    def _backward_order(self, numbers: frozenset[int]) -> list[_BackwardCall]:
        """From the last layer to the first; only the nodes with these ``numbers`` get gradients."""
        order: list[_BackwardCall] = []
        for number in sorted(numbers - {0}, reverse=True):
            module, inputs = self.modules[number], self.graph.nodes[number].inputs
            wanted = tuple(source if source in numbers else None for source in inputs)
            call = module.accumulate if wanted == (None,) else module.backward
            order.append((number, call, wanted))
        return order

    def mask(self, parts: Sequence[str] = (), not_decaying: bool = True) -> Tensor:
        """Which of ``parameters`` belong to the ``parts`` of those names, or to the whole network,
        and are not frozen; with or without those that weight decay leaves alone, such as biases.

        Shape: [size], bool.
        """
        found = [
            (weight.size, is_in and not layer.frozen and (weight.decay or not_decaying))
            for node, layer in zip(self.graph.nodes, self.modules, strict=True)
            if not node.shares
            for is_in in [not parts or any(part in node.parts for part in parts)]
            for weight in layer.declared_weights().values()
        ]
        sizes = torch.tensor([size for size, _ in found], dtype=torch.int64, device="cpu")
        is_taken = torch.tensor([taken for _, taken in found], dtype=torch.bool, device="cpu")
        return is_taken.repeat_interleave(sizes).to(self.parameters.device)

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_input": None}

    def layers(self) -> Iterator[Layer]:
        yield from self.modules[1:]

    def named_layers(self) -> Iterator[tuple[str, Layer]]:
        for node, layer in zip(self.graph.layers, self.layers(), strict=True):
            if not node.shares:
                yield node.name, layer


def _of_rows(
    members: int, t: Tensor, weights: Tensor | None, whole: Whole
) -> tuple[Tensor, Tensor | None, Whole]:
    """Targets, weights and the whole batch of the rows of all ``members``."""
    if isinstance(whole, int):
        whole *= members
    elif whole is not None:
        whole = whole.repeat_interleave(members, 0)
    each = None if weights is None else weights.repeat_interleave(members, 0)
    return t.repeat_interleave(members, 0), each, whole
