"""How many threads a run takes: as many as pay, which for a small network is one.

Threads that wait for each other at every small operation are much slower than one alone, above all
on a busy machine. And one thread computes the same bits wherever it runs, while torch's operations
may give other bits on another number of threads: each thread sums its own part of a tensor, as do
some products of the BLAS, and some operations, such as a sigmoid, treat the end of each thread's
part in their own manner.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock, get_ident
from typing import TYPE_CHECKING, TypeVar

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
R = TypeVar("R")

# Multiply-adds in a step below which one thread does it all.
THREADS_FROM = 10_000_000


def threads_pay(macs: int) -> bool:
    """Whether more than one thread makes a step of ``macs`` multiply-adds faster."""
    return macs >= THREADS_FROM


def thread_count(macs: int) -> int:
    """How many threads take part in a step of ``macs`` multiply-adds."""
    return torch.get_num_threads() if threads_pay(macs) else 1


_outside: dict[int, int] = {}  # by thread: torch's number before it came into ``torch_threads``
_entering = Lock()


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """While it lasts, torch has so many threads; with one, its bits are the same everywhere.

    A new thread has the number that any other has set last. So a thread that comes in while another
    is in goes back to the number that the other found.
    """
    thread = get_ident()
    with _entering:
        before = torch.get_num_threads()
        if is_outermost := thread not in _outside:
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
    """``function`` of each part: each on one thread, and on as many at a time as pay for ``macs``.

    A thread has torch's modes to itself, so that the function has to set those that it needs.
    """
    count = thread_count(macs)
    with torch_threads(1):
        if count == 1 or len(parts) == 1:
            return [function(part) for part in parts]
        return list(_pool(count).map(partial(_on_one_thread, function), parts))


def _on_one_thread(function: Callable[[T], R], part: T) -> R:
    if torch.get_num_threads() != 1:  # another thread has set it since ``torch_threads(1)``
        torch.set_num_threads(1)
    return function(part)


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """The same threads each time: the BLAS keeps memory for every thread that ever called it."""
    from concurrent.futures import ThreadPoolExecutor  # late, as it takes time

    return ThreadPoolExecutor(count)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_pool.cache_clear)  # as threads do not survive a fork
