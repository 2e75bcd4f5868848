"""A run's history has a line for each epoch, and whatever else stands there is told apart."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from netlang.runs.folders.history import (
    HISTORY,
    GrowingHistory,
    NotAHistory,
    go_back,
    history,
    last_epoch,
    save,
)
from netlang.runs.training.events import EpochDone, LayerNorms

NORMS = {"linear1": LayerNorms(0.1, 2.0, math.inf)}
EPOCHS = [EpochDone(n, {"train.loss": 1 / n, "test.loss": 0.3}, 0.5, 0, NORMS) for n in (1, 2, 3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    growing = GrowingHistory(tmp_path)
    for done in EPOCHS:
        growing.add(done)
    growing.close()
    return tmp_path


def plain(epochs: list[EpochDone]) -> list[object]:
    norms = [{name: one.as_dict() for name, one in done.layers.items()} for done in epochs]
    return [*zip([done.as_dict() | {"layers": None} for done in epochs], norms, strict=True)]


def test_what_is_added_is_read(folder: Path) -> None:
    assert plain(history(folder)) == plain(EPOCHS)
    last = last_epoch(folder)
    assert last
    assert plain([last]) == plain(EPOCHS[-1:])
    (folder / HISTORY).unlink()
    assert (history(folder), last_epoch(folder)) == ([], None)


@pytest.mark.parametrize("there", [0, 1, 2, 3])
@pytest.mark.parametrize("done", [None, *EPOCHS])
def test_it_goes_back_to_an_epoch_whose_line_need_not_be_there(
    there: int, done: EpochDone | None, folder: Path
) -> None:
    lines = (folder / HISTORY).read_bytes().splitlines(keepends=True)
    (folder / HISTORY).write_bytes(b"".join(lines[:there]) + b'{"epoch": 9, "metr')
    number = done.epoch if done else 0
    left = [one for one in EPOCHS[:there] if one.epoch < number] + ([done] if done else [])
    assert plain(go_back(folder, done)) == plain(left)
    assert plain(history(folder)) == plain(left)


def test_the_last_epoch_of_a_long_history_is_read_from_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    length = len((folder / HISTORY).read_bytes().splitlines()[0])
    monkeypatch.setattr("netlang.runs.folders.history._TAIL", int(1.2 * length))
    last = last_epoch(folder)
    assert last
    assert last.epoch == 3


def test_epochs_that_do_not_follow_each_other_are_cut_off(folder: Path) -> None:
    one, two, _ = (folder / HISTORY).read_bytes().splitlines(keepends=True)
    (folder / HISTORY).write_bytes(one + two + two)
    assert plain(go_back(folder, EPOCHS[2])) == plain(EPOCHS)
    assert plain(history(folder)) == plain(EPOCHS)


def test_a_history_that_is_saved_is_synced_if_there_is_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("netlang.runs.folders.history.sync", synced.append)
    save(folder)
    (folder / HISTORY).unlink()
    save(folder)
    assert synced == [folder / HISTORY]


ODD = [
    b"",
    b"\xff\xfe",
    b"[" * 50_000,
    b"[]",
    b"3",
    b'"epoch"',
    b"{}",
    b'{"epoch": 1}',
    b'{"epoch": "1", "metrics": {}}',
    b'{"epoch": true, "metrics": {}}',
    b'{"epoch": 1e400, "metrics": {}}',
    b'{"epoch": 1, "metrics": []}',
    b'{"epoch": 1, "metrics": {"train.loss": "low"}}',
    b'{"epoch": 1, "metrics": {"train.loss": null}}',
    b'{"epoch": 1, "metrics": {"train.loss": 1%b}}' % (b"0" * 400),
    b'{"epoch": 1, "metrics": {"train.loss": 1}, "train_seconds": []}',
    b'{"epoch": 1, "metrics": {"train.loss": 1}, "layers": 3}',
    b'{"epoch": 1, "metrics": {"train.loss": 1}, "layers": {"a": 3}}',
    b'{"epoch": 1, "metrics": {"train.loss": 1}, "layers": {"a": {"norm": 3}}}',
]


@pytest.mark.parametrize("line", ODD, ids=range(len(ODD)))
def test_a_line_of_something_else_is_none(line: bytes, folder: Path) -> None:
    with (folder / HISTORY).open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(NotAHistory, match=rf"line 4 of its {HISTORY} is not of a run"):
        history(folder)
    last = last_epoch(folder)
    assert last
    assert last.epoch == 3
    assert plain(go_back(folder, EPOCHS[2])) == plain(EPOCHS)


def test_a_line_of_something_else_before_good_epochs_does_not_cost_these(folder: Path) -> None:
    one, two, three = (folder / HISTORY).read_bytes().splitlines(keepends=True)
    (folder / HISTORY).write_bytes(one + b"{}\n" + two + three)
    before = (folder / HISTORY).read_bytes()
    with pytest.raises(NotAHistory, match=rf"line 2 of its {HISTORY} is not of a run"):
        go_back(folder, EPOCHS[2])
    assert (folder / HISTORY).read_bytes() == before


def test_epochs_of_other_metrics_are_of_another_run(folder: Path) -> None:
    (folder / HISTORY).write_text(json.dumps({"epoch": 1, "metrics": {"a.loss": 1.0}}) + "\n")
    assert plain(go_back(folder, EPOCHS[2])) == plain(EPOCHS[2:])


def test_a_history_that_is_no_file_is_told(folder: Path) -> None:
    (folder / HISTORY).unlink()
    (folder / HISTORY).mkdir()
    assert last_epoch(folder) is None
    for read in (history, lambda place: go_back(place, EPOCHS[0])):
        with pytest.raises(NotAHistory, match=f"its {HISTORY} is no regular file"):
            read(folder)
