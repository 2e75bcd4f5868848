"""Expectations that no run can meet, and those that every run meets."""

from __future__ import annotations

import math
from pathlib import Path
from unittest.mock import Mock, patch

import pytest
import torch

from netlang.catalogue.losses import CrossEntropy
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.settings import expectations
from netlang.compiler.passes.settings.expectations import outcome
from netlang.language.diagnostics.messages.expectations import TogetherNeverMet
from netlang.language.source import SourceFile

ASIDE = "set samples aside: give the data set its argument `validation=100`"
NET = "net = Linear(2, 2)\ndata = Disc\n"
COMPARE = {
    ">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__,
    "==": float.__eq__, "!=": float.__ne__,
}  # fmt: skip


def codes(text: str) -> list[str]:
    return [found.code for found in compile_source(SourceFile("m.net", text)).diagnostics]


@pytest.mark.parametrize("comparison", COMPARE)
@pytest.mark.parametrize("bound", [-1.0, 0.0, 0.25, 1.0, 2.0])
def test_an_outcome_is_known_exactly_where_all_values_compare_alike(
    comparison: str, bound: float
) -> None:
    compared = {COMPARE[comparison](value / 8, bound) for value in range(9)}
    known = compared.pop() if len(compared) == 1 else None
    assert outcome(comparison, bound, (0, 1)) is known


def test_an_expectation_is_compared_with_few_of_those_before_it() -> None:
    lines = [f"expect test.loss != {number}.5" for number in range(2000)]
    text = "\n".join([NET, "loss = MSE", *lines, "expect test.loss == 700.5"])
    compared = Mock(side_effect=expectations._compatible)
    with patch.object(expectations, "_compatible", compared):
        (found,) = compile_source(SourceFile("m.net", text)).diagnostics
    assert isinstance(found, TogetherNeverMet)
    assert found.other == "expect test.loss != 700.5"
    assert compared.call_count <= 2 * len(lines)


@pytest.mark.parametrize(
    "expectation",
    [
        *("accuracy > 1.0", "accuracy > 95", "accuracy >= 1.5", "accuracy < 0", "accuracy == 2"),
        *("accuracy <= -0.1", "loss < 0", "loss <= -1", "loss == -1"),
    ],
)
def test_what_no_run_can_meet_is_an_error(expectation: str) -> None:
    assert codes(f"{NET}loss = MSE\nexpect test.{expectation}") == ["E0415"]


@pytest.mark.parametrize("expectation", ["r2 > 1", "r2 > 90", "mae < 0", "mse < 0", "loss < 0"])
def test_so_it_is_for_numbers_to_predict(expectation: str, tmp_path: Path) -> None:
    rows = "".join(f"{row},{row / 8}\n" for row in range(20))
    (tmp_path / "t.csv").write_text("a,y\n" + rows)
    text = 'net = Linear(1, 1)\ndata = CSV("t.csv", target="y")\nmetrics = [mae, mse, r2]\n'
    text += f"loss = MSE\nexpect test.{expectation}"
    source = SourceFile("m.net", text, tmp_path / "m.net")
    assert [found.code for found in compile_source(source).diagnostics] == ["E0415"]


@pytest.mark.parametrize(
    "expectation",
    [
        *("accuracy >= 0", "accuracy < 1.5", "accuracy <= 1", "accuracy != 95", "accuracy > -1"),
        *("loss >= 0", "loss > -9"),
    ],
)
def test_what_every_run_meets_is_warned_of(expectation: str) -> None:
    assert codes(f"{NET}loss = MSE\nexpect test.{expectation}") == ["W0612"]


@pytest.mark.parametrize(
    "expectation",
    [
        *("accuracy >= 1", "accuracy == 1", "accuracy > 0", "accuracy <= 0", "accuracy != 0"),
        *("loss < 1e9", "loss > 0", "loss == 0", "accuracy > 0.999999"),
    ],
)
def test_what_a_run_may_meet_or_miss_is_not_told_of(expectation: str) -> None:
    assert codes(f"{NET}loss = MSE\nexpect test.{expectation}") == []


