"""Several files are trained by one command, and stand in one table."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.program import PROCESS, SHORTEST, about, netlang

DIVERGES = (
    "net = Linear(1, 1)\ndata = Sine(train=20, test=10)\nloss = MSE\nepochs = 9\n"
    "optimizer = SGD(8e4)\n"
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    Path("a.net").write_text(SHORTEST)
    Path("b.net").write_text(SHORTEST.replace("(2, 3)", "(2, 4)").replace("(3, 2)", "(4, 2)"))


def only(pattern: str) -> Path:
    (found,) = Path().glob(pattern)
    return found


def test_each_file_has_a_run_as_alone_and_a_row_with_its_metrics() -> None:
    result = netlang("run", "a.net", "b.net", "--no-plots")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "2 files, 1 at a time"
    assert [line.split()[0] for line in lines[1:3]] == ["a.net", "b.net"]
    titles = ["file", "weights", "test.loss", "test.accuracy", "seconds", "kept", "in"]
    assert lines[4].split() == titles
    runs = only("runs/a-*"), only("runs/b-*")
    for line, name, weights, run in zip(lines[5:7], "ab", ("17", "22"), runs, strict=True):
        loss = about(run)["result"]["metrics"]["test.loss"]
        cells = line.split()
        assert [*cells[:3], cells[5]] == [f"{name}.net", weights, f"{loss:.4f}", str(run)]
    assert lines[7].startswith("a.net: expect test.loss < 1000")
    alone = netlang("run", "b.net", "--no-plots", "-o", "alone")
    assert alone.exit_code == 0
    both = only("runs/b-*"), only("alone/b-*")
    ours, theirs = ((one / "model.safetensors").read_bytes() for one in both)
    assert ours == theirs


def test_a_folder_stands_for_its_files_and_with_seeds_each_row_has_deviations() -> None:
    result = netlang("run", ".", "--seeds", "0..1", "--no-plots", "--quiet")
    assert result.exit_code == 0, result.output
    _, *rows = result.stdout.splitlines()[:3]
    assert [row.split()[0] for row in rows] == ["a.net", "b.net"]
    assert all(row.count(" ± ") == 2 for row in rows)
    folder = only("runs/b-*")
    assert about(folder)["result"]["seeds"] == [0, 1]
    assert (folder / "seed-1" / "model.safetensors").is_file()
    assert "is finished, all 2 seeds of it" in netlang("resume", str(folder)).stdout


def test_json_tells_of_which_file_each_event_is() -> None:
    result = netlang("run", "a.net", "b.net", "--json", "--no-folder")
    *told, last = map(json.loads, result.stdout.splitlines())
    assert {one["file"] for one in told} == {"a.net", "b.net"}
    assert [one["event"] for one in told[:4]] == ["start", "epoch", "epoch", "file"]
    assert [one["file"] for one in last["files"]] == ["a.net", "b.net"]
    assert last["files"][1]["parameters"] == 22
    assert last["files"][1]["metrics"] == told[-1]["metrics"]
    seeds = netlang("run", "a.net", "b.net", "--json", "--no-folder", "--seeds", "4")
    assert json.loads(seeds.stdout.splitlines()[0])["seed"] == 4


def test_a_file_that_diverges_is_a_row_and_the_others_are_trained() -> None:
    Path("b.net").write_text(DIVERGES)
    result = netlang("run", "b.net", "a.net", "--no-plots")
    assert result.exit_code == 1
    assert result.stderr.count("error[E0411]") == 1
    (row,) = [line for line in result.stdout.splitlines() if "runs/b-" in line]
    assert "training diverged" in row
    assert about(only("runs/b-*"))["status"] == "failed"
    assert about(only("runs/a-*"))["status"] == "finished"


def test_what_is_wrong_with_any_file_is_told_before_the_first_is_trained() -> None:
    Path("b.net").write_text(SHORTEST.replace("Tanh", "Tahn"))
    Path("c.net").write_text(SHORTEST.replace("SGD", "SDG"))
    result = netlang("run", "a.net", "b.net", "c.net")
    assert result.exit_code == 1
    assert "`Tahn`" in result.stderr
    assert "`SDG`" in result.stderr
    assert not Path("runs").exists()
    tried = netlang("run", "a.net", "a.net", "--fast")
    assert (tried.exit_code, "one FILE at a time" in tried.stderr) == (2, True)


def test_an_expectation_that_a_file_misses_is_told_with_its_name() -> None:
    Path("b.net").write_text(SHORTEST.replace("< 1000", "< 0"))
    result = netlang("run", "a.net", "b.net", "--no-folder")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("b.net: expect test.loss < 0")
    assert result.stdout.endswith("MISSED\n")


@pytest.mark.slow
def test_files_side_by_side_end_by_a_signal_together_and_have_the_same_bytes_as_in_turn() -> None:
    command = [*PROCESS, "run", "a.net", "b.net", "--no-plots"]
    subprocess.run([*command, "--jobs", "2", "-o", "beside"], check=True, capture_output=True)
    assert netlang("run", "a.net", "b.net", "--no-plots", "-o", "turns").exit_code == 0
    for name in "ab":
        ours, theirs = only(f"beside/{name}-*"), only(f"turns/{name}-*")
        both = [(one / "model.safetensors").read_bytes() for one in (ours, theirs)]
        assert both[0] == both[1]
    process = subprocess.Popen(
        [*command, "--set", "epochs=100000", "--jobs", "2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while len([*Path().glob("runs/*/checkpoint.safetensors")]) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == (
        "interrupted: 0 of 2 files done: `netlang runs runs` lists them, and `netlang resume RUN` "
        "goes on with one\n"
    )
    assert {about(run)["status"] for run in Path("runs").iterdir()} == {"interrupted"}
