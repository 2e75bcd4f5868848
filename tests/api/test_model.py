"""A file in Python: loaded, checked, trained, asked, kept and opened again."""

from __future__ import annotations

import copy
import pickle
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

import netlang
from netlang.api.keeping import tracked
from netlang.catalogue import registry
from netlang.runs.models.trained import load_model
from tests.paths import MODELS

IRIS = MODELS / "iris.net"
COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


@pytest.fixture(scope="module")
def iris() -> netlang.Model:
    return netlang.load(IRIS, epochs=20).fit()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> netlang.Model:
    """A model whose run is in a folder, with pictures, which take a second."""
    return netlang.load(IRIS, epochs=2).fit(keep=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def flowers() -> pd.DataFrame:
    return pd.read_csv(MODELS / "iris.csv")


def test_rows_of_any_kind_get_the_same_answers(iris: netlang.Model, flowers: pd.DataFrame) -> None:
    table = pl.read_csv(MODELS / "iris.csv")
    array = flowers[COLUMNS].to_numpy()
    kinds = {
        "pandas": flowers,
        "pandas, in another order": flowers[COLUMNS[::-1]],
        "polars": table,
        "array": array,
        "tensor": torch.tensor(array),
        "lists": array.tolist(),
        "dicts": flowers.to_dict("records"),
        "records": flowers.to_records(index=False),
        "columns": table.to_dict(as_series=False),
    }
    expected = iris.predict_proba(flowers)
    assert (iris.predict(flowers) == flowers["species"]).mean() > 0.9
    for kind, X in kinds.items():
        assert np.array_equal(iris.predict_proba(X), expected), kind
        assert np.array_equal(iris.predict(X), iris.predict(flowers)), kind


def test_a_frame_is_answered_by_a_frame_of_its_kind_with_its_index(
    iris: netlang.Model, flowers: pd.DataFrame
) -> None:
    some = flowers[140:]
    answers = iris.predict(some, as_frame=True)
    assert [*answers] == ["prediction", "p(setosa)", "p(versicolor)", "p(virginica)"]
    assert answers.index.equals(some.index)
    assert isinstance(
        iris.predict(pl.from_dicts(some.to_dict("records")), as_frame=True), pl.DataFrame
    )


def test_it_is_evaluated_on_its_own_data_as_the_run_measured_it(iris: netlang.Model) -> None:
    assert iris.result
    measured = iris.evaluate()
    assert measured["accuracy"] == iris.result.metrics["test.accuracy"]
    assert measured["loss"] == pytest.approx(iris.result.metrics["test.loss"], abs=1e-6)


def test_targets_come_beside_samples_or_among_their_columns(
    iris: netlang.Model, flowers: pd.DataFrame
) -> None:
    among = iris.evaluate(flowers)
    beside = iris.evaluate(flowers[COLUMNS], flowers["species"])
    assert among == beside == iris.evaluate(flowers[COLUMNS].to_numpy(), [*flowers["species"]])


def test_a_saved_model_is_opened_with_the_same_weights_and_answers(
    iris: netlang.Model, flowers: pd.DataFrame, tmp_path: Path
) -> None:
    file = iris.save(tmp_path / "iris.safetensors")
    again = netlang.open(file)
    assert np.array_equal(again.predict_proba(flowers), iris.predict_proba(flowers))
    assert all(np.array_equal(again.weights[name], one) for name, one in iris.weights.items())
    assert again.source == iris.source


@pytest.mark.parametrize(("name", "target"), [("a.safetensors", ""), ("a.py", "numpy")])
def test_what_others_have_written_is_not_replaced(
    iris: netlang.Model, tmp_path: Path, name: str, target: Literal["", "numpy"]
) -> None:
    def write(path: Path) -> object:
        return iris.export(target, path) if target else iris.save(path)

    ours, theirs = tmp_path / name, tmp_path / f"their-{name}"
    write(ours)
    write(ours)  # which replaces what netlang has written
    theirs.write_text("of somebody else")
    with pytest.raises(netlang.NetError, match="netlang has not written it"):
        write(theirs)
    assert theirs.read_text() == "of somebody else"


def test_a_fit_that_breaks_off_at_once_leaves_the_model_as_it_was(iris: netlang.Model) -> None:
    model, refused = pickle.loads(pickle.dumps(iris)), ZeroDivisionError()

    def refuse(event: netlang.Event) -> None:
        raise refused

    before = model.predict_proba([[5.0, 3.5, 1.5, 0.2]])
    with pytest.raises(ZeroDivisionError):
        model.fit(callbacks=refuse)
    with pytest.raises(netlang.NetError):
        model.fit([[1.0, 2.0]] * 4, [0, 0, 0, 0])
    assert np.array_equal(model.predict_proba([[5.0, 3.5, 1.5, 0.2]]), before)
    assert model.history == iris.history


def test_an_interrupt_says_which_weights_the_model_has(iris: netlang.Model) -> None:
    def interrupt(event: netlang.Event) -> None:
        if isinstance(event, netlang.EpochDone) and event.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="the weights of epoch 2") as raised:
        netlang.load(IRIS).fit(callbacks=interrupt)
    assert raised.value.__suppress_context__
    assert not isinstance(raised.value, Exception)


