"""How a message looks. Each expected text is written out as a person would see it."""

from __future__ import annotations

import copy
import unicodedata
from textwrap import dedent
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.language.diagnostics import Diagnostic, Label, NetError
from netlang.language.diagnostics.rendering.excerpt import Style
from netlang.language.diagnostics.rendering.text import render, render_all
from netlang.language.source import SourceFile, Span


class Mistake(Diagnostic):
    code: ClassVar[str] = "E0301"
    title: str = "wrong"
    label: str = "here"
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()


class Suspicion(Mistake):
    code: ClassVar[str] = "W0601"


class Missing(Mistake):
    code: ClassVar[str] = "E0501"
    file: str = ""
    title: str = "cannot read it"
    helps: tuple[str, ...] = ("is it there?",)


def source(text: str, name: str = "a.net") -> SourceFile:
    return SourceFile(name, text)


def at(file: SourceFile, part: str) -> Span:
    """The span of the first ``part`` in ``file``."""
    start = file.text.index(part)
    return Span(file, start, start + len(part))


def point(file: SourceFile, offset: int) -> Span:
    return Span(file, offset, offset)


def end(file: SourceFile) -> Span:
    return point(file, len(file.text))


def assert_shows(diagnostic: Diagnostic, expected: str) -> None:
    assert render(diagnostic) == dedent(expected).strip("\n")


def body(diagnostic: Diagnostic) -> list[str]:
    """The rows of an excerpt, without its gutter."""
    return [row[4:] for row in render(diagnostic).split("\n")[3:]]


NET = source("# a net\nnet = Linear(2, 25) -> ReLU\n   -> Linear(30, 1)\n", "models/bad.net")
LINES = source("".join(f"line{number}\n" for number in range(1, 13)))
CALL = source("f(aa, bb, cc) -> g(dd)\n")


# --- the whole ---


def test_a_message_is_a_headline_a_location_the_labelled_lines_then_notes_and_helps() -> None:
    mistake = Mistake(
        at(NET, "Linear(30, 1)"),
        title="layer input does not fit",
        label="takes [N, 30]",
        labels=(Label(at(NET, "Linear(2, 25)"), "this produces [N, 25]"),),
        notes=("shapes are [batch, features]",),
        helps=("write `Linear(25, 1)`", "or `Linear(_, 1)`"),
    )
    assert_shows(
        mistake,
        """
        error[E0301]: layer input does not fit
         --> models/bad.net:3:7
          |
        2 | net = Linear(2, 25) -> ReLU
          |       ------------- this produces [N, 25]
        3 |    -> Linear(30, 1)
          |       ^^^^^^^^^^^^^ takes [N, 30]
          |
          = note: shapes are [batch, features]
          = help: write `Linear(25, 1)`
          = help: or `Linear(_, 1)`
        """,
    )


def test_a_warning_says_so_and_a_label_may_have_no_text() -> None:
    assert_shows(
        Suspicion(at(CALL, "g"), title="odd", label=""),
        """
        warning[W0601]: odd
         --> a.net:1:18
          |
        1 | f(aa, bb, cc) -> g(dd)
          |                  ^
        """,
    )


def test_a_note_of_several_lines_is_indented_under_its_first() -> None:
    mistake = Mistake(at(CALL, "g"), notes=("one\n\n  two",), helps=("three\nfour",))
    assert_shows(
        mistake,
        """
        error[E0301]: wrong
         --> a.net:1:18
          |
        1 | f(aa, bb, cc) -> g(dd)
          |                  ^ here
          |
          = note: one

                    two
          = help: three
                  four
        """,
    )


def test_without_a_span_the_file_alone_is_the_location() -> None:
    assert_shows(
        Missing(None, file="gone.net"),
        """
        error[E0501]: cannot read it
         --> gone.net
          |
          = help: is it there?
        """,
    )


def test_without_a_span_and_a_file_there_is_no_location() -> None:
    assert_shows(
        Missing(None),
        """
        error[E0501]: cannot read it
          |
          = help: is it there?
        """,
    )


def test_two_messages_are_a_blank_line_apart() -> None:
    first, second = Missing(None, title="one", helps=()), Missing(None, title="two", helps=())
    assert render_all([first, second]) == "error[E0501]: one\n\nerror[E0501]: two"
    assert render_all([]) == ""


