"""Half of a run's name is none, but tells which run was meant."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from netlang.language.run_record import WhatWasRun, is_of_a_run
from netlang.runs.run_names import found_run, latest_run_of, meant_run


@pytest.fixture(autouse=True)
def _runs() -> None:
    """Runs of two networks, the older first."""
    for time, name in enumerate(("b-2", "b-1", "digits-20261128-101530")):
        folder = Path("runs", name)
        folder.mkdir(parents=True)
        record = WhatWasRun(file=f"nets/{name[0]}.net").as_data
        (folder / "run.json").write_text(json.dumps(record))
        os.utime(folder, (time, time))


def meant(name: str) -> str:
    found = meant_run(Path(name), is_of_a_run)
    return f"{found.folder}{found.among}" if found else ""


def test_a_run_is_found_without_the_folder_of_runs() -> None:
    assert found_run("b-1") == Path("runs/b-1")
    assert found_run("runs/b-1") == Path("runs/b-1")
    Path("b-1").mkdir()
    assert found_run("b-1") == Path("b-1")
    assert found_run("b") == Path("b")


def test_the_latest_run_whose_name_begins_so_is_meant() -> None:
    assert meant("b") == "runs/b-1, the latest of 2 whose names begin so"
    assert meant("runs/b") == "runs/b-1, the latest of 2 whose names begin so"
    assert meant("dig") == "runs/digits-20261128-101530"


def test_a_name_with_slips_is_understood() -> None:
    assert meant("digits-20261128-101536") == "runs/digits-20261128-101530"
    assert meant("runs/digist-20261128-101530") == "runs/digits-20261128-101530"


@pytest.mark.parametrize("name", ["other", "elsewhere/b", "a\0", "x" * 5000, "runs/x/y"])
def test_another_name_means_none(name: str) -> None:
    assert meant(name) == ""


def test_only_such_runs_are_meant_as_are_asked_for() -> None:
    assert meant_run(Path("b"), lambda folder: False) is None


def test_the_latest_run_of_a_network_is_known() -> None:
    for name in ("nets/b.net", "./nets/b.net", "nets/../nets/b.net"):
        assert latest_run_of(Path(name), is_of_a_run) == Path("runs/b-1")
    assert latest_run_of(Path("b.net"), is_of_a_run) is None
    for odd in (3, None, ["b.net"]):
        record = WhatWasRun().as_data | {"file": odd}
        Path("runs/b-2/run.json").write_text(json.dumps(record))
        assert latest_run_of(Path("nets/b.net"), is_of_a_run) == Path("runs/b-1")
