"""Runs are listed by their time or by what they reached, and two of them are compared."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from netlang.language.run_record import WhatWasRun
from netlang.tools.cli.commands import runs
from tests.program import DISC, about, netlang, only

NAMES = ("first", "second", "third")


@pytest.fixture
def kept() -> dict[str, float]:
    """Three runs in ``runs``, of which each is a copy of one, with accuracies of its own."""
    Path("a.net").write_text(f"{DISC}epochs = 1\n")
    assert netlang("run", "a.net", "--no-plots", "-o", "made").exit_code == 0
    made = only("made")
    record = about(made)
    accuracies = dict(zip(NAMES, (0.5, 0.9, 0.7), strict=True))
    for number, (name, accuracy) in enumerate(accuracies.items()):
        folder = Path("runs", name)
        folder.mkdir(parents=True)
        (folder / "a.net").write_text((made / "a.net").read_text())
        metrics = {"test.loss": 1 - accuracy, "test.accuracy": accuracy}
        result = {**record["result"], "metrics": metrics, "train_seconds": 10.0 - number}
        one = {**record, "result": result, "time": f"2026-01-0{number + 1}T10:00:00+0000"}
        (folder / "run.json").write_text(json.dumps(one))
    return accuracies


def names(*options: str) -> list[str]:
    result = netlang("runs", *options)
    assert result.exit_code == 0, result.output
    return re.findall(r"^runs/(\S+)", result.stdout, re.M)


def test_the_newest_run_is_last(kept: dict[str, float]) -> None:
    assert names() == names("runs") == [*NAMES]


def test_the_best_run_is_last(kept: dict[str, float]) -> None:
    assert names("--by", "test.accuracy") == ["first", "third", "second"]
    assert names("--by", "accuracy") == names("--by", "test.accuracy")
    assert names("--by", "test.loss") == ["first", "third", "second"]
    assert names("--by", "seconds") == ["first", "second", "third"]


def test_a_run_without_the_metric_comes_first(kept: dict[str, float]) -> None:
    folder = Path("runs/second")
    record = about(folder)
    (folder / "run.json").write_text(json.dumps({**record, "result": None}))
    assert names("--by", "test.accuracy") == ["second", "first", "third"]


def test_a_table_has_a_column_for_each_metric_on_the_test_data(kept: dict[str, float]) -> None:
    head, first, *_ = netlang("runs").stdout.splitlines()
    assert head.split() == [
        "run", "file", "started", "status", "epochs", "test.loss", "test.accuracy", "seconds",
    ]  # fmt: skip
    assert first.split()[-3:] == ["0.5000", "0.5000", "10"]


def test_a_table_shows_what_it_is_sorted_by(kept: dict[str, float]) -> None:
    for number, name in enumerate(NAMES):
        record = about(Path("runs", name))
        record["result"]["metrics"]["train.loss"] = 0.125 - number / 100
        Path("runs", name, "run.json").write_text(json.dumps(record))
    assert "train.loss" not in netlang("runs").stdout
    head, first, *_ = netlang("runs", "--by", "train.loss").stdout.splitlines()
    assert ("train.loss" in head, "0.1250" in first) == (True, True)


def test_runs_in_json_are_a_list_of_objects(kept: dict[str, float]) -> None:
    found: list[dict[str, Any]] = json.loads(netlang("runs", "--json").stdout)
    assert [one["run"] for one in found] == [f"runs/{name}" for name in NAMES]
    assert found[1]["metrics"]["test.accuracy"] == 0.9
    assert found[1]["status"] == "finished"


@pytest.mark.parametrize(
    ("by", "hint"),
    [
        ("test.acc", "did you mean test.accuracy?"),
        ("test.acuracy", "did you mean test.accuracy?"),
        ("beauty", "there are test.loss, test.accuracy, seconds and time"),
    ],
)
def test_a_metric_that_no_run_has_is_refused(by: str, hint: str, kept: dict[str, float]) -> None:
    result = netlang("runs", "--by", by)
    assert (result.exit_code, hint in result.stderr) == (2, True), result.stderr


def test_a_folder_that_only_looks_like_a_run_is_left_out_and_named(kept: dict[str, float]) -> None:
    Path("runs/other").mkdir()
    Path("runs/other/run.json").write_text("{")
    Path("runs/notes").mkdir()
    result = netlang("runs")
    assert "runs/first" in result.stdout
    assert result.stderr == "runs/other is left out: its run.json is broken, or not netlang's\n"


def test_a_run_that_can_go_on_is_told_how(kept: dict[str, float]) -> None:
    assert netlang("runs").stderr == ""
    record = {**about(Path("runs/first")), "status": "running", "pid": -1}
    Path("runs/first/run.json").write_text(json.dumps(record))
    result = netlang("runs")
    assert re.search(r"^runs/first .* killed ", result.stdout, re.M)
    assert "resume" not in result.stderr  # there is no checkpoint
    Path("runs/first/checkpoint.safetensors").touch()
    assert "`netlang resume RUN` goes on" in netlang("runs").stderr


@pytest.mark.parametrize("command", ["resume", "plot", "runs"])
def test_a_network_in_the_place_of_a_run_is_told_its_latest_run(command: str) -> None:
    Path("a.net").touch()
    assert netlang(command, "a.net").stderr == "Error: a.net is no run's folder: it is a file\n"
    Path("runs/later").mkdir(parents=True)
    Path("runs/later/run.json").write_text(json.dumps(WhatWasRun(file="a.net").as_data))
    told = "Error: a.net is no run's folder: it is a file; its latest run is runs/later\n"
    assert netlang(command, "a.net").stderr == told


def test_without_runs_it_says_so() -> None:
    assert netlang("runs").stdout == "there are no runs in runs\n"
    assert json.loads(netlang("runs", "--json").stdout) == []
    result = netlang("runs", "elsewhere")
    assert result.exit_code == 1
    assert "elsewhere is no run's folder: there is no such folder" in result.stderr
    Path("empty").mkdir()
    assert netlang("runs", "empty").stdout == "there are no runs in empty\n"


def test_a_run_alone_is_listed_by_its_folder_or_its_name(kept: dict[str, float]) -> None:
    assert names("runs/second") == names("second") == ["second"]


def test_a_run_that_holds_others_stands_for_them(kept: dict[str, float]) -> None:
    Path("runs/first").rename("runs/second/fold-1")
    assert names("runs/second") == ["second/fold-1"]
    assert names() == ["second", "third"]


def test_a_run_that_is_misspelt_is_suggested(kept: dict[str, float]) -> None:
    result = netlang("runs", "runs/frist", "runs/second")
    assert result.exit_code == 1
    assert "no run's folder: there is no such folder; did you mean runs/first?" in result.stderr


def test_three_runs_are_too_many_to_compare(kept: dict[str, float]) -> None:
    assert netlang("runs", *(f"runs/{name}" for name in NAMES)).exit_code == 2


def test_two_runs_are_compared_also_by_their_names_alone(kept: dict[str, float]) -> None:
    text = Path("runs/second/a.net").read_text()
    Path("runs/second/a.net").write_text(text.replace("lr=1e-2", "lr=1e-3"))
    result = netlang("runs", "first", "runs/second")
    assert result.exit_code == 0
    assert "~ optimizer  Adam(lr=0.01) -> Adam(lr=0.001)\n" in result.stdout
    assert "-optimizer = Adam(lr=1e-2)\n+optimizer = Adam(lr=1e-3)\n" in result.stdout
    assert re.search(r"test.accuracy +0.5000 +0.9000 +\+0.4000\n", result.stdout)
    found = json.loads(netlang("runs", "first", "second", "--json").stdout)
    assert found["results"]["test.accuracy"] == [0.5, 0.9]
    assert [one["what"] for one in found["changes"]] == ["optimizer"]


def test_runs_are_listed_without_torch(kept: dict[str, float]) -> None:
    code = (
        "import sys; from netlang.tools.cli.group import cli; cli(['runs'], standalone_mode=False);"
        "assert not {'torch', 'numpy', 'polars'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_rounding_alone_is_no_change() -> None:
    assert runs._change(0.1 + 0.2, 0.3) == "+0.0000"
    assert runs._change(0.5, 0.25) == "-0.2500"
