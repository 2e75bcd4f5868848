"""A model is found by its run's folder or its file, and what is none is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from netlang.language.diagnostics import NetError
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import WhatWasRun
from netlang.runs.models.model_path import model_path, why_no_model
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE


def run_in(folder: Path, status: str, model: bool = True) -> Path:
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"status": status} | WhatWasRun().as_data))
    if model:
        (folder / MODEL_FILE).write_bytes(b"")
    return folder


def why_none(named: Path | str) -> tuple[str, str]:
    with pytest.raises(NetError) as raised:
        model_path(str(named))
    (found,) = raised.value.diagnostics
    assert found.code == "E0505"
    (help,) = found.helps
    return found.title, help


def test_a_model_is_named_by_its_folder_or_its_file(tmp_path: Path) -> None:
    run = run_in(tmp_path / "run", "finished")
    assert model_path(str(run)) == model_path(str(run / MODEL_FILE)) == run / MODEL_FILE


def test_a_run_in_the_usual_folder_is_found_by_its_name() -> None:
    run_in(Path("runs/iris-20261128"), "finished")
    assert model_path("iris-20261128") == Path("runs/iris-20261128", MODEL_FILE)


def test_another_name_of_the_file_will_do(tmp_path: Path) -> None:
    (tmp_path / "best").write_bytes(b"")
    assert model_path(str(tmp_path / "best")) == tmp_path / "best"


def test_a_name_that_is_nearly_there_is_suggested(tmp_path: Path) -> None:
    run_in(tmp_path / "iris-20261128-101530", "finished")
    title, help = why_none(tmp_path / "iris-20261128-101539")
    assert "is not there" in title
    assert help == f"did you mean `{tmp_path / 'iris-20261128-101530'}`?"


def test_a_table_is_not_taken_for_the_model_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text("a,b\n")
    assert "did you mean" not in why_none(tmp_path / "iriss.csv")[1]
    (tmp_path / "iris.net").write_text("Linear(1, 1)\n")
    assert why_none(tmp_path / "iriss.net")[1] == f"did you mean `{tmp_path / 'iris.net'}`?"


def test_what_is_not_there_says_what_a_model_is(tmp_path: Path) -> None:
    title, help = why_none(tmp_path / "nowhere" / "at" / "all")
    assert title == f"`{tmp_path}/nowhere/at/all` is not there"
    assert "the folder of a finished run" in help


def test_a_network_is_to_be_trained_first(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text("Linear(1, 1)\n")
    title, help = why_none(tmp_path / "a.net")
    assert "is a network that is not trained yet" in title
    assert f"`netlang run {tmp_path}/a.net`" in help


def test_of_a_network_that_was_trained_the_latest_run_is_named() -> None:
    Path("a.net").write_text("Linear(1, 1)\n")
    run = run_in(Path("runs/a-1"), "finished")
    record = {"status": "finished"} | WhatWasRun("a.net").as_data
    (run / "run.json").write_text(json.dumps(record))
    assert why_none("a.net") == (
        "`a.net` is a network, and no trained one",
        "its latest run is `runs/a-1`",
    )


def test_the_text_of_a_run_is_not_its_model(tmp_path: Path) -> None:
    run = run_in(tmp_path / "a-1", "finished")
    (run / "a.net").write_text("Linear(1, 1)\n")
    assert why_none(run / "a.net")[1] == f"name the folder, `{run}`, whose model is trained"


def test_half_of_a_name_tells_the_latest_run_that_begins_so() -> None:
    for time, name in enumerate(("a-2", "a-1", "b-1")):
        os.utime(run_in(Path("runs", name), "finished"), (time, time))
    run_in(Path("runs/a-3"), "failed", model=False)
    title, help = why_none("a")
    assert title == "`a` is not there"
    assert help == "did you mean `runs/a-1`, the latest of 2 whose names begin so?"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (CHECKPOINT_FILE, "the checkpoint of a run"),
        ("history.csv", "the history of a run"),
        ("run.json", "the record of a run"),
        ("curves.png", "a picture of a run"),
    ],
)
def test_another_file_of_a_run_is_told(name: str, told: str, tmp_path: Path) -> None:
    run = run_in(tmp_path / "a-1", "finished")
    (run / name).touch()
    assert why_no_model(run / name) == (f"it is {told}", f"name the folder, `{run}`")
    (run / MODEL_FILE).unlink()
    assert "`netlang resume" in why_no_model(run / name)[1]


def test_other_files_are_told_by_what_they_are(tmp_path: Path) -> None:
    for name, told in (("a.csv", "it is a table"), ("a.png", "it is a picture"), ("a", "")):
        (tmp_path / name).touch()
        assert why_no_model(tmp_path / name)[0] == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("running", "has not ended"),
        ("failed", "failed"),
        ("interrupted", "was broken off"),
        ("finished", "kept no model"),
    ],
)
def test_a_run_without_a_model_says_how_it_ended(status: str, told: str, tmp_path: Path) -> None:
    assert told in why_none(run_in(tmp_path / "run", status, model=False))[0]


def test_a_run_with_a_checkpoint_can_be_gone_on_with(tmp_path: Path) -> None:
    run = run_in(tmp_path / "run", "interrupted", model=False)
    (run / CHECKPOINT_FILE).write_bytes(b"")
    assert why_none(run)[1] == f"`netlang resume {run}` goes on with it from its last checkpoint"


def test_of_a_run_in_folds_one_is_to_be_named(tmp_path: Path) -> None:
    run = run_in(tmp_path / "run", "finished", model=False)
    for name in ("fold-2", "fold-1"):
        run_in(run / name, "finished")
    title, help = why_none(run)
    assert title.endswith("is the folder of a run in 2 folds, which have a model each")
    assert help == f"name one of them, such as `{run / 'fold-1'}`"


def test_of_several_runs_the_latest_is_named(tmp_path: Path) -> None:
    for time, name in enumerate(("b", "c", "a")):
        os.utime(run_in(tmp_path / name, "finished") / MODEL_FILE, (time, time))
    run_in(tmp_path / "d", "running", model=False)
    title, help = why_none(tmp_path)
    assert "holds 3 runs with a model" in title
    assert help == f"name one of them: the latest is `{tmp_path / 'a'}`"


def test_the_only_run_of_a_folder_is_named(tmp_path: Path) -> None:
    run_in(tmp_path / "a", "finished")
    assert why_none(tmp_path)[1] == f"name that: `{tmp_path / 'a'}`"


def test_another_folder_is_none(tmp_path: Path) -> None:
    assert "not that of a run" in why_none(tmp_path)[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with a name")
def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no file that can be read" in why_none(tmp_path / "pipe")[0]


@pytest.mark.parametrize("name", ["a\0b", "a\0b/c", "x" * 5000])
def test_a_name_that_no_file_has_is_not_there(name: str) -> None:
    assert "is not there" in why_none(name)[0]
