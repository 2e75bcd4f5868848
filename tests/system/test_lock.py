"""A folder has one holder at a time, and none once that has ended."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netlang.system.lock import Held, Lock, is_held

HOLD = """
import sys, time
from pathlib import Path
from netlang.system.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_folder_is_held_until_it_is_released(tmp_path: Path) -> None:
    assert is_held(tmp_path) is False
    lock = Lock(tmp_path)
    assert is_held(tmp_path) is True
    with pytest.raises(Held):
        Lock(tmp_path)
    lock.release()
    lock.release()
    Lock(tmp_path).release()
    assert not [*tmp_path.iterdir()]


def test_a_process_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Held):
            Lock(tmp_path)
        process.kill()
    Lock(tmp_path).release()


def test_whoever_asks_keeps_nobody_from_holding_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(asks, fcntl.LOCK_SH)
    assert is_held(tmp_path) is False  # several may ask at a time
    monkeypatch.setattr("netlang.system.lock.time.sleep", lambda _: os.close(asks))
    Lock(tmp_path).release()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Lock(tmp_path / "none")
    assert is_held(tmp_path / "none") is None
