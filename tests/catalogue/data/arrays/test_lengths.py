"""Sequences of unequal length in an array: nothing behind their ends reaches a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netlang.catalogue.data import ArrayPipeline, Arrays
from netlang.catalogue.data.arrays.in_parts import Asked, in_parts
from netlang.catalogue.data.arrays.opened import Refused
from netlang.language.diagnostics import DiagnosticError

DRAW = np.random.default_rng(0)
N, STEPS = 40, 6
LENGTHS = DRAW.integers(1, STEPS + 1, N)
LENGTHS[0] = STEPS
X = DRAW.normal(3, 2, (N, STEPS, 2))
Y = np.arange(N) % 2
BEHIND = np.arange(STEPS) >= LENGTHS[:, None]


def saved(folder: Path, name: str = "d.npz", **changed: Any) -> Path:
    np.savez(folder / name, **({"x": X, "y": Y, "n": LENGTHS} | changed))
    return folder / name


def behind(value: float) -> Any:
    return np.where(BEHIND[:, :, None], value, X)


def test_padding_is_nan_and_the_shape_says_so(tmp_path: Path) -> None:
    data = Arrays(saved(tmp_path), lengths="n")
    assert str(data.describe().input) == "[N, 6, 2] with padding"
    split = data.load()
    wanted = torch.from_numpy(BEHIND)[split.rows["train"] - 1]
    assert torch.equal(split.train.inputs.isnan(), wanted.unsqueeze(2).expand(-1, -1, 2))


@pytest.mark.parametrize("value", [0.0, 1e30, np.nan, np.inf])
def test_what_stands_behind_the_ends_changes_nothing(tmp_path: Path, value: float) -> None:
    plain = Arrays(saved(tmp_path), lengths="n").load()
    other = Arrays(saved(tmp_path, "other.npz", x=behind(value)), lengths="n").load()
    assert plain.pipeline == other.pipeline
    for one, two in ((plain.train, other.train), (plain.test, other.test)):
        assert one
        assert two
        assert torch.equal(one.inputs.nan_to_num(7), two.inputs.nan_to_num(7))


def test_numbers_are_standardised_by_all_steps_of_training(tmp_path: Path) -> None:
    inputs = Arrays(saved(tmp_path), lengths="n").load().train.inputs
    numbers = inputs[~inputs.isnan()].double()
    assert abs(numbers.mean()) < 1e-6
    assert abs(numbers.std(correction=0) - 1) < 1e-6


def test_sequences_of_lone_numbers_get_a_feature(tmp_path: Path) -> None:
    data = Arrays(saved(tmp_path, x=X[:, :, 0]), lengths="n")
    assert str(data.describe().input) == "[N, 6, 1] with padding"
    assert data.load().train.inputs.shape[1:] == (6, 1)


def test_a_pipeline_comes_back_from_json_and_pads_new_samples(tmp_path: Path) -> None:
    pipeline = Arrays(saved(tmp_path), lengths="n", standardize=False).load().pipeline
    assert isinstance(pipeline, ArrayPipeline)
    again = ArrayPipeline.from_json(pipeline.to_json())
    assert again == pipeline
    (part,) = in_parts(saved(tmp_path, "new.npz", x=behind(99)), Asked(again))
    assert np.array_equal(np.isnan(again.apply(part.samples).numpy()[:, :, 0]), BEHIND)


def test_new_samples_have_to_say_their_lengths(tmp_path: Path) -> None:
    pipeline = Arrays(saved(tmp_path), lengths="n").load().pipeline
    assert isinstance(pipeline, ArrayPipeline)
    np.save(tmp_path / "new.npy", X)
    with pytest.raises(Refused, match="does not say how long") as refused:
        next(in_parts(tmp_path / "new.npy", Asked(pipeline)))
    assert refused.value.help == "save an NPZ file of the arrays `x` and `n`"


WRONG = [
    ({"n": LENGTHS / 2}, "`n` is float64 of shape [40]"),
    ({"n": LENGTHS[:-1]}, "`n` is int64 of shape [39]"),
    ({"n": np.where(np.arange(N) == 3, 0, LENGTHS)}, "the length of sample 4 is 0"),
    ({"n": np.where(np.arange(N) == 3, 7, LENGTHS)}, "the length of sample 4 is 7"),
    ({"x": X[:, None]}, "it has the shape [40, 1, 6, 2]"),
    ({"x": np.where(np.arange(N)[:, None, None] == 5, np.nan, X)}, "sample 6 holds NaN before"),
    ({"x": np.where(np.arange(N)[:, None, None] == 5, np.inf, X)}, "sample 6 holds NaN, infinity"),
]


@pytest.mark.parametrize(("changed", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_makes_no_sequences_is_refused(tmp_path: Path, changed: Any, told: str) -> None:
    with pytest.raises(DiagnosticError) as error:
        Arrays(saved(tmp_path, **changed), lengths="n").describe()
    (found,) = error.value.diagnostics
    assert told in found.title


@pytest.mark.parametrize("other", [{"target": "input"}, {"test_inputs": "x", "test_target": "y"}])
def test_lengths_do_not_go_with_what_has_none(tmp_path: Path, other: dict[str, str]) -> None:
    with pytest.raises(DiagnosticError, match="such sequences cannot have it"):
        Arrays(saved(tmp_path), lengths="n", **other).describe()