@pytest.mark.parametrize(
    ("expectation", "help"),
    [
        ("accuracy > 95", "did you mean `0.95`?"),
        ("accuracy >= 99.5", "did you mean `0.995`?"),
        ("accuracy >= 100", "did you mean `1`?"),
        ("accuracy > 7", "did you mean `0.07`?"),
        ("accuracy > 1", "write `>= 1`, or take another bound"),
        ("accuracy > 1.5", "take a bound between 0 and 1"),
        ("accuracy > 1000", "take a bound between 0 and 1"),
        ("loss < 0", "write `<= 0`, or take another bound"),
        ("loss < -3", "take a bound above 0"),
    ],
)
def test_a_bound_in_percent_is_told_as_a_share(expectation: str, help: str) -> None:
    source = SourceFile("m.net", f"{NET}loss = MSE\nexpect train.{expectation}")
    (found,) = compile_source(source).diagnostics
    assert found.helps == (help,)


@pytest.mark.parametrize(("bound", "fixed"), [("95", "0.95"), ("100", "1"), ("7", None)])
def test_a_bound_is_mended_only_where_it_is_beyond_doubt(bound: str, fixed: str | None) -> None:
    (found,) = compile_source(
        SourceFile("m.net", f"{NET}expect test.accuracy >= {bound}")
    ).diagnostics
    assert [fix.replacement for fix in found.fixes] == ([fixed] if fixed else [])


def test_a_bound_in_percent_is_told_beside_a_metric_without_its_part() -> None:
    text = f"{NET}expect accuracy > 95\n"
    part, percent = compile_source(SourceFile("m.net", text)).diagnostics
    assert (part.code, part.helps) == ("E0409", ("write `test.accuracy`",))
    assert (percent.code, percent.helps) == ("E0415", ("did you mean `0.95`?",))
    assert codes(f"{NET}expect accuracy > 1.5\n") == ["E0409"]
    assert codes(f"{NET}expect acuracy > 95\nexpect frob > 95\n") == ["E0409", "E0415", "E0409"]


def test_a_bound_that_a_name_brings_is_not_mended_and_its_origin_is_shown() -> None:
    (found,) = compile_source(
        SourceFile("m.net", f"goal = 95\n{NET}expect test.accuracy > goal")
    ).diagnostics
    assert not found.fixes
    assert [label.span.text for label in found.labels] == ["95"]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("> 0.9", "< 0.8", True),
        ("> 0.5", "<= 0.5", True),
        (">= 0.5", "< 0.5", True),
        (">= 0.5", "<= 0.5", False),
        ("== 0.5", "== 0.25", True),
        ("== 0.5", "> 0.5", True),
        ("== 0.5", "!= 0.25", False),
        ("== 0.5", "!= 0.5", True),
        ("!= 0.25", "!= 0.5", False),
        ("> 0.5", "!= 0.9", False),
        ("> 0.5", "< 0.9", False),
    ],
)
def test_expectations_that_exclude_each_other_are_an_error(
    one: str, other: str, apart: bool
) -> None:
    for first, second in ((one, other), (other, one)):
        text = f"{NET}expect test.accuracy {first}\nexpect test.accuracy {second}\n"
        assert codes(text) == (["E0415"] if apart else [])
        parts = text.replace("test.", "train.", 1)
        assert codes(parts) == []


@pytest.mark.parametrize(
    ("metric", "help"),
    [
        ("val.accuracy", f"{ASIDE}, and write `validation.accuracy`"),
        ("validation.accuracy", ASIDE),
        ("test.mse", "expect one of those"),
        ("test.f1", "expect one of those, or add `f1` to `metrics`"),
    ],
)
def test_what_nothing_measures_is_told_only_what_can_be_done(metric: str, help: str) -> None:
    (found,) = compile_source(SourceFile("m.net", f"{NET}expect {metric} > 0.5")).diagnostics
    assert found.helps == (help,)


def test_a_metric_that_the_data_allows_may_be_added() -> None:
    text = f"{NET}metrics = []\nexpect test.accuracy > 0.5"
    (found,) = compile_source(SourceFile("m.net", text)).diagnostics
    assert found.helps == ("expect one of those, or add `accuracy` to `metrics`",)


def test_all_that_stands_before_is_looked_at() -> None:
    text = NET + "".join(f"expect test.accuracy {one}\n" for one in ("> 0.9", "> 0.1", "< 0.5"))
    assert codes(text) == ["E0415"]


@pytest.mark.parametrize("eps", [1e-6, 1e-2, 0.5])
@pytest.mark.parametrize("outputs", [1, 3])
def test_the_cross_entropy_of_perfect_outputs_is_within_its_bounds(
    eps: float, outputs: int
) -> None:
    loss = CrossEntropy(eps)
    t = torch.eye(max(outputs, 2))[:, :outputs]
    least, most = loss.bounds_for(outputs)
    assert least <= loss(t.clone(), t).item() < 0
    assert most == math.inf
