"""Trackers are told what a run measured, by their own packages; one that fails ends no run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.folders.run_folder import new_run_folder
from netlang.runs.tracking.tracker import About, Tracker, hyperparameters
from netlang.runs.tracking.tracking import TRACKERS, missing
from netlang.runs.training.events import EpochDone, Finished
from netlang.runs.training.training import Training
from netlang.tools.cli.group import cli

NET = """\
net = Linear(2, 4) -> Tanh -> Linear(4, 2)
data = Moons(train=40, test=20)
loss = SoftmaxCrossEntropy
optimizer = Adam(0.01)
schedule = Cosine
epochs = 3
"""


class Told(Tracker):
    """Remembers what it is told, and fails where it is asked to."""

    name, extra = "told", "told"
    fails_at = ""
    calls: list[str]

    @classmethod
    def packages(cls) -> tuple[str, ...]:
        return ("json",)

    @classmethod
    def begin(cls, about: About, known: Any) -> Told:
        cls.calls = [f"begin {known}"]
        if cls.fails_at == "begin":
            raise ConnectionError("nobody there\nand more")
        return cls()

    @property
    def known_as(self) -> dict[str, str]:
        return {"number": "7"}

    def epoch(self, event: EpochDone) -> None:
        if self.fails_at == "epoch":
            raise OSError(28, "No space left")
        self.calls.append(f"epoch {event.epoch}")

    def result(self, event: Finished) -> None:
        self.calls.append("result")

    def close(self, status: str) -> None:
        self.calls.append(status)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type[Told]]:
    monkeypatch.setattr("netlang.runs.tracking.tracking.TRACKERS", {**TRACKERS, "told": Told})
    monkeypatch.setattr("netlang.runs.folders.run_folder.TRACKERS", {**TRACKERS, "told": Told})
    monkeypatch.chdir(tmp_path)
    Path("small.net").write_text(NET)
    yield Told
    Told.fails_at = ""


def trained(warnings: list[str]) -> Path:
    """A run that is tracked by Told alone."""
    program = compile_source(SourceFile("small.net", NET), to_run=True).require()
    folder = new_run_folder(Path("runs"), program)
    folder.track(["told"], warnings.append)
    training = Training(program)
    for event in training.events():
        folder.keep(event)
    folder.keep_model(training)
    folder.close("finished")
    return folder.path


def netlang(*words: str) -> Result:
    return CliRunner().invoke(cli, words, prog_name="netlang", standalone_mode=False)


def test_a_tracker_is_told_all_and_the_record_keeps_how_it_goes_on(told: type[Told]) -> None:
    warnings: list[str] = []
    run = trained(warnings)
    assert told.calls == ["begin {}", "epoch 1", "epoch 2", "epoch 3", "result", "finished"]
    assert not warnings
    record = json.loads((run / "run.json").read_text())
    assert record["tracked"] == {"told": {"number": "7"}}


@pytest.mark.parametrize("at", ["begin", "epoch"])
def test_one_that_fails_is_told_of_once_and_the_run_is_kept(told: type[Told], at: str) -> None:
    told.fails_at = at
    warnings: list[str] = []
    run = trained(warnings)
    assert len(warnings) == 1
    assert "told tracks no more of this run" in warnings[0]
    assert "\n" not in warnings[0]
    assert len((run / "history.jsonl").read_text().splitlines()) == 3
    assert json.loads((run / "run.json").read_text())["status"] == "finished"


def test_hyperparameters_have_the_names_that_set_gives_them() -> None:
    text = (
        NET
        + 'metrics = [accuracy, f1(average="macro")]\nstop = Early(metric=train.loss, patience=2)\n'
    )
    program = compile_source(SourceFile("small.net", text), ["epochs=2"], to_run=True).require()
    found = hyperparameters(program)
    assert found["optimizer"] == "Adam"
    assert found["optimizer.lr"] == 0.01
    assert found["epochs"] == 2
    assert found["loss"] == "SoftmaxCrossEntropy"
    assert found["stop.patience"] == 2
    assert found["data.train"] == 40
    assert found["weights"] == 22


def test_what_cannot_be_tracked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = str(netlang("run", "small.net", "--track", "tensorboard", "--no-folder").exception)
    assert "--track is for a run that is kept in a folder" in said
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = str(netlang("run", "small.net", "--track", "mlflow").exception)
    assert 'mlflow is not installed: pip install "netlang[mlflow]"' in said


def test_mlflow_needs_what_writes_its_file_unless_a_server_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "mlflow" or None)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    lacking = "mlflow needs sqlalchemy, which is not installed"
    assert missing(["mlflow"]) == f'{lacking}: pip install "netlang[mlflow]"'
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:5000")
    assert not missing(["mlflow"])


@pytest.mark.slow
def test_tensorboard_reads_what_was_measured_also_after_a_resumption() -> None:
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    assert netlang("run", "small.net", "--track", "tensorboard").exception is None
    (run,) = Path("runs").iterdir()
    assert netlang("resume", str(run), "--epochs", "4").exception is None
    rows = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    events = reader.EventAccumulator(str(run))
    events.Reload()
    found = [(one.step, one.value) for one in events.Scalars("loss/test")]
    assert [step for step, _ in found] == [1, 2, 3, 4]
    losses = [row["metrics"]["test.loss"] for row in rows]
    assert [value for _, value in found] == pytest.approx(losses)
    assert events.Images("curves")
    assert events.SummaryMetadata("_hparams_/session_start_info")


@pytest.mark.slow
def test_mlflow_has_a_run_with_its_parameters_metrics_and_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("sqlalchemy")
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert netlang("run", "small.net", "--track", "mlflow", "--no-plots").exception is None
    (run,) = Path("runs").iterdir()
    seeds = "--seeds", "0..1", "-o", "two"
    assert netlang("run", "small.net", "--track", "mlflow", "--no-plots", *seeds).exit_code == 0
    (group,) = Path("two").iterdir()
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("small")
    *several, tracked = client.search_runs([experiment.experiment_id])
    names = sorted(one.info.run_name for one in several)
    assert names == [f"{group.name}/seed-{seed}" for seed in (0, 1)]
    assert {one.data.tags["netlang.group"] for one in several} == {group.name}
    assert tracked.info.run_name == run.name
    assert tracked.info.status == "FINISHED"
    assert tracked.data.params["optimizer.lr"] == "0.01"
    rows = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    found = client.get_metric_history(tracked.info.run_id, "test.loss")
    assert [(one.step, one.value) for one in found] == [
        (row["epoch"], row["metrics"]["test.loss"]) for row in rows
    ]
    kept = {one.path for one in client.list_artifacts(tracked.info.run_id)}
    assert {"small.net", "model.safetensors", "history.csv", "run.json"} <= kept