def test_each_piece_is_painted_by_its_role_and_its_paint_moves_nothing() -> None:
    mistake = Mistake(
        at(CALL, "bb"), labels=(Label(at(CALL, "aa"), "first"),), notes=("n",), helps=("h",)
    )

    def paint(text: str, style: Style) -> str:
        return f"<{style}:{text}>"

    assert render(mistake, paint).splitlines() == [
        "<error:error[E0301]><title:: wrong>",
        " <gutter:-->> a.net:1:7",
        "<gutter:  |>",
        "<gutter:1 |> f(aa, bb, cc) -> g(dd)",
        "<gutter:  |>   <secondary:-->  <primary:^^> <primary:here>",
        "<gutter:  |>   <secondary:|>",
        "<gutter:  |>   <secondary:first>",
        "<gutter:  |>",
        "  <gutter:=> <note:note>: n",
        "  <gutter:=> <help:help>: h",
    ]


# --- which lines are shown ---


def test_one_missing_line_is_shown_and_more_become_dots() -> None:
    mistake = Mistake(
        at(LINES, "line1"),
        labels=(Label(at(LINES, "line3"), "third"), Label(at(LINES, "line6"), "sixth")),
    )
    assert_shows(
        mistake,
        """
        error[E0301]: wrong
         --> a.net:1:1
          |
        1 | line1
          | ^^^^^ here
        2 | line2
        3 | line3
          | ----- third
        ...
        6 | line6
          | ----- sixth
        """,
    )


def test_the_gutter_is_as_wide_as_the_largest_number_shown() -> None:
    mistake = Mistake(at(LINES, "line9"), labels=(Label(at(LINES, "line10"), ""),), notes=("wide",))
    assert_shows(
        mistake,
        """
        error[E0301]: wrong
          --> a.net:9:1
           |
         9 | line9
           | ^^^^^ here
        10 | line10
           | ------
           |
           = note: wide
        """,
    )


def test_labels_in_other_files_follow_in_sections_of_their_own() -> None:
    table = source("1,2\n3,4\n", "other.csv")
    mistake = Mistake(
        at(CALL, "g"),
        labels=(Label(at(table, "4"), "a 4"), Label(at(CALL, "f"), "same file")),
        notes=("n",),
    )
    assert_shows(
        mistake,
        """
        error[E0301]: wrong
         --> a.net:1:18
          |
        1 | f(aa, bb, cc) -> g(dd)
          | - same file      ^ here
          |
         ::: other.csv:2:3
          |
        2 | 3,4
          |   - a 4
          |
          = note: n
        """,
    )


# --- several labels on one line ---


def test_a_text_with_room_stands_beside_its_underline() -> None:
    mistake = Mistake(at(CALL, "g"), labels=(Label(at(CALL, "aa"), "ten  cells"),))
    assert body(mistake) == [
        "f(aa, bb, cc) -> g(dd)",
        "  -- ten  cells  ^ here",
    ]


def test_a_text_that_would_come_too_near_to_the_next_underline_hangs_below() -> None:
    mistake = Mistake(at(CALL, "g"), labels=(Label(at(CALL, "aa"), "eleven cell"),))
    assert body(mistake) == [
        "f(aa, bb, cc) -> g(dd)",
        "  --             ^ here",
        "  |",
        "  eleven cell",
    ]


def test_texts_without_room_hang_from_connectors_the_rightmost_first() -> None:
    labels = (Label(at(CALL, "aa"), "left"), Label(at(CALL, "cc"), "right"))
    assert_shows(
        Mistake(at(CALL, "bb"), label="middle", labels=labels),
        """
        error[E0301]: wrong
         --> a.net:1:7
          |
        1 | f(aa, bb, cc) -> g(dd)
          |   --  ^^  -- right
          |   |   |
          |   |   middle
          |   left
        """,
    )


def test_the_primary_underline_lies_on_top_of_a_secondary_one() -> None:
    whole = Label(at(CALL, "f(aa, bb, cc)"), "the call")
    assert body(Mistake(at(CALL, "bb"), labels=(whole,))) == [
        "f(aa, bb, cc) -> g(dd)",
        "------^^----- the call",
        "      |",
        "      here",
    ]


def test_labels_on_one_place_are_told_one_below_the_other_and_a_repeated_one_once() -> None:
    span = at(CALL, "bb")
    labels = (Label(span, "two"), Label(span, "three"), Label(span, "two"))
    assert body(Mistake(span, label="one", labels=labels)) == [
        "f(aa, bb, cc) -> g(dd)",
        "      ^^ one",
        "      |",
        "      three",
        "      two",
    ]


