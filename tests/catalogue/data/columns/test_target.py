"""Targets: what is a class, which spellings are one, and when numbers are none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.catalogue.data.columns.labels import as_number, in_order, is_whole
from netlang.catalogue.data.columns.missing import marks_no_number, marks_of_missing
from netlang.catalogue.data.columns.notation import interpret
from netlang.catalogue.data.columns.oddities import target_warnings
from netlang.catalogue.data.columns.target import Target, read_target
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.language.diagnostics.messages.tables import RareClasses, SimilarClasses, TargetTaken


def read(cells: Sequence[str], task: str = "auto") -> Target:
    gathered = Gathering(as_text=True)
    gathered.add(cells)
    return read_target(gathered, task)


def told(cells: Sequence[object], task: str = "auto") -> tuple[str | None, str]:
    """The target's task, and the codes of what is said of it."""
    target = read([str(cell) for cell in cells], task)
    assert not target.bad_texts
    codes = [found.code for found in target_warnings("y", target, None)]
    return "classification" if target.classes else "regression", " ".join(codes)


def classes(cells: Sequence[str], task: str = "auto") -> tuple[str, ...] | None:
    target = read(cells, task)
    assert not target.bad_texts
    return target.classes


DIGITS = [*range(10)]
PLAIN_CLASSES = {
    "digits": DIGITS * 30,
    "digits of few rows": DIGITS * 2,
    "signs": [0, 1, 1, 0],
    "signs of one row each": [0, 1],
    "minus and plus one": [-1, 1, 1, -1],
    "ratings": [1, 2, 3, 4, 5] * 4,
    "two large numbers": [250000, 310000] * 3,
    "truths": ["true", "false"] * 4,
    "text": ["a", "b"] * 4,
    "text among which numbers are": ["a", "a", "b", "b", "7", "7"],
    "postcodes": ["02139", "10001"] * 2,
}
PLAIN_NUMBERS = {
    "decimals": [0.5, 1.5, 2.5],
    "some decimals": [1, 2, 3, 4, 4.5],
    "exponents": ["1e-3", "2e-3", "1"],
}
GUESSED_CLASSES = {
    "twenty classes with gaps": [*range(0, 200, 10)] * 2,
    "fifteen years": [1990 + row % 15 for row in range(60)],
    "letters": [*range(26)] * 10,
    "letters from one": [*range(1, 27)] * 12,
    "a hundred classes": [*range(100)] * 10,
}
GUESSED_NUMBERS = {
    "prices": [250000 + 1000 * row for row in range(40)],
    "few prices": [150000, 210000, 330000],
    "prices, some alike": [326 + row // 5 * 7 for row in range(500)],
    "ids": [*range(1, 60)],
    "years": [1950 + row % 70 for row in range(2000)],
    "ages": [18 + row % 60 for row in range(5000)],
    "counts": [row * row % 101 for row in range(1000)],
    "classes of few rows": [*range(30)] * 9,
}


@pytest.mark.parametrize("cells", PLAIN_CLASSES.values(), ids=PLAIN_CLASSES)
def test_a_few_values_of_many_rows_and_all_text_are_classes(cells: Sequence[object]) -> None:
    assert told(cells)[0] == "classification"
    assert "W0609" not in told(cells)[1]


@pytest.mark.parametrize("cells", PLAIN_NUMBERS.values(), ids=PLAIN_NUMBERS)
def test_numbers_with_decimals_are_to_predict(cells: Sequence[object]) -> None:
    assert told(cells) == ("regression", "")


@pytest.mark.parametrize("cells", GUESSED_CLASSES.values(), ids=GUESSED_CLASSES)
def test_more_than_ten_whole_numbers_are_classes_only_if_that_is_told(
    cells: Sequence[object],
) -> None:
    assert told(cells) == ("classification", "W0609")


@pytest.mark.parametrize("cells", GUESSED_NUMBERS.values(), ids=GUESSED_NUMBERS)
def test_many_whole_numbers_of_few_rows_or_with_gaps_are_to_predict_and_that_is_told(
    cells: Sequence[object],
) -> None:
    assert told(cells) == ("regression", "W0609")


@pytest.mark.parametrize("cells", [*GUESSED_CLASSES.values(), *GUESSED_NUMBERS.values()])
def test_a_stated_task_is_taken_without_a_word(cells: Sequence[object]) -> None:
    assert told(cells, "regression") == ("regression", "")
    task, codes = told(cells, "classification")
    assert task == "classification"
    assert "W0609" not in codes


def test_what_was_taken_is_told_with_its_numbers() -> None:
    target = read([str(7 * row) for row in range(30)], "auto")
    (found,) = target_warnings("price", target, None)
    assert isinstance(found, TargetTaken)
    assert found.title == "`price` is taken for a number to predict"
    assert found.label == "30 different whole numbers in 30 rows"
    assert 'task="classification"' in found.helps[0]


# Equal numbers


@pytest.mark.parametrize("task", ["auto", "classification"])
def test_numbers_that_are_equal_are_one_class(task: str) -> None:
    cells = ["1", "01", "+1", "1.0", "1.", "1e0", "10e-1", "0.1e1"]
    target = read([*cells, "2", "-0", "0.0", "2.00"], task)
    assert target.classes == ("0", "1", "2")
    assert list(target.labels) == [1] * len(cells) + [2, 0, 0, 2]


def test_whole_numbers_with_a_point_are_whole_numbers() -> None:
    assert classes(["1.0", "2.0", "3.0"] * 3) == ("1", "2", "3")
    assert classes(["10.0", "9.0", "-1.0"] * 3) == ("-1", "9", "10")


def test_stated_classes_may_be_decimals_and_are_in_numerical_order() -> None:
    cells = ["10.5", "9.50", "9.5", "1e-9", "-2.5"]
    assert classes(cells, "classification") == ("-2.5", "1e-9", "9.5", "10.5")


def test_numbers_too_long_for_a_float_stay_apart() -> None:
    cells = ["9007199254740993", "9007199254740992", "1" * 300, "1" * 299 + "2"]
    assert len(classes(cells * 2) or ()) == 4


def test_codes_keep_their_zeros() -> None:
    assert classes(["02139", "10001", "00501"] * 2) == ("00501", "02139", "10001")
    many = [f"{row:05}" for row in range(0, 50000, 100)]
    assert classes(many) == tuple(many)
    assert classes(["007", "7", "8"] * 2) == ("7", "8")


def test_text_stays_as_it_is_written() -> None:
    assert classes(["1.1", "1.10", "2.0b", "beta", "rc", "rc"]) == (
        "1.1", "1.10", "2.0b", "beta", "rc",
    )  # fmt: skip


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
        lambda number: abs(number.adjusted()) < 300
    )
)
def test_a_number_has_one_form_however_it_is_written(number: Decimal) -> None:
    form = as_number(str(number))
    if form is None:
        assert len(number.as_tuple().digits) > 300
        return
    assert Decimal(form) == number
    assert is_whole(form) == (number == number.to_integral_value())
    assert as_number(form) == form
    assert as_number(f"{number:e}") == form
    assert as_number(f"{number:f}") in (form, None)


