"""A table that stays in its file trains as one in memory does, in a bounded part of the memory."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pytest
import torch

from netlang.catalogue.data import Split, Table
from netlang.catalogue.data.columns.table import SurveyedTable
from netlang.catalogue.data.formats import blocks
from netlang.catalogue.data.pipeline import Pipeline
from netlang.catalogue.data.streamed import StreamedSamples, Window
from netlang.catalogue.data.table import streamable, streaming
from netlang.catalogue.randomness import places
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Cursor
from netlang.engine.streaming import StreamedBatches
from netlang.language.diagnostics import NetError
from netlang.language.syntax import read
from netlang.runs.training.events import EpochDone
from netlang.runs.training.identity import differences, identity_of
from netlang.runs.training.training import Training
from tests.together import together

ROWS = 5003

NET = """
net = Linear(_, 8) -> Dropout(0.2) -> ReLU -> Linear(8, 1)
data = Table("rows{ending}", target="y", ignore=["c"], missing="{missing}", validation=0.1, {more})
loss = MSE
optimizer = Adam(lr=1e-2)
epochs = {epochs}
batch = 64
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streamed")
    frame = rows()
    frame.write_parquet(folder / "rows.parquet", row_group_size=1500)
    frame.write_ipc(folder / "rows.arrow", record_batch_size=1500)
    return folder


