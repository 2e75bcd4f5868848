"""The sets of scikit-learn, by their columns' names; and what is said where it is not there."""

from __future__ import annotations

import sys
from unittest.mock import patch

import numpy as np
import pytest
import torch
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

from netlang.catalogue.data import ArrayPipeline, Pipeline, Sklearn
from netlang.catalogue.data.arrays.sklearn_set import SETS
from tests.catalogue.data.arrays.files import refusal


@pytest.mark.parametrize("name", SETS)
def test_samples_and_names_are_scikit_learn_s(name: str) -> None:
    data, theirs = Sklearn(name, standardize=False, test=0), getattr(datasets, f"load_{name}")
    found = theirs(scaled=False) if name == "diabetes" else theirs()
    described, split = data.describe(), data.load()
    assert (described.train, described.input.size) == found.data.shape
    assert split.test is None
    assert np.array_equal(split.train.inputs.numpy(), found.data.astype(np.float32))
    assert np.array_equal(split.train.targets.flatten().numpy(), found.target)
    assert isinstance(split.pipeline, Pipeline)
    assert list(split.pipeline.columns) == list(found.feature_names)
    classes = None if name == "diabetes" else tuple(map(str, found.target_names))
    assert described.classes == classes


def test_columns_are_standardised_as_scikit_learn_does_and_found_by_name() -> None:
    split = Sklearn("wine").load(2)
    pipeline = split.pipeline
    assert isinstance(pipeline, Pipeline)
    numbers = pipeline.to_numbers(split.train.inputs).numpy()
    scaler = StandardScaler().fit(numbers)
    np.testing.assert_allclose(scaler.mean_, [one.shift for one in pipeline.encoders], rtol=1e-6)  # type: ignore[attr-defined]
    np.testing.assert_allclose(scaler.scale_, [one.scale for one in pipeline.encoders], rtol=1e-5)  # type: ignore[attr-defined]
    table = dict(zip(pipeline.columns, numbers.T, strict=True))
    again = pipeline.apply(dict(reversed(table.items())))
    torch.testing.assert_close(again, split.train.inputs, rtol=1e-5, atol=1e-5)


def test_digits_in_another_shape_are_pictures_that_are_scaled_by_channel() -> None:
    flat = Sklearn("digits", standardize=False).load().train
    pictures = Sklearn("digits", standardize=False, shape=(1, 8, 8)).load().train
    assert torch.equal(pictures.inputs.flatten(1), flat.inputs)
    assert pictures.inputs.shape[1:] == (1, 8, 8)
    assert torch.equal(pictures.targets, flat.targets)
    scaled = Sklearn("digits", shape=(1, 8, 8)).load()
    assert isinstance(scaled.pipeline, ArrayPipeline)
    assert scaled.train.inputs.mean().item() == pytest.approx(0, abs=1e-5)
    assert scaled.train.inputs.std().item() == pytest.approx(1, abs=1e-3)
    torch.testing.assert_close(
        scaled.pipeline.to_numbers(scaled.train.inputs).float(), pictures.inputs
    )


def test_a_shape_of_other_numbers_is_refused_where_it_is_written() -> None:
    found = refusal(Sklearn("digits", shape=(1, 8, 9)))
    assert found.title == "a shape of [1, 8, 9] holds 72 numbers, and a sample has 64"
    assert str(found.message().helps) == "give sizes whose product is 64, such as `[1, 8, 8]`"


def test_each_class_has_its_share_in_the_test() -> None:
    split = Sklearn("iris", test=0.4).load(1)
    assert split.test
    assert split.test.targets.bincount().tolist() == [20, 20, 20]


def test_a_number_to_predict_is_given_back_in_its_units() -> None:
    split = Sklearn("diabetes").load()
    assert split.pipeline
    assert abs(split.train.targets.mean()) < 1e-6
    values = split.pipeline.to_values(split.train.targets)
    assert 24.99 < values.min() < 40 < 300 < values.max() < 346.01


def test_without_scikit_learn_it_is_said_how_to_get_it() -> None:
    with patch.dict(sys.modules, {"sklearn": None}):
        found = refusal(Sklearn("iris"))
    assert found.code == "E0419"
    assert found.title == "`Sklearn` needs scikit-learn, which is not installed"
    assert 'pip install "netlang[sklearn]"' in str(found.message().helps)


def test_no_other_set_is_known() -> None:
    with pytest.raises(ValueError, match="iris"):
        Sklearn("california_housing")


@pytest.mark.parametrize("shape", [None, (1, 8, 8)])
def test_the_inputs_may_be_the_target_and_are_given_back_in_their_units(
    shape: tuple[int, ...] | None,
) -> None:
    data = Sklearn("digits", shape=shape, target="input")
    found, split = data.describe(), data.load()
    assert found.target_shape == found.input.sizes == split.train.targets.shape[1:]
    assert (found.classes, found.task) == (None, "regression")
    assert torch.equal(split.train.targets, split.train.inputs)
    assert split.train.targets.data_ptr() == split.train.inputs.data_ptr()  # held once
    values = split.to_values(split.train.targets)
    torch.testing.assert_close(values, values.round(), rtol=0, atol=1e-4)
    assert (values.min().round(), values.max().round()) == (0, 16)