def test_samples_weigh_as_they_are_told_and_a_rating_of_what_was_learned_warns() -> None:
    rows, classes = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    model = netlang.load("Linear(1, 2)", epochs=2).fit(rows, classes)
    with pytest.warns(UserWarning, match="rates the samples that the model has learned from"):
        assert model.evaluate() == model.evaluate(rows, classes)
    first = model.evaluate(rows, classes, sample_weight=[1, 0, 0, 0])["loss"]
    assert first == pytest.approx(model.evaluate(rows[:1], classes[:1])["loss"])


def test_numbers_of_torch_that_numpy_lacks_are_taken(iris: netlang.Model) -> None:
    rows = torch.tensor([[5.0, 3.5, 1.5, 0.25]])
    assert np.array_equal(iris.predict_proba(rows.bfloat16()), iris.predict_proba(rows))


def test_a_callback_that_returns_true_ends_the_training_well() -> None:
    seen: list[netlang.Event] = []

    def stop_after_three(event: netlang.Event) -> bool:
        seen.append(event)
        return isinstance(event, netlang.EpochDone) and event.epoch == 3

    model = netlang.load(IRIS, epochs=50).fit(callbacks=stop_after_three)
    assert isinstance(seen[0], netlang.Started)
    assert isinstance(seen[-1], netlang.Finished)
    assert [one["epoch"] for one in model.history] == [1, 2, 3]
    assert model.result
    assert model.result.epochs == 3
    assert model.evaluate()["accuracy"] == model.history[-1]["test.accuracy"]


def test_a_callback_may_ask_the_model_after_each_epoch(flowers: pd.DataFrame) -> None:
    shares: list[float] = []

    def judge(event: netlang.Event) -> None:
        if isinstance(event, netlang.EpochDone):
            shares.append(model.evaluate()["accuracy"])

    model = netlang.load(IRIS, epochs=4)
    model.fit(callbacks=judge)
    assert shares == model.history.curve("test.accuracy")
    assert model.metrics["test.accuracy"] == shares[-1]


def test_warnings_print_as_the_command_line_prints_them() -> None:
    assert str(netlang.load(IRIS).check()) == "ok"
    (warning,) = netlang.load("widht = 3\nnet = Linear(2, 3)\n").check()
    assert warning.code.startswith("W")


def test_a_model_answers_one_thread_at_a_time(flowers: pd.DataFrame) -> None:
    running: list[int] = []
    most = 0

    class Slow(netlang.Tanh):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            nonlocal most
            running.append(1)
            most = max(most, len(running))
            time.sleep(0.002)
            running.pop()
            return super().forward(x)

    registry.add(Slow)
    try:
        text = "net = Linear(4, 8) -> Slow -> Linear(8, 3)"
        model = netlang.load(text, epochs=1).fit(flowers.iloc[:, :4], flowers["species"])
        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(model.outputs, flowers.iloc[:5, :4]) for _ in range(8)]
            assert len({one.result().tobytes() for one in asked}) == 1
    finally:
        registry.remove(Slow)
    assert most == 1


def test_a_second_fit_forgets_the_first(iris: netlang.Model) -> None:
    again = netlang.load(IRIS, epochs=20).fit().fit()
    assert all(np.array_equal(again.weights[name], one) for name, one in iris.weights.items())


def test_a_run_that_is_kept_is_opened_with_its_history(kept: netlang.Model) -> None:
    assert kept.folder
    again = netlang.open(kept.folder)
    assert again.history == kept.history
    assert again.evaluate() == kept.evaluate()
    assert {"history.csv", "curves.png"} <= {one.name for one in kept.folder.iterdir()}


