"""The formatter: one style, every comment in its place, and nothing said differently."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlang.language.diagnostics import NetError, Sink
from netlang.language.source import SourceFile
from netlang.language.syntax import decode, format_source, parse
from netlang.language.syntax.ast import same
from tests.paths import ROOT
from tests.together import together

FILES = sorted([*ROOT.glob("models/*.net"), *ROOT.glob("tests/**/*.net")])


def formatted(text: str) -> str:
    return format_source(SourceFile("a.net", text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x=1", "x = 1\n"),
        ("x   =  1\t\r\n", "x = 1\n"),
        ("x = 1+2*-3", "x = 1 + 2 * -3\n"),
        ("x = 2 ** - 1", "x = 2**-1\n"),
        ("x = - - 5", "x = - -5\n"),
        ("x = 1e-3//.5", "x = 1e-3 // .5\n"),
        ("x = ( 1 +2 )*3", "x = (1 + 2) * 3\n"),
        ("x = [ 1,2 , ]", "x = [1, 2]\n"),
        ('x = "a  b"', 'x = "a  b"\n'),
        ("net=Linear( 2,out_features = 5 )->ReLU", "net = Linear(2, out_features=5) -> ReLU\n"),
        ("A=(Linear(2,2)->ReLU)*3", "A = (Linear(2, 2) -> ReLU) * 3\n"),
        ("block  f ( a,b = 1, )=Linear(a,b)", "block f(a, b=1) = Linear(a, b)\n"),
        ("shared  t=Linear(2,_)", "shared t = Linear(2, _)\n"),
        ('import"a.net"', 'import "a.net"\n'),
        ("expect test . accuracy>=0.5", "expect test.accuracy >= 0.5\n"),
        ("tune  x . lr in  -1..-1e-3", "tune x.lr in -1..-1e-3\n"),
        ("tune x in 8..64   step 8", "tune x in 8..64 step 8\n"),
        ("tune x in [ReLU,Tanh ,]", "tune x in [ReLU, Tanh]\n"),
        (
            "net = ReLU  as  tap->[ tap,Identity ]->Add",
            "net = ReLU as tap -> [tap, Identity] -> Add\n",
        ),
    ],
)
def test_spaces_stand_where_they_help(before: str, after: str) -> None:
    assert formatted(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("net = ReLU ->\n Tanh", "net = ReLU\n   -> Tanh\n"),
        ("net = ReLU\n       -> Tanh", "net = ReLU\n   -> Tanh\n"),
        ("net =\n  ReLU", "net = ReLU\n"),
        ("x = [\n1,\n  2]", "x = [\n    1,\n    2,\n]\n"),
        ("x = [1,\n2]", "x = [1,\n    2]\n"),
        ("x = [1, 2\n]", "x = [1, 2]\n"),
        ("x = (\n1 + 2)", "x = (\n    1 + 2\n)\n"),
        (
            "net = [\nReLU\n-> Tanh, [\nReLU,\n]]",
            "net = [\n    ReLU\n       -> Tanh, [\n           ReLU,\n       ],\n]\n",
        ),
    ],
)
def test_line_breaks_stay_where_the_style_has_one(before: str, after: str) -> None:
    assert formatted(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#a\n#!b\n####\n# c", "# a\n#!b\n####\n# c\n"),
        ("x = 1 #a", "x = 1  # a\n"),
        ("x = 1\n\n\n\n# a\n\n\ny = 2\n\n", "x = 1\n\n# a\n\ny = 2\n"),
        ("\n\n# a\nx = 1", "# a\nx = 1\n"),
        ("net = ReLU # a\n # b\n -> Tanh", "net = ReLU  # a\n   # b\n   -> Tanh\n"),
        ("net = ReLU -> # a\n Tanh", "net = ReLU ->  # a\n   Tanh\n"),
        ("x = [ # a\n1, # b\n# c\n]", "x = [  # a\n    1,  # b\n    # c\n]\n"),
        ("x = 1\n# a", "x = 1\n# a\n"),
    ],
)
def test_comments_stay_where_they_are(before: str, after: str) -> None:
    assert formatted(before) == after


def test_a_long_line_breaks_before_its_arrows_and_else_inside_its_first_brackets() -> None:
    chain = "net = " + " -> ".join(["Linear(1000, 1000)"] * 5)
    assert formatted(chain) == "net = " + "\n   -> ".join(["Linear(1000, 1000)"] * 5) + "\n"
    numbers = ", ".join(["1000000"] * 12)
    lines = "".join(["    1000000,\n"] * 12)
    assert formatted(f"x = [{numbers}]") == f"x = [\n{lines}]\n"


@pytest.mark.parametrize("text", ["", "\n\n", "   ", "\r\n"])
def test_an_empty_file_is_empty(text: str) -> None:
    assert formatted(text) == ""


def test_a_file_with_a_syntax_error_is_not_formatted() -> None:
    with pytest.raises(NetError):
        formatted("net = ReLU ->\nx = 1")


@together("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_is_formatted_to_the_same_meaning_and_stays_so(file: Path) -> None:
    source, sink = decode(file.read_bytes(), file.name), Sink()
    try:
        tree = parse(source, sink)
    except NetError:
        return  # too long to be read at all
    if sink.has_errors:
        with pytest.raises(NetError):
            format_source(source)
        return
    text = format_source(source)
    assert same(tree, parse(SourceFile(file.name, text), Sink()))
    assert formatted(text) == text
    assert comments(text) == comments(source.text)


@pytest.mark.parametrize("file", sorted(ROOT.glob("models/*.net")), ids=lambda file: file.name)
def test_the_models_are_in_this_style(file: Path) -> None:
    assert formatted(file.read_text()) == file.read_text()


def comments(text: str) -> list[str]:
    """The comments of ``text``, without their spaces; no string of the tests holds a ``#``."""
    return [re.sub(r"\s", "", found) for found in re.findall(r"#[^\n]*", text)]


TEXT = (
    'net = [ Linear ( 2 , 8 , init = "zero" ) as a -> ( ReLU -> Tanh ) * 3 , Identity , ] -> '
    "Concat ( dim = 1 ) -> Linear ( _ , - 2 ** 3 + 1e-3 ) -> part ( [ 1 , [ ] ] , x = none )"
)
TOKENS = TEXT.split()
GAPS = st.sampled_from(["", " ", "  ", "\t", "\n", "\n\n", " # a\n", "\n  #b\n #  c\n", "\r\n"])


@settings(max_examples=300)
@given(st.lists(GAPS, min_size=len(TOKENS), max_size=len(TOKENS)))
def test_wherever_blanks_and_comments_stand_the_result_says_the_same_and_is_stable(
    gaps: list[str],
) -> None:
    text = "".join(token + (gap or " ") for token, gap in zip(TOKENS, gaps, strict=True))
    sink = Sink()
    tree = parse(SourceFile("a.net", text), sink)
    if sink.has_errors:  # a break where the statement ends
        return
    result = formatted(text)
    assert same(tree, parse(SourceFile("a.net", result), Sink()))
    assert comments(result) == comments(text)
    assert formatted(result) == result
    assert not any(line != line.rstrip() for line in result.splitlines())


@pytest.mark.parametrize("count", [3000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_thousands_of_layers_in_one_line_are_formatted(count: int) -> None:
    text = "net = " + " -> ".join(["Linear(2, 2)", "ReLU"] * (count // 2))
    assert formatted(text).count("\n") == count
