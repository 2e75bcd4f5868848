"""Several processes share each step: each finds the gradients of some slices of the batch.

These are summed as one process sums them, slice by slice in the same tree, so that any number of
processes comes to the same bits. All of them have the network, the samples, and the same outputs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import Engine
from netlang.engine.descent import UNCHANGED
from netlang.engine.native.engine import NativeEngine
from netlang.engine.pieces import PIECES
from netlang.engine.samples import Converted, inputs_of, steps_of_run
from netlang.engine.shares import SharableEngine, Share
from netlang.engine.tensor import TensorEngine
from netlang.engine.workers import WorkerLost, Workers
from netlang.lowering.lowerings import Unsupported, described
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.optimizers import Hyper

__all__ = ["SharedEngine", "WorkerLost", "Workers", "WorkersDiffer", "share"]

_SHARED_FROM = 30_000_000  # multiply-adds of a step: below, a message takes longer than it saves
# A message about the outputs of each step would make processes wait once more for each other.
_STRETCH = 20_000_000_000  # multiply-adds of the steps whose outputs are brought together at once
_SLOW = 1e9  # multiply-adds in a second that the slowest processor does
_OUTPUTS = 1 << 22  # numbers in these outputs


class WorkersDiffer(RuntimeError):
    """Processes that took the same steps have other weights."""


class SharedEngine:
    """An ``engine`` whose steps the ``workers`` share. Each of them makes the same calls, and has
    the same results.
    """

    note = ""

    def __init__(self, engine: SharableEngine, workers: Workers, block: int) -> None:
        """Each process has a ``block`` of slices, the last one perhaps fewer."""
        self.engine, self.workers = engine, workers
        self.name, self.threads = engine.name, engine.threads
        self.threads_matter = False
        self.network, self.loss = engine.network, engine.loss
        self.descent, self.optimizer = engine.descent, engine.optimizer
        self.batch_size = engine.batch_size
        self._block = block
        begin = workers.rank * block
        self._slices = range(begin, min(begin + block, engine.slices))
        step = max(1, 3 * engine.network.graph.macs * engine.batch_size)
        slow = timedelta(seconds=step / _SLOW)
        workers.silence = max(workers.silence, slow)
        outputs = engine.network.graph.output.size * engine.batch_size
        self._most_steps = max(1, min(_STRETCH // step, _OUTPUTS // outputs))

    def gradients(self, batch: Batch) -> Tensor:
        """Those of the whole batch, which each process finds by itself."""
        return self.engine.gradients(batch)

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        self.engine.update(hyper)

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        """Each process evaluates all inputs by itself."""
        return self.engine.evaluate(inputs)

    def evaluate_together(self, inputs: Tensor) -> Iterator[Tensor]:
        """The same, where all processes evaluate the same inputs: each finds a part of the outputs.
        Raises WorkerLost.
        """
        inputs, macs = inputs_of(self.network, inputs), self.network.graph.macs
        piece, world = self.engine.evaluated_together, self.workers.world
        at_once = max(self.engine.evaluated_at_once, world * PIECES * piece)
        for part in torch.split(inputs, at_once):
            if macs * len(part) < _SHARED_FROM:
                yield from self.engine.evaluate(part)
                continue
            self.workers.follow()
            each = -(-len(part) // (world * piece)) * piece
            begin = self.workers.rank * each
            own = part.new_zeros(each, *self.network.graph.output.sizes)
            if len(of_own := part[begin : begin + each]):
                own[: len(of_own)] = torch.cat([*self.engine.evaluate(of_own)])
            outputs = torch.cat(self.workers.gather(own))[: len(part)]
            yield from torch.split(outputs, self.engine.evaluated_at_once)

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """As any engine's.  Raises WorkerLost, and at the end of an epoch WorkersDiffer."""
        samples, order, each = steps_of_run(self, batches, start, steps, hyper)
        for done in range(0, len(each), self._most_steps):
            end = min(done + self._most_steps, len(each))
            part = order[done * self.batch_size : end * self.batch_size]
            yield self._stretch(batches, samples, part, start.epoch, each[done:end])
        if batches.after(start, len(each)).epoch > start.epoch:
            self._compare()

    def _stretch(
        self,
        batches: Batches,
        samples: Converted,
        order: Tensor,
        epoch: int,
        each: Sequence[Hyper],
    ) -> tuple[Tensor, Tensor]:
        """Do steps on the samples of ``order``. Returns the outputs and targets."""
        self.workers.follow()
        sizes, room = self.network.graph.output.sizes, self._block * self.engine.slice_samples
        own = samples.inputs.new_zeros(len(each), room, *sizes)
        targets = []
        for step, numbers in enumerate(torch.split(order, self.batch_size)):
            share, seen = self._share(batches, samples, numbers, epoch)
            targets.append(seen)
            gradients = self.workers.room(self.network.gradients)
            y = self.engine.share_gradients(share, self._bring_together, gradients)
            own[step, : len(y)] = y
            self.workers.sum(self.network.gradients)
            self.engine.update(each[step])
        outputs = torch.cat(self.workers.gather(own), 1)[:, : self.batch_size]
        return outputs.flatten(0, 1)[: len(order)], torch.cat(targets)

    def _share(
        self, batches: Batches, samples: Converted, numbers: Tensor, epoch: int
    ) -> tuple[Share, Tensor]:
        """This process's share of the batch of these ``numbers``, and the targets of all."""
        size, whole = self.engine.slice_samples, len(numbers)
        begin, end = (min(size * at, whole) for at in (self._slices.start, self._slices.stop))
        count, begin = end - begin, min(begin, whole - 1)
        taken = slice(begin, begin + max(1, count))
        weights = None if samples.weights is None else samples.weights[numbers[taken]]
        if not batches.lays_out:
            inputs, targets = samples.inputs[numbers[taken]], samples.targets[numbers]
            of_loss = targets
        else:
            seen = batches.seen(samples.inputs, samples.targets, numbers, epoch)
            inputs, targets, of_loss = seen.inputs[taken], seen.targets, seen.of_loss
        own = numbers[taken], inputs, of_loss, weights
        return Share(self._slices, begin, count, *own, epoch, whole), targets

    def _bring_together(self, measured: Sequence[Tensor]) -> None:
        """Put what slices of all processes measured into ``measured``."""
        for array in measured:
            room = array.new_zeros(self._block, *array.shape[1:])
            room[: len(self._slices)] = array[self._slices.start : self._slices.stop]
            array.copy_(torch.cat(self.workers.gather(room))[: len(array)])

    def _compare(self) -> None:
        """Raises WorkersDiffer if a process has other weights or statistics than the first.

        An optimizer's other state would show in the weights of the next epoch.
        """
        self.workers.follow()
        own = [_checksum(one) for one in (self.network.parameters, self.network.statistics)]
        found = self.workers.gather(torch.tensor(own))
        others = [rank for rank, one in enumerate(found) if not torch.equal(one, found[0])]
        if others:
            raise WorkersDiffer(
                f"worker {others[0]} has other weights than worker 0 after the same steps: their "
                "processors or libraries compute other bits"
            )