def test_what_was_learned_is_there_after_an_interruption(tmp_path: Path) -> None:
    def interrupt(event: netlang.Event) -> None:
        if isinstance(event, netlang.EpochDone) and event.epoch == 2:
            raise KeyboardInterrupt

    model = netlang.load(IRIS, epochs=9)
    with pytest.raises(KeyboardInterrupt):
        model.fit(callbacks=interrupt, keep=tmp_path)
    assert [one["epoch"] for one in model.history] == [1, 2]
    assert model.evaluate()["accuracy"] == model.history[-1]["test.accuracy"]
    assert model.folder
    assert np.array_equal(
        netlang.open(model.folder).weights["linear1.weight"], model.weights["linear1.weight"]
    )


def test_it_says_how_training_goes_where_it_is_asked_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = netlang.load(IRIS, epochs=2).fit()
    assert not capsys.readouterr().out
    model.fit(verbose=True)
    assert "epoch 2/2" in capsys.readouterr().out


def test_a_summary_and_a_graph_print_as_the_command_line_prints_them() -> None:
    model = netlang.load(IRIS)
    assert model.summary().parameters == model.parameters == 131
    assert str(model.summary()).startswith("node")
    assert "%1 = Linear" in str(model.graph())
    assert model.graph().svg.startswith("<svg")


def test_copies_and_pickles_of_a_model_answer_as_it_does(
    iris: netlang.Model, flowers: pd.DataFrame
) -> None:
    for again in (copy.deepcopy(iris), pickle.loads(pickle.dumps(iris))):
        assert np.array_equal(again.predict_proba(flowers), iris.predict_proba(flowers))
        assert again.history == iris.history
    untrained = pickle.loads(pickle.dumps(netlang.load(IRIS, epochs=20)))
    assert np.array_equal(untrained.fit().predict(flowers), iris.predict(flowers))


def test_it_is_exported_to_what_the_command_line_exports_it_to(
    iris: netlang.Model, tmp_path: Path
) -> None:
    found = [
        file.name
        for target, name in (("onnx", "a.onnx"), ("numpy", "b.py"), ("c", "c.c"), ("torch", "d.py"))
        for file in iris.export(target, tmp_path / name)
    ]
    assert found == ["a.onnx", "b.py", "b.npz", "c.c", "c.h", "d.py", "d.safetensors"]
    assert {one.name for one in tmp_path.iterdir()} == {*found}


@pytest.mark.parametrize(
    ("target", "name", "said"),
    [
        ("onx", "a.onnx", "did you mean `onnx`?"),
        ("c", "a.py", "write `a.c`"),
        ("numpy", "numpy.py", "a module that it imports"),
    ],
)
def test_an_export_that_cannot_be_is_told(
    iris: netlang.Model, tmp_path: Path, target: str, name: str, said: str
) -> None:
    with pytest.raises(netlang.NetError, match=re.escape(said)):
        iris.export(target, tmp_path / name)
    assert not [*tmp_path.iterdir()]


def test_what_came_of_a_training_prints_without_its_text() -> None:
    model = netlang.load(MODELS / "xor.net", epochs=1).fit()
    assert model.source not in repr(model.result)
    assert len(repr(model.result)) < 1000


def test_kept_runs_are_listed_with_what_opens_them(kept: netlang.Model, tmp_path: Path) -> None:
    assert netlang.kept_runs(tmp_path / "runs") == []
    assert kept.folder
    (found,) = netlang.kept_runs(kept.folder.parent)
    assert found["status"] == "finished"
    assert found["test.accuracy"] == kept.metrics["test.accuracy"]
    assert netlang.open(found["run"]).history == kept.history


def test_it_knows_its_constants_and_its_classes(iris: netlang.Model) -> None:
    model = netlang.load("sizes = [3, 4]\nhidden = 3\nLinear(2, hidden) -> ReLU", hidden=8)
    assert model.constants["hidden"] == 8
    assert model.constants["sizes"] == [3, 4]
    assert model.constants["epochs"] == 10
    assert iris.constants["epochs"] == 20
    assert iris.constants["optimizer.lr"] == iris.constants["data.test"] / 40 == 0.01
    assert [*iris.classes] == ["setosa", "versicolor", "virginica"]


