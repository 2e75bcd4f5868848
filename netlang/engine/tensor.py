"""The tensor engine runs a network's own forward and backward passes, and the optimizer's step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from netlang.catalogue.augment import Seen
from netlang.catalogue.losses import Loss
from netlang.catalogue.losses.loss import Whole
from netlang.catalogue.modules import DrawRequest
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.descent import UNCHANGED, Descent, descent_of
from netlang.engine.network import Network
from netlang.engine.pieces import PIECES, evaluation_samples, stretch_samples
from netlang.engine.samples import Converted, checked, inputs_of, steps_of_run
from netlang.engine.shares import BringTogether, Share, tree_sum
from netlang.engine.threads import in_parallel, thread_count, threads_pay, torch_threads
from netlang.engine.tuner import Tuner
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_SLICES = 8  # of a batch that processes share
_LINE = 64  # numbers; as many bytes, a line of the cache, are a part of it


class Passage(Record):
    """What goes through a network for a batch: by the number of each node its ``outputs``, and the
    loss's ``gradients`` there, in the order in which they are computed.
    """

    outputs: Mapping[int, Tensor]
    gradients: Mapping[int, Tensor]


class TensorEngine:
    """Trains ``network`` in place. A step of ``batch_size`` samples goes through it as a whole, or
    in parts of ``at_once``, a divisor, whose gradients are added up.
    """

    name = "tensor"
    note = ""  # why it is not the engine that was asked for

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer | Descent,
        batch_size: int,
        seed: int,
        at_once: int | None = None,
    ) -> None:
        self.network, self.loss = network, loss
        self.descent = descent_of(network, optimizer)
        self.optimizer = self.descent.optimizer
        self.batch_size, self.seed = batch_size, seed
        self._at_once = at_once or batch_size
        self._evaluate: Callable[[], float] | None = None  # the last gradients anew
        macs = network.graph.macs * self._at_once
        self.threads, self.threads_matter = thread_count(macs), threads_pay(macs)
        self.slices, self.slice_samples = 1, batch_size
        if threads_pay(network.graph.macs * batch_size):
            self.slice_samples = -(-batch_size // _SLICES)
            self.slices = -(-batch_size // self.slice_samples)
        self._tuner = Tuner(threads=1)  # of steps alone: torch has threads of its own
        self.evaluated_at_once = self.evaluated_together = evaluation_samples(network.graph)
        self._most_steps = stretch_samples(network.graph, batch_size) // batch_size
        layers = zip(network.modules, network.graph.nodes, strict=True)
        self._random = [
            (number, module, module.drawn(*node.takes))
            for number, (module, node) in enumerate(layers)
            if module.draws
        ]

    def gradients(self, batch: Batch) -> Tensor:
        batch = checked(self, batch)
        self.network.train()
        with self._working():
            y = self._room(batch.inputs)
            self._evaluate = self._evaluation(batch, y)
            self._evaluate()
        return y

    def passage(self, batch: Batch) -> Passage:
        """What goes through each layer for the batch, as ``gradients`` takes it.

        The gradients of the weights are left in the network.  Raises ValueError as it does.
        """
        network, batch = self.network, checked(self, batch)
        network.train()
        with self._working():
            network.zero_grad()
            self._evaluate = self._evaluation(batch, self._room(batch.inputs))
            self._draw(batch.numbers, batch.epoch, len(batch.inputs))
            outputs = network.forward_all(batch.inputs)
            y = outputs[network.graph.result]
            dy = network.loss_gradient(self.loss, y, batch.targets, batch.weights)
            return Passage(outputs, network.backward_all(dy))

    def share_gradients(
        self, share: Share, bring_together: BringTogether, gradients: Tensor
    ) -> Tensor:
        # One thread computes a slice, as their number changes bits.
        self.network.train()
        with torch.inference_mode(), torch_threads(1):
            y = self._room(share.inputs[: share.count])
            found = [self._of_slice(share, at, y) for at in range(len(share.slices))]
            gradients.copy_(tree_sum(found))
            return y

    def _of_slice(self, share: Share, at: int, outputs: Tensor) -> Tensor:
        """The gradients of slice number ``at`` of a share, whose part of ``outputs`` it sets."""
        begin = min(at * self.slice_samples, share.count)
        end = min(begin + self.slice_samples, share.count)
        if begin == end:
            return torch.zeros_like(self.network.gradients)
        weights = None if share.weights is None else share.weights[begin:end]
        targets = share.targets[share.begin + begin : share.begin + end]
        self._draw(share.numbers[begin:end], share.epoch, self._at_once)
        # Where numbers lie in a line of the cache changes bits: a copy lies as any other.
        own = share.inputs[begin:end].clone(), targets, weights
        self._set_gradients(*own, share.targets, outputs[begin:end])
        return self.network.gradients.clone()

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        with self._working():
            self.descent.step(hyper, self._evaluate)

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        samples, order, each = steps_of_run(self, batches, start, steps, hyper)
        done = 0
        while done < len(each):
            most = 1 if self.optimizer.needs_loss else min(self._tuner.steps, self._most_steps)
            end = min(done + most, len(each))
            part = order[done * self.batch_size : end * self.batch_size]
            began = time.perf_counter()
            self.network.train()  # the caller may have evaluated it in between
            with self._working():
                self._draw(part, start.epoch, self._at_once)
                weights = None if samples.weights is None else samples.weights[part]
                before = (start.step + done) * self.batch_size
                seen = _seen(batches, samples, part, start.epoch, before)
                of_part = part, seen.inputs, seen.of_loss, start.epoch, len(part), weights
                outputs = self._steps(Batch(*of_part), each[done:end])
            self._tuner.record(end - done, time.perf_counter() - began)
            yield outputs, seen.targets
            done = end

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        # One thread computes a piece, whose size depends on the network alone: the same bits result
        # on any number of threads.
        network, piece = self.descent.result, self.evaluated_at_once
        for part in torch.split(inputs_of(network, inputs), PIECES * piece):
            pieces, training = torch.split(part, piece), network.training
            network.eval()
            try:
                macs = network.graph.macs * len(part)
                outputs = in_parallel(partial(_evaluated, network), pieces, macs)
            finally:
                network.train(training)  # before the caller has it again
            yield from outputs

    @contextmanager
    def _working(self) -> Iterator[None]:
        """While it lasts, torch records no gradients, and has as many threads as pay.

        It ends before a result is handed out, as its caller runs in the same thread.
        """
        with torch.inference_mode(), torch_threads(self.threads):
            yield

    def _steps(self, samples: Batch, each: Sequence[Hyper]) -> Tensor:
        """Do a step for each batch of these samples, or the only one by an optimizer that looks at
        the loss. Returns all outputs, those of a step before it.
        """
        outputs = self._room(samples.inputs)
        if self.optimizer.needs_loss:
            (hyper,) = each
            self.descent.step(hyper, self._evaluation(samples, outputs))
            return outputs
        tensors = samples.inputs, samples.targets, samples.weights, outputs
        for x, t, weights, y, hyper in zip(*_split(self.batch_size, *tensors), each, strict=True):
            self._set_gradients(x, t, weights, self._of_step(t, len(x)), y)
            self.descent.step(hyper)
        return outputs

    def _room(self, inputs: Tensor) -> Tensor:
        """Where the outputs for these inputs go."""
        return inputs.new_empty(len(inputs), *self.network.graph.output.sizes)

    def _evaluation(self, batch: Batch, outputs: Tensor) -> Callable[[], float]:
        """What sets the gradients to those of a batch, each time with the same draws, and returns
        its part in the loss of the step. The first time, it sets the ``outputs``, too.
        """
        places = iter([outputs])

        def evaluate() -> float:
            self._draw(batch.numbers, batch.epoch, self._at_once)
            y = next(places, None)
            y = torch.empty_like(outputs) if y is None else y
            samples = batch.inputs, batch.targets, batch.weights
            of_step = self._of_step(batch.targets, batch.whole_size)
            return self._set_gradients(*samples, of_step, y)

        return evaluate

    def _of_step(self, targets: Tensor, whole: int) -> Whole:
        """What a step of ``whole`` samples counts by, of which these ``targets`` are here. Parts
        count by their targets, of which some may say nothing. Where others have the rest of the
        step, they count by their samples.
        """
        if len(targets) != whole:
            return whole
        return targets if whole > self._at_once else None

    def _set_gradients(
        self, x: Tensor, t: Tensor, weights: Tensor | None, of_step: Whole, outputs: Tensor
    ) -> float:
        """Set the network's gradients to those of samples ``of_step``, and ``outputs`` to what it
        gives for them. Returns their part in the loss, if the optimizer needs it.
        """
        value = 0.0
        network, loss = self.network, self.loss
        network.zero_grad()
        parts: Iterable[Any] = [(x, t, weights, outputs)] if len(x) else ()
        if len(x) > self._at_once:
            parts = zip(*_split(self._at_once, x, t, weights, outputs), strict=True)
        for x_part, t_part, w_part, y_part in parts:
            y = network.forward(x_part)
            y_part.copy_(y)
            dy = network.loss_gradient(loss, y, t_part, w_part, of_step)
            if self.optimizer.needs_loss:
                value += network.loss_value(loss, y, t_part, w_part, of_step)
            network.accumulate(dy)
        return value

    def _draw(self, order: Tensor, epoch: int, size: int) -> None:
        weights = self.network.parameters
        order, dtype = order.to(weights.device), weights.dtype
        for number, layer, shape in self._random:
            request = DrawRequest(self.seed, epoch, number, order, size, shape, dtype)
            layer.draw(request.of_members(self.network.graph.nodes[number].members))


def _evaluated(network: Network, x: Tensor) -> Tensor:
    with torch.inference_mode():
        return network.evaluate(x)


def _split(
    size: int, x: Tensor, t: Tensor, weights: Tensor | None, y: Tensor
) -> tuple[Sequence[Any], ...]:
    """The parts of ``size`` samples; without weights, each part has None."""
    if not len(x):  # of none, torch makes one part
        return (), (), (), ()
    x_parts, t_parts, y_parts = (torch.split(one, size) for one in (x, t, y))
    w_parts = [None] * len(x_parts) if weights is None else torch.split(weights, size)
    return x_parts, t_parts, w_parts, y_parts


def _seen(batches: Batches, samples: Converted, order: Tensor, epoch: int, before: int) -> Seen:
    """The samples of ``order``, laid where they would be behind ``before`` others: the bits of a
    product depend on where in a line of the cache its numbers begin. So it changes none into how
    many stretches an epoch is cut.
    """
    inputs, targets, _ = samples
    sample = inputs[0].numel()
    skipped = before * sample % _LINE
    room = inputs.new_empty(skipped + order.numel() * sample)[skipped:]
    room = room.view(order.numel(), *inputs.shape[1:])
    if not batches.lays_out:
        return Seen(torch.index_select(inputs, 0, order, out=room), targets[order])
    seen = batches.seen(inputs, targets, order, epoch)
    return seen.replace(inputs=room.copy_(seen.inputs))
