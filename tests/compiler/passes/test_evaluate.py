"""Expressions: arithmetic, lists, names and chains, and what cannot be worked out."""

from __future__ import annotations

import math

import pytest

from netlang.catalogue.arguments import PlainValue
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.resolve import resolve
from netlang.compiler.passes.resolve.imports import load
from netlang.compiler.passes.values import (
    Constant,
    ItemCall,
    Listing,
    Poison,
    Repeat,
    Series,
    Value,
    describe,
)
from netlang.compiler.passes.written_size import counts
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.names import (
    BadArithmetic,
    ExpandsTooFar,
    UnknownName,
    WrongKind,
    WrongType,
)
from netlang.language.source import SourceFile


def evaluated(text: str, *before: str) -> tuple[Value, list[Diagnostic]]:
    """The value of ``text``, after the definitions ``before``."""
    sink = Sink()
    source = SourceFile("a.net", "\n".join([*before, f"it = {text}"]))
    (file,) = resolve(load(source, sink), (), sink)
    return file.values["it"], sink.diagnostics


def value(text: str, *before: str) -> PlainValue:
    found, diagnostics = evaluated(text, *before)
    assert not diagnostics
    assert isinstance(found, Constant)
    return found.plain


def mistake(text: str, *before: str) -> Diagnostic:
    found, diagnostics = evaluated(text, *before)
    assert isinstance(found, Poison)
    (diagnostic,) = diagnostics
    return diagnostic


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("7 / 2", 3.5),
        ("6 / 2", 3.0),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7.0 // 2", 3.0),
        ("+5", 5),
        ("- - 5", 5),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("5 * 5", 25),
        ("2 ** 62", 2**62),
        ("1 ** 1000000", 1),
        ("0 ** 1000000", 0),
        ("0 * 1e-300", 0.0),
        ("0.0 / 3", 0.0),
        ("1 // 2", 0),
        ("(0 - 1) ** 1000001", -1),
        ("9223372036854775807 + 0", 2**63 - 1),
        ("1e300 * 1e-300", 1.0),
        ("0 / 5", 0.0),
    ],
)
def test_arithmetic_is_mathematics_own(text: str, expected: PlainValue) -> None:
    result = value(text)
    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 / 0", "division by zero"),
        ("1 // 0.0", "division by zero"),
        ("0 ** -1", "division by zero"),
        ("2 ** 63", "over 9223372036854775807"),
        ("-(2 ** 62) * 4", "over 9223372036854775807"),
        ("9223372036854775807 + 1", "over 9223372036854775807"),
        ("9 ** 9 ** 9", "over 9223372036854775807"),
        ("2 ** 100000", "over 9223372036854775807"),
        ("1e308 * 10", "out of range"),
        ("1e308 + 1e308", "out of range"),
        ("2.0 ** 5000", "out of range"),
        ("1e-300 * 1e-300", "out of range"),
        ("1e-300 / 1e300", "out of range"),
        ("10 ** -400", "out of range"),
        ("0.5 ** 5000", "out of range"),
        ("(0 - 8) ** 0.5", "negative number"),
    ],
)
def test_a_result_that_is_no_number_is_told_and_never_infinity(text: str, problem: str) -> None:
    found = mistake(text)
    assert isinstance(found, BadArithmetic)
    assert problem in found.title
    assert found.span
    assert found.span.text in text


NO_NUMBERS = '"2"', "true", "none", "[1]", "ReLU", "(ReLU -> ReLU)", "accuracy", "MSE"


@pytest.mark.parametrize("wrong", NO_NUMBERS)
@pytest.mark.parametrize("text", ["{} + 1", "1 * {}", "-{}", "1 - {}", "{} / 2", "2 * (2 * {})"])
def test_arithmetic_takes_numbers_alone(wrong: str, text: str) -> None:
    if wrong == "MSE" and text in ("1 * {}", "2 * (2 * {})"):
        pytest.skip("a loss may have several numbers before it")
    found = mistake(text.format(wrong))
    assert isinstance(found, WrongKind)
    assert "takes numbers" in found.title


def test_a_mistake_in_a_part_is_the_only_one_told_of_the_whole() -> None:
    assert mistake('-((1 / 0) * 2 + "a") ** 2').title == "division by zero"
    assert mistake("[ReLU, 1 / 0] + 1").title == "division by zero"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("n = 0.5\nmore = n / 0\nnet = Linear(n, 2)", ["division by zero", "`in_features`"]),
        ("zero = 0\na = 4 / zero\nb = 5 // zero\nnet = Linear(a, b)", ["division by zero"]),
        ("half = 0.5\nroot = (-4) ** half\nnet = Linear(half, 2)", ["a root of a negative number"]),
        ("n = -4.5\nroot = n ** 0.5\nnet = Linear(n, 2)", ["a root of a negative number"]),
    ],
)
def test_a_number_that_makes_a_result_impossible_hides_its_other_mistakes_and_no_other_number(
    text: str, mistakes: list[str]
) -> None:
    found = compile_source(SourceFile("a.net", text)).diagnostics
    titles = [one.title for one in found if one.is_error]
    assert len(titles) == len(mistakes)
    assert all(part in title for part, title in zip(mistakes, titles, strict=True))


