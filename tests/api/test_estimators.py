"""Networks are estimators of scikit-learn: by its own checks, in its pipelines and searches."""

import io
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import netlang
from netlang import NetClassifier, NetRegressor, Tanh
from netlang.catalogue import registry
from tests.together import together

SMALL = (
    "hidden = 8\nnet = Linear(_, hidden) -> ReLU -> Linear(hidden, _)\noptimizer = Adam(lr=0.05)"
)
X, Y = load_iris(return_X_y=True)
NAMES = load_iris().target_names[Y]
# It is about estimators with a `decision_function`, which there is not.
SKIPPED = {"check_classifiers_multilabel_output_format_decision_function"}


class Plain(pickle.Unpickler):
    """Reads what holds nothing but plain data, arrays of NumPy and the estimator itself."""

    def find_class(self, module: str, name: str) -> Any:
        assert module.partition(".")[0] == "numpy" or module == "netlang.api.estimators"
        return super().find_class(module, name)


def small(**more: Any) -> NetClassifier:
    return NetClassifier(SMALL, epochs=3, batch=50, **more)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [NetClassifier(), NetRegressor()], ids=repr)
def test_every_check_of_scikit_learn_passes(
    estimator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it, a check is left out
    skipped = set()
    for checked, check in estimator_checks_generator(estimator):
        try:
            check(checked)
        except pytest.skip.Exception:
            raise
        except Exception as error:
            if type(error).__name__ != "SkipTest":
                raise
            skipped.add(getattr(check, "func", check).__name__)
    assert skipped <= SKIPPED


def test_what_a_file_says_by_name_is_a_parameter() -> None:
    model = small(hidden=4)
    assert model.get_params(deep=False).keys() == {
        *("net", "epochs", "batch", "seed", "verbose", "hidden"),
    }
    assert model.get_params()["hidden"] == 4
    assert model.get_params()["optimizer.lr"] == 0.05
    assert model.set_params(hidden=6, **{"optimizer.lr": 0.1}).get_params()["optimizer.lr"] == 0.1
    assert model.fit(X, Y).model_.weights["linear1.weight"].shape == (6, 4)
    assert model.set_params(optimizer__lr=0.2).get_params(deep=False)["optimizer.lr"] == 0.2
    assert NetClassifier(optimizer__lr=0.3).get_params()["optimizer.lr"] == 0.3


@together(
    ("name", "said"),
    [
        ("hiden", "did you mean 'hidden'"),
        ("net__optimizer__lr", "did you mean 'optimizer.lr'"),
        ("max_iter", "write `epochs`"),
        ("n_jobs", "a search has it"),
    ],
)
def test_what_is_no_parameter_is_told_with_what_is_one(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"Invalid parameter .*{said}"):
        small().set_params(**{name: 3})


@together(
    ("name", "value", "said"),
    [
        ("max_iter", 10, "write `epochs`"),
        ("hidden_layer_sizes", (8,), "`hidden=64` sets its constant"),
        ("class_weight", "balanced", 'write `data__weights="balanced"`'),
    ],
)
def test_parameters_of_other_estimators_are_told_in_words_of_this_one(
    name: str, value: object, said: str
) -> None:
    with pytest.raises(TypeError, match=f"NetClassifier takes no `{name}`: .*{said}"):
        NetClassifier(**{name: value}).fit(X, Y)


def test_an_argument_of_a_setting_has_two_spellings_and_is_one_parameter() -> None:
    model = NetClassifier(optimizer__lr=0.5)
    assert model.get_params(deep=False)["optimizer.lr"] == 0.5
    assert model.set_params(optimizer__lr=0.25).get_params()["optimizer.lr"] == 0.25
    assert clone(model).set_params(**{"optimizer.lr": 0.125})._constants == {"optimizer.lr": 0.125}


def test_a_layer_of_the_interpreter_is_found() -> None:
    layer = type("Squashed", (Tanh,), {"__module__": "__main__"})
    text = "hidden = 4\nnet = Linear(_, hidden) -> Squashed -> Linear(hidden, _)"
    try:
        model = NetClassifier(text, epochs=1)
        assert model.get_params()["hidden"] == 4
        net = model.fit([[0.0], [1.0]] * 8, [0, 1] * 8).model_.program.graph
        assert type(net.nodes[2].layer) is layer
    finally:
        registry.remove(layer)
        layer.__module__ = "tests"


def test_a_clone_is_as_its_original_before_it_was_fitted() -> None:
    model = small(**{"optimizer.lr": 0.1}).fit(X, Y)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert repr(copy) == repr(model)
    assert "optimizer.lr=0.1" in repr(model)
    with pytest.raises(NotFittedError):
        copy.predict(X)


def test_a_search_tries_constants_and_arguments_of_settings() -> None:
    grid = {"hidden": [2, 8], "optimizer.lr": [1e-9, 0.05]}
    search = GridSearchCV(NetClassifier(SMALL, epochs=15, batch=50), grid, cv=2).fit(X, Y)
    assert search.best_params_["optimizer.lr"] == 0.05
    assert len(search.cv_results_["params"]) == 4
    within = {"netclassifier__hidden": [2], "netclassifier__optimizer__lr": [0.1]}
    named = GridSearchCV(make_pipeline(StandardScaler(), small()), within, cv=2).fit(X, Y)
    assert named.best_estimator_[-1].get_params()["optimizer.lr"] == 0.1


def test_frames_go_in_by_their_columns() -> None:
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    model = small().fit(frame, pandas.Series(NAMES, name="kind"))
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.n_features_in_ == 4
    assert model.classes_.tolist() == sorted({*NAMES.tolist()})
    of_polars = polars.from_pandas(frame)
    assert (model.predict(of_polars) == model.predict(frame)).all()
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"a": "z"}))


