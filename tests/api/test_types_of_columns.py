"""The type of a column in memory says what its cells are; nothing is guessed from how they look."""

from typing import Any

import numpy as np
import pandas
import polars
import pytest
import torch

import netlang
from tests.together import together

NET = "net = Linear(_, 4) -> ReLU -> Linear(4, _)\nepochs = 2"
ROWS = 24
AGE = np.linspace(0, 1, ROWS)
Y = np.arange(ROWS) % 2
PLACES = np.arange(ROWS) % 3
CODES = np.array(["01234", "1234", "98765"])[PLACES]


def columns(frame: Any, **constants: Any) -> dict[str, tuple[str, int]]:
    """The kind of each column, and how many inputs it makes."""
    program = netlang.load(NET, **constants).fit(frame, Y).program
    return {name: (kind, inputs) for name, kind, inputs in program.description.columns}


@together(
    "cells",
    [
        CODES,
        CODES.astype(object),
        CODES.tolist(),
        pandas.Series(CODES, dtype="string"),
        pandas.Categorical(PLACES),
        pandas.Categorical(PLACES / 2),
        polars.Series(CODES),
        polars.Series(CODES, dtype=polars.Categorical),
        polars.Series(PLACES.astype(str), dtype=polars.Enum(["0", "1", "2"])),
        np.array(["NA", "None", "?"])[PLACES],
        np.array(["1", "1.0", "01"])[PLACES],
    ],
)
def test_texts_and_categories_are_names_also_where_they_look_like_numbers(cells: Any) -> None:
    is_polars = isinstance(cells, polars.Series)
    frame: Any = {"age": AGE, "code": cells}
    frame = polars.DataFrame(frame) if is_polars else pandas.DataFrame(frame)
    assert columns(frame) == {"age": ("number", 1), "code": ("category", 3)}


def test_a_name_that_marks_a_missing_cell_of_a_file_is_told_from_others() -> None:
    frame = pandas.DataFrame({"kind": np.where(Y, "NA", "None")})
    model = netlang.load("net = Linear(_, _)", epochs=80, optimizer="Adam(0.1)").fit(frame, Y)
    assert (model.predict(frame) == Y).all()
    frame.loc[0, "kind"] = None
    filled = netlang.load(NET, data__missing="mean").fit(frame, Y)
    assert filled.program.description.filled == (("kind", 1),)


@together(
    "y", [Y + 2**60, Y.astype("uint64") + np.uint64(2**64 - 2), polars.Series(Y + 2**60), Y - 2**60]
)
def test_whole_numbers_that_no_float_holds_are_classes_of_their_own(y: Any) -> None:
    model = netlang.load(NET).fit(AGE[:, None], y)
    assert model.classes.tolist() == sorted({*np.asarray(y).tolist()})
    opened = netlang.Model.of(model._trained, model.history)  # by the names of the classes alone
    assert opened.classes.tolist() == model.classes.tolist()


@together(
    ("constants", "said"),
    [
        ({"data__weights": "balnced"}, "no column `balnced`"),
        ({"data__ignore": ["zz"]}, "no column `zz`"),
        ({"data__group": "zz"}, "no column `zz`"),
        ({"data__folds": 3}, "`fit` trains once, on no folds"),
    ],
)
def test_a_column_that_a_call_names_has_to_be_there(constants: dict[str, Any], said: str) -> None:
    with pytest.raises(netlang.NetError, match=said):
        netlang.load(NET, **constants).fit({"age": AGE}, Y)


def test_a_column_without_a_name_is_refused_and_may_be_ignored() -> None:
    frame = polars.DataFrame({"": range(ROWS), "age": AGE})
    with pytest.raises(netlang.NetError, match="one of its columns has no name"):
        netlang.load(NET).fit(frame, Y)
    model = netlang.load(NET, data__ignore=[""]).fit(frame, Y)
    assert len(model.predict(frame)) == ROWS


