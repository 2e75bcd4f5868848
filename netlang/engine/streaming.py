"""Batches of samples that stay in their file, a window of it at a time.

The order of an epoch is a function of the seed and the epoch alone: the file's blocks come in
another order, some of them at a time are a window, and the samples of a window are mixed. So a run
goes on at any cursor from the window that has it. Where several processes share a batch, each reads
all of the window, and takes its part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, count
from typing import TYPE_CHECKING

from netlang.catalogue.augment import Seen
from netlang.catalogue.data import Samples
from netlang.catalogue.data.streamed import StreamedSamples, ahead
from netlang.catalogue.optimizers import Hyper
from netlang.catalogue.randomness import generator
from netlang.engine.augmenting import Augmenting
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import Engine
from netlang.engine.descent import UNCHANGED
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def batches_of(
    samples: Samples, size: int, seed: int, augmenting: Augmenting | None = None
) -> Batches:
    """The batches of samples, wherever these are."""
    if isinstance(samples, StreamedSamples):
        return StreamedBatches(samples, size, seed)
    inputs, targets, weights = samples.inputs, samples.targets, samples.weights
    return Batches(inputs, targets, size, seed, weights=weights, augmenting=augmenting)


def stretches(
    engine: Engine,
    batches: Batches,
    start: Cursor,
    steps: int | None = None,
    hyper: Hyper = UNCHANGED,
) -> Iterator[tuple[Tensor, Tensor]]:
    """As the engine's ``run``, of batches wherever their samples are."""
    for window, cursor, taken in batches.windows(start, steps):
        yield from engine.run(window, cursor, taken, hyper)


class Window(Batches):
    """Batches whose samples lie in their order. The first of them is number ``first`` of the epoch,
    and each sample has its place in the epoch for its number.
    """

    def __init__(self, samples: Samples, of: Batches, first: int) -> None:
        super().__init__(samples.inputs, samples.targets, of.size, of.seed, of.rank, of.world)
        self.first, self.steps = first, of.steps

    @property
    def lays_out(self) -> bool:
        return True

    def order(self, cursor: Cursor, steps: int | None = None) -> Tensor:
        begin, end = cursor.step * self.size, self.first + len(self.inputs)
        if steps is not None:
            end = min(end, begin + steps * self.size)
        return torch.arange(begin, end, device="cpu")

    def seen(self, inputs: Tensor, targets: Tensor, numbers: Tensor, epoch: int) -> Seen:
        if not len(numbers):
            return Seen(inputs[:0], targets[:0])
        begin = int(numbers[0]) - self.first
        rows = slice(begin, begin + len(numbers))
        return Seen(inputs[rows], targets[rows])


class StreamedBatches(Batches):
    """All ``samples``, in batches of ``size``; the last batch of an epoch may be smaller."""

    def __init__(self, samples: StreamedSamples, size: int, seed: int) -> None:
        some = samples.some()
        super().__init__(some.inputs[:1].clone(), some.targets[:1].clone(), size, seed)
        self.samples, self.steps = samples, -(-len(samples) // size)
        self._coming: Iterator[tuple[tuple[int, int], Samples]] = iter(())
        self._last: tuple[int, Window] | None = None  # the epoch, and the window that was used last

    def windows(
        self, start: Cursor, steps: int | None = None
    ) -> Iterator[tuple[Batches, Cursor, int | None]]:
        self.check(start, steps)
        step, end = start.step, self.steps if steps is None else start.step + steps
        end = min(end, self.steps)
        if self._last and self._last[0] == start.epoch:
            window = self._last[1]
            begin = window.first // self.size
            behind = begin + -(-len(window.inputs) // self.size)
            if begin <= step < behind:
                yield window, start, min(end, behind) - step
                step = min(end, behind)
        if step == end:
            return
        for window in self._read(start.epoch, step):
            self._last = start.epoch, window
            taken = min(-(-len(window.inputs) // self.size), end - step)
            yield window, Cursor(start.epoch, step), taken
            step += taken
            if step == end:
                return

    def batch(self, cursor: Cursor) -> Batch:
        window, _, _ = next(iter(self.windows(cursor, 1)))
        return window.batch(cursor)

    def _read(self, epoch: int, step: int) -> Iterator[Window]:
        """The windows from a step on, each of whole batches but for the end of the epoch."""
        size, position = self.size, step * self.size
        ends = [*accumulate(map(self._count, self._groups(epoch)))]
        begin = bisect_right(ends, position)
        skipped, left = position - (ends[begin - 1] if begin else 0), None
        for at in range(begin, len(ends)):
            found = self._mixed_at(epoch, at)
            if skipped:
                found, skipped = _rows(found, skipped, len(found)), 0
            if left is not None:
                found = Samples(*map(torch.cat, zip(_pair(left), _pair(found), strict=True)))
            whole = len(found) if at == len(ends) - 1 else len(found) // size * size
            left = _rows(found, whole, len(found)) if whole < len(found) else None
            if whole:
                yield Window(_rows(found, 0, whole), self, position)
                position += whole

    def _groups(self, epoch: int) -> list[list[int]]:
        """The blocks of each window of an epoch, those that have samples."""
        filled = [block for block, size in enumerate(self.samples.sizes) if size]
        source = generator(self.seed, "blocks", epoch)
        order = torch.randperm(len(filled), generator=source, device="cpu").tolist()
        blocks, at_once = [filled[one] for one in order], self.samples.blocks
        return [blocks[at : at + at_once] for at in range(0, len(blocks), at_once)]

    def _count(self, group: Sequence[int]) -> int:
        return sum(self.samples.sizes[block] for block in group)

    def _mixed_at(self, epoch: int, at: int) -> Samples:
        """The samples of a window, which has been read already if it comes behind the last one."""
        for coming in (self._coming, ahead(self._mixed, self._from(epoch, at))):
            self._coming = coming
            for place, found in coming:
                if place == (epoch, at):
                    return found
                break
        raise AssertionError("windows go on without end")

    def _from(self, epoch: int, at: int) -> Iterator[tuple[tuple[int, int], list[int]]]:
        """The windows from one on, epoch by epoch, and the blocks of each."""
        for later in count(epoch):
            groups = self._groups(later)
            for place in range(at if later == epoch else 0, len(groups)):
                yield (later, place), groups[place]

    def _mixed(self, window: tuple[tuple[int, int], list[int]]) -> tuple[tuple[int, int], Samples]:
        place, group = window
        source = generator(self.seed, "order", *place)
        order = torch.randperm(self._count(group), generator=source, device="cpu")
        return place, self.samples.window(group, order)


def _rows(samples: Samples, begin: int, end: int) -> Samples:
    return Samples(samples.inputs[begin:end], samples.targets[begin:end])


def _pair(samples: Samples) -> tuple[Tensor, Tensor]:
    return samples.inputs, samples.targets
