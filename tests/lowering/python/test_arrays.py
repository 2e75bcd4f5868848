"""An exported file takes the arrays that netlang takes, and refuses the others by what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netlang.catalogue.data.pipeline.array_samples import unusable
from netlang.lowering.python.arrays import array_of, has_none
from tests.together import together

STEPS = np.arange(12.0).reshape(2, 3, 2)
GAP = np.where(STEPS == 2, np.nan, STEPS)


def test_dimensions_of_one_may_be_left_out() -> None:
    assert array_of(np.ones((4, 5, 1)), "x", (1, 5)).shape == (4, 1, 5)
    assert array_of(np.ones((0, 5)), "x", (1, 5)).shape == (0, 1, 5)


def test_the_lengths_of_sequences_come_beside_them() -> None:
    found = array_of({"x": STEPS, "n": [1, 3]}, "x", (3, 2), lengths="n")
    assert np.isnan(found).tolist() == [[[False] * 2, [True] * 2, [True] * 2], [[False] * 2] * 3]
    assert has_none(np.stack([found[0], np.full((3, 2), np.nan)])).tolist() == [False, True]


@together(
    ("samples", "options", "why"),
    [
        (np.ones((2, 2, 3)), {}, r"`x` takes an array \[N, 3, 2\], and this is \[2, 2, 3\]"),
        (np.ones((3, 2)), {}, "and this is "),
        ({}, {}, "there is no array `x`"),
        (STEPS, {"alone": False}, "samples are arrays by their names, and `x` is one"),
        (STEPS.astype(str), {}, "`x` takes numbers, not <U"),
        (GAP, {}, "sample 1 of `x` holds NaN, infinity or a number beyond 3.4e38"),
        (GAP, {"lengths": "n"}, "sample 1 of `x` holds NaN before its end"),
        (STEPS * 1e39, {"lengths": "n"}, "sample 1 of `x` holds NaN, infinity or a number"),
        (STEPS, {"tokens": 11}, "sample 2 of `x` holds what is no token: these are from 0 to 10"),
        (STEPS - 1, {"tokens": 12}, "sample 1 of `x` holds what is no token"),
        (STEPS + 0.5, {"tokens": 13}, "sample 1 of `x` holds what is no token"),
        ({"x": STEPS, "n": [3, 0]}, {"lengths": "n"}, "the length of sample 2 is 0, and lengths"),
        ({"x": STEPS, "n": [4, 1]}, {"lengths": "n"}, "the length of sample 1 is 4, and lengths"),
        ({"x": STEPS, "n": [1]}, {"lengths": "n"}, "`n` takes a whole number for each of 2"),
    ],
)
def test_what_netlang_refuses_an_exported_file_refuses(
    samples: Any, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        array_of(samples, "x", (3, 2), **options)


def test_netlang_itself_takes_no_numbers_behind_an_end() -> None:
    problem = unusable("x", GAP, padded=True, tokens=None)
    assert str(problem) == "sample 1 of `x` holds NaN before its end"
    ending = np.where(np.arange(3)[:, None] > 0, np.nan, STEPS)
    assert unusable("x", ending, padded=True, tokens=None) is None
