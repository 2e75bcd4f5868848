"""A gradient check holds a network's backward passes against central differences, in float64.

Each node is checked alone, at the inputs that it has in the network, with a random gradient at its
output. So a wrong ``backward`` is found where it is, and not at all nodes before it, too. Then the
loss is checked, and the weights through the whole network and the loss.

What is random stays the same for all differences: each ``forward`` draws the same masks. Weights
that begin as one number are moved, as those of a norm: beside a factor of 1, a gradient that
forgets it is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.modules import DrawRequest
from netlang.catalogue.randomness import generator
from netlang.compiler.ir import Program
from netlang.engine import Batches, Cursor
from netlang.engine.network import Network
from netlang.engine.samples import Converted, inputs_of, samples_of
from netlang.engine.threads import torch_threads
from netlang.language.shapes import Shape
from netlang.runs.gradients.differences import Differences, elements
from netlang.runs.gradients.findings import Agreement, Findings, NodeCheck
from netlang.runs.training.beginning import begin_with
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_EPOCH = 1  # whose first batch and masks are taken


class GradientCheck:
    """Checks the gradients of a program's network and loss, on ``batch`` samples of its data.

    Where it has no data, inputs and targets are random numbers; without a loss, it is a random sum
    of the outputs. Of each tensor, about ``samples`` elements are looked at, and ``seed`` decides
    which. Gradients that float64 rounds by more than ``threshold`` are compared with the rounding.

    Raises NetError where the data, or weights to begin with, cannot be read.
    """

    def __init__(
        self, program: Program, batch: int, samples: int, seed: int, threshold: float
    ) -> None:
        self._program, self._samples, self._threshold = program, samples, threshold
        self._network = network = Network(program.graph, program.seed)
        if program.beginning:
            begin_with(program.beginning, network)
        network.to(torch.float64).train()
        self._statistics = network.statistics.clone()
        self._source = generator(seed, "gradient check")
        self._tell_weights_apart()
        with torch_threads(1):  # as in training: a sum's bits depend on their number
            self._numbers, self._batch = self._some_samples(batch)
        self._sum = torch.randn(program.graph.output.sizes, generator=self._source).double()

    @property
    def batch(self) -> int:
        """How many samples are gone through."""
        return len(self._numbers)

    def findings(self) -> Findings:
        """Check all that there is."""
        with torch_threads(1):  # more would wait for each other at each of many small forwards
            return Findings([*self._nodes()], self._of_loss(), self._of_network())

    def _tell_weights_apart(self) -> None:
        """Move the weights of each tensor whose numbers are all the same."""
        for layer in self._network.modules:
            for name in layer.declared_weights():
                weight: Tensor = getattr(layer, name)
                if weight.eq(weight.flatten()[0]).all():
                    weight.add_(torch.randn(weight.shape, generator=self._source), alpha=0.1)

    def _nodes(self) -> Iterator[NodeCheck]:
        """Check each node that the output depends on, in their order."""
        with torch.inference_mode():
            self._begin_again()
            values = self._network.forward_all(self._batch.inputs)
        for number in sorted(values.keys() - {0}):
            node = self._program.graph.nodes[number]
            if node.shape.tokens is None:  # no gradient comes to tokens
                yield self._node(number, [_in_a_row(values[one]) for one in node.inputs])

    def _node(self, number: int, x: Sequence[Tensor]) -> NodeCheck:
        layer, node = self._network.modules[number], self._program.graph.nodes[number]

        def outputs() -> Tensor:
            self._begin_again(number)
            return layer.forward(*x)

        with torch.inference_mode():
            dy = torch.randn(outputs().shape, generator=self._source, dtype=torch.float64)
            layer.gradients.zero_()
            dx = layer.backward(dy.clone())
            weights = [
                (getattr(layer, name), getattr(layer, f"{name}_grad").clone())
                for name in layer.declared_weights()
            ]
            inputs = zip(x, dx if len(x) > 1 else (dx,), strict=True)
            differences = Differences(outputs, dy)
            return NodeCheck(
                node,
                self._agreement(differences, weights),
                self._agreement(differences, inputs),
            )

    def _of_loss(self) -> Agreement | None:
        """Check the loss's gradient at the outputs; None if the file has no loss."""
        if not self._program.loss:
            return None
        with torch.inference_mode():
            y = _in_a_row(self._output())
            gradient = self._loss_gradient(y)
            differences = Differences(lambda: self._loss(y), torch.ones(()))
            return self._agreement(differences, [(y, gradient)])

    def _of_network(self) -> Agreement | None:
        """Check weights through the whole network and the loss; None if none is trained."""
        network = self._network
        with torch.inference_mode():
            trained = self._trained()
            if not len(trained):
                return None
            y = self._output()
            network.zero_grad()
            network.accumulate(self._loss_gradient(y))
            gradient = network.gradients.clone()
            differences = Differences(lambda: self._loss(self._output()), torch.ones(()))
            return self._of_tensor(differences, network.parameters, gradient, trained)

    def _trained(self) -> Tensor:
        """The numbers of the network's weights that are not frozen."""
        gradients = self._network.gradients
        gradients.fill_(1)
        for layer in self._network.modules:
            if layer.frozen:
                layer.gradients.zero_()
        return gradients.nonzero().flatten()

    def _agreement(
        self, differences: Differences, pairs: Iterable[tuple[Tensor, Tensor | None]]
    ) -> Agreement | None:
        """How well the gradient beside each tensor agrees with ``differences``."""
        parts = [
            self._of_tensor(differences, values.view(-1), gradient.flatten())
            for values, gradient in pairs
            if gradient is not None
        ]
        return Agreement.together(parts)

    def _of_tensor(
        self,
        differences: Differences,
        values: Tensor,
        gradient: Tensor,
        among: Tensor | None = None,
    ) -> Agreement:
        """The same for a flat tensor, or for those of its elements that are ``among`` these."""
        among = torch.arange(len(values)) if among is None else among
        chosen = among[elements(gradient[among], self._samples, self._source)]
        found = gradient[chosen].tolist()
        largest = max(map(abs, found), default=0.0)
        slopes = [differences.slope(values, index, largest) for index in chosen.tolist()]
        pairs = [
            (one, slope) for one, slope in zip(found, slopes, strict=True) if not slope.at_kink
        ]
        largest = max([largest, *(abs(slope.value) for _, slope in pairs)])
        rounding = max((slope.rounding for _, slope in pairs), default=0.0)
        scale = max(largest, rounding / self._threshold)
        errors = [_error(one, slope.value, scale) for one, slope in pairs]
        kinks = len(slopes) - len(pairs)
        return Agreement(max(errors, default=0.0), len(pairs), len(among), kinks)

    def _output(self) -> Tensor:
        self._begin_again()
        return self._network.forward(self._batch.inputs)

    def _begin_again(self, number: int | None = None) -> None:
        """Let the next ``forward`` draw what the last one drew, of the network or of one node, and
        find the statistics as they were.
        """
        nodes, modules = self._program.graph.nodes, self._network.modules
        self._network.statistics.copy_(self._statistics)
        for index in range(len(nodes)) if number is None else [number]:
            if modules[index].draws:
                shape = modules[index].drawn(*nodes[index].takes)
                key = self._program.seed, _EPOCH, index
                request = (*key, self._numbers, self.batch, shape, torch.float64)
                modules[index].draw(DrawRequest(*request).of_members(nodes[index].members))

    def _loss(self, y: Tensor) -> Tensor:
        loss, t, weights = self._program.loss, self._batch.targets, self._batch.weights
        if not loss:
            return (y * self._sum).sum()
        return loss.weighted(y, t, weights)

    def _loss_gradient(self, y: Tensor) -> Tensor:
        loss = self._program.loss
        if not loss:
            return self._sum.expand_as(y)
        return loss.weighted_gradient(y, self._batch.targets, self._batch.weights)

    def _random_targets(self, count: int, output: Shape) -> Tensor:
        """Targets of a file without data; those of several outputs in one row."""
        loss = self._program.loss
        if not loss or not loss.parts:
            shape = loss.predicted(output.sizes) if loss else output.sizes
            targets = torch.randn(count, *shape, generator=self._source)
            if loss and "regression" not in loss.tasks:
                return (targets > 0).to(targets)  # whether a sample has the label of each output
            return targets.sigmoid() if loss and loss.target_range else targets
        rows = []
        for part in loss.parts:
            shape = count, *part.target_shape
            drawn = torch.randn(shape, generator=self._source)
            if part.classes:
                drawn = torch.randint(part.classes, shape, generator=self._source).to(drawn)
            rows.append(drawn.reshape(count, -1))
        return torch.cat(rows, 1)

    def _some_samples(self, count: int) -> tuple[Tensor, Converted]:
        """The first ``count`` samples that training takes, with their numbers, or random ones."""
        data, loss, seed = self._program.data, self._program.loss, self._program.seed
        graph, network = self._program.graph, self._network
        if data:
            train = data.load(seed).train.some()
            batches = Batches(train.inputs, train.targets, count, seed, weights=train.weights)
            batch = batches.batch(Cursor(_EPOCH))
            numbers, inputs = batch.numbers, batch.inputs
            targets, weights = batch.targets, batch.weights
        else:
            numbers, weights = torch.arange(count), None
            inputs = _random(count, graph.input, self._source)
            targets = self._random_targets(count, graph.output)
        if loss:
            return numbers, samples_of(network, loss, inputs, targets, weights)
        return numbers, Converted(inputs_of(network, inputs), targets, weights)


def _error(gradient: float, slope: float, scale: float) -> float:
    """How far ``gradient`` is from the slope, relative to the ``scale`` of its tensor."""
    apart = abs(gradient - slope)
    if not apart:
        return 0.0
    return apart / scale if math.isfinite(apart) else math.inf


def _in_a_row(x: Tensor) -> Tensor:
    """A copy of ``x`` that has a flat view, whatever the order of its dimensions in memory."""
    return x.clone(memory_format=torch.contiguous_format)


def _random(count: int, shape: Shape, source: torch.Generator) -> Tensor:
    """Random inputs of so many samples."""
    sizes = count, *shape.sizes
    if isinstance(tokens := shape.vocabulary, int):
        return torch.randint(tokens, sizes, generator=source)
    return torch.randn(sizes, generator=source)
