"""A few of the kills that ``python -m tests.kills`` has many of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import kills


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensor", "native"])
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "EPOCHS", {"tensor": 200, "native": 1000})
    ((times, is_same),) = kills.killed_runs(backend, 1, tmp_path, seed=4)
    assert times
    assert is_same
