"""The tensor engine runs a network's own forward and backward passes, and the optimizer's step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import DrawRequest
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import UNCHANGED
from netlang.engine.network import Network
from netlang.engine.pieces import PIECES, evaluation_samples, stretch_samples
from netlang.engine.samples import inputs_of, samples_of_batch, steps_of_run
from netlang.engine.threads import in_parallel, thread_count, torch_threads
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class TensorEngine:
    """Trains ``network`` in place."""

    name = "tensor"
    note = ""  # why it is not the engine that was asked for

    def __init__(
        self, network: Network, loss: Loss, optimizer: Optimizer, batch_size: int, seed: int
    ) -> None:
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.batch_size, self.seed = batch_size, seed
        self.threads = thread_count(network.graph.macs * batch_size)
        layers = zip(network.modules, network.graph.nodes, strict=True)
        self._random = [
            (number, module, node.takes[0].sizes)
            for number, (module, node) in enumerate(layers)
            if module.draws
        ]

    def gradients(self, batch: Batch) -> Tensor:
        network, loss = self.network, self.loss
        inputs, targets = samples_of_batch(self, batch)
        network.train()
        with self._working():
            network.zero_grad()
            if not len(batch.numbers):
                return inputs.new_empty(0, *network.graph.output.sizes)
            self._draw(batch.numbers, batch.epoch)
            y = network.forward(inputs)
            dy = loss.gradient(y, targets)
            if loss.is_mean and len(y) < batch.whole_size:
                dy = dy * (len(y) / batch.whole_size)
            network.accumulate(dy)
        return y

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        with self._working():
            self.optimizer.step_with(hyper)

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        inputs, targets, order, values = steps_of_run(self, batches, start, steps, hyper)
        each = iter(values)
        for part in torch.split(order, stretch_samples(self.network.graph, self.batch_size)):
            self.network.train()  # the caller may have evaluated it in between
            with self._working():
                self._draw(part, start.epoch)
                t = targets[part]
                outputs = self._steps(inputs[part], t, each)
            yield outputs, t

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        # One thread computes a piece, whose size depends on the network alone: the same bits result
        # on any number of threads.
        network, piece = self.network, evaluation_samples(self.network.graph)
        for part in torch.split(inputs_of(network, inputs), PIECES * piece):
            pieces, training = torch.split(part, piece), network.training
            network.eval()
            try:
                outputs = in_parallel(self._evaluated, pieces, network.graph.macs * len(part))
            finally:
                network.train(training)  # before the caller has it again
            yield from outputs

    def _evaluated(self, x: Tensor) -> Tensor:
        with torch.inference_mode():
            return self.network.evaluate(x)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """While it lasts, torch records no gradients, and has as many threads as pay.

        It ends before a result is handed out, as its caller runs in the same thread.
        """
        with torch.inference_mode(), torch_threads(self.threads):
            yield

    def _steps(self, x: Tensor, t: Tensor, each: Iterator[Hyper]) -> Tensor:
        """Do a step for each batch of these samples. Returns all outputs."""
        outputs = x.new_empty(len(x), *self.network.graph.output.sizes)
        network, loss, step = self.network, self.loss, self.optimizer.step_with
        parts = (torch.split(part, self.batch_size) for part in (x, t, outputs))
        for x_batch, t_batch, y_batch in zip(*parts, strict=True):
            network.zero_grad()
            y = network.forward(x_batch)
            y_batch.copy_(y)
            network.accumulate(loss.gradient(y, t_batch))
            step(next(each))
        return outputs

    def _draw(self, order: Tensor, epoch: int) -> None:
        weights, size = self.network.parameters, self.batch_size
        order, dtype = order.to(weights.device), weights.dtype
        for number, layer, shape in self._random:
            layer.draw(DrawRequest(self.seed, epoch, number, order, size, shape, dtype))
