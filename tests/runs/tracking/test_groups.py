"""Trackers are told of each of several trainings as of a run, in a group with the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from netlang.runs.tracking.tracker import About, Tracker
from netlang.runs.tracking.tracking import TRACKERS
from netlang.runs.training.events import EpochDone, Finished
from tests.program import SHORTEST, netlang

TUNED = SHORTEST.replace("test=10", "test=10, validation=10")
TUNED += "tune optimizer in [SGD(0.1), Adam(1e38)]\n"


class Remembers(Tracker):
    """What each run is called, its optimizer, its epochs and how it ended."""

    runs: dict[str, list[object]]

    @classmethod
    def packages(cls) -> tuple[str, ...]:
        return ()

    @classmethod
    def begin(cls, about: About, known: Mapping[str, str]) -> Remembers:
        made = cls()
        made.told = cls.runs[about.called] = [about.hyperparameters.get("optimizer")]
        assert about.folder.is_dir()
        return made

    @property
    def known_as(self) -> dict[str, str]:
        return {}

    def epoch(self, event: EpochDone) -> None:
        self.told.append(event.epoch)

    def result(self, event: Finished) -> None:
        self.told.append("result")

    def close(self, status: str) -> None:
        self.told.append(status)


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[object]]:
    monkeypatch.setattr(
        "netlang.runs.tracking.tracking.TRACKERS", {**TRACKERS, "tensorboard": Remembers}
    )
    Remembers.runs = {}
    return Remembers.runs


WHOLE = [1, 2, "result", "finished"]


def test_of_seeds_and_files(runs: dict[str, list[object]]) -> None:
    for name in ("a", "b"):
        Path(f"{name}.net").write_text(SHORTEST)
    options = "--seeds", "4,7", "--no-plots", "--track", "tensorboard"
    assert netlang("run", "a.net", "b.net", *options).exit_code == 0
    groups = sorted(one.name for one in Path("runs").iterdir())
    assert runs == {f"{one}/seed-{seed}": ["SGD", *WHOLE] for one in groups for seed in (4, 7)}
    assert [one[0] for one in groups] == ["a", "b"]


def test_of_a_study(runs: dict[str, list[object]]) -> None:
    pytest.importorskip("optuna")
    Path("a.net").write_text(TUNED)
    options = "--no-pruning", "--track", "tensorboard", "--backend", "tensor"
    assert netlang("tune", "a.net", *options).exit_code == 0
    assert runs == {
        "tune-a/trial-1": ["SGD(0.1)", *WHOLE],
        "tune-a/trial-2": ["Adam(1e38)", "failed"],
        "tune-a/best": ["SGD", *WHOLE],
    }
