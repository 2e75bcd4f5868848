"""``lr-find`` tries rates for a step each and says which it would take; ``plot --schedule``."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from netlang.runs.training.rate_search import RateSearch
from tests.program import DISC, netlang

SCHEDULED = f"{DISC}epochs = 3\nbatch = 10\nschedule = Warmup(2) -> Cosine(to=0.5)\n"


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    Path("a.net").write_text(SCHEDULED)


@pytest.mark.usefixtures("compiler")
def test_both_backends_try_the_same_rates_and_leave_nothing_behind() -> None:
    found = []
    for backend in ("tensor", "native"):
        result = netlang("lr-find", "a.net", "--json", "--steps", "30", "--backend", backend)
        assert (result.exit_code, result.stderr) == (0, "")
        found.append(json.loads(result.stdout))
    one, other = found
    assert one["rates"] == pytest.approx(other["rates"])
    assert one["losses"] == pytest.approx(other["losses"], abs=1e-4)
    assert one["rates"][0] == pytest.approx(1e-6)
    ratios = {round(b / a, 9) for a, b in zip(one["rates"], one["rates"][1:], strict=False)}
    assert len(ratios) == 1
    assert [path.name for path in Path().iterdir()] == ["a.net"]


def test_it_says_where_the_loss_falls_fastest_and_draws_it() -> None:
    result = netlang("lr-find", "a.net", "--steps", "60", "-o", "rates.svg")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *_, said, tried, wrote = result.stdout.splitlines()
    assert head.split() == ["learning", "rate", "loss"]
    assert said.startswith("the smoothed loss falls fastest at ")
    rate = said.split()[6].rstrip(";")
    assert tried == f"try it: netlang run a.net --set optimizer.lr={rate}"
    assert wrote == "wrote rates.svg"
    assert "learning rate" in Path("rates.svg").read_text()


def test_the_rate_is_the_one_of_the_steepest_descent_before_the_least_loss() -> None:
    rates = tuple(10 ** (-6 + 0.1 * n) for n in range(60))
    smoothed = tuple(
        1 / (1 + math.exp(n - 30)) + (0.2 * (n - 45) if n > 45 else 0) for n in range(60)
    )
    found = RateSearch(rates, smoothed, smoothed, exploded=False)
    assert found.suggested == pytest.approx(rates[30])
    rising = tuple(float(n) for n in range(60))
    assert RateSearch(rates, rising, rising, exploded=True).suggested is None
    ended = (*smoothed[:40], math.inf)
    assert RateSearch(rates[:41], ended, ended, exploded=True).suggested == pytest.approx(rates[30])


@pytest.mark.parametrize("seed", range(3))
def test_batches_of_one_sample_do_not_hide_where_the_loss_falls(seed: int) -> None:
    Path("a.net").write_text(DISC.replace("40", "400").replace("4)", "25)").replace("(4", "(25"))
    options = ("--set", "batch=1", "--set", f"seed={seed}", "--json")
    found = json.loads(netlang("lr-find", "a.net", *options).stdout)
    assert 1e-3 < found["suggested"] < 0.3


def test_an_optimizer_that_looks_for_its_own_step_is_told_so() -> None:
    result = netlang("lr-find", "a.net", "--set", "optimizer=LBFGS")
    assert result.exit_code == 1
    assert "LBFGS finds the length of its steps by the loss itself" in result.stderr


def test_a_wrong_line_is_told() -> None:
    for wrong in (
        ["--from", "1", "--to", "0.1"],
        ["-o", "rates.txt"],
        ["--from", "nan"],
        ["--to", "nan"],
    ):
        result = netlang("lr-find", "a.net", *wrong)
        assert result.exit_code == 2


def test_plot_draws_the_rate_of_each_step_of_a_file(tmp_path: Path) -> None:
    result = netlang("plot", "--schedule", "a.net", "-o", "schedule.svg")
    assert (result.exit_code, result.stdout) == (0, "wrote schedule.svg\n")
    assert "learning rate" in Path("schedule.svg").read_text()
    for text, said in (
        (DISC, "names no schedule, such as `schedule = Warmup(500) -> Cosine`"),
        (f"{DISC}schedule = Plateau(train.loss)\n", "nobody knows what a Plateau will do"),
    ):
        Path("b.net").write_text(text)
        result = netlang("plot", "--schedule", "b.net")
        assert result.exit_code == 1
        assert said in result.stderr


def test_an_epoch_s_line_has_the_rate_of_its_last_step() -> None:
    assert netlang("run", "a.net", "-q", "--no-plots").exit_code == 0
    (folder,) = Path("runs").iterdir()
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    waves = [0.5 + 0.25 * (1 + math.cos(math.pi * n / 10)) for n in (1, 5, 9)]
    assert [line["lr"] for line in lines] == pytest.approx([1e-2 * wave for wave in waves])
    head, first, *_ = (folder / "history.csv").read_text().splitlines()
    assert dict(zip(head.split(","), first.split(","), strict=True))["train.lr"] == str(
        lines[0]["lr"]
    )
    result = netlang("plot", folder.as_posix(), "--metric", "lr", "-o", "lr.svg")
    assert (result.exit_code, result.stderr) == (0, "")
    result = netlang("resume", folder.as_posix(), "--epochs", "4", "-q")
    assert result.exit_code == 0
    assert "note: `Cosine` is as long as the training, which has 4 epochs now in" in result.stderr
    assert "the learning rate goes on at 0.594 times the optimizer's, from 0.512" in result.stderr
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[SGD(1e-3), SGD(0.1, on=head)]", "[SGD(1.0), SGD(0.1, on=head)]"),
        ("Muon(1e-3)", "Muon(1.0)"),
    ],
)
def test_what_is_tried_is_what_is_told_to_write(one: str, other: str) -> None:
    """Another rate that the file has stays as it is, whatever the first one was."""
    file = DISC.replace("net = Linear(2, 4) -> ReLU -> Linear(4, 2)", "net = body -> head")
    Path("a.net").write_text(f"body = Linear(2, 4) -> ReLU\nhead = Linear(4, 2)\n{file}")
    asked = ("lr-find", "a.net", "--json", "--steps", "20", "--set")
    one_result, other_result = (netlang(*asked, f"optimizer={each}") for each in (one, other))
    assert one_result.exit_code == 0
    assert one_result.stdout == other_result.stdout


def test_a_loss_that_is_no_number_before_the_first_step_is_told_as_in_a_run() -> None:
    Path("a.net").write_text(DISC.replace(" -> Softmax", ""))
    result = netlang("lr-find", "a.net", "-o", "rates.png")
    assert result.exit_code == 1
    assert "E0413" in result.stderr
    assert not Path("rates.png").exists()
