"""The memory that a process may have, as its control groups limit it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.system import machine
from netlang.system.machine import memory_limit


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({"a/b": "1000", "a": "2000"}, 1000),
        ({"a/b": "2000", "a": "1000"}, 1000),
        ({"a/b": "max", ".": "3000"}, 3000),
        ({"other": "1000", "a": "2000"}, 2000),
    ],
)
def test_the_least_limit_of_the_groups_that_a_process_is_in_holds(
    limits: dict[str, str], limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for group, text in limits.items():
        (tmp_path / group).mkdir(parents=True, exist_ok=True)
        (tmp_path / group / "memory.max").write_text(f"{text}\n")
    (tmp_path / "cgroup").write_text("4:memory:/other\n0::/a/b\n")
    monkeypatch.setattr(machine, "_GROUPS", tmp_path)
    monkeypatch.setattr(machine, "_MEMBERSHIP", tmp_path / "cgroup")
    assert memory_limit() == limit


def test_without_control_groups_the_limit_is_the_memory_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_GROUPS", tmp_path)
    monkeypatch.setattr(machine, "_MEMBERSHIP", tmp_path / "cgroup")
    assert 1 << 28 < memory_limit() < 1 << 60
