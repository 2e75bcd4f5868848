"""Every message that netlang can give, as it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest
from torch import Tensor

from netlang import Join, Layer, Shape, Size, arg
from netlang.catalogue import registry
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.rendering.text import render
from netlang.language.source import SourceFile
from netlang.language.syntax import parse
from tests.diagnostics import fixed, kinds
from tests.errors.accept import GOLDENS, HERE, PROVOKED, overrides_in, text_of, to_run_in
from tests.together import together

goldens = together("name", GOLDENS)

BEGINNERS = {
    "beginner_misspelt_layer": "E0201",
    "beginner_missing_arrow": "E0108",
    "beginner_missing_bracket": "E0103",
    "beginner_wrong_size": "E0301",
    "beginner_dropout": "E0209",
    "beginner_dense": "E0201",
    "beginner_missing_net": "E0401",
    "beginner_los": "W0601",
    "beginner_los_to_run": "E0402",
    "beginner_text_for_number": "E0208",
    "beginner_three_classes": "E0303",
}


@cache
def provoked(name: str) -> tuple[Diagnostic, ...]:
    """What the golden file's source provokes; each is compiled once."""
    return tuple(GOLDENS[name]())


@goldens
def test_a_mistake_is_told_as_its_golden_file_has_it(name: str) -> None:
    expected = (HERE / f"{name}.err").read_text(encoding="utf-8")
    assert text_of(provoked(name)) == expected


@goldens
def test_a_message_says_what_is_wrong_where_and_what_to_do(name: str) -> None:
    found = provoked(name)
    assert found
    for one in found:
        assert one.span or one.file
        assert one.title
        assert all(one.helps)
        assert len(one.helps) >= 1


class Sharpened(Layer):
    """A layer of one's own whose argument has no default."""

    power: float = arg(doc="to which the probabilities are raised")

    gives = "probabilities"

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, dy: Tensor) -> Tensor:
        return dy

    def remark(self, *x: Shape) -> str:
        return "the power is 0" if self.power == 0 else ""


class Weighted(Join):
    """A join of one's own whose argument has no default."""

    weights: tuple[Size, ...] = arg(doc="a weight for each input")

    def infer(self, *x: Shape) -> Shape:
        return x[len(self.weights) - 1]

    def forward(self, *x: Tensor) -> Tensor:
        return x[0]

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        return (dy,)


def test_a_layer_that_needs_arguments_breaks_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    for item in (Sharpened, Weighted):
        monkeypatch.setitem(registry.ITEMS, item.name, item)
    for name in set(GOLDENS) - {"expands_too_far"}:  # which takes seconds, and lists no layers
        assert text_of(tuple(GOLDENS[name]())), name


def test_every_kind_of_message_has_a_golden_file() -> None:
    shown = {type(one) for name in GOLDENS for one in provoked(name)}
    assert not {kind.__name__ for kind in kinds()} - {kind.__name__ for kind in shown}


def test_every_golden_file_has_what_provokes_it() -> None:
    assert {path.stem for path in HERE.glob("*.err")} == set(GOLDENS)
    assert not {path.stem for path in HERE.glob("*.net")} & set(PROVOKED)


def test_a_code_is_a_letter_for_its_severity_and_four_digits() -> None:
    for kind in kinds():
        assert kind.code[0] in "EW"
        assert len(kind.code) == 5
        assert kind.code[1:].isdigit()


@pytest.mark.parametrize(("name", "code"), BEGINNERS.items())
def test_a_beginners_mistake_is_one_message_with_a_place_in_the_file(name: str, code: str) -> None:
    (found,) = provoked(name)
    assert found.code == code
    assert found.file == f"{name}.net"
    assert "^" in render(found)


def test_every_beginners_mistake_is_listed() -> None:
    assert set(BEGINNERS) == {name for name in GOLDENS if name.startswith("beginner_")}


SEVERAL_MISTAKES = {
    *("arrow_missing_in_two_lines", "habit_arguments_without_brackets"),
    *("metric_of_sklearn", "metric_twice_by_its_arguments"),
    *("metrics_by_their_labels", "mismatches_go_on", "name_misspelt", "name_of_two_kinds"),
    *("number_with_unit", "several_mistakes"),
}
ONE_MISTAKE = sorted(set(GOLDENS) - SEVERAL_MISTAKES)


@together("name", ONE_MISTAKE)
def test_one_mistake_is_one_message(name: str) -> None:
    assert len(provoked(name)) == 1


def fixable(name: str) -> list[Diagnostic]:
    """The golden file's messages with a fix of its own text; one of an override changes no file."""
    return [
        one
        for one in provoked(name)
        if one.fixes and all(fix.span.source.name == f"{name}.net" for fix in one.fixes)
    ]


@goldens
def test_a_fix_takes_its_message_away(name: str) -> None:
    before = provoked(name)
    for one in fixable(name):
        better = fixed(one.fixes)
        after = compile_source(
            better, overrides_in(better.text), to_run_in(better.text)
        ).diagnostics
        assert count_like(one, after) < count_like(one, before)
        assert len(after) <= len(before)


@goldens
def test_a_fix_brings_no_mistake_of_syntax(name: str) -> None:
    for one in fixable(name):
        left = mistakes_of_syntax(one.fixes[0].span.source)
        left.subtract([one.title] if one.code.startswith("E01") else [])
        assert mistakes_of_syntax(fixed(one.fixes)) <= left


def mistakes_of_syntax(source: SourceFile) -> Counter[str]:
    sink = Sink()
    parse(source, sink)
    return Counter(one.title for one in sink.diagnostics)


def test_many_golden_files_have_a_fix() -> None:
    assert sum(bool(fixable(name)) for name in GOLDENS) > 40


def count_like(one: Diagnostic, found: Sequence[Diagnostic]) -> int:
    return sum((other.code, other.title) == (one.code, one.title) for other in found)
