"""``netlang predict -o answers.npy`` answers at each place of a sample by an array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from netlang.runs.training.training import Training
from tests.models import kept, trained
from tests.program import netlang

MASKS = """\
net = Conv2d(1, 3, 3, padding="same") -> Permute([1, 2, 0])
data = Arrays("d.npz", task="classification")
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 1
batch = 8
"""
ROWS = """\
net = Flatten -> Linear(_, 4)
data = Arrays("d.npz")
loss = MSE
optimizer = Adam(lr=1e-2)
epochs = 1
batch = 8
"""


def model(text: str, targets: np.ndarray, inputs: np.ndarray) -> Training:
    """A model that is kept as m.safetensors, and new samples beside it, new.npy."""
    np.savez("d.npz", x=inputs, y=targets)
    np.save("new.npy", inputs[:5])
    training = trained(text)
    kept(training)
    return training


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(30, 1, 4, 6)).astype(np.float32)


def test_classes_at_each_place_are_an_array_of_their_numbers(inputs: np.ndarray) -> None:
    classes = (inputs[:, 0] > 0).astype(int) + (inputs[:, 0] > 1)
    model(MASKS, classes, inputs)
    result = netlang("predict", "m.safetensors", "new.npy", "-o", "a.npz")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "5 rows in a.npz\n"
    with np.load("a.npz") as file:
        found = dict(file)
    assert found["prediction"].shape == (5, 4, 6)
    assert found["p"].shape == (5, 4, 6, 3)
    assert np.allclose(found["p"].sum(-1), 1)
    assert (found["p"].argmax(-1) == found["prediction"]).all()
    assert netlang("predict", "m.safetensors", "new.npy", "-o", "a.npy").exit_code == 0
    assert (np.load("a.npy") == found["prediction"]).all()


def test_a_table_of_classes_at_places_is_refused_with_the_way_out(inputs: np.ndarray) -> None:
    model(MASKS, (inputs[:, 0] > 0).astype(int) + (inputs[:, 0] > 1), inputs)
    result = netlang("predict", "m.safetensors", "new.npy", "-o", "a.csv")
    assert result.exit_code == 1
    assert "`-o answers.npy`" in result.stderr
    assert not Path("a.csv").exists()


def test_a_row_of_numbers_is_an_array_of_what_the_table_has(inputs: np.ndarray) -> None:
    model(ROWS, 100 * inputs[:, 0, :, 0], inputs)
    for name in ("a.npy", "a.csv"):
        result = netlang("predict", "m.safetensors", "new.npy", "-o", name)
        assert result.exit_code == 0, result.stderr
    table = pl.read_csv("a.csv").select(pl.col("^prediction.*$")).to_numpy()
    assert np.array_equal(np.load("a.npy"), table.astype(np.float32))


def test_an_array_that_cannot_be_written_is_named(inputs: np.ndarray) -> None:
    model(ROWS, inputs[:, 0, :, 0], inputs)
    result = netlang("predict", "m.safetensors", "new.npy", "-o", "nowhere/a.npy")
    assert result.exit_code == 1
    assert "cannot write nowhere/a.npy" in result.stderr
    assert "Traceback" not in result.stderr


def test_samples_whose_places_all_have_no_class_are_not_judged(inputs: np.ndarray) -> None:
    classes = (inputs[:, 0] > 0).astype(int) + (inputs[:, 0] > 1)
    model(MASKS, classes, inputs)
    np.savez("none.npz", x=inputs, y=np.full_like(classes, -1))
    result = netlang("eval", "m.safetensors", "none.npz")
    assert (result.exit_code, result.stdout) == (1, "")
    said = "none.npz has no place that has a class: `netlang predict` needs no targets"
    assert said in result.stderr
    classes[1:] = -1
    np.savez("one.npz", x=inputs, y=classes)
    assert netlang("eval", "m.safetensors", "one.npz").exit_code == 0
