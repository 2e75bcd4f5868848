"""Files of Parquet that a pattern names are one table, in the order of their names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from netlang.catalogue.data import Split, Table
from netlang.catalogue.data.formats import blocks
from netlang.catalogue.data.streamed import StreamedSamples
from netlang.catalogue.data.table import streaming
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from tests.together import together

SIZES = 300, 1, 700, 0, 499


@pytest.fixture
def frame(tmp_path: Path) -> pl.DataFrame:
    """The rows of one file, and of several in a folder, where others lie beside them."""
    draw = np.random.default_rng(0)
    x = draw.standard_normal((sum(SIZES), 2))
    kind = draw.choice(["red", "green", "blue"], sum(SIZES))
    frame = pl.DataFrame({"a": x[:, 0], "kind": kind, "y": x[:, 1]})
    (tmp_path / "rows").mkdir()
    begin = 0
    for number, size in enumerate(SIZES):
        order = ["y", "a", "kind"] if number % 2 else frame.columns
        part = frame[begin : begin + size].select(order)
        part.write_parquet(tmp_path / "rows" / f"part-{number}.parquet", row_group_size=128)
        begin += size
    (tmp_path / "rows" / "_SUCCESS.parquet").touch()
    (tmp_path / "rows" / ".part-9.parquet").touch()
    frame.write_parquet(tmp_path / "rows.parquet")
    return frame


def table(path: Path, **more: object) -> Table:
    return Table.declared({"path": str(path), "target": "y", "test": 0.3, **more})


def problem(path: Path, **more: object) -> str:
    with pytest.raises(NetError) as error:
        table(path, **more).describe()
    return str(error.value)


@pytest.mark.usefixtures("frame")
@together("pattern", ["*.parquet", "part-*.parquet", "*-*.parquet"])
def test_they_are_what_one_file_is(tmp_path: Path, pattern: str) -> None:
    several, one = (table(tmp_path / path) for path in (f"rows/{pattern}", "rows.parquet"))
    assert several.describe() == one.describe()
    same(several.load(1), one.load(1))
    assert several.files[0].sha256 != one.files[0].sha256


def same(found: Split, wanted: Split) -> None:
    for part in ("train", "test"):
        own, other = getattr(found, part), getattr(wanted, part)
        assert torch.equal(own.inputs, other.inputs)
        assert torch.equal(own.targets, other.targets)


@pytest.mark.usefixtures("frame")
def test_they_are_streamed_by_their_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "_FEW", 200)
    monkeypatch.setattr(streaming, "HELD", 0)
    names = "rows/*.parquet", "rows.parquet"
    several, one = (table(tmp_path / name, stream=True) for name in names)
    found = several.load(1)
    assert isinstance(found.train, StreamedSamples)
    in_blocks = several.table.in_blocks  # type: ignore[attr-defined]
    assert in_blocks[:2] == (128, 172 + 1)  # the second row group, and the file behind it
    assert sum(in_blocks) == sum(SIZES)
    same(found, one.load(1))


def test_what_is_wrong_is_told_by_the_names_of_files(tmp_path: Path, frame: pl.DataFrame) -> None:
    rows = tmp_path / "rows"
    assert "no file has such a name" in problem(rows / "*.pq.parquet")
    assert "only files of Parquet are a table together" in problem(rows / "*-*")
    folder = problem(rows)
    assert "it is a folder" in folder
    assert "name the 5 files in it" in folder
    assert "rows/*.parquet`" in folder
    last = "`part-7.parquet` has "
    first = "`part-0.parquet` has "
    for changed, told in (
        (frame.rename({"a": "b"}), f"{last}no column `a`, and {first}the column `a` as Float64"),
        (frame.with_columns(b=1), f"{last}the column `b` as Int32, and {first}no column `b`"),
        (
            frame.cast({"a": pl.String}),
            f"{last}the column `a` as String, and {first}the column `a`",
        ),
    ):
        changed.write_parquet(rows / "part-7.parquet")
        assert told in problem(rows / "*.parquet")
        assert told in problem(rows / "*.parquet", stream=True)
    (rows / "part-7.parquet").unlink()
    data = bytearray((rows / "part-2.parquet").read_bytes())
    data[4:1000] = bytes(996)
    (rows / "part-2.parquet").write_bytes(data)
    told = "row group 0, counted from 0: rows 1 to 128 of `part-2.parquet`"
    assert told in problem(rows / "*.parquet", stream=True)
    (rows / "part-8.parquet").mkdir()
    assert "`part-8.parquet` is no regular file" in problem(rows / "*.parquet")


def test_a_file_names_none_beyond_its_folder(tmp_path: Path, frame: pl.DataFrame) -> None:
    inside = tmp_path / "inside"
    (inside / "rows").mkdir(parents=True)
    text = 'net = Linear(_, 1)\ndata = Table("rows/*.parquet", target="y", ignore=["kind"])\n'
    source = SourceFile("a.net", text, inside / "a.net")
    frame.write_parquet(inside / "rows" / "a.parquet")
    assert compile_source(source).ok
    os.symlink(tmp_path / "rows.parquet", inside / "rows" / "b.parquet")
    (error,) = compile_source(source).diagnostics
    assert "leads out of the folder through a link" in str(NetError(error))
