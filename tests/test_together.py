"""Cases of one test are all tried, and those that fail are named."""

from __future__ import annotations

import inspect

import pytest

from tests.together import together


def test_all_cases_are_tried_and_those_that_fail_are_named() -> None:
    seen = []

    @together("number", [1, 2, 3, 4])
    @together(("text", "size"), [("one", 1), pytest.param("two", 2, id="a pair")])
    def odd(number: int, text: str, size: int) -> None:
        seen.append((number, text, size))
        assert number % 2 or size == 1

    with pytest.raises(AssertionError) as failure:
        odd()
    assert len(seen) == 8
    assert seen[-1] == (4, "two", 2)
    assert failure.value.__notes__ == ["with a pair", "with 2", "and in 1 other cases, with:", "4"]


def test_a_check_that_nothing_is_raised_fails_its_case() -> None:
    @together("text", ["1", "one"])
    def no_number(text: str) -> None:
        with pytest.raises(ValueError, match="invalid"):
            int(text)

    with pytest.raises(pytest.fail.Exception) as failure:
        no_number()
    assert failure.value.__notes__ == ["with '1'"]


def test_a_case_that_is_skipped_leaves_the_others() -> None:
    @together("number", [1, 2])
    def some(number: int, least: int) -> None:
        if number < least:
            pytest.skip("too small")
        assert number == 1

    assert [*inspect.signature(some).parameters] == ["least"]
    with pytest.raises(AssertionError):
        some(least=2)
    with pytest.raises(pytest.skip.Exception, match="too small"):
        some(least=3)


def test_no_cases_are_a_mistake_and_so_is_an_argument_that_a_test_lacks() -> None:
    with pytest.raises(AssertionError, match="no cases"):
        together("number", [])
    with pytest.raises(AssertionError):
        together("number", [1])(lambda text: None)
