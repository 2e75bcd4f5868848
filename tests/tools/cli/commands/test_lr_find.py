"""``lr-find`` tries rates for a step each and says which it would take; ``plot --schedule``."""

from __future__ import annotations

import json
import math
import shlex
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


def test_it_says_which_rate_to_begin_with_and_draws_it() -> None:
    result = netlang("lr-find", "a.net", "--steps", "60", "-o", "rates.svg")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *_, said, tried, wrote = result.stdout.splitlines()
    assert head.split() == ["learning", "rate", "loss"]
    assert said.startswith("the loss is in the middle of its fall at ")
    rate = said.split()[10].rstrip(";")
    assert tried == f"try it: netlang run a.net --set optimizer.lr={rate}"
    assert wrote == "wrote rates.svg"
    assert "learning rate" in Path("rates.svg").read_text()


def test_the_rate_is_in_the_middle_of_the_fall() -> None:
    rates = tuple(10 ** (-6 + 0.1 * n) for n in range(60))
    falls = [1.0] * 20 + [1 - 0.04 * n for n in range(20)] + [0.2 + 0.05 * n for n in range(20)]
    for losses in (falls, [100 * loss for loss in falls], [loss - 5 for loss in falls]):
        found = RateSearch(rates, tuple(losses), False, {})
        # A quarter of the fall is done at the 25th rate, and all of it at the 39th.
        assert found.suggested == pytest.approx(rates[32], rel=0.2)
    for never in (sorted(falls), [1.0] * 60, [1 - 1e-4 * n for n in range(60)]):
        assert RateSearch(rates, tuple(never), True, {}).suggested is None
    ended = RateSearch(rates[:51], (*falls[:50], math.inf), True, {})
    assert ended.suggested == pytest.approx(rates[32], rel=0.2)
    assert ended.as_data()["losses"] == [*falls[:50], None]


def test_it_is_looked_at_a_hundred_times_until_it_explodes() -> None:
    found = json.loads(netlang("lr-find", "a.net", "--json", "--to", "0.1").stdout)
    assert (len(found["rates"]), found["exploded"]) == (100, False)
    assert found["rates"][33] == pytest.approx(10 ** (-6 + 5 * 99 / 299))
    found = json.loads(netlang("lr-find", "a.net", "--json", "--to", "1e9").stdout)
    assert len(found["rates"]) < 100
    assert found["exploded"]


def test_a_loss_below_0_does_not_explode_at_once() -> None:
    Path("a.csv").write_text("x,y\n" + "".join(f"{n},{n}\n" for n in range(40)))
    Path("a.net").write_text(
        "net = Linear(1, 4) -> Tanh -> [Linear(4, 1), Linear(4, 1) -> Softplus] -> Concat\n"
        'data = CSV("a.csv", target="y")\nloss = GaussianNLL\noptimizer = Adam\nbatch = 8\n'
    )
    found = json.loads(netlang("lr-find", "a.net", "--json", "--to", "0.1").stdout)
    assert min(found["losses"]) < 0
    assert not found["exploded"]


@pytest.mark.parametrize("seed", range(3))
def test_batches_of_one_sample_do_not_hide_where_the_loss_falls(seed: int) -> None:
    Path("a.net").write_text(DISC.replace("40", "400").replace("4)", "25)").replace("(4", "(25"))
    options = ("--steps", "150", "--set", "batch=1", "--set", f"seed={seed}", "--json")
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
    drawn = Path("schedule.svg").read_text()
    assert "a.net: learning rate" in drawn
    assert "learning rate of" not in drawn
    several = SCHEDULED.replace("Adam(lr=1e-2)", '[Adam(lr=1e-2), SGD(0.1, only="biases")]')
    Path("several.net").write_text(several)
    assert netlang("plot", "--schedule", "several.net", "-o", "schedule.svg").exit_code == 0
    assert "several.net: learning rate of Adam" in Path("schedule.svg").read_text()
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
        ("[SGD(1e-3), SGD(0.1, on=head)]", "[SGD(0.01), SGD(1.0, on=head)]"),
        ("Muon(1e-3, adam_lr=1e-4)", "Muon(1e-2, adam_lr=1e-3)"),
    ],
)
def test_all_rates_grow_in_the_proportions_that_the_file_has(one: str, other: str) -> None:
    """How large the first one was is of no matter."""
    file = DISC.replace("net = Linear(2, 4) -> ReLU -> Linear(4, 2)", "net = body -> head")
    Path("a.net").write_text(f"body = Linear(2, 4) -> ReLU\nhead = Linear(4, 2)\n{file}")
    asked = ("lr-find", "a.net", "--json", "--steps", "20", "--set")
    found = [json.loads(netlang(*asked, f"optimizer={each}").stdout) for each in (one, other)]
    assert found[0]["rates"] == found[1]["rates"]
    assert found[0]["losses"] == pytest.approx(found[1]["losses"], rel=1e-5)


