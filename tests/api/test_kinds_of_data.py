"""Models of pictures, texts, several outputs, labels and numbers take and give what suits them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import netlang
from tests.paths import MODELS


def test_classes_at_places_are_arrays_of_places() -> None:
    text = "Conv2d(1, 4, 1) -> Permute([1, 2, 0])\nloss = SoftmaxCrossEntropy\noptimizer = SGD\n"
    model = netlang.load(text, data="Shapes(size=8, train=8, test=4)", epochs=1).fit()
    X = np.random.default_rng(0).random((3, 1, 8, 8))
    assert model.predict(X).shape == (3, 8, 8)
    assert {*model.predict(X).ravel()} <= {*model.classes}
    assert np.allclose(model.predict_proba(X).sum(-1), 1)
    assert np.array_equal(model.predict_proba(X[:, 0]), model.predict_proba(X))
    with pytest.raises(netlang.NetError, match="at each place"):
        model.predict(X, as_frame=True)


def test_several_outputs_are_dicts_by_their_names() -> None:
    model = netlang.load(MODELS / "multitask.net", epochs=1).fit()
    table = pl.read_csv(MODELS / "iris.csv")
    told = model.predict(table)
    assert {*told["kind"]} <= {*model.classes["kind"]}
    assert told["width"].dtype == np.float64
    assert model.predict_proba(table)["kind"].shape == (150, 3)
    assert [*model.predict_proba(table)] == ["kind"]
    assert model.evaluate(table)["kind.accuracy"] == np.mean(
        told["kind"] == table["species"].to_numpy()
    )


def test_numbers_come_in_the_units_of_the_data() -> None:
    x = np.linspace(0, 1, 50).reshape(-1, 1)
    model = netlang.load("Linear(1, 1)", optimizer="SGD(0.2)", epochs=30).fit(x, 1000 * x + 5000)
    assert model.predict([[0.5]]) == pytest.approx([5500], abs=5)
    assert model.evaluate(x, 1000 * x[:, 0] + 5000)["r2"] > 0.99
    twice = netlang.load("Linear(1, 2)", epochs=1).fit(x, np.hstack([x, -x]))
    assert twice.predict(x).shape == (50, 2)


def test_labels_are_0_and_1_with_a_probability_each() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    model = netlang.load("Linear(2, 2)", optimizer="Adam(0.1)", epochs=20).fit(x, (x > 0) * 1)
    assert model.predict(x).shape == model.predict_proba(x).shape == (60, 2)
    assert np.array_equal(model.predict(x), (model.predict_proba(x) > 0.5) * 1)
    assert np.mean(model.predict(x) == (x > 0)) > 0.95


def test_a_network_of_texts_writes_on_and_is_judged_on_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abcd" * 60)
    text = 'net = Embedding(4, 8) -> Linear(8, 4)\ndata = Text("a.txt", context=8)\n'
    text += "loss = SoftmaxCrossEntropy\noptimizer = Adam(0.1)\nepochs = 5\n"
    (tmp_path / "a.net").write_text(text)
    model = netlang.load(tmp_path / "a.net").fit()
    assert model.generate("ab", 6, temperature=0) == "cdabcd"
    assert model.predict("abcdabcda").tolist() == [[*"bcdabcda"]]
    assert model.evaluate("abcd" * 5)["accuracy"] == 1
    with pytest.raises(netlang.NetError, match="has no 'z'"):
        model.generate("z")
    with pytest.raises(netlang.NetError, match="was not trained on a text"):
        netlang.load(MODELS / "xor.net", epochs=1).fit().generate("a")