# --- spans over several lines ---

LIST = source("x = [\n  1,\n\n  2]  # so\n")


def test_a_span_of_up_to_four_lines_is_shown_whole_with_its_text_at_the_end() -> None:
    assert_shows(
        Mistake(at(LIST, "[\n  1,\n\n  2]")),
        """
        error[E0301]: wrong
         --> a.net:1:5
          |
        1 | x = [
          |     ^
        2 |   1,
        3 |
        4 |   2]  # so
          |   ^^ here
        """,
    )


def test_a_span_of_more_than_four_lines_is_shown_by_its_ends() -> None:
    assert_shows(
        Mistake(at(LINES, "2\nline3\nline4\nline5\nli")),
        """
        error[E0301]: wrong
         --> a.net:2:5
          |
        2 | line2
          |     ^
        ...
        6 | line6
          | ^^ here
        """,
    )


def test_a_span_that_ends_with_a_line_break_ends_on_its_last_text() -> None:
    assert_shows(
        Mistake(at(LINES, "ne2\n")),
        """
        error[E0301]: wrong
         --> a.net:2:3
          |
        2 | line2
          |   ^^^ here
        """,
    )


# --- spans of no width, and the end of the file ---


def test_a_span_of_no_width_is_one_caret() -> None:
    assert render(Mistake(point(CALL, 2))).endswith("\n  |   ^ here")


@pytest.mark.parametrize("tail", ["", "  ", "\n", "\r\n", "\n\n\n", "\n  \n"], ids=repr)
def test_the_end_of_a_file_is_just_after_its_last_text(tail: str) -> None:
    assert_shows(
        Mistake(end(source("one\ntwo" + tail))),
        """
        error[E0301]: wrong
         --> a.net:2:4
          |
        2 | two
          |    ^ here
        """,
    )


@pytest.mark.parametrize("text", ["", "\n", "\n\n"], ids=repr)
def test_an_empty_file_ends_on_its_first_line(text: str) -> None:
    assert_shows(
        Mistake(end(source(text))),
        """
        error[E0301]: wrong
         --> a.net:1:1
          |
        1 |
          | ^ here
        """,
    )


def test_a_line_break_is_shown_just_after_its_line() -> None:
    windows = source("one\r\ntwo\r\n")
    expected = """
        error[E0301]: wrong
         --> a.net:1:4
          |
        1 | one
          |    ^ here
        """
    assert_shows(Mistake(at(windows, "\r\n")), expected)
    assert_shows(Mistake(point(windows, windows.text.index("\n"))), expected)


