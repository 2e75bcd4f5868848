"""This process may be one of several that torchrun, or a launcher like it, started together.

The launcher tells each of them in the environment how many there are, which one it is, and where
they meet. What goes between them goes through torch.distributed, by gloo, which needs no GPU.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from netlang.engine.shared import WorkerLost, Workers
from netlang.system.lazy import torch

_TO_JOIN = timedelta(minutes=5)  # that others may start later than the first
_TO_BEGIN = timedelta(minutes=30)  # that others may take longer to read data and to compile


class NotJoined(Exception):
    """Raised where the processes do not find each other; it says why."""


class ProcessGroup:
    """The processes that were started together, of which this one is number ``rank`` of ``world``,
    and number ``local_rank`` of those on this machine.
    """

    def __init__(self, rank: int, world: int, local_rank: int) -> None:
        self.rank, self.world, self.local_rank = rank, world, local_rank

    def workers(self, fast: bool) -> Workers:
        return Workers(self.rank, self.world, fast)

    def gather(self, told: str) -> list[str]:
        """What all processes tell, in their order. Each calls this as often as the others do.

        Raises WorkerLost.
        """
        if self.world == 1:
            return [told]
        import torch.distributed as dist

        heard: list[Any] = [None] * self.world
        try:
            dist.all_gather_object(heard, told)
        except RuntimeError as error:
            raise WorkerLost("another worker ended before the training began") from error
        return heard

    def wait_for_the_end_of_the_first(self, longest: timedelta) -> None:
        """Wait until process 0, which sends nothing any more, has ended."""
        import torch.distributed as dist

        with suppress(RuntimeError):
            heard = dist.irecv(torch.zeros(1), 0)
            assert heard is not None
            heard.wait(longest)


@contextmanager
def joined() -> Iterator[ProcessGroup]:
    """The group that this process was started in, until the end of the context's body.

    Raises NotJoined.
    """
    rank, world, local_rank = (_number(name) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    if not 0 <= rank < world:
        raise NotJoined(f"RANK is {rank}, and WORLD_SIZE is {world}: ranks count from 0 up to that")
    group = ProcessGroup(rank, world, local_rank)
    if world == 1:
        yield group
        return
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # what is wrong, netlang says
    import torch.distributed as dist
    from torch.distributed.rendezvous import rendezvous

    try:
        store, _, _ = next(rendezvous("env://", timeout=_TO_JOIN))
        dist.init_process_group("gloo", store=store, rank=rank, world_size=world, timeout=_TO_BEGIN)
    except (RuntimeError, ValueError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise NotJoined(
            f"worker {rank} on {platform.node()} does not reach the others: {reason}"
        ) from error
    try:
        yield group
    finally:
        with suppress(RuntimeError):
            dist.destroy_process_group()


def _number(name: str) -> int:
    text = os.environ.get(name, "0")
    try:
        return int(text)
    except ValueError:
        raise NotJoined(f"{name} is {text!a} in the environment, and has to be a number") from None
