"""A few of the kills that ``python -m tests.kills`` has many of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import kills


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "count"), [("tensor", 2), ("native", 1)])
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(
    backend: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "EPOCHS", {"tensor": 200, "native": 1000})
    found = [*kills.killed_runs(backend, count, tmp_path, seed=1)]
    assert all(is_same for _, is_same in found)
    assert sum(times for times, _ in found) >= count
