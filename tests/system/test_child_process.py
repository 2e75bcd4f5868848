"""A command has an end, in time and in words, and so has all that it starts."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netlang.system import child_process

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="groups of processes are POSIX's")

SECONDS = 20.0  # within which a busy machine does what takes it a moment


def script(folder: Path, text: str) -> Path:
    file = folder / "command"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def happens(what: Callable[[], bool], seconds: float = SECONDS) -> bool:
    ends = time.monotonic() + seconds
    while not what() and time.monotonic() < ends:
        time.sleep(0.01)
    return what()


def is_there(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    try:  # one that nobody has waited for is there, but does nothing any more
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_much_output_is_no_failure(tmp_path: Path) -> None:
    text = 'i=0; while [ $i -lt 200 ]; do echo "$1"; echo "$1" >&2; i=$((i+1)); done; exit 3'
    done = child_process.run([str(script(tmp_path, text)), "x" * 1000], SECONDS)
    assert (done.returncode, len(done.stdout), len(done.stderr)) == (3, 200 * 1001, 200 * 1001)


def test_what_a_command_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    done = child_process.run([str(script(tmp_path, "sleep 100 & echo $!"))], SECONDS)
    assert time.monotonic() - began < SECONDS
    assert happens(lambda: not is_there(int(done.stdout)))


def test_a_command_has_nothing_to_read(tmp_path: Path) -> None:
    done = child_process.run([str(script(tmp_path, "cat; cat <&3"))], SECONDS)
    assert (done.returncode != 0, done.stdout) == (True, "")


def test_output_that_comes_after_the_command_s_end_is_read_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    late = "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.5; echo late'], "
    child_process.run([sys.executable, "-c", late + "start_new_session=True)"], SECONDS)
    time.sleep(1)
    assert not raised


def test_a_group_is_ended_once_as_its_number_may_be_a_stranger_s_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killpg, ended = os.killpg, list[int]()

    def end(group: int, sign: int) -> None:
        ended.append(group)
        killpg(group, sign)

    monkeypatch.setattr(os, "killpg", end)
    child_process.run(["true"], SECONDS)
    assert len(ended) == 1
