"""Calls are short, and take the number of threads that was faster."""

from __future__ import annotations

from collections.abc import Callable

from netlang.engine.tuner import Tuner


def tried(tuner: Tuner, calls: int, seconds: Callable[[int], float]) -> list[int]:
    """The numbers of threads of so many calls of one step, which takes ``seconds`` on so many."""
    counts = []
    for _ in range(calls):
        counts.append(tuner.threads)
        tuner.record(1, seconds(tuner.threads))
    return counts


def test_calls_grow_until_they_take_a_tenth_of_a_second() -> None:
    tuner = Tuner(threads=1)
    for _ in range(30):
        tuner.record(tuner.steps, tuner.steps * 1e-5)
    assert tuner.steps == 10_000


def test_the_first_call_is_a_step_and_none_has_more_than_twice_those_before() -> None:
    tuner = Tuner(threads=1)
    assert tuner.steps == 1
    tuner.record(1, 1e-9)
    assert tuner.steps == 2


def test_a_step_that_takes_long_is_a_call_of_its_own() -> None:
    tuner = Tuner(threads=1)
    tuner.record(1, 1000.0)
    assert tuner.steps == 1


def test_the_rest_of_an_epoch_says_nothing() -> None:
    tuner = Tuner(threads=2)
    for _ in range(6):
        tuner.record(tuner.steps, tuner.steps * 1e-6)
    steps, threads = tuner.steps, tuner.threads
    tuner.record(1, 1.0)
    assert (tuner.steps, tuner.threads) == (steps, threads)


def test_an_epoch_shorter_than_a_call_might_be_is_heard() -> None:
    tuner = Tuner(threads=1)
    for _ in range(20):
        tuner.record(min(tuner.steps, 10), 1e-4)
    assert tuner.steps == 20
    tuner.record(10, 10.0)
    assert tuner.steps == 1


def test_each_number_of_threads_is_tried_and_the_faster_kept() -> None:
    counts = tried(Tuner(threads=4), 60, lambda threads: 2.0 / threads)
    assert counts[:2] == [1, 4]
    assert counts.count(4) > 50
    assert set(counts[33:]) == {4}


def test_one_slow_call_is_forgiven_and_three_are_not() -> None:
    tuner = Tuner(threads=2)
    assert tried(tuner, 36, lambda threads: 2.0 / threads)[-1] == 2
    tuner.record(1, 5.0)
    assert tuner.threads == 2
    assert tried(tuner, 4, lambda threads: 1.0 + threads)[-1] == 1


def test_the_slower_number_gets_another_chance() -> None:
    counts = tried(Tuner(threads=2), 193, float)
    assert [call for call, count in enumerate(counts) if count == 2] == [
        1, 2, 4, 8, 16, 32, 64, 128, 192,
    ]  # fmt: skip


def test_one_thread_alone_has_no_choice() -> None:
    assert set(tried(Tuner(threads=1), 70, float)) == {1}
