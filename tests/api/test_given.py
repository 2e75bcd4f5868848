"""X and y in memory take the place of a file's data, and the model is one as any other."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest
import torch

import netlang
from netlang.api.changes import changes_of
from netlang.api.given import given_program
from netlang.api.given.labels import labels_in
from netlang.api.targets import plain
from tests.together import together

NET = "hidden = 8\nnet = Linear(_, hidden) -> ReLU -> Linear(hidden, _)"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)
NAMES = np.array(["none", "some", "much"])[Y]  # "none" marks a missing cell of a file
FRAME = pandas.DataFrame(
    {
        "age": [1.0, 2.0, None, 4.0] * 5,
        "sex": ["m", "f", None, "f"] * 5,
        "old": [True, False, True, True] * 5,
        "deck": pandas.Categorical(["a", "b", "a", "b"] * 5),
    }
)
SMALL = {"epochs": 2, "optimizer": "Adam(lr=0.01)"}


def fitted(net: str, X: Any, y: Any = None, **more: Any) -> netlang.Model:
    model = netlang.load(net, **{**SMALL, **more.pop("constants", {})})
    return model.fit(X, y, **{"verbose": False, **more})


@together(
    "y",
    [
        Y,
        Y.astype(np.float32),
        NAMES,
        NAMES.astype(object),
        Y > 0,
        torch.tensor(Y),
        NAMES.tolist(),
        pandas.Series(NAMES, name="kind"),
        polars.Series("kind", NAMES),
    ],
)
def test_classes_come_back_as_y_had_them(y: Any) -> None:
    found = fitted(NET, X, y, constants={"epochs": 60}).predict(X)
    wanted = y if isinstance(y, np.ndarray) else np.asarray(y)
    assert found.dtype == wanted.dtype or {found.dtype.kind, wanted.dtype.kind} <= {*"UO"}
    assert (found == wanted).mean() > 0.8


def test_numbers_are_predicted_in_their_own_units() -> None:
    y = 1000 + 50 * X[:, 0]
    model = fitted(NET, X, y, constants={"epochs": 60})
    assert model.predict(X).shape == (60,)
    assert np.abs(model.predict(X) - y).mean() < 20
    assert model.program.loss.name == "MSE"
    assert fitted(NET, X, np.stack([y, -y], 1)).predict(X).shape == (60, 2)


def test_labels_are_columns_of_zeros_and_ones() -> None:
    model = fitted(NET, X, np.stack([Y > 0, Y > 1], 1))
    assert model.program.loss.name == "SigmoidCrossEntropy"
    assert {*np.unique(model.predict(X)).tolist()} <= {0, 1}
    assert model.predict_proba(X).shape == (60, 2)


def test_what_a_file_says_of_its_table_holds_for_a_frame(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("age,kind\n" + "1,0\n2,1\n" * 9)
    about = 'target="kind", missing="median", validation=0.25'
    text = f'{NET}\ndata = Table("t.csv", {about})\nloss = SoftmaxCrossEntropy\n'
    (tmp_path / "t.net").write_text(text + "stop = Best(validation.loss)\nexpect test.loss < 9")
    y = ["u", "v", "none", "v"] * 5
    model = fitted(str(tmp_path / "t.net"), FRAME, y)
    assert model.program.data.missing == "median"
    assert model.program.description.validation == 5
    assert model.program.description.dropped == 0
    assert model.program.description.classes == ("none", "u", "v")
    cells = FRAME.astype(object).where(FRAME.notna(), None).to_dict("list")
    with_target = polars.DataFrame({**cells, "kind": y}, strict=False)
    assert fitted(str(tmp_path / "t.net"), with_target).predict(FRAME).shape == (20,)


def test_a_model_of_data_in_memory_is_saved_and_opened(tmp_path: Path) -> None:
    filled = FRAME.assign(age=FRAME.age.fillna(0), sex=FRAME.sex.fillna("x"))
    model = fitted(NET, filled, ["yes", "no"] * 10)
    opened = netlang.open(model.save(tmp_path / "model.safetensors"))
    assert (opened.predict(filled) == model.predict(filled)).all()
    assert np.array_equal(opened.predict_proba(filled), model.predict_proba(filled))
    shown, before = (str(one.summary()).splitlines() for one in (opened, model))
    assert (shown[:6], shown[-2:]) == (before[:6], before[-2:])  # without the data's memory


def test_arrays_of_more_dimensions_are_samples_of_their_shape() -> None:
    pictures = RANDOM.random((30, 1, 6, 6)).astype("float32")
    net = "net = Conv2d(1, 2, 3) -> ReLU -> Flatten -> Linear(_, _)"
    model = fitted(net, pictures, np.array(["a", "b", "c"] * 10))
    assert {*model.predict(pictures)} <= {"a", "b", "c"}
    net = "net = GRU(_, 4) -> Last -> Linear(_, 1)"
    sequences = fitted(net, RANDOM.random((30, 5, 2)), Y[:30] / 7)
    assert sequences.predict(RANDOM.random((4, 5, 2))).shape == (4,)


def test_several_inputs_are_arrays_in_a_dict() -> None:
    net = 'net = [Input("left"), Input("right")] -> Concat -> Linear(_, _)'
    waves = {"left": X, "right": -X}
    model = fitted(net, waves, Y > 0, constants={"epochs": 40})
    assert (model.predict(waves) == (Y > 0)).mean() > 0.8
    assert [name for name, _ in model.program.description.inputs] == ["left", "right"]


def test_sequences_have_lengths_in_an_array_that_the_file_names() -> None:
    text = 'net = GRU(_, 4) -> Last -> Linear(_, _)\ndata = Arrays("a.npz", lengths="long")'
    source = netlang.SourceFile("a.net", text)
    X = {"x": RANDOM.random((20, 5, 2)), "long": np.arange(20) % 5 + 1}
    program = given_program(source, (), X, Y[:20]).program
    assert program.description.input.padded
    assert program.data.load(0).train.inputs.isnan().any()


def test_a_weight_of_zero_leaves_a_sample_out_and_equal_weights_change_nothing() -> None:
    weight = np.ones(60)
    weight[40:] = 0
    weighed, without = fitted(NET, X, Y, sample_weight=weight), fitted(NET, X[:40], Y[:40])
    assert np.array_equal(weighed.predict_proba(X), without.predict_proba(X))
    assert np.array_equal(
        fitted(NET, X, Y, sample_weight=[3.0] * 60).predict_proba(X),
        fitted(NET, X, Y).predict_proba(X),
    )


def test_a_weight_says_how_much_a_sample_counts() -> None:
    weight = np.where(Y == 2, 50.0, 0.5)
    model = fitted(NET, X, Y, sample_weight=weight, constants={"epochs": 9})
    assert (model.predict(X) == 2).sum() > 30


@together(
    ("net", "data", "y", "said"),
    [
        (NET, X, Y[:5], "X has 60 samples, and y 5 targets"),
        (NET, X[:0], Y[:0], "X has no rows"),
        (NET, X[:, 0], Y, "X has the shape [60], and samples are rows"),
        (NET, FRAME, Y[:20], "2 columns lack some cells"),
        (NET, X, np.ones(60), "`y` has only one class"),
        ("Linear(5, 3)", X, Y, "the data does not fit the first layer"),
        (NET, {"a": [[1], [2]]}, [0, 1], "holds values of the type list"),
        (NET, {"a": [1], "b": [1, 2]}, [0], "have 1 and 2 rows"),
        (NET, X[:2], np.array(["a", 1], object), "of several types"),
        (NET, pandas.DataFrame(X[:, [0, 0]], columns=["a", "a"]), Y, "two columns of X are called"),
        ("Flatten -> Linear(_, _)", np.full((60, 2, 2), np.nan), Y, "X cannot be used: sample 1"),
    ],
)
def test_what_cannot_be_learned_from_is_told_once(net: str, data: Any, y: Any, said: str) -> None:
    with pytest.raises(netlang.NetError) as error:
        netlang.load(net).fit(data, y)
    assert said in str(error.value)
    assert str(error.value).count("error[") == 1


@together(
    ("weight", "said"),
    [
        ([-1.0] * 60, "a number below 0, NaN or infinity"),
        ([1.0] * 5, "has the shape [5], and there are 60 samples"),
        (["a"] * 60, "holds what is no number"),
        ([0.0] * 60, "every sample weight is zero"),
    ],
)
def test_a_weight_that_is_none_is_refused(weight: list[Any], said: str) -> None:
    with pytest.raises(netlang.NetError) as error:
        netlang.load(NET).fit(X, Y, sample_weight=weight)
    assert said in str(error.value)


def test_without_targets_there_is_nothing_to_fit() -> None:
    with pytest.raises(TypeError, match="fit takes y"):
        netlang.load(NET).fit(X)


def test_what_fit_brings_by_default_takes_arguments_by_name() -> None:
    constants = {"data.missing": "median", "optimizer.lr": 0.5, "epochs": 2}
    program = netlang.load(NET, **constants).fit(FRAME, Y[:20]).program
    assert program.data.missing == "median"
    assert program.optimizer.lr == 0.5


def test_a_column_of_x_that_is_called_y_is_an_input_where_no_file_predicts_it() -> None:
    frame = pandas.DataFrame(X, columns=["x", "y", "z"])
    program = fitted(NET, frame, Y).program
    assert [name for name, *_ in program.description.columns] == ["x", "y", "z"]
    named = fitted(NET, frame, pandas.Series(Y, name="kind")).program
    assert named.description.target == ("kind",)


def test_a_column_may_be_called_as_the_weights_are() -> None:
    frame = pandas.DataFrame(X, columns=["sample weight", "b", "c"])
    others = frame.rename(columns={"sample weight": "a"})
    for weight in (None, 1 + Y):
        found = fitted(NET, frame, NAMES, sample_weight=weight).outputs(frame)
        assert (found == fitted(NET, others, NAMES, sample_weight=weight).outputs(others)).all()
    joined = netlang.NetClassifier(NET, **SMALL, batch=64)
    assert (
        joined.fit(frame, NAMES).predict_proba(frame)
        == joined.fit(others, NAMES).predict_proba(others)
    ).all()


def test_an_index_in_another_order_is_told() -> None:
    frame = pandas.DataFrame(X)
    others = pandas.Series(NAMES).iloc[::-1]
    with pytest.warns(UserWarning, match=r"another order.* `y.loc\[X.index\]` has its order"):
        model = fitted(NET, frame, others)
    with pytest.warns(UserWarning, match="another order"):
        model.evaluate(frame, others)
    fitted(NET, frame, others.reset_index(drop=True))


def test_what_is_no_text_among_texts_of_y_is_no_class() -> None:
    assert labels_in(plain(["b", "a", float("nan"), None]), None).tolist() == ["a", "b"]
    with pytest.raises(netlang.NetError, match="several types"):
        fitted(NET, X, ["a", 1, 2] * 20)


def test_categories_of_whole_numbers_are_classes_of_whole_numbers() -> None:
    y = pandas.DataFrame({"grade": pandas.Categorical([3, 5, 7] * 20)})
    assert fitted(NET, X, y).classes.dtype.kind == "i"


def test_classes_that_a_file_could_not_tell_apart_are_told_apart_by_evaluate() -> None:
    y = np.where(X[:, 0] > 0, " a", "a")
    model = fitted(NET, X, y, constants={"epochs": 60})
    assert model.evaluate(X, y)["accuracy"] == (model.predict(X) == y).mean() > 0.8
    truths = fitted(NET, X, X[:, 0] > 0, constants={"epochs": 60})
    assert truths.evaluate(X, X[:, 0] > 0) == truths.evaluate(X, (X[:, 0] > 0).astype(int))


def test_a_category_that_training_had_not_is_told_where_it_is_used() -> None:
    model = fitted(NET, FRAME[["sex", "old"]].fillna("m"), NAMES[:20])
    with pytest.warns(UserWarning, match="`old` has 2 cells with a category.* 0: `1` and `0`"):
        model.predict([{"sex": "m", "old": 1}, {"sex": "f", "old": 0}])


def test_tensors_of_small_floats_are_numbers() -> None:
    rows = torch.tensor(X).bfloat16()
    assert (fitted(NET, rows, Y).outputs(rows) == fitted(NET, rows.float(), Y).outputs(rows)).all()


def test_an_empty_text_may_be_a_class(tmp_path: Path) -> None:
    model = fitted(NET, X, np.where(Y > 0, "yes", ""), constants={"epochs": 40})
    assert {*model.predict(X)} == {"", "yes"}
    netlang.open(model.save(tmp_path / "model.safetensors"))


def test_what_looks_like_a_mistake_in_the_data_is_told_by_check() -> None:
    model = fitted(NET, np.concatenate([X, np.ones((60, 1))], 1), Y)
    assert [one.code for one in model.check()] == ["W0614"]
    assert "`x3`" in str(model.check())
    assert fitted(NET, X, Y).check() == []


def test_a_loss_says_whether_numbers_are_classes() -> None:
    def found(loss: str, y: Any) -> str:
        return fitted(f"net = Linear(_, _)\nloss = {loss}", X, y).program.description.task

    assert found("MAE", Y) == "regression"
    assert found("MSE", Y) == "classification"  # which it is for, too
    assert found("MSE", Y.astype(float)) == "regression"
    assert found("SoftmaxCrossEntropy", np.arange(60)) == "classification"
    assert fitted("net = Linear(_, _)", X, np.arange(60)).program.description.task == "regression"
    assert found("SigmoidCrossEntropy", np.stack([Y > 0, Y > 1], 1)) == "labels"


@together(
    ("text", "constants"),
    [
        (NET, {"data.misssing": "mean"}),
        (NET, {"data.missing": "average"}),
        (f'{NET}\ndata = Table("a.csv", target="y", misssing="mean")', {}),
    ],
)
def test_what_is_wrong_with_what_is_said_of_the_data_is_told(
    text: str, constants: dict[str, Any]
) -> None:
    source = netlang.SourceFile("a.net", text)
    with pytest.raises(netlang.NetError, match=r"did you mean|takes") as error:
        given_program(source, changes_of(source, constants), FRAME, Y[:20])
    assert str(error.value).count("error[") == 1


def test_a_share_is_set_aside_to_test_on_where_who_calls_asks_for_it() -> None:
    quarter, half = {"data.test": 0.25}, {"data.test": 0.5}
    model = fitted(NET, X, Y, constants=quarter)
    assert model.program.description.test == 15
    assert "test.accuracy" in model.history[0]
    pictures = fitted("Flatten -> Linear(_, _)", X.reshape(60, 3, 1), Y, constants=half)
    assert pictures.program.description.test == 30


def test_the_files_own_data_need_not_be_there(tmp_path: Path) -> None:
    text = f'{NET}\ndata = Table("absent.csv", target="kind", missing="mean")\n'
    model = netlang.load(text + "loss = SoftmaxCrossEntropy\noptimizer = Adam", epochs=2)
    assert [one.code for one in model.check()] == ["E0403"]
    with pytest.raises(netlang.NetError, match=r"cannot read the data file `absent.csv`"):
        model.fit()
    assert model.fit(FRAME, Y[:20]).predict(FRAME).shape == (20,)