def test_a_text_stands_for_a_part_of_the_file_and_elsewhere_for_a_string() -> None:
    text = 'mode = "kaiming"\nact = ReLU\nnet = Linear(2, 3, init=mode) -> act -> Linear(3, 1)\n'
    changed = netlang.load(text, act="Tanh", mode="xavier", loss="MAE", **{"net[0].bias": False})
    layers = changed.summary().layers
    assert [one["layer"] for one in layers] == ["Linear", "Tanh", "Linear"]
    assert layers[0]["args"]["init"] == "xavier"
    assert not layers[0]["args"]["bias"]


def test_partial_fit_goes_on_with_the_same_data_to_the_same_bits(iris: netlang.Model) -> None:
    steps = netlang.load(IRIS, epochs=15).fit().partial_fit(epochs=4).partial_fit()
    assert all(np.array_equal(steps.weights[name], one) for name, one in iris.weights.items())
    assert [one["epoch"] for one in steps.history] == [*range(1, 21)]
    assert steps.history.curve("test.loss") == iris.history.curve("test.loss")


def test_a_fit_that_fails_leaves_the_model_as_it_was(flowers: pd.DataFrame) -> None:
    X, y = flowers.iloc[:, :4], flowers["species"]
    model = netlang.load(IRIS, epochs=1).fit(X, y)
    before = model.predict(X)

    def interrupt(event: netlang.Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(ValueError, match="no backend"):
        model.fit(X, y.str.upper(), backend="other")
    with pytest.raises(KeyboardInterrupt):
        model.partial_fit(X, y, callbacks=interrupt)
    assert (model.predict(X) == before).all()
    assert len(model.partial_fit(X, y).history) == 2


def test_partial_fit_learns_from_parts_as_they_come(flowers: pd.DataFrame) -> None:
    rows, y = flowers[COLUMNS], flowers["species"]
    model = netlang.load("Linear(_, 16) -> ReLU -> Linear(16, _)", optimizer="Adam(0.02)")
    for _ in range(8):
        for part in (rows.index % 3 == k for k in range(3)):
            model.partial_fit(rows[part], y[part], classes=sorted(set(y)))
    assert model.evaluate(rows, y)["accuracy"] > 0.9
    assert len(model.history) == 24
    assert {*model.predict(rows)} == {*y}


def test_partial_fit_of_an_opened_model_begins_with_its_weights(
    iris: netlang.Model, flowers: pd.DataFrame, tmp_path: Path
) -> None:
    model = netlang.open(iris.save(tmp_path / "iris.safetensors"))
    with pytest.raises(netlang.NetError, match="no training to go on with"):
        model.partial_fit()
    before = model.evaluate(flowers)["loss"]
    model.partial_fit(flowers, flowers["species"], sample_weight=np.ones(150), epochs=3)
    assert model.evaluate(flowers)["loss"] < before
    kept = load_model(str(model.save(tmp_path / "further.safetensors"))).kept
    assert kept.pipeline == load_model(str(tmp_path / "iris.safetensors")).kept.pipeline


def test_what_is_a_text_and_what_a_path_is_sure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lr=0.1").mkdir()
    for name in ("a.net", "b (copy).net", "lr=0.1/c.net", "d->e"):
        (tmp_path / name).write_text("net = Linear(2, 3)\n")
        assert netlang.load(name).parameters == 9, name
        assert netlang.load(tmp_path / name).parameters == 9, name
    for text in (
        "Linear(2, 3)",
        "net=Linear(2, 3)",
        "\nnet = Linear(2, 3)",
        "Tanh -> Linear(2, 3)",
    ):
        assert netlang.load(text).parameters == 9, text
    assert netlang.load("a.net\n").parameters == 9
    assert netlang.load(netlang.read("a.net")).parameters == 9
    with pytest.raises(netlang.NetError, match="it is a folder"):
        netlang.load("lr=0.1")


def test_a_model_that_learned_from_memory_says_where_its_data_were(
    flowers: pd.DataFrame, tmp_path: Path
) -> None:
    rows = flowers[COLUMNS], flowers["species"]
    model = netlang.load("Linear(_, _)", epochs=1).fit(*rows)
    again = netlang.open(model.save(tmp_path / "a.safetensors"))
    assert again.evaluate(*rows) == model.evaluate(*rows)
    with pytest.raises(netlang.NetError, match="the model does not keep them"):
        again.evaluate()


def test_each_tracker_is_told_once_and_none_where_nobody_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netlang.api.keeping.missing", lambda names: "")  # as if it is installed
    assert tracked(["tensorboard", "tensorboard"], True) == ("tensorboard",)
    assert tracked(None, False) == ()