def test_estimators_count_the_rows_of_x_in_their_messages() -> None:
    age = np.concatenate([AGE, AGE])
    age[ROWS + 5] = np.nan
    frame = pandas.DataFrame({"age": age[::-1]})
    with pytest.raises(netlang.NetError, match=f"the first in row {ROWS - 5}, "):
        netlang.NetClassifier(NET, batch=64).fit(frame, np.concatenate([Y, Y]))


def test_the_way_out_that_a_message_names_works() -> None:
    frame = pandas.DataFrame({"age": np.where(Y, AGE, np.nan), "id": [*map(str, AGE)], "n": AGE})
    with pytest.raises(netlang.NetError) as texts:
        netlang.load(NET).fit(frame, Y)
    assert "fit(X, y)" not in str(texts.value)  # nobody wrote what stands there
    assert "`X['id'].astype(float)`" in str(texts.value)
    assert '`netlang.load(..., data__ignore=["id"])`' in str(texts.value)
    with pytest.raises(netlang.NetError) as missing:
        netlang.NetClassifier(NET, **{"data.ignore": ["id"]}).fit(frame, Y)
    assert '**{"data.missing": "mean"}' in str(missing.value)
    ways_out: dict[str, Any] = {"data.ignore": ["id"], "data.missing": "mean"}
    assert netlang.load(NET, **ways_out).fit(frame, Y).check() == []
    netlang.NetClassifier(NET, **ways_out).fit(frame, Y)


@together(
    ("X", "y", "said"),
    [
        ({"age": AGE, "leak": Y}, Y, "the input `leak` says the target"),
        ({"age": AGE, "same": np.ones(ROWS)}, Y, 'data__ignore=\\["same"\\]'),
        ({"age": AGE}, np.array(["Yes", "yes", "no"])[PLACES], "are different classes"),
        ({"age": AGE}, np.eye(3)[PLACES], r"if they are classes, .*`y.argmax\(1\)`"),
    ],
)
def test_what_looks_like_a_mistake_in_the_data_is_warned_of(X: Any, y: Any, said: str) -> None:
    with pytest.warns(UserWarning, match=said):
        model = netlang.load(NET).fit(X, y)
    assert len(model.check()) == 1
    netlang.load(NET).fit(X, y, verbose=False)


def test_an_estimator_warns_of_data_where_it_is_verbose() -> None:
    leak = pandas.DataFrame({"age": AGE, "leak": Y})
    with pytest.warns(UserWarning, match="the input `leak` says the target"):
        netlang.NetClassifier(NET, verbose=1).fit(leak, Y)
    netlang.NetClassifier(NET).fit(leak, Y)


def test_pictures_whose_channels_stand_behind_are_warned_of() -> None:
    net = "net = Conv2d(_, 2, 3) -> ReLU -> Flatten -> Linear(_, _)\nepochs = 1"
    pictures = np.random.default_rng(0).random((ROWS, 6, 6, 3))
    with pytest.warns(UserWarning, match=r"pictures of 6 channels"):
        netlang.load(net).fit(pictures, Y)
    netlang.load(net).fit(pictures.transpose(0, 3, 1, 2), Y)


def test_what_has_learned_from_an_array_takes_the_columns_of_a_frame_in_their_order() -> None:
    rows = np.stack([AGE, AGE[::-1] ** 2], 1)
    model, estimator = netlang.load(NET).fit(rows, Y), netlang.NetClassifier(NET).fit(rows, Y)
    wanted = model.predict_proba(rows)
    assert np.array_equal(model.predict_proba(pandas.DataFrame(rows)), wanted)
    assert np.array_equal(
        estimator.predict_proba(pandas.DataFrame(rows)), estimator.predict_proba(rows)
    )
    for frame in (polars.DataFrame(rows), pandas.DataFrame(rows, columns=["b", "a"])):
        with pytest.warns(UserWarning, match="taken in their order"):
            assert np.array_equal(model.predict_proba(frame), wanted)
        with pytest.warns(UserWarning, match="fitted without feature names"):
            estimator.predict(frame)
    with pytest.raises(netlang.NetError, match="X has 1 column, and the model takes 2"):
        model.predict(pandas.DataFrame({"a": AGE}))


