"""Where statements begin and end."""

from __future__ import annotations

import pytest

from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.syntax import (
    TooDeep,
    UnclosedBracket,
    UnclosedString,
    UnopenedBracket,
)
from netlang.language.source import SourceFile
from netlang.language.syntax.statements import DEPTH_LIMIT, split


def extents(text: str, sink: Sink | None = None) -> list[str]:
    """The texts of the statements of ``text``."""
    return [extent.span.text for extent in split(SourceFile("a.net", text), sink or Sink())]


def readable(text: str) -> tuple[list[bool], Sink]:
    sink = Sink()
    return [extent.readable for extent in split(SourceFile("a.net", text), sink)], sink


def test_each_line_is_a_statement() -> None:
    assert extents("a = 1\nb = 2\n\n  c = 3") == ["a = 1", "b = 2", "c = 3"]


def test_a_file_without_statements_has_none() -> None:
    for text in ("", "\n\n", "  \t", "# a comment", "# one\n\r\n   # two\n"):
        assert extents(text) == []


def test_a_newline_in_brackets_ends_nothing() -> None:
    assert extents("a = f(\n1,\n\n[2,\n3]\n)\nb = 1") == ["a = f(\n1,\n\n[2,\n3]\n)", "b = 1"]


@pytest.mark.parametrize("operator", ["->", "+", "-", "*", "/", "//", "**", ",", "="])
def test_a_newline_after_an_operator_ends_nothing(operator: str) -> None:
    assert extents(f"a {operator}\n  1\nb = 2") == [f"a {operator}\n  1", "b = 2"]


@pytest.mark.parametrize("comparison", [">", "<", ">=", "<=", "==", "!="])
def test_a_newline_after_a_comparison_ends_nothing(comparison: str) -> None:
    assert extents(f"expect a.b {comparison}\n1") == [f"expect a.b {comparison}\n1"]


def test_a_newline_before_an_arrow_ends_nothing() -> None:
    assert extents("net = A\n -> B\n\n\n-> C\nb = 1") == ["net = A\n -> B\n\n\n-> C", "b = 1"]


def test_comments_between_a_line_and_the_arrow_that_follows_end_nothing() -> None:
    assert extents("A  # first\n  # more\n\n -> B") == ["A  # first\n  # more\n\n -> B"]


def test_a_line_that_starts_with_a_minus_is_a_statement_of_its_own() -> None:
    assert extents("a = 1\n- 2") == ["a = 1", "- 2"]


def test_a_comment_after_an_operator_does_not_end_the_statement() -> None:
    assert extents("a = 1 +  # and\n  2\nb = 3") == ["a = 1 +  # and\n  2", "b = 3"]


def test_a_comment_is_part_of_no_statement() -> None:
    assert extents("# ( \" '\na = 1 # )\n# ]") == ["a = 1"]


def test_a_string_hides_brackets_operators_and_comments() -> None:
    assert extents('a = "(# ->"\nb = 1') == ['a = "(# ->"', "b = 1"]
    assert extents('a = "\\"("\nb = 1') == ['a = "\\"("', "b = 1"]


def test_windows_line_ends_are_line_ends() -> None:
    assert extents("a = 1\r\nb = A\r\n -> B\r\n") == ["a = 1", "b = A\r\n -> B"]


def test_an_unclosed_bracket_leaves_the_definitions_after_it_readable() -> None:
    text = "a = f(1, 2\nb = 3\nc = [4\nexpect d.e > 1\nf = 5"
    sound, sink = readable(text)
    assert sound == [False, True, False, True, True]
    assert [type(found) for found in sink.diagnostics] == [UnclosedBracket, UnclosedBracket]


def test_an_unclosed_bracket_takes_in_lines_that_define_nothing() -> None:
    assert extents("a = f(1,\n  2\n  3\nb = 4") == ["a = f(1,\n  2\n  3", "b = 4"]


def test_keyword_arguments_on_lines_of_their_own_end_no_closed_bracket() -> None:
    text = "a = f(\nx = 1,\ny = 2\n)\nb = 1"
    assert extents(text) == ["a = f(\nx = 1,\ny = 2\n)", "b = 1"]