def test_categories_and_missing_cells_are_what_the_table_of_the_file_says() -> None:
    frame = pandas.DataFrame({"n": [1.0, None, 3.0, 4.0] * 5, "c": ["u", "v", "u", None] * 5})
    y = np.array([0, 1, 0, 1] * 5)
    net = f'{SMALL}\ndata = Table("none.csv", target="y", missing="mean")'
    model = NetClassifier(net, epochs=40, batch=20).fit(frame, y)
    assert model.score(frame, y) == 1.0
    assert model.__sklearn_tags__().input_tags.allow_nan
    assert not NetClassifier(SMALL).__sklearn_tags__().input_tags.allow_nan
    by_name = NetClassifier(SMALL, epochs=2, **{"data.missing": "mean"})
    assert by_name.fit(frame, y).predict(frame).shape == (20,)
    with pytest.raises(ValueError, match="2 columns lack some cells"):
        small().fit(frame, y)
    filled = make_column_transformer((OneHotEncoder(), ["c"]), remainder="passthrough")
    assert make_pipeline(filled, by_name).fit(frame, y).predict(frame).shape == (20,)


def test_an_estimator_is_pickled_as_plain_data_and_answers_as_before() -> None:
    model = small().fit(X, NAMES)
    assert isinstance(model.__getstate__()["model_"], bytes)
    written = pickle.dumps(model)
    again = Plain(io.BytesIO(written)).load()
    assert (again.predict(X) == model.predict(X)).all()
    assert again.predict(X).dtype == model.predict(X).dtype
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.history_ == model.history_


def test_probabilities_sum_to_one() -> None:
    assert np.abs(small().fit(X, Y).predict_proba(X).sum(1) - 1).max() < 1e-15


def test_a_weight_is_a_repetition_and_the_order_of_rows_says_nothing() -> None:
    times = np.arange(len(X)) % 3
    order = np.random.default_rng(0).permutation(len(X))
    model = NetClassifier(SMALL, epochs=5, batch=999)
    weighed = clone(model).fit(X[order], Y[order], sample_weight=times[order])
    again = clone(model).fit(X.repeat(times, 0), Y.repeat(times))
    assert np.array_equal(weighed.predict_proba(X), again.predict_proba(X))


def test_numbers_are_predicted_as_y_has_them() -> None:
    inputs, y = load_diabetes(return_X_y=True)
    model = NetRegressor(SMALL, epochs=20, batch=64).fit(inputs, y)
    assert model.score(inputs, y) > 0.4
    two = NetRegressor(SMALL, epochs=2, batch=64).fit(inputs, np.stack([y, -y], 1))
    assert two.predict(inputs).shape == (len(y), 2)


