"""How many threads a run takes: as many as pay, which for a small network is one.

Threads that wait for each other at every small operation are slower than one alone, many times
so on a busy machine; and one thread adds numbers in the same order wherever it runs.

Torch's own operations may give other bits on another number of threads. Each thread sums its own
part of a tensor, and so do some products of the BLAS. And the end of a vector may be computed in
another way than the rest, as in a sigmoid: each thread's share has such an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from netlang.system.lazy import torch

T = TypeVar("T")
R = TypeVar("R")

# Multiply-adds in a step below which one thread does it all.
_THREADS_FROM = 10_000_000


def thread_count(macs: int) -> int:
    """How many threads steps of ``macs`` multiply-adds take."""
    return 1 if macs < _THREADS_FROM else torch.get_num_threads()


@contextmanager
def threads_for(macs: int) -> Iterator[None]:
    """While it lasts, torch has the number of threads for steps of ``macs`` multiply-adds."""
    with _threads(thread_count(macs)):
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """While it lasts, torch has one thread, and its bits are the same wherever it runs."""
    with _threads(1):
        yield


def in_parallel(function: Callable[[T], R], parts: Sequence[T], macs: int) -> list[R]:
    """``function`` of each part, on one thread each, and as many of these as pay for ``macs``.

    Torch's modes are a thread's own: the function has to enter those that it wants.
    """
    count = min(thread_count(macs), len(parts))
    with one_thread():
        if count <= 1:
            return [function(part) for part in parts]
        return list(_pool(count).map(function, parts))


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """The same threads each time: the BLAS keeps memory for every thread that ever called it."""
    return ThreadPoolExecutor(count)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