@pytest.mark.parametrize("operator", ["=", "+", "->", ","])
def test_a_line_that_lacks_its_end_does_not_take_in_the_definition_below_it(operator: str) -> None:
    assert extents(f"a = 1 {operator}\nb = 2") == [f"a = 1 {operator}", "b = 2"]


@pytest.mark.parametrize(
    ("text", "insert"),
    [
        ("net = Linear(2, 25 -> ReLU", 18),
        ("net = Linear(2, f(3) -> ReLU", 20),
        ("net = Linear(2, 25", 18),
        ("net = Linear(", 13),
        ("net = Linear(2,  # two\n 3 # three\n -> ReLU", 25),
    ],
)
def test_the_missing_bracket_is_told_before_the_arrow_or_at_the_end(text: str, insert: int) -> None:
    _, sink = readable(text)
    (found,) = sink.diagnostics
    assert isinstance(found, UnclosedBracket)
    assert found.insert
    assert found.insert.start == insert


@pytest.mark.parametrize("text", ["a = 1)", "a = (1]", "a = [1, (2], 3)", "a = ]", "a = )))"])
def test_brackets_that_do_not_match_are_told_once_a_statement(text: str) -> None:
    sound, sink = readable(text)
    assert sound == [False]
    assert [type(found) for found in sink.diagnostics] == [UnopenedBracket]


@pytest.mark.parametrize("text", ['a = "x', "a = 'x'", 'a = "x\\', 'a = "x\\"', 'a = f(1, "x)'])
def test_a_string_that_is_not_closed_ends_with_its_line(text: str) -> None:
    sound, sink = readable(f"{text}\nb = 1")
    assert sound == [False, True]
    assert [type(found) for found in sink.diagnostics] == [UnclosedString]
    assert sink.diagnostics[0].span
    assert sink.diagnostics[0].span.end == len(text)


def test_brackets_are_taken_up_to_the_limit_and_no_deeper() -> None:
    sound, sink = readable("a = " + "(" * DEPTH_LIMIT + "1" + ")" * DEPTH_LIMIT)
    assert sound == [True]
    assert not sink.diagnostics
    for depth in (DEPTH_LIMIT + 1, 300, 100_000):
        for opening, closing in ("()", "[]"):
            sound, sink = readable("a = " + opening * depth + "1" + closing * depth + "\nb = 1")
            assert sound == [False, True]
            (found,) = sink.diagnostics
            assert isinstance(found, TooDeep)
            assert found.span
            assert found.span.start == 4 + DEPTH_LIMIT


def test_brackets_that_stay_open_a_hundred_thousand_times_are_told_once() -> None:
    _, sink = readable("a = " + "(" * 100_000)
    assert len(sink.diagnostics) == 1
    _, sink = readable("f(\n" * 100_000)
    assert len(sink.diagnostics) == 1


def test_unclosed_brackets_on_lines_of_their_own_are_each_told() -> None:
    sound, sink = readable("a = f(\n" * 150)
    assert len(sound) == len(sink.diagnostics) == 150


def test_a_bracket_that_stays_open_leaves_the_closed_ones_after_it_whole() -> None:
    text = "net = Linear(2, 3\n  -> ReLU\ndata = Disc(\ntrain = 3)\nblock f(\na,\nc = 3\n) = ReLU\n"
    sound, sink = readable(text)
    assert sound == [False, True, True]
    (found,) = sink.diagnostics
    assert isinstance(found, UnclosedBracket)


def test_a_string_that_is_not_closed_leaves_the_bracket_around_it_open() -> None:
    text = 'data = CSV(\n   "iris.csv,\n   target="species",\n)\nnet = Linear(2, 2)'
    sound, sink = readable(text)
    assert sound == [False, True]
    assert [type(found) for found in sink.diagnostics] == [UnclosedString]


def test_tokens_that_are_looked_over_again_are_counted_once() -> None:
    _, sink = readable("a = f(\n" + "b = 1 + 2\n" * 43_000)
    assert [type(found) for found in sink.diagnostics] == [UnclosedBracket]


def test_a_statement_with_an_unclosed_string_is_not_told_to_be_too_deep() -> None:
    _, sink = readable('f("x\n' * (DEPTH_LIMIT + 2))
    assert [type(found) for found in sink.diagnostics] == [UnclosedString]
