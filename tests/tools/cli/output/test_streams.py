"""Standard input, output and error that are closed, full, or read by nobody any more."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import PROGRAM, Forks
from tests.program import SHORT, about, only

pytestmark = pytest.mark.slow  # as programs that train are started

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device is always full here")
PRINTING = ["--help", "check a.net", "fmt - <a.net", "explain --json", "summary a.net"]
OTHERS = [
    *("--version", "run --help", "check a.net --json", "check --fix a.net", "summary a.net --json"),
    *("fmt --check unformatted.net", "explain", "explain E0301", "layers", "layers Linear"),
    *("layers --json", "init --list", "graph a.net", "diff a.net other.net", "ir a.net"),
    *("diff a.net other.net --json", "emit a.net", "export a.net", "completion bash"),
]


@pytest.fixture(autouse=True)
def _files() -> None:
    Path("a.net").write_text(SHORT)
    Path("other.net").write_text(SHORT.replace("4", "5"))
    Path("unformatted.net").write_text("net=Linear(2,2)\n")
    Path("bad.net").write_text("net = Zebra\n")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """What the shell makes of a command in which ``netlang`` is the program."""
    program = f'netlang() {{ "{sys.executable}" -m netlang "$@"; }}\n'
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        ["bash", "-c", program + command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def with_a_full_output(command: str, forks: Forks) -> subprocess.CompletedProcess[str]:
    """What a program that starts at once, as it is one that trains, makes of a full output."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return forks.run(PROGRAM, command.split(), environment, "/dev/full")


@pytest.mark.parametrize("command", [*PRINTING, *OTHERS])
def test_output_that_is_closed_or_full_is_said_in_a_line_with_status_1(command: str) -> None:
    done = shell(f"netlang {command} >&-")
    told = done.stderr.splitlines()[-1]
    assert (done.returncode, told) == (1, "netlang: cannot write to standard output: it is closed")
    assert len(done.stderr.splitlines()) == 1
    if Path("/dev/full").exists():
        done = shell(f"netlang {command} >/dev/full")
        said = "netlang: cannot write to standard output: No space left on device\n"
        assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize("command", ["layers --json", "emit a.net"])
def test_a_reader_that_goes_away_is_no_news(command: str) -> None:
    assert shell(f"netlang {command} | true").stderr == ""


@pytest.mark.parametrize("option", ["", "--json"])
def test_a_run_without_an_output_is_complete(option: str) -> None:
    done = shell(f"netlang run a.net --no-plots {option} >&-")
    assert done.returncode == 1
    folder = only()
    assert done.stderr.splitlines() == [
        f"kept in {folder}", "netlang: cannot write to standard output: it is closed",
    ]  # fmt: skip
    assert about(folder)["status"] == "finished"
    assert len((folder / "history.jsonl").read_text().splitlines()) == 3


@full
@pytest.mark.parametrize(
    "command",
    [
        *("run a.net --no-plots", "run a.net --no-plots --json", "compare a.net --runs 1 --json"),
        *("compare a.net --lockstep", "compare a.net --lockstep --json"),
    ],
)
def test_a_folder_that_a_full_output_cannot_name_is_named_with_the_failure(
    command: str, forks: Forks
) -> None:
    done = with_a_full_output(command, forks)
    folder = only()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        f"kept in {folder}",
        "netlang: cannot write to standard output: No space left on device",
    ]


def test_a_folder_that_was_not_wanted_is_not_named() -> None:
    done = shell("netlang run a.net --no-folder >&-")
    assert done.stderr == "netlang: cannot write to standard output: it is closed\n"


@full
@pytest.mark.parametrize("command", ["test a.net", "compare a.net --runs 1"])
def test_what_trains_goes_on_where_its_output_is_full(command: str, forks: Forks) -> None:
    done = with_a_full_output(command, forks)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("standard output: No space left on device")
    for folder in Path("runs").glob("*"):
        assert about(folder)["status"] == "finished"


@full
def test_messages_that_cannot_be_written_change_no_more_than_the_status() -> None:
    assert shell("netlang check bad.net 2>&-").returncode == 1
    assert shell("netlang check bad.net >&- 2>&-").returncode == 1
    assert shell("netlang check bad.net 2>/dev/full").returncode == 1
    assert shell("netlang check a.net 2>&-").returncode == 0  # nothing was to be said
    assert shell("netlang check a.net 2>/dev/full").returncode == 0
    assert shell("netlang chekc 2>/dev/full").returncode == 2


def test_no_file_takes_the_place_of_a_stream_that_is_closed() -> None:
    """Or messages would be written into it."""
    done = shell("netlang fmt unformatted.net <&- >&- 2>&-")
    assert done.returncode == 1
    assert Path("unformatted.net").read_text() == "net = Linear(2, 2)\n"


def test_an_input_that_is_closed_or_only_written_to_is_a_message() -> None:
    for command in ("netlang check - <&-", "netlang fmt - <&-", "netlang check - 0>out"):
        done = shell(command)
        assert done.returncode == 1
        assert "cannot read `<stdin>`" in done.stderr
        assert "of its own" not in done.stderr
    assert shell("netlang check a.net <&-").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="what a pipe holds is set on Linux")
def test_an_output_that_does_not_wait_is_waited_for() -> None:
    """A program that shares a pipe may have set it so."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    fcntl.fcntl(theirs, 1031, 4096)  # F_SETPIPE_SZ: what it holds is less than what is said
    command = [sys.executable, "-m", "netlang", "explain", "--json"]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE) as running:
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            said = pipe.read()
        assert running.stderr
        assert running.stderr.read() == b""
    assert running.returncode == 0
    assert len(said) > 4096
    assert json.loads(said)