def test_a_rate_of_another_part_does_not_hide_that_of_the_first() -> None:
    """Two optimizers of the same rate are one: the other does not learn while the first cannot."""
    body = DISC.replace("net = Linear(2, 4) -> ReLU -> Linear(4, 2)", "net = body -> head")
    begin = f"body = Linear(2, 4) -> ReLU\nhead = Linear(4, 2)\n{body}"
    Path("a.net").write_text(begin)
    alone, beside = (
        json.loads(netlang("lr-find", "a.net", "--json", "--set", f"optimizer={one}").stdout)
        for one in ("SGD(0.5)", "[SGD(1e-4), SGD(1e-4, on=head)]")
    )
    assert beside["suggested"] == pytest.approx(alone["suggested"], rel=1e-4)
    assert {*beside["settings"]} == {"optimizer[0].lr", "optimizer[1].lr"}


def test_the_command_to_try_sets_each_rate_once() -> None:
    file = DISC.replace("Adam(lr=1e-2)", '[Adam(1e-2), SGD(0.1, only="biases")]')
    Path("a.net").write_text(file)
    told = ("--set", "optimizer[0].lr=0.5", "--set", "optimizer [1] . lr = 5", "--set", "batch=8")
    *_, proportions, tried = netlang("lr-find", "a.net", *told).stdout.splitlines()
    assert proportions == "the other learning rates keep their proportions to this one"
    command = shlex.split(tried.removeprefix("try it: netlang "))
    assert command.count("--set") == 3
    assert netlang(*command, "-q", "--no-plots").exit_code == 0
    settings = dict(one.split("=") for one in command if "=" in one)
    assert [*settings] == ["batch", "optimizer[0].lr", "optimizer[1].lr"]
    first, second = (float(settings[f"optimizer[{number}].lr"]) for number in (0, 1))
    assert second == pytest.approx(10 * first)
    *_, tried = netlang("lr-find", "a.net", "--set", "optimizer=Muon(1e-2)").stdout.splitlines()
    assert " --set optimizer.lr=" in tried
    assert " --set optimizer.adam_lr=" in tried


def test_a_loss_that_is_no_number_before_the_first_step_is_told_as_in_a_run() -> None:
    Path("a.net").write_text(DISC.replace(" -> Softmax", ""))
    result = netlang("lr-find", "a.net", "-o", "rates.png")
    assert result.exit_code == 1
    assert "E0413" in result.stderr
    assert not Path("rates.png").exists()


def test_the_command_to_try_has_what_the_search_was_told() -> None:
    Path("my a.net").write_text(DISC)
    told = ("--set", "optimizer=SGD(0.1)", "--set", "optimizer.lr=3", "--allow", "..")
    *_, tried = netlang("lr-find", "my a.net", "--steps", "60", *told).stdout.splitlines()
    begin, rate = tried.split(" --set optimizer.lr=")
    assert begin == "try it: netlang run 'my a.net' --set 'optimizer=SGD(0.1)'"
    assert rate.endswith(" --allow ..")
    assert netlang(*shlex.split(tried)[3:], "-q", "--no-plots").exit_code == 0