def _checksum(numbers: Tensor) -> int:
    """A number that another bit changes: it is found at the speed of the memory."""
    data = numbers.view(torch.uint8).numpy()
    words = data[: len(data) // 8 * 8].view(np.int64)
    return int(words.sum()) ^ zlib.crc32(data[words.nbytes :].data)


def share(engine: Engine, workers: Workers) -> Engine | None:
    """The ``engine`` as the ``workers`` share it, or as it is where its steps are too small for
    that; None in a process that has no part in it.

    Raises Unsupported for what processes cannot share.
    """
    if not isinstance(engine, NativeEngine | TensorEngine):
        raise TypeError(f"no engine whose steps can be shared: {engine!r}")
    block = _block(engine, workers.world)
    taking_part = -(-engine.slices // block)
    if workers.rank >= taking_part:
        return None
    if taking_part == 1 and (engine.slices == 1 or isinstance(engine, NativeEngine)):
        return engine
    if isinstance(engine, TensorEngine):
        engine.threads = 1  # their number changes bits
    return SharedEngine(engine, workers.first(taking_part), block)


def _block(engine: NativeEngine | TensorEngine, world: int) -> int:
    """How many slices a process has: 1, 2, 4 or 8, a branch of the tree in which they are added."""
    macs = 3 * engine.network.graph.macs * engine.batch_size
    if engine.slices > 1 and macs < _SHARED_FROM:
        return 1 << (engine.slices - 1).bit_length()
    _check(engine)
    block = 1
    while -(-engine.slices // block) > world:
        block *= 2
    return block


def _check(engine: NativeEngine | TensorEngine) -> None:
    """Raises Unsupported for an engine whose steps cannot be shared."""
    if engine.optimizer.needs_loss:
        raise Unsupported(
            f"{engine.optimizer.name} looks at the loss several times in a step, which workers "
            "cannot share: take another optimizer, or one process"
        )
    if isinstance(engine, NativeEngine):
        return
    for node in engine.network.graph.layers:
        if node.own_statistics and not node.frozen:
            raise Unsupported(
                f"{described(node)} measures the whole batch, which workers share in C alone: "
                "take the backend native"
            )