def test_labels_that_do_not_exclude_each_other_are_predicted_together() -> None:
    labels = np.stack([Y > 0, Y > 1], 1).astype(int)
    model = NetClassifier(SMALL, epochs=30, batch=50).fit(X, labels)
    assert model.predict_proba(X).shape == (150, 2)
    assert model.score(X, labels) > 0.8


def test_a_file_may_stand_for_the_network(tmp_path: Path) -> None:
    file = tmp_path / "small.net"
    file.write_text(SMALL)
    model = NetClassifier(str(file), epochs=2).fit(X, Y)
    assert model.n_iter_ == len(model.history_) == 2
    assert cross_val_score(small(), X, Y, cv=2).shape == (2,)
    with pytest.raises(netlang.NetError, match="no such file"):
        NetClassifier("absent.net").fit(X, Y)


def test_a_mistake_in_the_network_is_told_with_its_place() -> None:
    with pytest.raises(ValueError, match="did you mean `Linear`"):
        NetClassifier("net = Linaer(4, 3)").fit(X, Y)
    with pytest.raises(ValueError, match="takes"):
        NetClassifier("net = Linear(5, 3)").fit(X, Y)
    with pytest.raises(ValueError, match="did you mean `hidden`") as error:
        small(hiden=3).fit(X, Y)
    assert "NetClassifier(hiden=...)" in str(error.value)
    assert "warning" not in str(error.value)


def test_without_scikit_learn_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    monkeypatch.delitem(sys.modules, "netlang.api.estimators")
    monkeypatch.delattr("netlang.api.estimators")
    with pytest.raises(ImportError, match=r'pip install "netlang\[sklearn\]"'):
        _ = netlang.NetRegressor


def test_a_partial_fit_is_an_epoch_more_by_the_scales_of_the_first() -> None:
    model = small()
    for start in range(0, 150, 10):
        rows = slice(start, start + 10)  # each has one class or two
        model.partial_fit(X[rows], NAMES[rows], classes=["setosa", "versicolor", "virginica"])
    assert model.n_iter_ == 15
    assert model.predict_proba(X).shape == (150, 3)
    numbers = NetRegressor(SMALL, batch=16)
    for _ in range(20):
        numbers.partial_fit(X[:, :3], X[:, 3])
    assert numbers.score(X[:, :3], X[:, 3]) > 0.8
    again = pickle.loads(pickle.dumps(numbers)).partial_fit(X[:, :3], X[:, 3])
    assert again.score(X[:, :3], X[:, 3]) > 0.8
    with pytest.raises(ValueError, match="features"):
        numbers.partial_fit(X, X[:, 3])


def test_the_model_of_an_estimator_keeps_no_samples_to_be_rated_by() -> None:
    with pytest.raises(netlang.NetError, match="the model does not keep them"):
        small().fit(X, Y).model_.evaluate()


def test_pictures_are_told_where_to_go() -> None:
    with pytest.raises(ValueError, match=r"rows of a table.*netlang.load\(net\).fit\(X, y\)"):
        small().fit(np.zeros((4, 1, 2, 2)), [0, 1, 0, 1])


def test_weights_are_routed_to_the_fit_that_asks_for_them() -> None:
    times = (Y == 2) * 50.0 + 0.01
    with sklearn.config_context(enable_metadata_routing=True):
        scale = StandardScaler().set_fit_request(sample_weight=False)
        weighed = make_pipeline(scale, small().set_fit_request(sample_weight=True))
        assert (weighed.fit(X, Y, sample_weight=times).predict(X) == 2).mean() > 0.5


def test_what_is_no_class_in_y_is_told() -> None:
    y: list[Any] = ["a", "b", "c"] * 10
    for other, said in (
        (float("nan"), "contains NaN"),
        (None, r"y\[4\] is no class, but missing"),
        (3, "several types: int, str"),
    ):
        y[4] = other
        with pytest.raises(ValueError, match=said):
            NetClassifier(epochs=1).fit([[0.0]] * 30, y)
