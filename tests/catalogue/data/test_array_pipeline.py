"""An array's pipeline makes the same inputs of new arrays as training made of its own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from netlang.catalogue.data import ArrayPipeline, Pipeline
from netlang.catalogue.data.pipeline import Classes, Values

DRAW = np.random.default_rng(1)
PICTURES = DRAW.integers(0, 256, (30, 3, 4, 5)).astype(np.uint8)
ROWS = np.arange(0, 30, 2)
GOAL = Classes(("label",), ("a", "b"))


def fitted(samples: Any = PICTURES, standardize: bool = True) -> ArrayPipeline:
    return ArrayPipeline.fit("x", samples, ROWS, standardize, GOAL)


def test_it_applies_to_new_arrays_bit_by_bit_as_to_its_own() -> None:
    pipeline = fitted()
    own = pipeline.encode(PICTURES, np.arange(30))
    assert torch.equal(pipeline.apply(PICTURES), own)
    assert torch.equal(pipeline.apply(PICTURES.astype(np.float64)), own)
    assert torch.equal(pipeline.apply(PICTURES[3:5].tolist()), own[3:5])


def test_its_numbers_are_the_mean_and_the_deviation_of_the_training_rows() -> None:
    pipeline, train = fitted(), PICTURES[ROWS].astype(np.float64)
    np.testing.assert_allclose(pipeline.shift, train.mean((0, 2, 3)), rtol=1e-14)
    np.testing.assert_allclose(pipeline.scale, train.std((0, 2, 3)), rtol=1e-14)


def test_it_learns_from_many_samples_in_pieces() -> None:
    large = DRAW.normal(1e6, 1e-2, (70_000, 8))
    rows = np.arange(len(large))
    found = ArrayPipeline.fit("x", large, rows, True, GOAL)
    np.testing.assert_allclose(found.scale, large.std(0), rtol=1e-8)


def test_features_that_are_constant_but_for_rounding_keep_their_size() -> None:
    samples = np.full((30, 2), 0.1)
    samples[::4] = np.nextafter(0.1, 1)
    found = ArrayPipeline.fit("x", samples, ROWS, True, GOAL)
    assert found.scale == (1.0, 1.0)
    assert np.abs(found.apply(samples).numpy()).max() < 1e-15


def test_a_lone_number_is_no_array_of_samples() -> None:
    pipeline = ArrayPipeline("v", (1,), (0.0,), (1.0,), GOAL)
    assert pipeline.apply([3.0]).tolist() == [[3.0]]
    with pytest.raises(ValueError, match=r"takes an array \[N, 1\], and this is \[\]"):
        pipeline.apply(3.0)


def test_json_keeps_every_bit() -> None:
    for pipeline in (fitted(), ArrayPipeline("v", (2,), (0.1, 1e-30), (1 / 3, 1e30), GOAL)):
        data = json.loads(json.dumps(pipeline.to_json()))
        assert Pipeline.from_json(data) == pipeline


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": []},
        {"shape": [3, 0, 5]},
        {"shape": [3, "4", 5]},
        {"shift": [0.0]},
        {"shift": [float("nan"), 0.0, 0.0]},
        {"scale": [1.0, 0.0, 1.0]},
        {"scale": [1.0, -1.0, 1.0]},
        {"array": 3},
        {"target": {}},
    ],
)
def test_json_of_something_else_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no pipeline|no such target"):
        Pipeline.from_json(fitted().to_json() | wrong)


def test_inputs_go_back_to_the_array_s_own_numbers() -> None:
    pipeline = fitted()
    numbers = pipeline.to_numbers(pipeline.apply(PICTURES))
    torch.testing.assert_close(numbers, torch.tensor(PICTURES).double(), rtol=0, atol=1e-4)
    again = pipeline.to_inputs(torch.tensor(PICTURES).double())
    torch.testing.assert_close(again, pipeline.apply(PICTURES), rtol=1e-6, atol=1e-6)


def test_dimensions_of_one_may_be_left_out() -> None:
    grey = fitted(PICTURES[:, :1])
    assert torch.equal(grey.apply(PICTURES[:, 0]), grey.apply(PICTURES[:, :1]))


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        (PICTURES[0], r"takes an array \[N, 3, 4, 5\], and this is \[3, 4, 5\]"),
        (PICTURES[:, :2], r"takes an array \[N, 3, 4, 5\], and this is \[30, 2, 4, 5\]"),
        (np.float64(1), r"takes an array \[N, 3, 4, 5\], and this is \[\]"),
        ([["a"]], "takes numbers, not <U1"),
        (np.where(PICTURES[1, 0, 0, 0] == PICTURES, np.nan, PICTURES), "of `x` holds NaN"),
    ],
)
def test_other_arrays_are_refused(samples: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        fitted().apply(samples)


def test_each_input_has_a_name() -> None:
    names = fitted().input_names
    assert (len(names), names[0], names[-1]) == (60, "x[0, 0, 0]", "x[2, 3, 4]")


def test_targets_and_outputs_are_those_of_the_goal() -> None:
    assert fitted().targets(["b", "a"]).tolist() == [1, 0]
    assert fitted().classes == ("a", "b")
    goal = Values(("y",), (10.0,), (2.0,))
    pipeline = ArrayPipeline.fit("x", PICTURES, ROWS, True, goal)
    assert pipeline.classes is None
    assert pipeline.to_values(torch.tensor([[1.5]])).tolist() == [[13.0]]
    assert pipeline.targets([13.0]).tolist() == [[1.5]]
