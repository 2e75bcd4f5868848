"""Processes that take part in a training, and what they say to each other.

It goes through torch.distributed, in a process group that is there already; large sums of processes
on one machine go through its memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from netlang.engine.common_memory import CommonMemory
from netlang.engine.shares import tree_sum
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_SMALL = 1 << 14  # numbers of a vector that each sends to all others as a whole
_SILENCE = timedelta(seconds=60)  # after which a process counts as lost
_PATIENCE = timedelta(days=7)  # with worker 0, whose output somebody may have stopped
_LEAST = timedelta(milliseconds=1)  # torch takes none at all for its own


class WorkerLost(RuntimeError):
    """Other processes, of these ``ranks``, ended or say nothing any more. Where it is not known
    which of them, there are no ranks.
    """

    def __init__(self, what: str, ranks: Sequence[int] = ()) -> None:
        super().__init__(what)
        self.ranks = tuple(ranks)


class Workers:
    """The processes that share a step, of which this one is number ``rank`` of ``world``, as in the
    process group, which may have more.

    ``fast`` sums in whatever order is fastest, and not as a tree: then it has no more. Where all
    are on one machine, large sums are made in memory that they have in ``common``, and as a tree. A
    process that says nothing for as long as ``silence`` counts as lost.  All of them raise
    WorkerLost where one is.
    """

    def __init__(
        self,
        rank: int,
        world: int,
        fast: bool = False,
        silence: timedelta = _SILENCE,
        common: bool = True,
    ) -> None:
        self.rank, self.world, self.fast, self.silence = rank, world, fast, silence
        self._common = common
        self._memory: CommonMemory | None = None
        self._room: Tensor | None = None
        self._calls: list[tuple[Tensor, object]] = []  # that others may not have heard yet

    def first(self, count: int) -> Workers:
        """So many of them, which sum as a tree if there are others."""
        fast = self.fast and count == self.world
        return Workers(self.rank, count, fast, self.silence, self._common)

    def room(self, total: Tensor) -> Tensor:
        """Where a process puts its part of the next sum: ``total`` itself, or common memory."""
        memory = self._memory_for(total)
        return memory.room() if memory else total

    def sum(self, total: Tensor) -> None:
        """Set ``total`` to the sum of what all processes put in the ``room`` for it. Then they have
        the same bits there.
        """
        if memory := self._memory_for(total):
            memory.sum(total)
        elif total.numel() <= _SMALL:
            self._sum_whole(total)
        elif self.fast and self.world > 1:
            self._sum_in_any_order(total)
        elif self.world <= 2:  # in parts, as many numbers would be sent
            self._sum_whole(total)
        else:
            self._sum_in_parts(total)

    def follow(self) -> None:
        """Wait until worker 0 comes here, too, however long that takes.

        It shows and keeps the run, which a reader who has stopped its output holds up, or a disk.
        """
        if self.rank:
            self._talk({0: torch.zeros(1, dtype=torch.uint8)}, {}, _PATIENCE)
            return
        import torch.distributed as dist

        told, self._calls = torch.zeros(1, dtype=torch.uint8), []
        for rank in range(1, self.world):
            with suppress(RuntimeError):  # what is said next finds who is lost, for all alike
                self._calls.append((told, dist.isend(told, rank)))

    def gather(self, own: Tensor) -> list[Tensor]:
        """The tensors of all processes, in the order of these. They have the same shape."""
        own = own.contiguous()
        found = [torch.empty_like(own) for _ in range(self.world)]
        found[self.rank] = own
        self._exchange([own] * self.world, found)
        return found

    def _memory_for(self, vector: Tensor) -> CommonMemory | None:
        if self.world == 1 or vector.numel() <= _SMALL:
            return None
        if self._common and not (self._memory and self._memory.fits(vector)):
            self._memory = CommonMemory.over(self.rank, self.world, vector, self.gather)
            self._common = self._memory is not None
        return self._memory

    def _sum_in_any_order(self, vector: Tensor) -> None:
        import torch.distributed as dist

        try:
            work = dist.all_reduce(vector, async_op=True)
            assert work is not None
            work.wait(self.silence)
        except RuntimeError as error:
            seconds = f"{self.silence.total_seconds():g} s"
            reason = f"another worker ended, or said nothing for {seconds}"
            raise WorkerLost(reason) from error

    def _sum_whole(self, vector: Tensor) -> None:
        """Each sends all it has to the others."""
        found = self._heard(vector)
        self._exchange([vector] * self.world, found)
        vector.copy_(tree_sum(found))

    def _sum_in_parts(self, vector: Tensor) -> None:
        """Each sums a part, and sends it to the others."""
        parts = vector.tensor_split(self.world)
        of_own = self._heard(parts[self.rank])
        self._exchange(parts, of_own)
        total = tree_sum(of_own)
        if self.rank:  # the first has its own part there
            parts[self.rank].copy_(total)
        self._exchange([total] * self.world, parts)

    def _heard(self, own: Tensor) -> list[Tensor]:
        """This process's tensor among room for those of the others, which is there from the last
        time, as new memory costs more than what is put there.
        """
        if self._room is None or self._room.dtype != own.dtype or self._room.shape[1:] != own.shape:
            self._room = own.new_empty(self.world, *own.shape)
        return [own if rank == self.rank else room for rank, room in enumerate(self._room)]

    def _exchange(self, told: Sequence[Tensor], heard: Sequence[Tensor]) -> None:
        """Tell each other process its tensor, and fill what is heard of it."""
        others = [rank for rank in range(self.world) if rank != self.rank]
        self._talk(
            {rank: heard[rank] for rank in others},
            {rank: told[rank] for rank in others},
            self.silence,
        )

    def _talk(
        self, heard: Mapping[int, Tensor], told: Mapping[int, Tensor], silence: timedelta
    ) -> None:
        """Fill what is heard of other processes, and tell them what is told.

        Where one is lost, the others still hear this one: so they lose no more than that one.
        """
        import torch.distributed as dist

        talk, begun = _Talk(silence), []
        for begin, tensors in ((dist.irecv, heard), (dist.isend, told)):
            for rank, tensor in tensors.items():
                with talk.with_worker(rank):
                    begun.append((rank, begin(tensor, rank)))
        for rank, work in begun:
            with talk.with_worker(rank):
                assert work is not None
                work.wait(talk.left)
        talk.end()


class _Talk:
    """What goes between processes at a time, and which of them are lost in it."""

    def __init__(self, silence: timedelta) -> None:
        self._silence, self._began = silence, time.monotonic()
        self._ended: list[int] = []
        self._silent: list[int] = []
        self._error: RuntimeError | None = None

    @property
    def left(self) -> timedelta:
        """How long a process may still say nothing."""
        return max(_LEAST, self._silence - self._passed)

    @property
    def _passed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._began)

    @contextmanager
    def with_worker(self, rank: int) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            self._error = self._error or error
            if rank not in (*self._ended, *self._silent):
                lost = self._silent if self._passed >= self._silence else self._ended
                lost.append(rank)

    def end(self) -> None:
        """Raises WorkerLost if a process was lost."""
        said = []
        if self._ended:
            said.append(f"{_named(self._ended)} ended")
        if self._silent:
            seconds = f"{self._silence.total_seconds():g} s"
            said.append(
                f"{_named(self._silent)} said nothing for {seconds}: stopped, stuck in a step, or "
                "out of reach"
            )
        if said:
            raise WorkerLost("; ".join(said), [*self._ended, *self._silent]) from self._error


def _named(ranks: Sequence[int]) -> str:
    """``worker 3``, or ``workers 1, 3``."""
    return f"worker{'s' * (len(ranks) > 1)} {', '.join(map(str, ranks))}"