# --- cells ---


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("\t", "    "),
        ("a\tb", "a    b"),
        ("日本", "日本"),
        ("e\u0301", "e\u0301"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\r", r"\x00\r"),
        ("\u202e", r"\u202e"),
        ("\u2028", r"\u2028"),
        ("\xa0", r"\xa0"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
    ids=ascii,
)
def test_a_caret_stands_under_its_character_whatever_is_before_it(before: str, shown: str) -> None:
    cells = {"日本": 4, "e\u0301": 1}.get(before, len(shown))
    line, carets = render(Mistake(at(source(f"{before}bad"), "bad"))).split("\n")[3:]
    assert line == f"1 | {shown}bad"
    assert carets == f"  | {' ' * cells}^^^ here"


@pytest.mark.parametrize(
    ("character", "carets"),
    [("\t", "^^^^"), ("日", "^^"), ("\x1b", "^^^^"), ("\u202e", "^^^^^^")],
    ids=ascii,
)
def test_a_character_is_underlined_as_wide_as_it_is_shown(character: str, carets: str) -> None:
    assert render(Mistake(at(source(f"a{character}b"), character))).endswith(f" |  {carets} here")


def test_a_combining_mark_is_underlined_where_it_is_drawn() -> None:
    assert render(Mistake(at(source("xe\u0301y"), "\u0301"))).endswith(" |  ^ here")


def test_a_wide_text_is_given_its_room() -> None:
    line = source("a123456789b")
    wide = Label(at(line, "a"), "日本語")  # 6 cells, a space before and two after: just fits
    assert render(Mistake(at(line, "b"), labels=(wide,))).endswith(" | - 日本語  ^ here")
    wider = Label(at(line, "a"), "日本語1")
    assert render(Mistake(at(line, "b"), labels=(wider,))).endswith("\n  | 日本語1")


def test_hostile_text_is_written_out_wherever_it_stands() -> None:
    file = source("x", "\x1b]0;evil\x07.net\n")
    mistake = Mistake(
        at(file, "x"),
        title="\x1b[2J\nnext",
        label="\u202elabel",
        notes=("\x9bnote",),
        helps=("\r",),
    )
    assert_shows(
        mistake,
        r"""
        error[E0301]: \x1b[2J\nnext
         --> \x1b]0;evil\x07.net\n:1:1
          |
        1 | x
          | ^ \u202elabel
          |
          = note: \x9bnote
          = help: \r
        """,
    )
    assert " --> \\x1b.net\n" in render(Missing(None, file="\x1b.net"))


# --- very long lines ---


def test_a_line_of_160_cells_is_shown_whole_and_a_longer_one_is_cut() -> None:
    whole, longer = "BAD" + "b" * 157, "BAD" + "b" * 158
    assert body(Mistake(at(source(whole), "BAD")))[0] == whole
    assert body(Mistake(at(source(longer), "BAD")))[0] == whole + "..."


def test_a_long_line_is_shown_around_its_primary_label_and_others_point_at_the_cuts() -> None:
    line = source("a" * 2**20 + "BAD" + "b" * 2**20)
    labels = (
        Label(Span(line, 3, 5), "left"),
        Label(Span(line, 2**20 + 9999, 2**20 + 10001), "right"),
    )
    mistake = Mistake(at(line, "BAD"), labels=labels)
    assert f":1:{2**20 + 1}\n" in render(mistake)
    assert body(mistake) == [
        "..." + "a" * 40 + "BAD" + "b" * 117 + "...",
        "- left" + " " * 37 + "^^^ here" + " " * 114 + "- right",
    ]


def test_the_end_of_a_long_line_is_shown_with_160_cells_before_it() -> None:
    line = source("a" * 1000 + "BAD")
    assert body(Mistake(at(line, "BAD"))) == [
        "..." + "a" * 157 + "BAD",
        " " * 160 + "^^^ here",
    ]


def test_a_label_longer_than_the_window_is_underlined_to_the_cut() -> None:
    line = source("a" * 1000)
    assert body(Mistake(at(line, line.text))) == ["a" * 160 + "...", "^" * 163 + " here"]


@pytest.mark.parametrize("character", ["\x1b", "日", "\u0301", "\t"], ids=ascii)
def test_no_character_makes_a_line_endless(character: str) -> None:
    line = source(character * 10_000)
    assert len(render(Mistake(Span(line, 5000, 5001)))) < 600


# --- whatever the text ---


@st.composite
def mistakes(draw: st.DrawFn) -> Mistake:
    text = st.text() | st.text(alphabet=" \t\r\n\x1bab日\u0301\u202e") | st.just("ab " * 100)
    files = [SourceFile(draw(text), draw(text)) for _ in range(2)]

    def span(file: SourceFile) -> Span:
        ends = st.integers(0, len(file.text))
        start, stop = sorted((draw(ends), draw(ends)))
        return Span(file, start, stop)

    labels = [Label(span(draw(st.sampled_from(files))), draw(text)) for _ in range(3)]
    few = st.lists(text, max_size=2).map(tuple)
    return Mistake(span(files[0]), draw(text), draw(text), tuple(labels), draw(few), draw(few))


@given(mistakes())
def test_every_text_is_shown_without_control_characters_and_trailing_blanks(
    mistake: Mistake,
) -> None:
    for line in render(mistake).split("\n"):
        assert line == line.rstrip()
        assert all(unicodedata.category(character)[0] != "C" for character in line)


@given(st.text(alphabet="ab \r\n", max_size=100), st.integers(0, 100))
def test_the_line_and_column_in_the_header_are_those_of_the_first_caret(
    text: str, offset: int
) -> None:
    span = point(source(text.replace("\r", "\r\n")), offset)
    _, header, _, line, carets = render(Mistake(span)).split("\n")
    assert line.startswith(f"{header.split(':')[1]} |".rjust(carets.index("|") + 1))
    assert carets.index("^") - len("| ") - carets.index("|") == int(header.split(":")[2]) - 1


def test_the_text_of_an_error_is_that_of_all_its_messages() -> None:
    where = Span(source("net = ReLU"), 6, 10)
    found = [Mistake(where, helps=("write `Tanh`",)), Mistake(where, title="also wrong")]
    error = NetError(*found)
    assert str(error) == render_all(found)
    assert str(NetError(found[0])) == render(found[0])
    assert copy.copy(error).diagnostics == tuple(found)
