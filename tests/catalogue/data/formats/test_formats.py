"""Tables in other formats than text with commas: the same table is found in each."""

from __future__ import annotations

import errno
import gzip
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import IO, Any

import polars as pl
import pytest

from netlang.catalogue.data import Table
from netlang.catalogue.data.formats import content, datafile
from netlang.language.diagnostics import NetError
from tests.catalogue.data.examples import mistake

ROWS = pl.DataFrame(
    {
        "length": [1.5, 2.25, None, 4.0, 1e-3, 6.5],
        "count": [1, 2, 3, 4, 5, 6],
        "kind": ["b", "a", None, "a", "b", "a"],
        "seen": [True, False, True, True, None, False],
        "species": ["x", "y", "x", "y", "x", "y"],
    }
)


def packed(frame: pl.DataFrame, path: Path, separator: str = ",") -> None:
    path.write_bytes(gzip.compress(frame.write_csv(separator=separator).encode()))


WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "t.csv": pl.DataFrame.write_csv,
    "t.tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    "t.csv.gz": packed,
    "t.TSV.GZ": lambda frame, path: packed(frame, path, "\t"),
    "t.parquet": pl.DataFrame.write_parquet,
    "t.arrow": pl.DataFrame.write_ipc,
    "t.feather": pl.DataFrame.write_ipc,
    "t.ndjson": pl.DataFrame.write_ndjson,
    "t.jsonl": pl.DataFrame.write_ndjson,
    "t.ndjson.gz": lambda frame, path: path.write_bytes(
        gzip.compress(frame.write_ndjson().encode())
    ),
}


def table(path: Path, **arguments: Any) -> Table:
    return Table(str(path), **{"target": "species", **arguments})


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("small", [True, False])
def test_every_format_holds_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, small: bool
) -> None:
    if not small:
        monkeypatch.setattr(datafile, "_SMALL", 0)
    path = tmp_path / name
    WRITERS[name](ROWS, path)
    found = table(path, missing="mean", test=0.5)
    shown = [
        (one.name, one.kind, [*map(str, one.values)], one.categories, one.missing)
        for one in found.table.columns
    ]
    assert shown == [
        ("length", "number", ["1.5", "2.25", "nan", "4.0", "0.001", "6.5"], (), 1),
        ("count", "number", ["1.0", "2.0", "3.0", "4.0", "5.0", "6.0"], (), 0),
        ("kind", "category", ["1", "0", "-1", "0", "1", "0"], ("a", "b"), 1),
        ("seen", "category", ["1", "0", "1", "1", "-1", "0"], ("false", "true"), 1),
    ]
    assert found.table.target.classes == ("x", "y")
    assert found.describe().input.sizes == (6,)
    assert found.load().train.inputs.isfinite().all()


def test_an_arrow_file_that_is_cut_off_while_it_is_read_ends_no_process(tmp_path: Path) -> None:
    """As it would if it were mapped into memory; so a process of its own reads it."""
    pl.DataFrame({"a": range(500_000)}).write_ipc(tmp_path / "t.arrow", compression="uncompressed")
    program = f"""\
import os
from pathlib import Path
from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.frames import Packed
from netlang.catalogue.data.formats.request import FileRequest
file = Path({str(tmp_path / "t.arrow")!r})
request = FileRequest(str(file), ",", None, lambda argument: None)
frame = Packed(Content(request, file, is_large=True))
slices = frame.slices()
next(slices)
os.truncate(file, 1000)
print(sum(len(columns["a"]) for _, columns in slices))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) == 500_000 - (1 << 16)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([[1], [2], [3], [4], [5], [6]], "holds values of the type List(Int64)"),
        ([{"x": 1}] * 6, "holds values of the type Struct"),
        ([b"a"] * 6, "holds values of the type Binary"),
    ],
)
def test_a_column_that_is_neither_numbers_nor_texts_is_told_with_its_type(
    tmp_path: Path, values: list[object], told: str
) -> None:
    path = tmp_path / "t.parquet"
    ROWS.with_columns(pl.Series("odd", values)).write_parquet(path)
    found = mistake(table(path, missing="mean"))
    assert found.code == "E0403"
    assert told in found.title
    assert '`ignore=["odd"]`' in found.helps[0]
    assert table(path, missing="mean", ignore=("odd",), test=0.5).describe()


def test_infinite_numbers_of_a_column_with_a_type_are_refused_and_dates_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.parquet"
    ROWS.with_columns(pl.Series("odd", [1.0, float("inf"), 3, 4, 5, 6])).write_parquet(path)
    found = mistake(table(path, missing="mean"))
    assert (found.code, found.title) == ("E0406", "row 2, column `odd` holds `inf`")
    days = pl.DataFrame({"day": [date(2024, 1, 1 + n) for n in range(30)], "y": range(30)})
    days.write_parquet(path)
    found = mistake(table(path, target="y", task="regression"))
    assert found.code == "E0418"
    assert "a date is no input" in found.helps[1]


@pytest.mark.parametrize("name", ["t.csv.gz", "t.parquet", "t.arrow", "t.ndjson"])
def test_a_damaged_file_is_one_message_and_nothing_else(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    WRITERS[name](ROWS, path)
    whole, told = path.read_bytes(), 0
    for seed in range(60):
        source = random.Random(seed)
        data = bytearray(whole[: source.randrange(len(whole))] if seed % 2 else whole)
        for _ in range(3):
            at = source.randrange(len(data) + 1)
            data[at : at + 1] = bytes([source.randrange(256)])
        path.write_bytes(data)
        try:
            table(path, missing="mean", test=0.5).describe()
        except NetError as error:
            told += error.diagnostics[0].code == "E0403"
    assert told > 20
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("written", "help"), [("t.parquet", "`.parquet`"), ("t.csv.gz", "`.gz`"), ("t.arrow", "arrow")]
)
def test_a_format_that_the_name_does_not_say_is_told(
    tmp_path: Path, written: str, help: str
) -> None:
    WRITERS[written](ROWS, tmp_path / "t.csv")
    found = mistake(table(tmp_path / "t.csv"))
    assert found.code == "E0403"
    assert help in found.helps[0]


def test_a_small_file_that_gzip_makes_very_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "_FREE", 1 << 16)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,species\n" + b"1,x\n" * 100_000))
    found = mistake(table(path))
    assert found.code == "E0403"
    assert "unpacked, it has more than" in found.title


def test_a_large_file_that_cannot_be_read_to_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    ROWS.write_csv(path)
    monkeypatch.setattr(datafile, "_SMALL", 0)

    def fail(_: content.Content) -> IO[bytes]:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(content.Content, "open", fail)
    found = mistake(table(path))
    assert found.code == "E0403"
    assert "input/output error" in found.title


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_large_file_is_read_by_its_name_and_not_by_a_pattern(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    monkeypatch.setattr(datafile, "_SMALL", 16)
    for name, number in ((f"t[1].{ending}", 1.5), (f"t1.{ending}", 7.5)):
        frame = pl.DataFrame({"x": [number] * 20, "species": ["x", "y"] * 10})
        WRITERS[f"t.{ending}"](frame, tmp_path / name)
    found = table(tmp_path / f"t[1].{ending}").table
    assert {*found.columns[0].values} == {1.5}