def test_categories_that_no_training_row_had_are_warned_of() -> None:
    frame = pandas.DataFrame({"age": AGE, "city": np.array(["Rome", "Oslo", "Bern"])[PLACES]})
    model = netlang.load(NET).fit(frame, Y)
    frame.loc[2, "city"] = "Paris"
    with pytest.warns(UserWarning, match="`city` has 1 cell with a category .*: `Paris`"):
        model.predict(frame)


@together(
    ("fit", "said"),
    [
        (
            lambda model, X, y: model.fit(torch.utils.data.TensorDataset(X, y)),
            r"`fit\(\*dataset.tensors\)`",
        ),
        (lambda model, X, y: model.fit((X, y)), r"X and y are two arguments: `fit\(\*pair\)`"),
        (lambda model, X, y: model.fit(X, y, sample_weight="balanced"), 'data__weights="balanced"'),
    ],
)
def test_what_other_libraries_take_is_answered_with_what_fit_takes(fit: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        fit(netlang.load(NET), torch.ones(ROWS, 2), torch.tensor(Y))


def test_sequences_and_autoencoders_wait_for_their_samples() -> None:
    waves = np.random.default_rng(0).random((ROWS, 5, 2))
    for layers in ("GRU(_, 4) -> Last -> Linear(4, _)", "Flatten -> Linear(_, _)"):
        model = netlang.load(f"net = {layers}\nepochs = 1").fit(waves, Y)
        with pytest.raises(netlang.NetError, match=r"takes an array \[N, 5, 2\]"):
            model.predict(waves[:, :3])


def test_sequences_of_unequal_length_come_in_a_list_or_with_their_lengths() -> None:
    waves, long = np.random.default_rng(0).random((ROWS, 5, 2)), np.arange(ROWS) % 5 + 1
    net = "net = GRU(_, 4) -> Last -> Linear(4, _)\nepochs = 1"
    each = [wave[:count] for wave, count in zip(waves, long, strict=True)]
    model = netlang.load(net).fit(each, Y)
    wanted = model.predict_proba(each)
    padded = {"x": waves, "lengths": long}
    named = netlang.load(net, data__lengths="lengths").fit(padded, Y)
    assert np.array_equal(named.predict_proba(padded), wanted)
    assert np.array_equal(model.predict_proba(waves[:, :3][long == 3]), wanted[long == 3])
    assert model.evaluate(each, Y) == named.evaluate(padded, Y)
    with pytest.raises(netlang.NetError, match="X lacks the array `lengths`"):
        model.predict({"x": waves})
    with pytest.raises(netlang.NetError, match="the length of sample 1 is 9"):
        model.predict({"x": waves[:1], "lengths": [9]})
    with pytest.raises(netlang.NetError, match="a sequence has some step"):
        model.predict([waves[0, :0]])
    of_tokens = net.replace("GRU(_", "Embedding(_, 4) -> GRU(4")
    with pytest.raises(netlang.NetError, match=r"tokens by `data__tokens=20`"):
        netlang.load(of_tokens).fit(waves[:, :, 0], Y)
    words = np.random.default_rng(0).integers(0, 20, (ROWS, 5))
    lines = [line[:count].tolist() for line, count in zip(words, long, strict=True)]
    reader = netlang.load(of_tokens, data__tokens=20).fit(lines, Y)
    named = netlang.load(of_tokens, data__tokens=20, data__lengths="lengths")
    padded = {"x": words, "lengths": long}
    wanted = named.fit(padded, Y).predict_proba(padded)
    assert np.array_equal(reader.predict_proba(lines), wanted)
    assert np.array_equal(reader.compiled().predict(lines[:3]), reader.predict(lines[:3]))
    with pytest.raises(netlang.NetError, match=r"of how many tokens: `data__tokens=20`"):
        netlang.load(of_tokens).fit(lines, Y)


def test_numbers_of_16_bits_are_taken_like_others() -> None:
    x = AGE[:, None].astype("f2")
    model = netlang.load(NET).fit(x, Y)
    np.testing.assert_array_equal(model.predict(x), model.predict(x.astype("f4")))
