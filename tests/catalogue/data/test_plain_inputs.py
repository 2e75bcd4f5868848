"""Plain numbers become inputs at once, to the bits that all other ways give."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from netlang.catalogue.data.pipeline import ArrayPipeline, Classes, Pipeline
from netlang.catalogue.data.pipeline.encoders import Categories, Numbers

GOAL = Classes(("y",), ("a", "b"))
TABLE = Pipeline((Numbers("p", 0.1, 3.0), Numbers("q", -7.25, 0.3)), GOAL)
SOURCE = np.random.default_rng(0)


def pictures(*shape: int, **about: Any) -> ArrayPipeline:
    count = shape[0] if len(shape) != 2 else 1
    shift, scale = SOURCE.normal(size=count), SOURCE.random(count) + 0.5
    return ArrayPipeline("x", shape, tuple(shift), tuple(scale), GOAL, **about)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1"])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_table_of_numbers(count: int, dtype: str) -> None:
    numbers = (10 * SOURCE.random((count, 2))).astype(dtype)
    found = TABLE.of_array(numbers)
    expected = TABLE.apply({"p": numbers[:, 0], "q": numbers[:, 1]}).numpy()
    assert found is not None
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["f8", "f4", "u1"])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)], ids=str)
def test_an_array(shape: tuple[int, ...], dtype: str) -> None:
    pipeline = pictures(*shape)
    numbers = (10 * SOURCE.random((5, *shape))).astype(dtype)
    found, expected = pipeline.of_array(numbers), pipeline.apply(numbers).numpy()
    assert found is not None
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1e300], ids=str)
@pytest.mark.parametrize("pipeline", [TABLE, pictures(2)], ids=["table", "array"])
def test_what_is_wrong_is_left_to_who_tells_it(
    pipeline: Pipeline | ArrayPipeline, wrong: float
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pipeline.of_array(np.array([[1.0, wrong]])) is None


@pytest.mark.parametrize(
    ("pipeline", "numbers"),
    [
        (Pipeline((Numbers("p", fill=1.0),), GOAL), np.ones((3, 1))),
        (Pipeline((Categories("p", ("a",), (True,)),), GOAL), np.ones((3, 1))),
        (TABLE, np.ones((3, 1))),
        (TABLE, np.ones(2)),
        (TABLE, np.array([["1", "2"]])),
        (TABLE, np.array([[True, False]])),
        (pictures(2), np.ones((3, 2, 1))),
        (pictures(2, tokens=5), np.ones((3, 2))),
        (pictures(2, 2, tokens=5), np.ones((3, 2))),
    ],
)
def test_what_is_more_than_scaled_is_left_to_others(
    pipeline: Pipeline | ArrayPipeline, numbers: np.ndarray
) -> None:
    assert pipeline.of_array(numbers) is None
