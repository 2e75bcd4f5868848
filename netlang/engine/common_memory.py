"""Memory that the processes of one machine have in common.

A sum there spares them messages, which the system copies twice and takes apart; gloo has no such
way of its own. When each process may read there, they tell each other by messages.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from netlang.engine.shares import tree_sum
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

TURNS = 2  # of places: a process may still read those of one sum while others fill the next
_PLACE = Path("/dev/shm")  # files there are memory, on Linux
_LONGEST = 255  # bytes of a name

# The tensors of all processes, in the order of these.
Gather = Callable[["Tensor"], "list[Tensor]"]


class CommonMemory:
    """Room for vectors of all processes, which ``gather`` brings together, of the size of one."""

    def __init__(self, rank: int, vectors: Tensor, gather: Gather) -> None:
        """Shape: vectors [TURNS, processes, numbers], zeros at first."""
        self._rank, self._vectors, self._gather = rank, vectors, gather
        self._turn = 0

    @classmethod
    def over(cls, rank: int, world: int, like: Tensor, gather: Gather) -> CommonMemory | None:
        """Memory for the sums of vectors ``like`` this one; None in all processes if one of them
        has none, as it is on another machine, or as the machine has too little or no such memory.
        """
        shape = TURNS, world, like.numel()
        size = TURNS * world * like.nbytes
        with ExitStack() as until_all_have_it:
            name = b""
            if rank == 0:
                try:
                    made = until_all_have_it.enter_context(NamedTemporaryFile(dir=_PLACE))
                    os.posix_fallocate(made.fileno(), 0, size)
                    name = os.fsencode(Path(made.name).name)
                except OSError:
                    pass
            own = torch.frombuffer(bytearray(name.ljust(_LONGEST, b"\0")), dtype=torch.uint8)
            name = bytes(gather(own)[0].tolist()).rstrip(b"\0")
            found = _opened(_PLACE / os.fsdecode(name), size) if name else None
            if not all(gather(torch.tensor([found is not None]))):
                return None
        assert found is not None
        return cls(rank, torch.frombuffer(found, dtype=like.dtype).view(shape), gather)

    def fits(self, vector: Tensor) -> bool:
        return self._vectors.dtype == vector.dtype and self._vectors.shape[2] == vector.numel()

    def room(self) -> Tensor:
        """Where this process puts its vector, for the next sum."""
        return self._vectors[self._turn][self._rank]

    def sum(self, total: Tensor) -> None:
        """Set ``total`` to the sum of the vectors of all processes, as a tree: each sums a part."""
        vectors = self._vectors[self._turn]
        self._turn = (self._turn + 1) % TURNS
        self._meet()
        if len(vectors) == 2:  # in parts, as many numbers would be read, and they would meet again
            torch.add(vectors[0], vectors[1], out=total)
            return
        tree_sum([*vectors.tensor_split(len(vectors), dim=1)[self._rank]])
        self._meet()
        total.copy_(vectors[0])

    def _meet(self) -> None:
        self._gather(torch.zeros(1, dtype=torch.uint8))


def _opened(file: Path, size: int) -> mmap.mmap | None:
    try:
        with file.open("r+b") as opened:
            return mmap.mmap(opened.fileno(), size)
    except (OSError, ValueError):
        return None
