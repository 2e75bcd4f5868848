"""Calls are short, and take the number of threads that was faster."""

from __future__ import annotations

from netlang.backends.native.pace import Pace


def test_calls_grow_until_they_take_a_tenth_of_a_second() -> None:
    pace = Pace(macs=1000, threads=1)
    for _ in range(30):
        pace.told(pace.steps, pace.steps * 1e-5)
    assert pace.steps == 10_000


def test_a_call_never_has_more_than_twice_the_steps_of_the_one_before() -> None:
    pace = Pace(macs=1 << 30, threads=1)
    assert pace.steps == 1
    pace.told(1, 1e-9)
    assert pace.steps == 2


def test_a_step_that_takes_long_is_a_call_of_its_own() -> None:
    pace = Pace(macs=10, threads=1)
    pace.told(1, 1000.0)
    assert pace.steps == 1


def test_each_number_of_threads_is_tried_and_the_faster_kept() -> None:
    seconds = {1: 2.0, 4: 1.0}
    pace = Pace(macs=1, threads=4)
    tried = []
    for _ in range(10):
        tried.append(pace.threads)
        pace.told(1, seconds[pace.threads])
    assert tried[:2] == [1, 4]
    assert set(tried[2:]) == {4}


def test_it_goes_back_where_several_threads_become_slow() -> None:
    pace = Pace(macs=1, threads=2)
    pace.told(1, 2.0)
    pace.told(1, 1.0)
    assert pace.threads == 2
    pace.told(1, 5.0)
    assert pace.threads == 1


def test_the_slower_number_gets_another_chance() -> None:
    pace = Pace(macs=1, threads=2)
    tried = []
    for _ in range(70):
        tried.append(pace.threads)
        pace.told(1, float(pace.threads))
    assert tried.count(2) == 2