def test_a_result_that_is_out_of_range_shows_both_numbers() -> None:
    text = "big = 1e300\nlarge = 1e200\nx = big * large\nnet = Linear(2, x)"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert [label.span.text for label in found.labels] == ["1e300", "1e200"]


def test_two_mistakes_side_by_side_are_both_told() -> None:
    _, diagnostics = evaluated("Linear(1 / 0, zebra)")
    assert {type(one) for one in diagnostics} == {BadArithmetic, UnknownName}


def test_a_list_of_values_is_a_value_and_one_with_an_item_is_a_listing() -> None:
    assert value("[1, [2.5], true, none]") == (1, (2.5,), True, None)
    assert value("[]") == ()
    listing, _ = evaluated("[1, ReLU]")
    assert isinstance(listing, Listing)
    assert len(listing.items) == 2


def test_a_list_with_a_mistake_is_a_mistake_and_told_once() -> None:
    assert isinstance(mistake("[1, 1 / 0]"), BadArithmetic)


def test_a_constant_stands_for_its_value_and_remembers_where_it_was_written() -> None:
    found, _ = evaluated("b", "a = 20 + 5", "b = a")
    assert isinstance(found, Constant)
    assert found.plain == 25
    assert found.span.text == "b"
    assert [span.text for span in found.origins] == ["20 + 5"]


def test_a_negated_number_spans_its_sign() -> None:
    found, _ = evaluated("-3")
    assert found.span.text == "-3"


def test_a_name_of_the_catalogue_is_a_use_of_it() -> None:
    for text in ("Dropout", "Dropout(0.2)", "(Dropout(0.2))"):
        found, _ = evaluated(text)
        assert isinstance(found, ItemCall)
        assert found.item.name == "Dropout"


def test_a_chain_counts_the_layers_of_the_networks_in_it() -> None:
    found, _ = evaluated("b -> ReLU -> b", "a = ReLU -> Tanh", "b = a -> a -> (Tanh -> a)")
    assert isinstance(found, Series)
    layers, _ = counts(found)[found]
    assert layers == 15
    assert len(found.links) == 3


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("5", "the number 5"),
        ('"a"', "a string"),
        ("[1]", "a list"),
        ("MSE", "the loss `MSE`"),
        ("SGD(lr=1)", "the optimizer `SGD`"),
        ("Disc", "the data set `Disc`"),
        ("accuracy", "the metric `accuracy`"),
        ("true", "`true`"),
    ],
)
def test_a_chain_takes_layers_alone_and_says_what_stands_there_instead(
    text: str, described: str
) -> None:
    _, (found,) = evaluated(f"ReLU -> {text} -> ReLU")
    assert isinstance(found, WrongKind)
    assert found.title == f"a chain is made of layers, and this is {described}"
    assert found.span
    assert found.span.text == text


@pytest.mark.parametrize("link", ["hidden", "[ReLU, hidden]"])
def test_a_number_in_a_chain_is_shown_where_it_is_used_and_where_it_comes_from(link: str) -> None:
    text = f"hidden = 5\nnet = Linear(2, hidden) -> {link}\n"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert found.span
    assert found.span.start == text.rindex("hidden")
    assert [label.span.text for label in found.labels] == ["5"]


def test_a_number_passed_as_a_layer_is_shown_where_it_is_passed_and_where_it_is_used() -> None:
    text = "block f(n) = Linear(2, n) -> n\nnet = f(3) -> f(4)\n"
    found = compile_source(SourceFile("a.net", text)).diagnostics
    assert [one.written for one in found] == ["3", "4"]
    assert all(one.labels[0].span.start == text.index("n\nnet") for one in found)


@pytest.mark.parametrize("text", ["none", "true", "2.5", "ReLU -> ReLU", "[ReLU]"])
def test_what_a_meaning_is_called_is_not_what_it_is_called_as_a_mistake(text: str) -> None:
    found, _ = evaluated(text)
    assert describe(found) != describe(Poison(found.span))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("Relu", "ReLU"),
        ("Lienar", "Linear"),
        ("Dense", "Linear"),
        ("BCELoss", "BinaryCrossEntropy"),
        ("widht", "width"),
        ("Zebra", None),
    ],
)
def test_an_unknown_name_is_told_with_the_one_that_was_meant(wrong: str, meant: str | None) -> None:
    for text in (wrong, f"{wrong}(1)"):
        found = mistake(text, "width = 3")
        assert isinstance(found, UnknownName)
        assert getattr(found.meant, "text", None) == meant
        assert found.span
        assert found.span.text == wrong


def test_an_unknown_name_in_a_call_does_not_hide_the_mistakes_in_its_arguments() -> None:
    _, diagnostics = evaluated("Zebra(1 / 0)")
    assert {type(one) for one in diagnostics} == {UnknownName, BadArithmetic}


