"""How many threads a run takes: as many as pay, which for a small network is one.

Threads that wait for each other at every small operation are much slower than one alone, above all
on a busy machine; and one thread adds numbers in the same order wherever it runs.

On another number of threads, torch's own operations may give other bits. Each thread sums its own
part of a tensor, and so do some products of the BLAS. And some operations, such as a sigmoid,
compute the end of a vector in another way than the rest: each thread's part has such an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock, get_ident
from typing import TypeVar

from netlang.system.lazy import torch

T = TypeVar("T")
R = TypeVar("R")

# Multiply-adds in a step below which one thread does it all.
THREADS_FROM = 10_000_000


def thread_count(macs: int) -> int:
    """How many threads steps of ``macs`` multiply-adds take."""
    return 1 if macs < THREADS_FROM else torch.get_num_threads()


_outside: dict[int, int] = {}  # by thread: how many torch has outside of ``torch_threads``
_entering = Lock()


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """While it lasts, torch has so many threads; with one, its bits are the same everywhere.

    Torch tells a new thread the number that another has set last. So a thread that comes in while
    another one is in returns to the number that this found.
    """
    thread = get_ident()
    is_outermost = thread not in _outside
    with _entering:
        before = torch.get_num_threads()
        if is_outermost:
            before = _outside[thread] = next(iter(_outside.values()), before)
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        if is_outermost:
            with _entering:
                del _outside[thread]


def in_parallel(function: Callable[[T], R], parts: Sequence[T], macs: int) -> list[R]:
    """``function`` of each part, on one thread each, and as many of these as pay for ``macs``.

    Torch's modes are a thread's own: the function has to enter those that it wants.
    """
    count = thread_count(macs)
    with torch_threads(1):
        if count == 1 or len(parts) == 1:
            return [function(part) for part in parts]
        return list(_pool(count).map(partial(_on_one_thread, function), parts))


def _on_one_thread(function: Callable[[T], R], part: T) -> R:
    if torch.get_num_threads() != 1:  # a new thread has the number that any other has set last
        torch.set_num_threads(1)
    return function(part)


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """The same threads each time: the BLAS keeps memory for every thread that ever called it."""
    return ThreadPoolExecutor(count)
