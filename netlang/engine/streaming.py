"""Batches of samples that stay in their file, a window of it at a time.

The order of an epoch is a function of the seed and the epoch alone: the file's blocks come in
another order, some of them at a time are a window, and its samples are taken in an order of their
own. So a run goes on at any cursor from the window that has it. Where several processes share a
batch, each reads all of the window, and takes its part.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from netlang.catalogue.augment import Seen
from netlang.catalogue.data import Samples
from netlang.catalogue.data.streamed import StreamedSamples
from netlang.catalogue.optimizers import Hyper
from netlang.catalogue.randomness import generator
from netlang.engine.augmenting import Augmenting
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import Engine
from netlang.engine.descent import UNCHANGED
from netlang.system.ahead import ahead
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def batches_of(
    samples: Samples,
    size: int,
    seed: int,
    augmenting: Augmenting | None = None,
    epochs: int = 1,
) -> Batches:
    """The batches of samples, wherever these are, of which a training takes so many ``epochs``."""
    if isinstance(samples, StreamedSamples):
        return StreamedBatches(samples, size, seed, epochs)
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
    """Batches of ``samples`` in the order of their ``places``. The first of them is number
    ``first`` of the epoch, and each sample has its place in the epoch for its number.

    Shape: places [n] int64.
    """

    def __init__(self, samples: Samples, places: Tensor, of: Batches, first: int) -> None:
        super().__init__(samples.inputs, samples.targets, of.size, of.seed, of.rank, of.world)
        self.places, self.first, self.count, self.steps = places, first, of.count, of.steps

    @property
    def lays_out(self) -> bool:
        return True

    def order(self, cursor: Cursor, steps: int | None = None) -> Tensor:
        begin, end = cursor.step * self.size, self.first + len(self.places)
        if steps is not None:
            end = min(end, begin + steps * self.size)
        return torch.arange(begin, end, device="cpu")

    def seen(self, inputs: Tensor, targets: Tensor, numbers: Tensor, epoch: int) -> Seen:
        begin = int(numbers[0]) - self.first if len(numbers) else 0
        places = self.places[begin : begin + len(numbers)].to(inputs.device)
        return Seen(inputs.index_select(0, places), targets.index_select(0, places))


class StreamedBatches(Batches):
    """All ``samples``, in batches of ``size``; the last batch of an epoch may be smaller.

    Who takes an epoch to its end has the next one read ahead, unless it was the last of ``epochs``.
    """

    def __init__(self, samples: StreamedSamples, size: int, seed: int, epochs: int = 1) -> None:
        some = samples.some()
        super().__init__(some.inputs[:1].clone(), some.targets[:1].clone(), size, seed)
        self.samples, self.count = samples, len(samples)
        self.steps, self.epochs = -(-self.count // size), epochs
        self._coming: Iterator[_Mixed] = iter(())
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
            behind = begin + -(-len(window.places) // self.size)
            if begin <= step < behind:
                yield window, start, min(end, behind) - step
                step = min(end, behind)
        if step == end:
            return
        for window in self._read(start.epoch, step, None if steps is None else end):
            self._last = start.epoch, window
            taken = min(-(-len(window.places) // self.size), end - step)
            yield window, Cursor(start.epoch, step), taken
            step += taken
            if step == end:
                return

    def batch(self, cursor: Cursor) -> Batch:
        window, _, _ = next(iter(self.windows(cursor, 1)))
        return window.batch(cursor)

    def _read(self, epoch: int, step: int, end: int | None) -> Iterator[Window]:
        """The windows from a step on, each of whole batches but for the end of the epoch. No window
        is read that the steps before ``end`` do not take; without it, all epochs are taken.
        """
        size, position = self.size, step * self.size
        ends = [*accumulate(map(self._count, self._groups(epoch)))]
        begin = bisect_right(ends, position)
        skipped, left = position - (ends[begin - 1] if begin else 0), None
        until = None if end is None else bisect_left(ends, min(end * size, self.count)) + 1
        for at in range(begin, until or len(ends)):
            mixed = self._mixed_at(epoch, at, until)
            found, places, skipped = mixed.room, mixed.order[skipped:], 0
            if left is not None:
                places = torch.cat([mixed.put_behind(left), places])
            whole = len(places) if at == len(ends) - 1 else len(places) // size * size
            left = _taken(found, places[whole:]) if whole < len(places) else None
            if whole:
                yield Window(found, places[:whole], self, position)
                position += whole

    def _groups(self, epoch: int) -> list[list[int]]:
        """The blocks of each window of an epoch."""
        filled = self.samples.blocks
        source = generator(self.seed, "blocks", epoch)
        order = torch.randperm(len(filled), generator=source, device="cpu").tolist()
        return self.samples.windows(filled[one] for one in order)

    def _count(self, group: Sequence[int]) -> int:
        return sum(self.samples.part.sizes[block] for block in group)

    def _mixed_at(self, epoch: int, at: int, until: int | None) -> _Mixed:
        """A window, which has been read already if it comes behind the last one."""
        for coming in (self._coming, ahead(self._mixed, self._from(epoch, at, until))):
            self._coming = coming
            for found in coming:
                if found.place == (epoch, at):
                    return found
                break
        raise AssertionError("an epoch has the window")

    def _from(
        self, epoch: int, at: int, until: int | None
    ) -> Iterator[tuple[tuple[int, int], list[int]]]:
        """The windows from one on, and the blocks of each: those of the epoch that come before
        ``until``, or epoch by epoch all to the last.
        """
        last = epoch if until else max(epoch, self.epochs)
        for later in range(epoch, last + 1):
            groups = self._groups(later)
            for place in range(at if later == epoch else 0, until or len(groups)):
                yield (later, place), groups[place]

    def _mixed(self, window: tuple[tuple[int, int], list[int]]) -> _Mixed:
        place, group = window
        found = self.samples.window(group, self.size - 1)
        source = generator(self.seed, "order", *place)
        order = torch.randperm(len(found.places), generator=source, device="cpu")
        return _Mixed(place, found.room, found.places[order])


class _Mixed(NamedTuple):
    """The samples of the window at a ``place``: its epoch, and its number there. They are in a
    ``room``, with spare room behind them, and are taken in an ``order``.

    Shape: order [n] int64.
    """

    place: tuple[int, int]
    room: Samples
    order: Tensor

    def put_behind(self, samples: Samples) -> Tensor:
        """Put further ``samples`` at the end of the room. Their places there, [n] int64."""
        begin, end = len(self.room) - len(samples), len(self.room)
        self.room.inputs[begin:] = samples.inputs
        self.room.targets[begin:] = samples.targets
        return torch.arange(begin, end, device="cpu")


def _taken(samples: Samples, places: Tensor) -> Samples:
    """Shape: places [n] int64."""
    return Samples(samples.inputs.index_select(0, places), samples.targets.index_select(0, places))