def test_what_is_added_to_an_output_in_a_block_is_told_to_be_a_branch() -> None:
    _, (found,) = evaluated("res(2)", "block res(n) = x + (Linear(n, n) -> ReLU)")
    assert found.helps == ("the input has no name: `[Identity, ...] -> Add` adds it to an output",)
    _, (found,) = evaluated("res(2)", "block res(n) = Linear(n, n) * m")
    assert found.helps[0].startswith("make it a parameter")


def test_a_misspelt_layer_in_a_chain_is_told_to_be_no_loss() -> None:
    _, (found,) = evaluated("Linear(2, 2) -> MES")
    assert found.helps == ("`netlang layers` lists what there is",)
    _, (found,) = evaluated("Linear(2, 2) -> Tahn")
    assert found.helps == ("write `Tanh`",)
    _, (found,) = evaluated("Linear(2, 2) -> MSELoss")
    assert found.helps == ("write `MSE`",)
    assert mistake("MES").helps == ("write `MSE`",)


def test_a_string_that_names_a_layer_is_told_to_lose_its_quotes() -> None:
    for text in ('f(2, act="relu")', 'Linear(2, 2) -> "ReLU"'):
        _, (found,) = evaluated(text, "block f(n, act) = Linear(n, n) -> act")
        assert found.helps == ("write `ReLU`, without quotes",)


@pytest.mark.parametrize("definition", ["a = 3", "a = ReLU", "a = ReLU -> Tanh", "a = MSE"])
def test_a_definition_is_not_called(definition: str) -> None:
    found = mistake("a(1)", definition)
    assert isinstance(found, WrongKind)
    assert found.helps == ("write `a`",)


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_sum_of_very_many_terms_is_worked_out(count: int) -> None:
    assert value(" + ".join(["1"] * count)) == count


def test_a_float_result_is_finite_in_every_operation() -> None:
    for text in ("1e308 / 1e-308", "-1e308 - 1e308", "1e200 ** 2", "1e308 // 1e-308"):
        assert isinstance(mistake(text), BadArithmetic)
    result = value("1e308 / 10")
    assert isinstance(result, float)
    assert math.isfinite(result)


def test_a_count_that_a_block_cannot_take_is_shown_where_it_is_passed() -> None:
    text = "block deep(n) = ReLU * (n - 1)\nnet = deep(0)\ninput = [2]\n"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert found.span
    assert (found.span.first.line, found.span.text) == (2, "0")
    assert "`deep` repeats a network a whole number of times, at least 0" in found.title
    assert found.helps == ("pass a value that makes `(n - 1)` at least 0, and a whole number",)
    assert [label.span.text for label in found.labels] == ["(n - 1)"]


@pytest.mark.parametrize("times", ["0", "(2 - 2)", "-1", "n"])
def test_a_count_of_less_than_1_is_a_mistake_unless_a_name_says_0(times: str) -> None:
    found = mistake(f"ReLU * {times}", "n = -1")
    assert isinstance(found, WrongKind)
    assert found.title.startswith("`*` repeats a network a whole number of times")


@pytest.mark.parametrize("times", ["n", "(n - 0)", "n * 1_000_000_000 * 3"])
def test_a_network_that_is_repeated_a_named_0_times_has_no_layers(times: str) -> None:
    found, diagnostics = evaluated(f"(ReLU -> Tanh) * {times}", "n = 0")
    assert not diagnostics
    assert isinstance(found, Repeat)
    assert counts(found)[found][0] == 0


@pytest.mark.parametrize(
    ("link", "definition"),
    [
        ("MSE", "loss = MSE"),
        ("Disc(train=10, test=10)", "data = Disc(train=10, test=10)"),
        ("accuracy", "metrics = accuracy"),
        ("Adam(lr=0.1)", "optimizer = Adam(lr=0.1)"),
    ],
)
def test_what_a_setting_takes_is_told_to_stand_as_that_setting(link: str, definition: str) -> None:
    _, (found,) = evaluated(f"{link} -> Linear(2, 2)")
    assert found.help == f"put it on a line of its own: `{definition}`"


def test_a_block_that_passes_the_limit_at_its_end_is_told_there() -> None:
    ones = " + ".join(["1"] * 500)
    uses = " -> ".join(["f(500)"] * 300)
    source = SourceFile("a.net", f"block f(n) = Linear(n, {ones})\nnet = {uses}")
    (found,) = compile_source(source).diagnostics
    assert isinstance(found, ExpandsTooFar)


def test_each_use_of_a_block_has_a_hole_of_its_own_as_default() -> None:
    source = SourceFile("a.net", "block f(n=_) = Linear(n, 3)\nnet = f -> f\ninput = [2]")
    calls = [node.call for node in compile_source(source).require().graph.layers]
    assert calls == ["Linear(2, 3)", "Linear(3, 3)"]


def test_a_list_remembers_where_the_names_in_it_were_written() -> None:
    source = SourceFile("a.net", "n = 3\nnet = ReLU\ninput = [2]\nepochs = [n]")
    (found,) = compile_source(source).diagnostics
    assert isinstance(found, WrongType)
    assert [label.span.text for label in found.origins] == ["3"]
    assert found.meant
    assert not found.meant.sure
