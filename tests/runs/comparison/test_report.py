"""What comparisons found is said right: Welch's test, tables, sentences, data."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest
import torch

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics.messages.training import Diverged
from netlang.language.source import SourceFile
from netlang.runs.comparison import report
from netlang.runs.comparison.turns import Comparison, Run, Turn
from netlang.runs.comparison.welch import welch

MODEL = """\
net = Linear(2, 2) -> Softmax
data = Disc(train=60, test=40)
loss = CrossEntropy
optimizer = SGD
epochs = 4
"""
ONE = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
OTHER = [27.1, 22.0, 20.8, 33.4, 23.4, 13.5]


def run(accuracy: float, seconds: float, seed: int) -> Run:
    metrics = {"train.loss": 0.5, "test.loss": 0.25, "test.accuracy": accuracy}
    history = [metrics] * 4
    return Run(seed, history, seconds, seconds / 2)


def comparison(
    ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> Comparison:
    program = compile_source(SourceFile("a.net", MODEL), to_run=True).require()
    turns = [
        Turn(run(*one, seed), run(*other, seed + 9), "native", 1)
        for seed, (one, other) in enumerate(zip(ours, theirs, strict=True))
    ]
    return Comparison(program, turns)


ALIKE = comparison([(0.9, 1.0), (0.92, 1.2), (0.94, 2.0)], [(0.91, 10.0), (0.93, 6.0), (0.95, 8.0)])


def beyond(t: float, freedom: float) -> float:
    """How probable Student's t is to be farther from 0 than ``t``: the area of its two tails."""
    x = torch.linspace(abs(t), 200, 2_000_000, dtype=torch.float64)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    density = (1 + x**2 / freedom) ** (-(freedom + 1) / 2) * scale / math.sqrt(freedom * math.pi)
    return 2 * torch.trapezoid(density, x).item()


def test_welch_is_what_its_definition_says() -> None:
    found = welch(ONE, OTHER)
    assert found
    ours, theirs = (torch.tensor(part, dtype=torch.float64) for part in (ONE, OTHER))
    assert found.difference == pytest.approx((ours.mean() - theirs.mean()).item())
    squares = [(part.var() / len(part)).item() for part in (ours, theirs)]
    error = math.sqrt(sum(squares))
    freedom = sum(squares) ** 2 / (squares[0] ** 2 / 14 + squares[1] ** 2 / 5)
    assert found.p == pytest.approx(beyond(found.difference / error, freedom), rel=1e-5)
    for end in (found.low, found.high):
        assert beyond((end - found.difference) / error, freedom) == pytest.approx(0.05, rel=1e-5)
    assert found.low < found.difference < found.high
    assert found.significant == (found.p < 0.05)


@pytest.mark.parametrize(
    ("one", "other"), [([1.0], [2.0]), ([1.0, 1.0], [1.0, 1.0]), ([1.0, 1.0], [2.0, 2.0]), ([], [])]
)
def test_of_too_little_nothing_is_tested(one: list[float], other: list[float]) -> None:
    assert welch(one, other) is None


def test_the_table_has_means_with_deviations_and_medians_with_ranges() -> None:
    ours, theirs = report.rows(ALIKE)
    assert ours == ["a.net", "netlang", "0.920 ± 0.020", "0.2500 ± 0.0000", "1.2 (1 to 2)", "0.15"]
    assert theirs[:3] == ["", "PyTorch", "0.930 ± 0.020"]
    assert theirs[4:] == ["8 (6 to 10)", "1"]


def test_the_ratio_is_that_of_pairs_with_its_range() -> None:
    assert ALIKE.ratios == pytest.approx([0.1, 0.2, 0.25])
    time, accuracy = report.sentences(ALIKE)
    assert time == (
        "a.net: netlang takes 0.2 (0.1 to 0.25) of PyTorch's time, with the native backend and one "
        "thread for both."
    )
    assert "do not differ significantly by Welch's test (difference -0.01, " in accuracy


def test_a_difference_is_called_one() -> None:
    apart = comparison([(0.9, 1.0), (0.91, 1.0)] * 3, [(0.5, 1.0), (0.51, 1.0)] * 3)
    assert "differ significantly" in report.sentences(apart)[1]
    assert "do not" not in report.sentences(apart)[1]


def test_what_diverged_is_no_reason_to_stop() -> None:
    lost = comparison([(0.9, 1.0), (0.91, 1.0)], [(math.nan, 1.0), (0.5, 1.0)])
    assert report.rows(lost)[1][2] == "nan"
    assert "diverge" in report.sentences(lost)[1]
    assert "NaN" not in json.dumps(report.as_data(lost))


def test_runs_that_diverged_are_counted_and_leave_the_others_to_be_compared() -> None:
    problem = Diverged(None, "train.loss", "infinite", 1, 1.0, None)
    lost = Run(7, [], 1.0, 0.5, problem=problem)
    turns = [Turn(lost, ALIKE.turns[0].theirs, "native", 1), *ALIKE.turns[1:]]
    found = Comparison(ALIKE.program, turns)
    ours, theirs = report.rows(found)
    assert ours[2] == "0.930 ± 0.014 (1 of 3 diverged)"
    assert theirs[2] == "0.930 ± 0.020"
    assert found.ratios == pytest.approx([0.2, 0.25])
    data = json.loads(json.dumps(report.as_data(found), allow_nan=False))
    assert [run["diverged"] for run in data["runs"]["netlang"]] == [True, False, False]
    assert "runs that diverge leave no difference" in report.sentences(found)[1]
    assert "netlang diverged in epoch 1 (seed 7)" in report.latest_turn(
        Comparison(ALIKE.program, turns[:1])
    )


