"""A compiled model answers as the model does, of whatever it was trained on."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import netlang
from netlang import NetError

pytestmark = pytest.mark.usefixtures("compiler")

SOURCE = np.random.default_rng(0)
X = SOURCE.normal(3, 2, (40, 2))


@pytest.fixture(scope="module")
def model() -> netlang.Model:
    names = np.array(["low", "high"])[(X.sum(1) > 6).astype(int)]
    return netlang.load("Linear(2, 3) -> Tanh -> Linear(3, 2)", epochs=2).fit(X, names)


def test_it_answers_as_the_model_does(model: netlang.Model) -> None:
    ask = model.compiled()
    for rows in (X, X[:1], X[:7].astype("f4"), X[:0], X[3:5].tolist()):
        assert ask.outputs(rows) == pytest.approx(model.outputs(rows), abs=1e-6)
        assert ask.predict(rows).tolist() == model.predict(rows).tolist()
        assert ask.predict_proba(rows) == pytest.approx(model.predict_proba(rows), abs=1e-6)
    assert np.array_equal(ask(X), ask.outputs(X))


def test_it_measures_what_the_model_does(model: netlang.Model, tmp_path: Path) -> None:
    ask, y, weights = model.compiled(), model.predict(X), SOURCE.random(len(X))
    assert ask.evaluate(X, y, sample_weight=weights) == pytest.approx(
        model.evaluate(X, y, sample_weight=weights)
    )
    with pytest.warns(UserWarning, match="has learned from") as caught:
        assert ask.evaluate() == pytest.approx(model.evaluate())
    assert caught[0].filename == __file__
    with pytest.raises(TypeError, match="X and y, or neither"):
        ask.evaluate(y=y)
    for other in (
        pickle.loads(pickle.dumps(ask)),
        netlang.open(model.save(tmp_path / "a.safetensors")).compiled(),
    ):
        with pytest.raises(NetError, match="give samples"):
            other.evaluate()


def test_it_stays_as_the_model_was(model: netlang.Model) -> None:
    names = model.predict(X)
    other = netlang.load("Linear(2, 2)", epochs=1, seed=1).fit(X, names)
    ask = other.compiled()
    before = ask(X)
    other.fit(X[::-1], names)
    assert np.array_equal(ask(X), before)
    assert not np.allclose(other.compiled()(X), before)


def test_several_threads_may_ask_it(model: netlang.Model) -> None:
    ask = model.compiled()
    wanted = [ask(X[[row]]) for row in range(len(X))]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda row: ask(X[[row % len(X)]]), range(10 * len(X)))
        assert all(np.array_equal(one, wanted[n % len(X)]) for n, one in enumerate(found))


def test_pickles_and_copies_answer_as_it_did(model: netlang.Model) -> None:
    other = netlang.load("Linear(2, 2)", epochs=1).fit(X, model.predict(X))
    ask = other.compiled()
    wanted = ask(X)
    other.partial_fit()
    for one in (pickle.loads(pickle.dumps(ask)), copy.deepcopy(ask), copy.copy(ask)):
        assert np.array_equal(one(X), wanted)
        assert one.predict(X).tolist() == ask.predict(X).tolist()


@pytest.mark.parametrize("wrong", [[[1.0, None]], [["a", 1.0]], [[1.0]], np.ones((2, 3))], ids=str)
def test_it_refuses_what_the_model_refuses(model: netlang.Model, wrong: object) -> None:
    messages = []
    for ask in (model, model.compiled()):
        with pytest.raises(NetError) as caught:
            ask.predict(wrong)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_rows_that_lack_cells_have_no_answer() -> None:
    table = np.where(SOURCE.random(X.shape) < 0.1, np.nan, X)
    model = netlang.load("Linear(2, 1)", loss="MSE", epochs=1, **{"data.missing": "drop"})
    model = model.fit(table, X.sum(1))
    found = model.compiled().predict(table)
    assert np.isnan(found).tolist() == np.isnan(table).any(1).tolist()
    assert found == pytest.approx(model.predict(table), abs=1e-5, nan_ok=True)


def test_a_model_that_is_not_trained_is_not_compiled() -> None:
    with pytest.raises(NetError, match="not trained"):
        netlang.load("Linear(2, 1)").compiled()


def test_without_a_compiler_it_says_what_answers_as_well(
    model: netlang.Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(NetError, match="it cannot be compiled") as caught:
        model.compiled()
    assert "`model.predict(X)`" in str(caught.value)


def test_a_network_of_texts_writes_what_the_model_does(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abcd" * 60)
    text = 'net = Embedding(4, 8) -> GRU(8, 8) -> Linear(8, 4)\ndata = Text("a.txt", context=8)\n'
    (tmp_path / "a.net").write_text(
        f"{text}loss = SoftmaxCrossEntropy\noptimizer = Adam\nepochs = 1\n"
    )
    model = netlang.load(tmp_path / "a.net").fit()
    ask = model.compiled()
    for more in ({"temperature": 0}, {"seed": 3, "top_k": 3}):
        assert ask.generate("ab", 30, **more) == model.generate("ab", 30, **more)
    with pytest.raises(NetError, match="has no 'z'"):
        ask.generate("z")