@pytest.mark.parametrize(
    "cell", ["", ".", "+", "-.", "e5", "1e", "0x1", "1_0", "٣", "1e99999", "½"]
)
def test_what_is_no_decimal_number_is_none(cell: str) -> None:
    assert as_number(cell) is None


@pytest.mark.parametrize(("cell", "form"), [("33e305", "3.3e306"), ("-50e-9", "-5e-8")])
def test_a_number_far_from_1_has_an_exponent(cell: str, form: str) -> None:
    assert as_number(cell) == as_number(form) == form
    assert is_whole(form) == ("e-" not in form)


def test_numbers_are_sorted_by_value_whatever_their_form() -> None:
    assert in_order(["10", "-3", "9"]) == ["-3", "9", "10"]
    assert in_order(["1e-9", "0.5", "-1", "1e305"]) == ["-1", "1e-9", "0.5", "1e305"]


# Missing classes


@pytest.mark.parametrize(
    "mark",
    ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A", "<NA>", "?", "-"],
)
@pytest.mark.parametrize("others", [["a", "b", "a"], ["0", "1", "0"], ["3.0", "4.0", "3.0"]])
def test_marks_of_a_missing_value_are_no_classes(mark: str, others: list[str]) -> None:
    target = read([*others, mark, *others], "auto")
    (refusal,) = target.bad_texts
    assert [*target.labels].index(-1) == 3
    assert "name the row's class, or remove the row" in refusal.help
    assert target.classes
    assert mark not in target.classes


