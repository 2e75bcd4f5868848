"""A file has one holder at a time, of all machines that share it, and none after a death."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netlang.system.lock_file import LockFile

LOOK = "netlang.system.lock_file.time.sleep"


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each machine see its own locks alone, as on a file system of a network."""
    monkeypatch.setattr("fcntl.flock", lambda *_: None)


def elsewhere(monkeypatch: pytest.MonkeyPatch, path: Path) -> LockFile:
    """A lock that another machine holds."""
    with monkeypatch.context() as there:
        there.setattr("netlang.system.lock_file.machine_name", lambda: "another")
        return LockFile(path, 30.0)


@pytest.mark.usefixtures("_alone")
def test_machines_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = elsewhere(monkeypatch, tmp_path / "a.lock")
    looks = []

    def look(_: float) -> None:
        looks.append((tmp_path / "a.lock").read_text())
        if len(looks) == 3:
            held.release()

    monkeypatch.setattr(LOOK, look)
    lock = LockFile(tmp_path / "a.lock", 30.0)
    assert looks == ["another"] * 3
    lock.release()
    assert not [*tmp_path.iterdir()]


@pytest.mark.usefixtures("_alone")
def test_a_lock_that_another_machine_left_is_broken_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, now = elsewhere(monkeypatch, tmp_path / "a.lock"), [0.0]
    monkeypatch.setattr("netlang.system.lock_file.time.monotonic", lambda: now[0])
    monkeypatch.setattr(LOOK, lambda _: now.append(now.pop() + 10.0))
    lock = LockFile(tmp_path / "a.lock", 30.0)
    assert now == [50.0]
    left.release()  # by a machine that only slept: the lock is that of the other one
    assert [one.name for one in tmp_path.iterdir()] == ["a.lock"]
    lock.release()
    assert not [*tmp_path.iterdir()]


def test_a_process_of_this_machine_that_died_is_not_waited_for_and_a_slow_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies, now = LockFile(tmp_path / "a.lock", 30.0), [0.0]
    monkeypatch.setattr("netlang.system.lock_file.time.monotonic", lambda: now[0])

    def look(_: float) -> None:
        now.append(now.pop() + 20.0)
        if now == [200.0]:
            os.close(dies._opened)  # as the system does

    monkeypatch.setattr(LOOK, look)
    LockFile(tmp_path / "a.lock", 30.0).release()
    assert now == [220.0]
    assert not [*tmp_path.iterdir()]
