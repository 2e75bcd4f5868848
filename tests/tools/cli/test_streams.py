"""Commands take a table that stays in its file as one in memory, a part at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from netlang.catalogue.data.formats import blocks
from netlang.catalogue.data.streamed import StreamedSamples
from netlang.catalogue.data.table import streamable, streaming
from netlang.compiler.passes import compile_source
from netlang.engine.process_group import ProcessGroup
from netlang.language.diagnostics import NetError
from netlang.language.metric_path import MetricPath
from netlang.language.syntax import read
from netlang.runs.plots.pictures import pictures
from netlang.runs.training.events import Finished
from netlang.runs.training.matrices import matrices
from netlang.runs.training.training import Training
from netlang.runs.tuning.study_folder import StudyFolder
from netlang.tools.cli.training.workers import Team
from netlang.tools.cli.training.workers import _about as about_training
from tests.program import about, netlang, only

ROWS = 3000
NET = """
net = Linear(4, 8) -> ReLU -> Linear(8, 3)
data = Table("rows.parquet", target="kind", validation=0.3, stream=true)
loss = SoftmaxCrossEntropy
metrics = [accuracy, confusion]
optimizer = Adam(lr=1e-2)
epochs = 2
batch = 50
"""


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """The rows of a file in the present folder, all parts of which are streamed, and which no
    command may have in memory as a whole.
    """
    monkeypatch.setattr(blocks, "_CELLS", 6 * 400)
    monkeypatch.setattr(blocks, "_FEW", 200)
    monkeypatch.setattr(streaming, "WINDOW", 5 * 300)
    monkeypatch.setattr(streaming, "HELD", 0)
    monkeypatch.setattr(StreamedSamples, "whole", _refused)
    x = np.random.default_rng(0).standard_normal((ROWS, 4)).astype("float32")
    kinds = np.array(["a", "b", "c"])[(x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)]
    frame = pl.DataFrame({**{f"x{i}": one for i, one in enumerate(x.T)}, "kind": kinds})
    frame.write_parquet("rows.parquet", row_group_size=250)
    Path("m.net").write_text(NET)
    return frame


def _refused(samples: StreamedSamples) -> None:
    raise AssertionError("all samples are read at once")


def told(*arguments: str | Path) -> str:
    result = netlang(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_run_on_a_stream_and_what_is_asked_of_it(rows: pl.DataFrame) -> None:
    told("run", "m.net", "--no-plots")
    folder = only()
    metrics = about(folder)["result"]["metrics"]
    assert metrics["test.accuracy"] > 0.6
    for part, size in (("test", 600), ("validation", 900), ("train", 1500)):
        found = json.loads(told("eval", folder, "--part", part, "--json"))
        assert found["samples"] == size == sum(map(sum, found["confusion"]))
        if part != "train":
            assert found["metrics"]["accuracy"] == metrics[f"{part}.accuracy"]
            assert found["metrics"]["loss"] == metrics[f"{part}.loss"]
    assert "20 training samples" in told("inspect", folder, "--batch", "20")


def test_a_run_goes_on_as_it_began_whatever_the_memory_is(
    rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("whole.net").write_text(NET)
    monkeypatch.setattr(streamable, "_LARGE", 1)
    told("run", "whole.net", "--no-plots")
    (whole,) = Path("runs").glob("whole-*")
    limits = {True: 100_000, False: 1 << 40}
    for streams, limit in limits.items():
        Path(f"{streams}.net").write_text(NET.replace(", stream=true", ""))
        monkeypatch.setattr(streamable, "memory_limit", lambda limit=limit: limit)
        told("run", f"{streams}.net", "--no-plots", "--set", "epochs=1")
        (folder,) = Path("runs").glob(f"{streams}-*")
        assert about(folder)["streamed"] == streams
        other = limits[not streams]
        monkeypatch.setattr(streamable, "memory_limit", lambda limit=other: limit)
        told("resume", folder, "--epochs", "2", "--no-plots")
        found = json.loads(told("eval", folder, "--json"))
        metrics = about(folder)["result"]["metrics"]
        assert found["metrics"]["loss"] == metrics["test.loss"]
        if streams:
            assert metrics == about(whole)["result"]["metrics"]
        assert about(folder)["streamed"] == streams


def test_a_study_is_of_rows_that_are_streamed_or_are_not(
    rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("m.net").write_text(NET.replace(", stream=true", ""))
    monkeypatch.setattr(streamable, "_LARGE", 1)

    def begun(limit: int) -> StudyFolder:
        monkeypatch.setattr(streamable, "memory_limit", lambda: limit)
        program = compile_source(read("m.net"), to_run=True).require()
        return StudyFolder(Path("study"), program, MetricPath("test.loss"), 0, "auto")

    begun(100_000)
    begun(100_001)
    with pytest.raises(NetError, match="this study has its rows streamed where these would not"):
        begun(1 << 40)


def test_workers_of_which_one_alone_streams_do_not_begin(rows: pl.DataFrame) -> None:
    held, streamed = (
        Training(compile_source(read("m.net"), (f"data.stream={one}",), to_run=True).require())
        for one in ("false", "true")
    )
    group = ProcessGroup(0, 2, 0)
    there = json.dumps(
        {"worker": 1, "host": "b", "about": about_training(held) | {"reduce": "fixed"}}
    )
    group.gather = lambda told: [told, there]  # type: ignore[method-assign]
    with pytest.raises(NetError) as caught:
        Team(group).together(lambda workers: streamed)
    (found,) = caught.value.diagnostics
    message = found.message()
    assert found.code == "E0528"
    assert message.notes == ("`data` is `Table(stream=true)`, and there `Table(stream=false)`",)
    assert "`stream=true` in the table, or `stream=false`, says for all" in message.helps


def test_pictures_and_matrices_are_of_all_samples(
    rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(compile_source(read("m.net"), to_run=True).require())
    *_, done = training.events()
    assert isinstance(done, Finished)
    drawn = list[torch.Tensor]()
    monkeypatch.setattr(
        "netlang.runs.plots.pictures.draw_confusion", lambda *about: drawn.append(about[2])
    )
    pictures(training.program, training.outputs, training.split)["confusion.png"](Path("a.png"))
    (matrix,) = matrices(training)
    assert drawn[0].tolist() == [[*row] for row in matrix.counts]
    assert drawn[0].sum() == 600
    right = float(drawn[0].diagonal().sum()) / 600
    assert right == pytest.approx(done.metrics["test.accuracy"])


def test_the_view_of_the_data_says_that_it_is_of_the_first_rows(rows: pl.DataFrame) -> None:
    said = told("data", "m.net")
    found = json.loads(told("data", "m.net", "--json"))
    assert found["parts"] == {"train": 1500, "validation": 900, "test": 600}
    seen = found["looked_at"]
    assert 0 < seen["train"] < 300
    note = (
        f"rows stay in their file: this is of the first {seen['train']} of 1,500 training samples"
    )
    assert note in said
    assert sum(one["test"] for one in found["counts"].values()) == seen["test"]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def make_large() -> None:
        monkeypatch.setattr("netlang.catalogue.data.formats.datafile._SMALL", 1 << 10)

    return make_large


def test_a_large_file_gets_predictions_by_its_row_groups(
    rows: pl.DataFrame, large: Callable[[], None]
) -> None:
    told("run", "m.net", "--no-plots")
    folder = only()
    told("predict", folder, "rows.parquet", "-o", "small.parquet")
    small = json.loads(told("eval", folder, "rows.parquet", "--json"))
    large()
    told("predict", folder, "rows.parquet", "-o", "large.parquet")
    assert pl.read_parquet("large.parquet").equals(pl.read_parquet("small.parquet"))
    assert json.loads(told("eval", folder, "rows.parquet", "--json")) == small
    data = bytearray(Path("rows.parquet").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    Path("rows.parquet").write_bytes(data)
    result = netlang("predict", folder, "rows.parquet", "-o", "large.parquet")
    assert result.exit_code == 1
    assert "it is damaged in row group " in result.stderr
    assert len(pl.read_parquet("large.parquet")) == ROWS  # it stays as it was


def test_a_run_keeps_several_files_as_one_table(rows: pl.DataFrame) -> None:
    Path("rows").mkdir()
    for number, part in enumerate(rows.iter_slices(1100)):
        part.write_parquet(f"rows/{number}.parquet")
    for stream in ("false", "true"):
        net = NET.replace("rows.parquet", "rows/*.parquet").replace("=true", f"={stream}")
        Path(f"{stream}.net").write_text(net)
        told("run", f"{stream}.net", "--no-plots")
        (folder,) = Path("runs").glob(f"{stream}-*")
        found = json.loads(told("eval", folder, "--json"))
        assert found["metrics"]["loss"] == about(folder)["result"]["metrics"]["test.loss"]
    told("predict", folder, "rows/*.parquet", "-o", "told.parquet")
    assert len(pl.read_parquet("told.parquet")) == ROWS
    rows.head(1100).reverse().write_parquet("rows/1.parquet")
    result = netlang("eval", folder)
    assert result.exit_code == 1
    assert "rows/*.parquet` has been changed since the run has read it" in result.stderr
