"""How many threads a run takes: as many as pay, which for a small network is one.

Threads that wait for each other at every small operation are slower than one alone, many times
so on a busy machine; and one thread adds numbers in the same order wherever it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from netlang.lazy import torch

# Multiply-adds in a step below which one thread does it all.
_WORTH_SHARING = 10_000_000


def thread_count(macs: int) -> int:
    """How many threads steps of ``macs`` multiply-adds take."""
    return 1 if macs < _WORTH_SHARING else torch.get_num_threads()


@contextmanager
def threads_for(macs: int) -> Iterator[None]:
    """While it lasts, torch has the number of threads for steps of ``macs`` multiply-adds."""
    before = torch.get_num_threads()
    torch.set_num_threads(thread_count(macs))
    try:
        yield
    finally:
        torch.set_num_threads(before)
