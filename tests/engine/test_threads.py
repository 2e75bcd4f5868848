"""Torch's number of threads, which belongs to whoever uses netlang, in one thread or in several."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from netlang.engine import threads
from netlang.engine.threads import in_parallel, torch_threads


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_the_number_within_another_returns_to_that_and_then_to_the_callers() -> None:
    with torch_threads(3):
        with torch_threads(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("first_out", [0, 1])
def test_threads_that_overlap_leave_the_number_as_it_was(first_out: int) -> None:
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        pools, contexts = (one, other), (torch_threads(1), torch_threads(1))
        for pool, context in zip(pools, contexts, strict=True):
            pool.submit(context.__enter__).result()
        for index in (first_out, 1 - first_out):
            pools[index].submit(contexts[index].__exit__, None, None, None).result()
        assert [pool.submit(torch.get_num_threads).result() for pool in pools] == [2, 2]
    with ThreadPoolExecutor(1) as new:
        assert new.submit(torch.get_num_threads).result() == 2


class Disturbed(list[int]):
    """Parts before which another thread changes torch's number, as nobody can keep it from."""

    def __iter__(self) -> Iterator[int]:
        with ThreadPoolExecutor(1) as other:
            other.submit(torch.set_num_threads, 3).result()
        return super().__iter__()


def test_parts_have_one_thread_each_and_leave_the_number_as_it_was() -> None:
    pools = list[int]()
    threads._pool.cache_clear()

    def seen(part: int) -> tuple[int, int]:
        pools.append(threads._pool.cache_info().currsize)
        return part, torch.get_num_threads()

    macs = threads.THREADS_FROM
    assert in_parallel(seen, Disturbed(range(4)), macs) == [(part, 1) for part in range(4)]
    assert torch.get_num_threads() == 2
    assert in_parallel(seen, [0, 1, 2], macs) == [(0, 1), (1, 1), (2, 1)]
    assert {*pools} == {1}
    with ThreadPoolExecutor(1) as new:
        assert new.submit(torch.get_num_threads).result() == 2


def _evaluate_in_a_child() -> None:
    assert in_parallel(str, [1, 2], threads.THREADS_FROM) == ["1", "2"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not fork safely")
def test_a_forked_process_has_threads_of_its_own() -> None:
    in_parallel(str, [1, 2], threads.THREADS_FROM)  # from now on, this process has a pool
    child = multiprocessing.get_context("fork").Process(target=_evaluate_in_a_child, daemon=True)
    child.start()
    child.join(20)
    if is_waiting := child.is_alive():
        child.kill()
        child.join()
    assert not is_waiting
    assert child.exitcode == 0