def rows() -> pl.DataFrame:
    draw = np.random.default_rng(0)
    x = draw.standard_normal((ROWS, 3)).astype("float32")
    kind = draw.choice(["red", "green", "blue"], ROWS)
    y = x @ np.array([1.0, -2.0, 0.5]) + 2 * (kind == "red") + 3
    gaps = [None if row % 97 == 0 else float(one) for row, one in enumerate(x[:, 1])]
    return pl.DataFrame(
        {
            "a": x[:, 0],
            "b": gaps,
            "n": (100 * x[:, 2]).astype("int16"),
            "kind": kind,
            "y": [None if row % 501 == 7 else float(one) for row, one in enumerate(y)],
            "c": np.where(y > 3, "high", "low"),
        }
    )


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has many blocks, a window has two of them, and no part is kept."""
    monkeypatch.setattr(blocks, "_CELLS", 8 * 512)
    monkeypatch.setattr(blocks, "_FEW", 512)
    monkeypatch.setattr(blocks, "_PAGE", 1)
    monkeypatch.setattr(streaming, "WINDOW", 2 * 512 * 8)
    monkeypatch.setattr(streaming, "HELD", 0)


def program(folder: Path, more: str = "stream=true", **fields: object) -> Program:
    about = {"ending": ".parquet", "missing": "mean", "epochs": 2, **fields}
    file = folder / "model.net"
    file.write_text(NET.format(more=more, **about), encoding="utf-8")
    return compile_source(read(str(file)), to_run=True).require()


def loaded(program: Program) -> tuple[Table, Split]:
    assert isinstance(program.data, Table)
    return program.data, program.data.load(program.seed)


@together("missing", ["mean", "indicator"])
def test_it_is_described_as_in_memory(folder: Path, missing: str) -> None:
    streamed, held = (
        program(folder, more, missing=missing) for more in ("stream=true", "stream=false")
    )
    assert streamed.description == held.description
    assert streamed.graph.weights == held.graph.weights
    kinds = [isinstance(cast(Table, one.data).table, SurveyedTable) for one in (streamed, held)]
    assert kinds == [True, False]


@together("ending", [".parquet", ".arrow"])
def test_each_row_is_in_one_part_and_becomes_what_it_is_in_memory(
    folder: Path, ending: str
) -> None:
    _, split = loaded(program(folder, ending=ending))
    parts = [split.train, split.test, split.validation]
    assert all(isinstance(part, StreamedSamples) for part in parts)
    frame = pl.read_parquet(folder / "rows.parquet").drop_nulls("y")
    pipeline = split.pipeline
    assert isinstance(pipeline, Pipeline)
    inputs = pipeline.apply({name: frame[name] for name in pipeline.columns})
    targets = pipeline.targets({"y": frame["y"]})
    sizes = [len(part) for part in parts if part]
    assert sum(sizes) == len(frame)
    assert sizes[1:] == [round(0.2 * len(frame)), round(0.1 * len(frame))]
    found = torch.cat([torch.cat([part.inputs, part.targets], 1) for part in parts if part])
    wanted = torch.cat([inputs, targets], 1)
    torch.testing.assert_close(in_order(found), in_order(wanted), rtol=0, atol=0)


def in_order(rows: torch.Tensor) -> torch.Tensor:
    return torch.tensor(sorted(map(tuple, rows.tolist())))


@together("missing", ["mean", "indicator"])
def test_the_pipeline_learns_what_the_training_rows_teach_in_memory(
    folder: Path, missing: str
) -> None:
    data, split = loaded(program(folder, missing=missing))
    frame = pl.read_parquet(folder / "rows.parquet").drop_nulls("y")
    parts = data.division.part_of(torch.arange(len(frame)), 0)
    train = frame.filter((parts == 0).numpy())
    train.write_parquet(folder / "train.parquet")
    try:
        about = {"target": "y", "ignore": ("c",), "missing": missing, "test": 0.0}
        held = Table.declared({"path": str(folder / "train.parquet"), **about}).load(0)
    finally:
        (folder / "train.parquet").unlink()
    assert split.pipeline
    assert held.pipeline
    near(split.pipeline.to_json(), held.pipeline.to_json())


def near(found: object, wanted: object) -> None:
    match found, wanted:
        case dict(), dict():
            assert found.keys() == wanted.keys()
            for key, one in found.items():
                near(one, wanted[key])
        case list(), list():
            for one, other in zip(found, wanted, strict=True):
                near(one, other)
        case float(), float():
            assert math.isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-15)
        case _:
            assert found == wanted


def test_an_epoch_has_each_sample_once_in_an_order_of_its_own(folder: Path) -> None:
    _, split = loaded(program(folder))
    assert isinstance(split.train, StreamedSamples)
    batches = StreamedBatches(split.train, 64, seed=3)
    epochs = [
        [
            window.batch(window_cursor._replace(step=step))
            for window, window_cursor, count in batches.windows(Cursor(epoch))
            for step in range(window_cursor.step, window_cursor.step + (count or 0))
        ]
        for epoch in (1, 2)
    ]
    for epoch in epochs:
        assert [len(batch.inputs) for batch in epoch[:-1]] == [64] * (batches.steps - 1)
        numbers = torch.cat([batch.numbers for batch in epoch])
        assert numbers.tolist() == list(range(len(split.train)))
        found = torch.cat([torch.cat([one.inputs, one.targets], 1) for one in epoch])
        whole = split.train.whole()
        wanted = torch.cat([whole.inputs, whole.targets], 1)
        assert torch.equal(in_order(found), in_order(wanted))
    assert not torch.equal(epochs[0][0].inputs, epochs[1][0].inputs)
    for step in (0, 17, batches.steps - 1):  # from any cursor on
        alone = StreamedBatches(split.train, 64, seed=3).batch(Cursor(2, step))
        assert torch.equal(alone.inputs, epochs[1][step].inputs)
        assert torch.equal(alone.targets, epochs[1][step].targets)


@together("backend", ["tensor", "native"])
def test_it_learns_and_goes_on_to_the_same_bits(folder: Path, backend: str) -> None:
    whole = Training(program(folder), backend)
    *_, last = [event for event in whole.events() if isinstance(event, EpochDone)]
    assert last.metrics["test.loss"] < 0.5
    begun = Training(program(folder), backend)
    events, checkpoints = begun.events(), []
    for _ in range(4):
        next(events)
    checkpoints.append(begun.checkpoint())
    while begun.cursor.epoch == 1:
        next(events)
    checkpoints.append(begun.checkpoint())  # the epoch's steps are taken, and it is not measured
    for checkpoint in checkpoints:
        further = Training(program(folder), start=checkpoint)
        *_, other = [event for event in further.events() if isinstance(event, EpochDone)]
        assert other.metrics == last.metrics
        assert torch.equal(further.network.parameters, whole.network.parameters)


def test_the_engines_agree(folder: Path) -> None:
    metrics = []
    for backend in ("tensor", "native"):
        training = Training(program(folder, epochs=1), backend)
        metrics += [event.metrics for event in training.events() if isinstance(event, EpochDone)]
    assert metrics[0] == pytest.approx(metrics[1], rel=1e-4)


def test_classes_are_streamed(folder: Path) -> None:
    data = Table.declared(
        {"path": str(folder / "rows.parquet"), "target": "c", "ignore": ("y",), "missing": "mean"}
        | {"stream": True, "folds": 4, "fold": 2}
    )
    found, split = data.describe(), data.load()
    assert found.classes == ("high", "low")
    assert sum(found.counts) == ROWS
    assert (found.test, found.train) == (len(split.test or ()), len(split.train))
    assert split.test
    assert set(split.test.targets.tolist()) == {0, 1}


def test_rows_of_many_categories_are_counted_by_their_parts(tmp_path: Path) -> None:
    kinds = [f"k{row * row % 601}" for row in range(ROWS)]  # 301 of them
    frame = pl.DataFrame({"kind": kinds, "y": np.arange(ROWS) % 3})
    frame.write_parquet(tmp_path / "rows.parquet")
    about = {"path": str(tmp_path / "rows.parquet"), "target": "y", "stream": True, "test": 0.97}
    data = Table.declared({**about, "categories": ("y",)})
    split = data.load()
    parts = data.division.part_of(torch.arange(ROWS), 0)
    train, test = ({*frame["kind"].filter((parts == one).numpy())} for one in (0, 1))
    assert isinstance(split.pipeline, Pipeline)
    ((names, learned),) = [(one.names, one.learned) for one in split.pipeline.encoders]  # type: ignore[attr-defined]
    assert {name for name, known in zip(names, learned, strict=True) if known} == train
    assert {name for _, name in split.unseen} == test - train
    assert len(split.train) == int((parts == 0).sum())


@together("count", [1, 2, 3, 17, 1000, 4096])
def test_places_are_a_random_order(count: int) -> None:
    found = places(torch.arange(count), count, 1, "split")
    assert sorted(found.tolist()) == list(range(count))
    if count == 1000:
        drawn = places(torch.tensor([5, 900, 17]), count, 1, "split")
        assert drawn.tolist() == [found[5], found[900], found[17]]
        tested = (found < 200).double().view(10, 100).mean(1)  # everywhere about as many
        assert 0.05 < tested.min() < tested.max() < 0.35


def test_a_file_that_changes_while_it_is_read_is_told(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    rows().write_parquet(file)
    training = Training(program(tmp_path), "tensor")
    events = training.events()
    next(events)
    rows().head(100).write_parquet(file)
    with pytest.raises(NetError, match="it changed while it was read"):
        list(events)


def test_a_run_goes_on_once_a_damaged_row_group_is_whole_again(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    rows().write_parquet(file, row_group_size=400)
    whole, state = file.read_bytes(), file.stat()
    undisturbed = Training(program(tmp_path), "tensor")
    *_, wanted = [event for event in undisturbed.events() if isinstance(event, EpochDone)]
    training = Training(program(tmp_path), "tensor")
    events = training.events()
    while not isinstance(next(events), EpochDone):
        pass
    file.write_bytes(whole[:4] + bytes(len(whole) - 2000) + whole[-1996:])  # as a failing disk may
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    with pytest.raises(NetError, match=r"it is damaged in row group \d+, counted from 0: rows "):
        list(events)
    checkpoint = training.checkpoint()
    assert checkpoint.epoch == 2
    file.write_bytes(whole)
    further = Training(program(tmp_path), start=checkpoint)
    *_, found = [event for event in further.events() if isinstance(event, EpochDone)]
    assert found.metrics == wanted.metrics
    assert torch.equal(further.network.parameters, undisturbed.network.parameters)


def test_what_memory_does_not_hold_is_streamed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def table(**more: object) -> Table:
        path = str(folder / "rows.parquet")
        return Table.declared({"path": path, "target": "y", "missing": "mean", **more})

    assert not table().is_streamed
    monkeypatch.setattr(streamable, "_LARGE", 1)
    monkeypatch.setattr(streamable, "memory_limit", lambda: 100_000)
    assert table().is_streamed
    assert not table(stream=False).is_streamed
    assert not table(order="a").is_streamed  # which no stream has
    needed = 2 * 16 * ROWS * 6
    monkeypatch.setattr(streamable, "memory_limit", lambda: 2 * needed)
    assert not table().is_streamed
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE"):
        monkeypatch.setenv(name, "3")
    for workers, streams in ((2, False), (3, True)):  # who share the memory of a machine
        monkeypatch.setenv("LOCAL_WORLD_SIZE", str(workers))
        assert table().is_streamed == streams


def test_the_identity_of_a_training_says_whether_rows_are_streamed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def identity(more: str = "") -> dict[str, str]:
        return identity_of(program(folder, more))

    held, streamed = identity("stream=false"), identity("stream=true")
    assert [one.what for one in differences(held, streamed)] == ["data"]
    monkeypatch.setattr(streamable, "_LARGE", 1)
    for limit, wanted in ((10**9, held), (100_000, streamed)):
        monkeypatch.setattr(streamable, "memory_limit", lambda limit=limit: limit)
        assert identity() == wanted


def test_no_window_is_read_for_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, read = program(folder), list[int]()
    monkeypatch.setattr(StreamedSamples, "window", _counted(StreamedSamples.window, read))
    training = Training(begun, "tensor")
    train = training.split.train
    assert isinstance(train, StreamedSamples)
    read.clear()
    events = [event for event in training.events() if isinstance(event, EpochDone)]
    each = len(train.blocks)
    assert [one.epoch for one in events] == [1, 2]
    held_out = [part for part in training.held_out.values() if isinstance(part, StreamedSamples)]
    assert len(held_out) == 2
    assert sum(read) == 2 * (each + sum(len(part.blocks) for part in held_out))
    read.clear()
    batches = StreamedBatches(train, 64, seed=0)
    read.clear()
    batches.batch(Cursor(1, 0))
    assert len(read) == 1


def _counted(window: Callable[..., Window], read: list[int]) -> Callable[..., Window]:
    """``window``, which tells ``read`` how many blocks it reads."""

    def counted(samples: StreamedSamples, blocks: Sequence[int], spare: int = 0) -> Window:
        read.append(len(blocks))
        return window(samples, blocks, spare)

    return counted
