"""Files of many definitions: work grows as their number does, counted in calls and not in time."""

from __future__ import annotations

import difflib
import random
import sys
from collections.abc import Callable

import pytest

from netlang.compiler.fixes import mended
from netlang.compiler.ir import compare
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.language.syntax import format_source
from netlang.system import matching
from netlang.tools.cli.output.difference import show_difference

pytestmark = pytest.mark.slow  # as the files are


def file(count: int, layer: str = "Linear(4,4)") -> SourceFile:
    """``count`` definitions in a row, every second one in netlang's style."""
    lines = [f"a{i} = {'Linear(4, 4)' if i % 2 else layer} -> ReLU" for i in range(count)]
    chain = "\n   -> ".join(f"a{i}" for i in range(count))
    return SourceFile("large.net", "\n".join(["input = [4]", *lines, f"net = {chain}", ""]))


def check(count: int) -> None:
    assert compile_source(file(count)).ok


def diff(count: int) -> None:
    assert (
        compare(compile_source(file(count)).require(), compile_source(file(count)).require()) == []
    )


def fmt(count: int) -> None:
    assert "a0 = Linear(4, 4)" in format_source(file(count))


def fix(count: int) -> None:
    """Every second definition has a mistake that a machine can mend."""
    source, fixed = mended(file(count, "Linear(4; 4)"), compile_source)
    assert fixed == count // 2
    assert ";" not in source.text


def show(count: int) -> None:
    show_difference(file(count), file(count).text.replace("4,4", "4, 4"), "formatted")


def calls(work: Callable[[int], None], count: int) -> int:
    """How many functions are called, those of Python's own library included."""
    found = 0

    def one_more(_frame: object, event: str, _argument: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(one_more)
    try:
        work(count)
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize(
    ("work", "count"), [(check, 100), (diff, 100), (fmt, 100), (fix, 100), (show, 1500)]
)
def test_work_grows_no_faster_than_the_number_of_definitions(
    work: Callable[[int], None], count: int
) -> None:
    work(2)  # what is set up once
    assert calls(work, 3 * count) < 3.6 * calls(work, count)


def changed(text: str) -> list[str]:
    return [line for line in text.splitlines() if line[:1] in ("+", "-")]


def text_of(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("compared", [0, 30, 250_000])
def test_a_difference_says_how_one_text_becomes_the_other(
    compared: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matching, "_COMPARED", compared)
    for seed in range(40):
        draw = random.Random(seed)
        before = [draw.choice("abcdef") * draw.randint(1, 3) for _ in range(30)]
        after = [line for line in before if draw.random() < 0.8]
        for _ in range(draw.randrange(5)):
            after.insert(draw.randrange(len(after) + 1), draw.choice("abxyz"))
        show_difference(SourceFile("a.net", text_of(before)), text_of(after), "mended", 1000)
        shown = capsys.readouterr().out.splitlines()[3:]
        if before != after:
            assert [line[1:] for line in shown if line[0] != "+"] == before
            assert [line[1:] for line in shown if line[0] != "-"] == after


def test_long_texts_of_lines_that_repeat_differ_only_where_they_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = "same\nother\n" * 1000 + "end\nend\n"
    show_difference(SourceFile("a.net", before), before.replace("other", "new"), "mended", 0)
    lines = changed(capsys.readouterr().out)[2:]
    assert lines == ["-other", "+new"] * 1000


@pytest.mark.parametrize("context", [0, 1, 3])
def test_a_difference_is_written_as_unified_diffs_are(
    context: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [f"line {i}" for i in range(60)]
    after = [*before[:1], *before[2:20], "new", *before[20:40], "other", *before[41:], "last"]
    show_difference(SourceFile("a.net", text_of(before)), text_of(after), "mended", context)
    names = ("a.net", "a.net (mended)")
    wanted = difflib.unified_diff(before, after, *names, lineterm="", n=context)
    assert capsys.readouterr().out.splitlines() == list(wanted)


def test_two_texts_that_say_the_same_have_no_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_difference(SourceFile("a.net", "a\nb\n"), "a\nb\n", "formatted")
    assert capsys.readouterr().out == ""
