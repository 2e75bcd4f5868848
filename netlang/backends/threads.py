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


@contextmanager
def threads_for(macs: int) -> Iterator[None]:
    """While it lasts, torch has the number of threads for steps of ``macs`` multiply-adds."""
    before = torch.get_num_threads()
    if macs < _WORTH_SHARING:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
