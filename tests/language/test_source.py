"""Places in a text: offsets, lines, columns, spans."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.language.source import Position, SourceFile, Span

TEXTS = st.text(st.sampled_from("ab é\t\n\r"), max_size=40)


def source(text: str) -> SourceFile:
    return SourceFile("a.net", text)


@pytest.mark.parametrize(
    ("offset", "line", "column"),
    [(0, 1, 1), (1, 1, 2), (2, 1, 3), (3, 2, 1), (4, 3, 1), (5, 3, 2), (6, 3, 3)],
)
def test_lines_and_columns_count_from_1(offset: int, line: int, column: int) -> None:
    assert source("ab\n\ncd").position(offset) == Position(line, column)


def test_the_end_of_a_text_is_a_position_too() -> None:
    assert source("").position(0) == Position(1, 1)
    assert source("ab\n").position(3) == Position(2, 1)


def test_columns_count_characters_and_not_bytes() -> None:
    assert source("é→𝄞x").position(3) == Position(1, 4)


@given(TEXTS, st.data())
def test_a_position_is_that_of_counting_line_feeds(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    before = text[:offset]
    position = source(text).position(offset)
    assert position.line == before.count("\n") + 1
    assert position.column == offset - (before.rfind("\n") + 1) + 1


@given(TEXTS, st.data())
def test_offset_of_a_line_and_a_column_make_the_offset_again(
    text: str, data: st.DataObject
) -> None:
    file, offset = source(text), data.draw(st.integers(0, len(text)))
    position = file.position(offset)
    assert file.offset(position.line) + position.column - 1 == offset


@given(TEXTS)
def test_a_line_has_no_line_break_and_its_text_otherwise(text: str) -> None:
    file = source(text)
    for number, line in enumerate(text.split("\n"), 1):
        assert file.line(number) == line.rstrip("\r")


@pytest.mark.parametrize("text", ["ab\r\ncd\r\n", "ab\ncd\n", "ab\ncd"])
def test_lines_end_at_a_line_feed_with_or_without_a_carriage_return(text: str) -> None:
    assert [source(text).line(number) for number in (1, 2)] == ["ab", "cd"]


def test_the_line_after_a_last_line_feed_is_empty() -> None:
    assert source("ab\n").line(2) == ""


def test_the_folder_of_a_file_is_the_one_it_lies_in_and_else_the_working_one() -> None:
    assert SourceFile("m", "", Path("models/m.net")).folder == Path("models")
    assert SourceFile("<stdin>", "").folder == Path()


def test_a_span_knows_its_text_and_its_two_ends() -> None:
    span = Span(source("ab\ncde"), 1, 5)
    assert span.text == "b\ncd"
    assert span.first == Position(1, 2)
    assert span.last == Position(2, 3)


def test_an_empty_span_has_no_text_and_one_position() -> None:
    span = Span(source("ab"), 1, 1)
    assert span.text == ""
    assert span.first == span.last


def test_a_span_to_another_reaches_from_its_start_to_the_other_s_end() -> None:
    file = source("abcdef")
    assert Span(file, 1, 2).to(Span(file, 4, 5)) == Span(file, 1, 5)


def test_spans_of_one_file_are_equal_by_offsets_and_those_of_two_files_are_not() -> None:
    one, other = source("ab"), source("ab")
    assert Span(one, 0, 1) == Span(one, 0, 1)
    assert Span(one, 0, 1) != Span(one, 0, 2)
    assert Span(one, 0, 1) != Span(other, 0, 1)


def test_sources_cannot_be_changed() -> None:
    file = source("ab")
    with pytest.raises(AttributeError):
        file.text = "cd"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del file.text
