"""The type of a column in memory says what its cells are; nothing is guessed from how they look."""

from typing import Any

import numpy as np
import pandas
import polars
import pytest

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
