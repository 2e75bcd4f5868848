"""The line that a terminal shows of a run: what it says, and that it fits."""

from __future__ import annotations

import re

import pytest

from netlang.runs.lines import progress
from netlang.runs.lines.progress import LiveLine
from netlang.runs.training.events import EpochDone, Event, Finished, Started, StepsDone

METRICS = {
    "train.loss": 123456.789,
    "train.accuracy": 0.25,
    "validation.loss": 0.5,
    "validation.accuracy": 0.75,
    "test.loss": -1e-5,
    "test.r2": -1e9,
    "test.mae": 0.5,
    "test.accuracy": 0.125,
}


class Clock:
    """Stands still until it is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def started(epochs: int) -> Started:
    return Started(epochs, {"train": 1000, "test": 4}, 5, "tensor", 1, 0)


def after(*events: Event, epochs: int = 30) -> LiveLine:
    line = LiveLine("a.net")
    for event in (started(epochs), *events):
        line.show(event)
    return line


@pytest.mark.usefixtures("capsys")
def test_the_line_says_how_far_and_how_good_it_is_and_how_long_it_takes(clock: Clock) -> None:
    line = after(StepsDone(1, 1000))
    assert line.line(200) == "epoch 1/30  ──────────"
    line.show(EpochDone(1, METRICS, 0.1))
    clock.now += 10
    line.show(StepsDone(6, 1000))
    assert line.line(200) == (
        "epoch 6/30  loss 123457  test r2 -1e+09  mae 0.5000  accuracy 0.1250  ━━────────"
        "  0:48 left  best epoch 1  500 samples/s"
    )
    line.done = 10_000_000
    assert line.line(200).endswith("1.0M samples/s")
    clock.now += 10
    line.show(StepsDone(30, 1000))
    assert "━━━━━━━━━━  0:00 left" in line.line(200)
    line.show(Finished({"test.loss": 0.5}, 0.1, (), "tensor", 0, 30, 30))
    assert "left" not in line.line(200)


@pytest.mark.usefixtures("capsys")
def test_what_does_not_fit_is_left_out_and_nothing_is_cut(clock: Clock) -> None:
    line = after(StepsDone(1, 1000), EpochDone(1, METRICS, 0.1))
    clock.now += 10
    line.show(StepsDone(6, 1000))
    parts = set(line.line(200).split("  "))
    for width in range(len("epoch 6/30  loss 123457"), 200, 7):
        shown = line.line(width)
        assert len(shown) <= width
        assert set(shown.split("  ")) <= parts
    narrow = "epoch 6/30  loss 123457  test r2 -1e+09"
    assert line.line(79) == f"{narrow}  0:48 left  best epoch 1  500 samples/s"
    assert line.line(75) == f"{narrow}  best epoch 1  500 samples/s"
    assert line.line(60) == f"{narrow}  best epoch 1"
    assert line.line(47) == narrow
    assert line.line(36) == "epoch 6/30  loss 123457  0:48 left"
    assert line.line(33) == "epoch 6/30  loss 123457"
    assert len(line.line(9)) == 9


@pytest.mark.usefixtures("capsys")
def test_a_training_that_goes_on_is_as_fast_as_it_is_now(clock: Clock) -> None:
    line = after(StepsDone(21, 500))
    clock.now += 5
    line.show(StepsDone(22, 500))
    assert line.line(200) == "epoch 22/30  ━━━━━━━───  0:42 left  200 samples/s"


@pytest.mark.usefixtures("capsys")
def test_the_best_epoch_is_that_of_the_stopping_rule_or_of_the_validation_loss() -> None:
    losses = [3.0, 1.0, float("nan"), 2.0]
    events = [
        EpochDone(number, {"train.loss": 1.0, "validation.loss": loss}, 0.1)
        for number, loss in enumerate(losses, 1)
    ]
    assert "best epoch 2" in after(*events).line(200)
    assert "best epoch 3" in after(*events, EpochDone(5, {"train.loss": 1.0}, 0.1, 3)).line(200)
    assert "best" not in after(EpochDone(1, {"train.loss": 1.0, "test.loss": 1.0}, 0.1)).line(200)


def test_a_line_is_written_ten_times_a_second_at_most(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    line = after()
    for step in range(1, 101):
        clock.now += 0.015625
        line.show(StepsDone(1, step))
    assert 14 <= capsys.readouterr().out.count("\r") <= 16


def test_names_and_paths_stand_beside_the_line_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = f"runs/{'long-' * 40}[red]/:fire:"
    line = LiveLine(":fire:.net")
    line.show(started(1))
    line.show(Finished({"test.loss": 0.5}, 0.1, (), "tensor", 0, 3, 3), folder)
    line.close()
    shown = capsys.readouterr().out
    assert shown.startswith(":fire:.net: 5 weights, 1,000 training and 4 test samples, seed 0\n")
    assert shown.endswith(f"\nkept in {folder}\n")
    assert re.findall(r"\x1b\[\?25.", shown) == ["\x1b[?25l", "\x1b[?25h"]
