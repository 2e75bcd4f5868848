"""A program is trained for each of some seeds, and judged by the mean of what all of them give."""

from __future__ import annotations

import json
import math
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import click
import pytest

from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.runs.lines.progress import LiveOverview
from netlang.runs.training.events import EpochDone, Finished, Started
from netlang.runs.training.series import _student
from netlang.tools.cli.training.side_by_side import jobs_that_pay
from tests.program import PROCESS, SHORTEST, about, netlang
from tests.together import together


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Path:
    Path("m.net").write_text(SHORTEST)
    return Path("m.net")


def events(*arguments: str) -> list[dict[str, Any]]:
    result = netlang("run", "m.net", "--no-plots", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_seed_is_trained_and_kept_as_alone_and_the_result_is_their_mean() -> None:
    *found, result = events("--seeds", "3..4,7")
    ends = [event for event in found if event["event"] == "seed"]
    assert [event["seed"] for event in ends] == [3, 4, 7]
    assert {event["seed"] for event in found} == {3, 4, 7}
    alone = events("--set", "seed=7", "-o", "alone")[-1]
    assert (ends[2]["metrics"], ends[2]["epoch"]) == (alone["metrics"], alone["epoch"])
    losses = [event["metrics"]["test.loss"] for event in ends]
    mean, deviation = statistics.fmean(losses), statistics.stdev(losses)
    assert (result["event"], result["seeds"]) == ("result", [3, 4, 7])
    assert result["metrics"]["test.loss"] == mean
    assert result["deviations"]["test.loss"] == deviation
    low, high = result["intervals"]["test.loss"]
    assert (low, high) == pytest.approx((mean - 2.484 * deviation, mean + 2.484 * deviation), 1e-3)
    assert result["expectations"] == [
        {"expect": "expect test.loss < 1000", "value": mean, "met": True}
    ]
    folder = Path(result["run"])
    assert (about(folder)["status"], about(folder)["result"]) == ("finished", result)
    for seed in (3, 4, 7):
        inside = folder / f"seed-{seed}"
        assert about(inside)["overrides"] == [f"seed={seed}"]
        assert (inside / "model.safetensors").stat().st_size
    (line,) = [line for line in netlang("runs").stdout.splitlines() if str(folder) in line]
    assert "finished  3 seeds" in line
    (listed,) = json.loads(netlang("runs", "--json").stdout)
    assert (listed["seeds"], listed["seeds_done"]) == (3, 3)
    assert "is the folder of a run of 3 seeds" in netlang("eval", str(folder)).stderr
    assert "is finished, all 3 seeds of it, after 2" in netlang("resume", str(folder)).stdout


def test_the_curves_of_all_seeds_are_drawn_as_one_name_as_far_as_all_of_them_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: dict[str, Any] = {}

    def draw(pictures: dict[str, Any], folder: Any, help: str = "") -> bool:
        for picture in pictures.values():
            picture(folder.path)
        return True

    def keep(columns: Any, file: Path) -> None:
        drawn[str(file)] = columns

    monkeypatch.setattr("netlang.tools.cli.training.keeping.draw", lambda *_: True)
    monkeypatch.setattr("netlang.tools.cli.training.series.draw", draw)
    monkeypatch.setattr("netlang.runs.folders.series_folder.draw_curves", keep)
    Path("m.net").write_text(f"{SHORTEST}stop = Early(train.loss, patience=1)\n")
    more = ["--set", "epochs=9", "--set", "optimizer.lr=3.0"]
    assert netlang("run", "m.net", "--seeds", "0..3", "-q", *more).exit_code == 0
    ((folder, [(title, [curves])]),) = drawn.items()
    lengths = [
        len(file.read_text().splitlines()) for file in Path(folder).glob("seed-*/history.jsonl")
    ]
    assert len({*lengths}) > 1
    assert (title, [len(run) for run in curves.runs]) == ("m.net", [min(lengths)] * 4)


def test_lines_tell_each_seed_and_the_mean_and_what_it_misses() -> None:
    Path("m.net").write_text(SHORTEST.replace("< 1000", "< 0"))
    result = netlang("run", "m.net", "--seeds", "0,1", "--no-folder")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "m.net: 17 weights, 20 training and 10 test samples, 2 seeds"
    assert [line.split("  ")[0] for line in lines[1:3]] == ["seed 0", "seed 1"]
    assert "±" in lines[3]
    assert "(95 %: " in lines[3]
    assert lines[-1].startswith("the mean: expect test.loss < 0")
    assert lines[-1].endswith("MISSED")
    assert not Path("runs").exists()


def test_a_seed_that_diverges_is_a_line_with_its_reason_and_not_in_the_mean() -> None:
    text = "net = Linear(1, 1)\ndata = Sine(train=20, test=10)\nloss = MSE\nepochs = 9\n"
    Path("m.net").write_text(f"{text}optimizer = SGD(8e4)\n")
    result = netlang("run", "m.net", "--seeds", "0..1", "--no-plots")
    assert result.exit_code == 1
    assert result.stdout.count("training diverged") == 2
    assert result.stderr.count("error[E0411]") == 1
    assert "2 seeds of 2 failed, and are not in these means" in result.stdout
    (folder,) = Path("runs").iterdir()
    kept = about(folder)
    assert (kept["status"], [*kept["result"]["failed"]]) == ("finished", ["0", "1"])
    assert about(folder / "seed-1")["status"] == "failed"
    as_data = netlang("run", "m.net", "--seeds", "0", "--no-folder", "--json")
    told = [json.loads(line) for line in as_data.stdout.splitlines()]
    assert as_data.exit_code == 1
    assert (told[-1]["event"], told[-1]["metrics"]) == ("result", {})
    assert told[-2]["diagnostics"][0]["code"] == "E0411"


def test_one_number_is_one_seed_which_is_said() -> None:
    Path("m.net").write_text("net = Linear(1, 1)\ndata = Sine(train=20, test=10)\nloss = MSE\n")
    words = "--set", "epochs=1", "--set", "optimizer=SGD", "--no-plots"
    one = netlang("run", "m.net", "--seeds", "5", *words)
    assert one.stderr == "--seeds 5 is seed 5 alone: 5 of them are 0..4\n"
    assert "  1 seed  " in netlang("runs").stdout


@together(
    ("words", "said"),
    [
        ("--seeds 3..1", "3..1 begins above its end: write 1..3"),
        ("--seeds 1,1", "1 is there twice"),
        ("--seeds a", "'a' is neither a seed nor a range of seeds"),
        ("--seeds 0..99999", "has more than 10,000 seeds"),
        ("--seeds 0..1 --folds 2", "give one fold of all seeds by --set data.folds=5"),
        ("--seeds 0..1 --fast", "it takes no --overfit and no --fast"),
        ("--seeds 0..1 --set seed=2", "it takes no --set seed="),
        ("--jobs 2", "--jobs is for several trainings"),
    ],
)
def test_what_contradicts_seeds_is_one_error(words: str, said: str) -> None:
    result = netlang("run", "m.net", "--no-folder", *words.split())
    assert result.exit_code == 2, result.output
    assert said in result.stderr


def test_a_seed_that_no_file_can_have_is_told_as_the_option() -> None:
    result = netlang("run", "m.net", "--seeds", "9999999999999999999", "--no-folder")
    assert result.exit_code == 1
    assert "--seeds" in result.stderr


def test_an_interval_is_students() -> None:
    tabled = {2: 12.706, 3: 4.303, 11: 2.228}  # 97.5 % of Student's t, by n
    for count, t in tabled.items():
        assert _student(count) == pytest.approx(t / math.sqrt(count), 1e-4)
    assert _student(1) is None


def test_short_trainings_are_done_in_turn_and_long_ones_side_by_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = "netlang.tools.cli.training.side_by_side"
    monkeypatch.setattr(f"{where}.processors", lambda: 4)
    short = compile_source(read("m.net"), to_run=True).require()
    long = short.with_settings(epochs=10**7)
    assert jobs_that_pay([short] * 9, "auto") == 1
    assert jobs_that_pay([long] * 9, "auto") == 4
    assert jobs_that_pay([long] * 3, "auto") == 3
    monkeypatch.setattr(f"{where}.memory_limit", lambda: 1 << 30)
    assert jobs_that_pay([long] * 9, "auto") == 2


def test_an_overview_says_how_many_are_over_and_how_far_others_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("netlang.runs.lines.progress._SECONDS", 0)
    live = LiveOverview(3)
    for called in ("seed 0", "seed 1"):
        live.look_at(called, Started(5, {"train": 1}, 1, "tensor", 1, 0))
    live.look_at("seed 1", EpochDone(2, {}, 0.0))
    assert live.line(80) == "0/3 done  seed 0 epoch 1/5  seed 1 epoch 2/5"
    assert live.line(30) == "0/3 done  seed 0 epoch 1/5"
    live.look_at("seed 0", Finished({}, 0.0, (), "tensor", 0, 5, 5))
    assert live.line(80) == "1/3 done  seed 1 epoch 2/5"
    live.close()
    assert click.unstyle(capsys.readouterr().out).endswith("\r")


@pytest.mark.slow
def test_seeds_side_by_side_give_the_same_bytes_also_where_some_or_all_were_killed() -> None:
    command = [*PROCESS, "run", "m.net", "--seeds", "0..2", "--no-plots"]
    more = ["--set", "epochs=3000", "--backend", "tensor"]
    process = subprocess.Popen([*command, *more, "--jobs", "2", "-o", "killed"])
    until = time.monotonic() + 60
    while not [*Path().glob("killed/*/seed-1/checkpoint.safetensors")]:
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (folder,) = Path("killed").iterdir()
    while about(folder / "seed-1")["status"] == "running":  # its process hears of that
        assert time.monotonic() < until
        time.sleep(0.05)
    assert about(folder / "seed-1")["status"] == "interrupted"
    before = about(folder / "seed-0")["pid"]
    process = subprocess.Popen(
        [*command[:3], "resume", str(folder), "--jobs", "2", "--no-plots"],
        stderr=subprocess.PIPE,
        text=True,
    )
    while (pid := about(folder / "seed-0")["pid"]) == before:
        assert time.monotonic() < until
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"of 3 seeds done, kept in {folder}: `netlang resume {folder}` goes on" in told
    assert "Error: the process that trained seed-0 was ended by signal 9" in told
    assert "fewer --jobs take less" in told
    resumed = netlang("resume", str(folder), "--no-plots")
    assert resumed.exit_code == 0, resumed.output
    assert f"{folder} goes on with" in resumed.stderr
    assert netlang("run", "m.net", "--seeds", "0..2", "--no-plots", *more).exit_code == 0
    (whole,) = Path("runs").iterdir()
    for seed in ("seed-0", "seed-1", "seed-2"):
        ours, theirs = (one / seed / "model.safetensors" for one in (folder, whole))
        assert ours.read_bytes() == theirs.read_bytes()
    assert about(folder)["result"]["metrics"] == about(whole)["result"]["metrics"]


@pytest.mark.slow
def test_a_signal_ends_all_processes_and_one_line_says_how_they_go_on() -> None:
    command = [*PROCESS, "run", "m.net", "--seeds", "0..2", "--no-plots"]
    process = subprocess.Popen(
        [*command, "--set", "epochs=100000", "--jobs", "2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while not [*Path().glob("runs/*/seed-1/checkpoint.safetensors")]:
        assert time.monotonic() < until
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it to all of them
    _, told = process.communicate(timeout=60)
    (folder,) = Path("runs").iterdir()
    assert process.returncode == 130
    assert told == f"interrupted: 0 of 3 seeds done: `netlang resume {folder}` goes on\n"
    statuses = [about(folder / name)["status"] for name in (".", "seed-0", "seed-1")]
    assert statuses == ["interrupted"] * 3