@pytest.mark.parametrize("mark", ["NA", "", "?"])
def test_marks_of_a_missing_value_are_no_numbers_to_predict(mark: str) -> None:
    target = read(["0.5", mark, "1.5"], "auto")
    assert [refusal.wanted for refusal in target.bad_texts] == ["a number to predict"]
    assert [isnan(value) for value in target.values] == [False, True, False]


def test_a_dash_beside_a_plus_is_a_class() -> None:
    assert classes(["+", "-", "-", "+"]) == ("+", "-")
    assert marks_of_missing({"+", "-", "?"}) == {"?"}
    assert marks_of_missing({"++", "--", "?"}) == {"?"}


# Each marks a missing value wherever one is, but for words that name a class in other places.
MARKS = ["N/A", "n/a", "Null", "NULL", "NaN", "-nan", "#N/A N/A", "#NA", "<NA>", "1.#IND", "NaT"]
SIGNS = ["?", "??", ".", "..", "-", "--", "---", "\u2013", "\u2014"]


@pytest.mark.parametrize("mark", [*MARKS, *SIGNS, "NA", "na", "None"])
def test_what_marks_a_missing_class_marks_a_missing_number(mark: str) -> None:
    assert marks_of_missing({mark, "setosa"}) == {mark}
    assert marks_no_number(mark)
    found = interpret(mark)
    assert found
    assert found.wanted == "takes a number, and no sign for a missing one"


@pytest.mark.parametrize("word", ["none", "NONE", "nil", "missing", "Missing"])
def test_a_word_for_nothing_is_no_number_and_may_be_a_class(word: str) -> None:
    assert marks_no_number(word)
    assert not marks_of_missing({word, "mild", "severe"})


def test_missing_classes_do_not_make_numbers_text() -> None:
    target = read(["0", "NA", "NA", "NA", "1", "0", "NA"], "auto")
    assert [refusal.code for refusal in target.bad_texts] == [1]
    assert [*target.labels] == [0, -1, -1, -1, 1, 0, -1]
    assert target.classes == ("0", "1")


# Classes that look like a mistake


def remarked(cells: Sequence[str]) -> Target:
    return read(cells, "auto")


def test_classes_of_one_row_are_told_with_their_rows() -> None:
    (found,) = target_warnings("y", remarked(["a", "b", "x", "a", "b", "z"]), None)
    assert isinstance(found, RareClasses)
    assert found.alone == (("x", 3), ("z", 6))
    assert found.notes == ("`x` in row 3 and `z` in row 6",)


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("setosa", "Setosa", "`Setosa` and `setosa`"),
        ("iris  setosa", "iris setosa", "`iris  setosa` and `iris setosa`"),
        ("caf\xe9", "cafe\u0301", "`cafe\\u0301` and `caf\\xe9`"),
        ("a\u200b", "a", "`a` and `a\\u200b`"),
        ("\uff41bc", "abc", "`abc` and `\\uff41bc`"),
        ("stra\xdfe", "STRASSE", "`STRASSE` and `stra\xdfe`"),
        ("true", "TRUE", "`TRUE` and `true`"),
    ],
)
def test_classes_that_look_like_one_are_told(one: str, other: str, shown: str) -> None:
    (found,) = target_warnings("y", remarked([one, other, "z"] * 2), None)
    assert isinstance(found, SimilarClasses)
    assert found.title == f"{shown} are different classes"


def test_numbers_among_text_that_are_equal_look_like_one_class() -> None:
    (found,) = target_warnings("y", remarked(["1", "1.0", "a", "b", "c"] * 2), None)
    assert isinstance(found, SimilarClasses)
    assert found.groups == (("1", "1.0"),)


def test_long_names_are_shortened_where_they_are_told() -> None:
    (found,) = target_warnings("y", remarked(["x" * 9000, "b", "b"]), None)
    assert len(found.title) < 100
    assert max(map(len, found.notes)) < 100
