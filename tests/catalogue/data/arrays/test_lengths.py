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
from netlang.language.diagnostics import NetError

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


def test_new_samples_that_say_no_lengths_fill_all_steps(tmp_path: Path) -> None:
    pipeline = Arrays(saved(tmp_path), lengths="n").load().pipeline
    assert isinstance(pipeline, ArrayPipeline)
    np.save(tmp_path / "new.npy", X)
    (part,) = in_parts(tmp_path / "new.npy", Asked(pipeline))
    assert not pipeline.apply(part.samples).isnan().any()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"n": LENGTHS[:-1]}, "there are 39 lengths, and 40 samples"),
        ({"n": LENGTHS + 6}, "the length of sample 1 is 12"),
        ({"x": np.where(np.arange(N)[:, None, None] == 5, np.nan, X)}, "6 holds NaN before"),
    ],
)
def test_new_sequences_are_checked_as_those_of_training(
    tmp_path: Path, changed: Any, told: str
) -> None:
    pipeline = Arrays(saved(tmp_path), lengths="n").load().pipeline
    assert isinstance(pipeline, ArrayPipeline)
    with pytest.raises(Refused, match=told):
        [*in_parts(saved(tmp_path, "new.npz", **changed), Asked(pipeline))]


def test_each_feature_has_a_scale_of_its_own(tmp_path: Path) -> None:
    data = Arrays(saved(tmp_path, x=X * [1, 1000] + [0, 50]), lengths="n")
    split = data.load()
    inputs = split.train.inputs.double()
    for feature in (0, 1):
        numbers = inputs[:, :, feature][~inputs[:, :, feature].isnan()]
        assert abs(numbers.mean()) < 1e-6
        assert abs(numbers.std(correction=0) - 1) < 1e-6
    assert split.pipeline
    own = split.pipeline.to_numbers(split.train.inputs)
    again = split.pipeline.to_inputs(own)
    assert torch.allclose(again, split.train.inputs, equal_nan=True)
    first = int(split.rows["train"][0]) - 1
    kept = ~BEHIND[first]
    assert np.allclose(own[0].numpy()[kept], (X * [1, 1000] + [0, 50])[first][kept], atol=1e-3)


def test_a_test_has_lengths_of_its_own(tmp_path: Path) -> None:
    test = {"tx": X[:9], "ty": Y[:9], "tn": LENGTHS[:9]}
    named = {"test_inputs": "tx", "test_target": "ty", "test_lengths": "tn"}
    split = Arrays(saved(tmp_path, **test), lengths="n", **named).load()
    assert split.test
    assert len(split.train) == N
    assert torch.equal(split.test.inputs.isnan()[:, :, 0], torch.from_numpy(BEHIND[:9]))


TOKENS = DRAW.integers(0, 5, (N, STEPS))


def test_tokens_are_padded_and_stay_as_they_are(tmp_path: Path) -> None:
    file = saved(tmp_path, x=np.where(BEHIND, 99, TOKENS))
    data = Arrays(file, lengths="n", tokens=5)
    assert str(data.describe().input) == "[N, 6] of 5 tokens with padding"
    split = data.load()
    rows = split.rows["train"] - 1
    wanted = np.where(BEHIND, -1, TOKENS)[rows.numpy()]
    assert split.train.inputs.nan_to_num(-1).tolist() == wanted.tolist()
    assert isinstance(split.pipeline, ArrayPipeline)
    assert ArrayPipeline.from_json(split.pipeline.to_json()) == split.pipeline


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (np.where(TOKENS == 4, -1, TOKENS), "holds -1, and tokens are from 0 to 4"),
        (np.where(TOKENS == 4, 5, TOKENS), "holds 5, and tokens are from 0 to 4"),
        (np.where(TOKENS == 4, 0.5, TOKENS), "holds 0.5, and tokens are from 0 to 4"),
        (TOKENS[:, :, None], "it has the shape [40, 6, 1]"),
    ],
)
def test_what_is_no_token_is_refused(tmp_path: Path, x: Any, told: str) -> None:
    with pytest.raises(NetError) as error:
        Arrays(saved(tmp_path, x=x), lengths="n", tokens=5).describe()
    (found,) = error.value.diagnostics
    assert told in found.title
    pipeline = Arrays(saved(tmp_path, x=TOKENS), tokens=5).load().pipeline
    assert isinstance(pipeline, ArrayPipeline)
    with pytest.raises(ValueError, match=r"tokens are from 0 to 4|takes an array"):
        pipeline.apply(x if x.ndim == 2 else x[:, :2])


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
    with pytest.raises(NetError) as error:
        Arrays(saved(tmp_path, **changed), lengths="n").describe()
    (found,) = error.value.diagnostics
    assert told in found.title


LACKING = [
    ({"target": "input"}, "its targets are the inputs"),
    ({"test_inputs": "x", "test_target": "y"}, "it names `test_inputs` and no `test_lengths`"),
    ({"test_lengths": "n"}, "it names `test_lengths` and no `test_inputs`"),
    ({"lengths": ("n", "n")}, "`lengths` is about 2 of them, and `inputs` names 1"),
]


@pytest.mark.parametrize(("other", "told"), LACKING, ids=[told for _, told in LACKING])
def test_lengths_do_not_go_with_what_has_none(
    tmp_path: Path, other: dict[str, str], told: str
) -> None:
    with pytest.raises(NetError, match=told):
        Arrays(saved(tmp_path), **({"lengths": "n"} | other)).describe()