def test_where_every_run_diverged_no_times_are_compared() -> None:
    lost = Run(7, [], 1.0, 0.5, problem=Diverged(None, "a", "infinite", 1, 1.0, None))
    found = Comparison(ALIKE.program, [Turn(lost, lost, "native", 1)])
    assert [row[2:] for row in report.rows(found)] == [["diverged", "", "", ""]] * 2
    assert "no turn has two runs whose times can be compared" in report.sentences(found)[0]
    assert report.as_data(found)["time_ratio"] is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.01234, "0.0123"), (123.4, "123"), (999.7, "1000"), (123456.0, "123456"), (2e7, "2e+07")],
)
def test_times_have_three_digits_and_no_exponent_that_is_not_needed(
    seconds: float, said: str
) -> None:
    found = comparison([(0.9, seconds)], [(0.9, seconds)])
    assert report.rows(found)[0][4] == said


def test_markdown_and_terminal_say_the_same() -> None:
    text, markdown = report.plain([ALIKE, ALIKE]), report.markdown([ALIKE, ALIKE])
    head, rule, *rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert rule == "| --- | --- | ---: | ---: | ---: | ---: |"
    assert len(rows) == 4
    for line, row in zip(text.splitlines(), [head, *rows], strict=False):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert line.split() == " ".join(cells).split()
    for sentence in report.sentences(ALIKE):
        assert sentence in text
        assert f"- {sentence}" in markdown


def test_a_file_without_metrics_has_its_loss_in_one_column() -> None:
    program = compile_source(SourceFile("a.net", f"{MODEL}metrics = []\n")).require()
    found = Comparison(program, ALIKE.turns)
    head, *rows = report.table([found])
    assert head == ["file", "trained by", "test.loss", "seconds", "per epoch"]
    assert rows[0] == ["a.net", "netlang", "0.2500 ± 0.0000", "1.2 (1 to 2)", "0.15"]
    assert "| test.loss | seconds |" in report.markdown([found])
    assert report.table([found, ALIKE])[0][2:4] == ["test.loss or test.accuracy", "test.loss"]


def test_data_has_every_run() -> None:
    data = json.loads(json.dumps(report.as_data(ALIKE)))
    times = data["time_ratio"]
    assert times == pytest.approx({"median": 0.2, "lowest": 0.1, "highest": 0.25})
    assert [one["seed"] for one in data["runs"]["PyTorch"]] == [9, 10, 11]
    assert [one["metrics"]["test.accuracy"] for one in data["runs"]["netlang"]] == [0.9, 0.92, 0.94]
    assert set(data["welch"]) == {"difference", "low", "high", "p"}


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ([0.5], [0.6], "a single run each is too little to test the difference"),
        ([0.5, 0.5], [0.5, 0.5], "do not differ: all runs of both end at 0.5"),
        ([0.3, 0.3], [0.1 + 0.2, 0.3], "do not differ: all runs of both end at 0.3"),
        ([0.0, 0.0], [0.0, 0.0], "do not differ: all runs of both end at 0"),
        (
            [0.5, 0.5],
            [0.6, 0.6],
            "differ: all runs of netlang end at 0.5, and all of PyTorch at 0.6",
        ),
        ([0.5, 0.5, 0.5], [0.5, 0.6, 0.7], "do not differ significantly by Welch's test"),
        ([0.3, 0.1 + 0.2, 0.3], [0.7, 0.71, 0.72], "differ significantly by Welch's test"),
        ([1e300, 2e300, 1e300], [9e300, 9.1e300, 9.2e300], "differ significantly"),
        ([1e-300, 2e-300, 1e-300], [9e-300, 9.1e-300, 9.2e-300], "differ significantly"),
        ([1e308, -1e308, 1e308], [1e308, 1e308, -1e308], "too large for its difference"),
        ([1.0, 1.0 + 1e-14], [2.0, 3.0], "do not differ significantly"),
        ([NAN, 0.5], [0.5, 0.6], "runs that diverge leave no difference"),
        ([NAN], [0.5], "runs that diverge leave no difference"),
        ([INF, INF], [INF, -INF], "runs that diverge leave no difference"),
    ],
)
def test_what_runs_end_at_is_told_right_and_without_a_warning(
    ours: list[float], theirs: list[float], said: str
) -> None:
    found = comparison([(one, 1.0) for one in ours], [(one, 2.0) for one in theirs])
    sentence = report.sentences(found)[1]
    assert said in sentence
    assert sentence.count("not differ") == said.count("not differ")
    assert "nan" not in sentence
    assert json.loads(json.dumps(report.as_data(found), allow_nan=False))
    assert all(len(cell) < 40 for row in report.rows(found) for cell in row)
