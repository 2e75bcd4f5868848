"""A training with a stopping rule ends early, and its result is that of the best epoch."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.twin import Twin
from netlang.runs.training.best import BestSearch
from netlang.runs.training.events import EpochDone, Finished
from netlang.runs.training.training import Training
from tests.program import netlang

TEXT = """
net = Linear(2, 8) -> Tanh -> Linear(8, 2)
data = Disc(train=60, test=40, validation=40)
loss = MSE
optimizer = Adam(lr=3e-2)
epochs = 30
"""


def program(rule: str = "", *overrides: str) -> Program:
    text = TEXT + (f"stop = {rule}\n" if rule else "")
    return compile_source(SourceFile("a.net", text), overrides, to_run=True).require()


def trained(one: Program, backend: str = "tensor") -> tuple[Training, list[EpochDone], Finished]:
    training = Training(one, backend)
    events = [*training.events()]
    end = events[-1]
    assert isinstance(end, Finished)
    return training, [one for one in events if isinstance(one, EpochDone)], end


@pytest.mark.parametrize(
    ("rule", "sign"),
    [
        ("Early(patience=3)", -1),
        ("Early(validation.accuracy, 2)", 1),
        ("Early(train.loss, 2, min_delta=0.02)", -1),
    ],
)
def test_training_ends_behind_the_best_epoch_and_gives_it_back(
    rule: str, sign: int, backend: str
) -> None:
    one = program(rule)
    assert one.stop
    training, epochs, end = trained(one, backend)
    values = [sign * epoch.metrics[one.stop.metric] for epoch in epochs]
    best, waited, patience = 0, 0, one.stop.values["patience"]
    for index, value in enumerate(values):
        better = value - values[best] > one.stop.values["min_delta"]
        best, waited = (index, 0) if better else (best, index - best)
    assert (end.epoch, end.epochs) == (best + 1, len(epochs))
    assert waited == patience
    assert len(epochs) < one.epochs
    assert end.metrics == epochs[best].metrics
    same, _, _ = trained(program("", f"epochs={best + 1}"), backend)
    assert torch.equal(training.network.parameters, same.network.parameters)
    inputs = training.split.test.inputs
    assert torch.equal(training.outputs(inputs), same.outputs(inputs))


@pytest.mark.parametrize(
    ("rule", "sign"),
    [
        ("Best", -1),
        ("Best(validation.accuracy)", 1),
        ('Best(validation.accuracy, ties="last")', 1),
    ],
)
def test_all_epochs_are_trained_and_the_best_one_is_given_back(
    rule: str, sign: int, backend: str
) -> None:
    one = program(rule)
    assert one.stop
    training, epochs, end = trained(one, backend)
    values = [sign * epoch.metrics[one.stop.metric] for epoch in epochs]
    best = values.index(max(values))
    if "last" in rule:
        best = max(place for place, value in enumerate(values) if value == max(values))
        assert values.count(max(values)) > 1
    assert (end.epoch, end.epochs, len(epochs)) == (best + 1, 30, 30)
    assert end.metrics == epochs[best].metrics
    same, _, _ = trained(program("", f"epochs={best + 1}"), backend)
    assert torch.equal(training.network.parameters, same.network.parameters)


def test_the_best_epoch_of_an_earlier_run_is_the_result_if_none_is_better() -> None:
    first, epochs, _ = trained(program("Best(train.accuracy)"))
    longer = Training(program("Best(train.accuracy)", "epochs=32"), start=first.checkpoint())
    more = [one for one in longer.events() if isinstance(one, EpochDone)]
    whole, _, end = trained(program("Best(train.accuracy)", "epochs=32"))
    assert len(more) == 2
    assert torch.equal(longer.network.parameters, whole.network.parameters)
    values = [one.metrics["train.accuracy"] for one in (*epochs, *more)]
    assert end.epoch == values.index(max(values)) + 1


def test_an_epoch_whose_metric_is_no_number_is_not_the_best_one() -> None:
    best = BestSearch(program("Early(validation.accuracy)"))
    for epoch, value in enumerate([math.nan, 0.3, math.nan, 0.5, 0.5], 1):
        best.look_at(epoch, {"validation.accuracy": value}, {})
    assert best.best
    assert best.best.epoch == 4
    assert not best.is_over(8)
    assert best.is_over(9)


def test_the_best_epoch_is_the_result_where_epochs_are_over_first() -> None:
    _, epochs, end = trained(program("Early(patience=100)", "epochs=12"))
    assert len(epochs) == end.epochs == 12
    best = min(epochs, key=lambda epoch: epoch.metrics["validation.loss"])
    assert end.epoch == best.epoch < 12
    assert end.metrics == best.metrics


def test_without_a_rule_the_last_epoch_is_the_result() -> None:
    _, epochs, end = trained(program())
    assert (end.epoch, end.epochs, end.metrics) == (30, 30, epochs[-1].metrics)


def test_a_run_says_and_keeps_which_epoch_was_the_best() -> None:
    Path("a.net").write_text(f"{TEXT}stop = Early(validation.loss, 3)\nexpect test.loss < 9\n")
    done = netlang("run", "a.net", "--no-plots")
    assert done.exit_code == 0
    (folder,) = Path("runs").iterdir()
    result = json.loads((folder / "run.json").read_text())["result"]
    epoch, epochs = result["epoch"], result["epochs"]
    assert epochs == epoch + 3 < 30
    assert f"(best epoch {epoch} of {epochs}, trained in " in done.output
    rows = [*csv.DictReader((folder / "history.csv").read_text().splitlines())]
    assert len(rows) == epochs
    assert {name: float(rows[epoch - 1][name]) for name in result["metrics"]} == result["metrics"]
    assert result["expectations"][0]["value"] == result["metrics"]["test.loss"]
    assert "stop = Early {metric=validation.loss" in netlang("ir", "a.net").output


def test_an_export_ends_early_too_and_a_comparison_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for rule, sign in (("Early(validation.accuracy, 2)", 1), ("Early(train.loss, 2, 0.02)", -1)):
        one = program(rule)
        assert one.stop
        names = {"__name__": "export"}
        exec(to_pytorch(one, tmp_path).source, names)
        names["main"](1)  # type: ignore[operator]
        *lines, last = capsys.readouterr().out.splitlines()
        shown = [line.partition(f"{one.stop.metric} ")[2].split(" ")[0] for line in lines]
        values, best = [sign * float(value) for value in shown], 0
        for index, value in enumerate(values):
            best = index if value - values[best] > one.stop.values["min_delta"] else best
        assert last == f"best epoch {best + 1} of {best + 3}"
        assert len(lines) == best + 3 < 30
    source = to_pytorch(program("Best(validation.loss)"), tmp_path).source
    assert "waited" not in source
    names = {"__name__": "export"}
    exec(source, names)
    names["main"](1)  # type: ignore[operator]
    *lines, last = capsys.readouterr().out.splitlines()
    losses = [float(line.partition("validation.loss ")[2].split(" ")[0]) for line in lines]
    assert last == f"best epoch {losses.index(min(losses)) + 1} of 30"
    twin = Twin(program("Early(patience=1)"), tmp_path / "a.py")
    assert len([*twin.training(1).events()]) == 30
