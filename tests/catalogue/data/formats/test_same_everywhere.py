"""A file that training has read gives the same inputs when it is read again as new samples."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from netlang.catalogue.data import Table
from netlang.catalogue.data.formats import datafile, frames
from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.opening import opened, slices
from netlang.catalogue.data.formats.request import new_table
from netlang.catalogue.data.named_file import locate

DAYS = [datetime(2024, 1, 1 + n % 3, 5 * (n % 2)) for n in range(12)]
COLUMNS: dict[str, list[Any] | pl.Series] = {
    "datetime in ms": pl.Series(DAYS, dtype=pl.Datetime("ms")),
    "datetime in us": pl.Series(DAYS, dtype=pl.Datetime("us")),
    "datetime in ns": pl.Series(DAYS, dtype=pl.Datetime("ns")),
    "datetime of a zone": pl.Series(DAYS).dt.replace_time_zone("Europe/Berlin"),
    "datetime of UTC": pl.Series(DAYS, dtype=pl.Datetime("ms")).dt.replace_time_zone("UTC"),
    "datetime with fractions": [one.replace(microsecond=500 * (one.day - 1)) for one in DAYS],
    "date": [date(2024, 1, 1 + n % 3) for n in range(12)],
    "time": [time(n % 3, 30) for n in range(12)],
    "time with fractions": [time(0, 0, 0, 250_000 * (n % 3)) for n in range(12)],
    "boolean": [n % 2 == 0 for n in range(12)],
    "categorical": pl.Series(["b", "a", "c"] * 4, dtype=pl.Categorical),
    "enum": pl.Series(["b", "a", "c"] * 4, dtype=pl.Enum(["c", "b", "a"])),
    "text": ["1", " x", "y "] * 4,
    "text with gaps": ["u", None, "y "] * 4,
    "boolean with gaps": [True, None, False] * 4,
    "decimal": pl.Series(["1.50", "2.25", "3.00"] * 4).cast(pl.Decimal(10, 2)),
    "float of 32 bits": pl.Series([0.1, 2.7, 1e-9] * 4, dtype=pl.Float32),
    "float with gaps": [0.1, None, float("nan")] * 4,
    "integers of 8 bits": pl.Series([1, -2, 3] * 4, dtype=pl.Int8),
    "large integers": pl.Series([2**60, 1, 3] * 4, dtype=pl.UInt64),
}
WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "t.parquet": lambda frame, path: frame.write_parquet(path),
    "t.arrow": lambda frame, path: frame.write_ipc(path),
    "t.ipc": lambda frame, path: frame.write_ipc(path),
    "t.parquet.gz": lambda frame, path: path.write_bytes(_packed(frame.write_parquet, path)),
    "t.ndjson": lambda frame, path: frame.write_ndjson(path),
    "t.jsonl.gz": lambda frame, path: path.write_bytes(
        gzip.compress(frame.write_ndjson().encode())
    ),
    "t.csv": lambda frame, path: frame.write_csv(path),
    "t.tab": lambda frame, path: frame.write_csv(path, separator="\t"),
    "t.csv.gz": lambda frame, path: path.write_bytes(gzip.compress(frame.write_csv().encode())),
}


def _packed(write: Callable[[Path], object], path: Path) -> bytes:
    write(path)
    return gzip.compress(path.read_bytes())


def again(data: Table, path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """The inputs and the targets that the pipeline makes of the file, as of new samples."""
    pipeline = data.load().pipeline
    request = new_table(str(path), data.delimiter)
    source = opened(read(request, locate(request)))
    parts = [columns for _, columns in slices(request, source)]
    assert not any(pipeline.unseen(columns) for columns in parts)
    inputs, targets = zip(*((pipeline.apply(c), pipeline.targets(c)) for c in parts), strict=True)
    return torch.cat(inputs), torch.cat(targets)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("large", [False, True])  # then some numbers are categories, too
def test_inputs_are_those_of_training_to_the_bit_whatever_the_type_of_a_cell(
    name: str, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(datafile, "_SMALL", 0)
        monkeypatch.setattr(frames, "_ROWS", 5)
        monkeypatch.setattr(frames, "_BLOCK", 600)
    goal = pl.Series("y", [0.5, 1.5, 7.25] * 4)
    WRITERS[name](pl.DataFrame(COLUMNS).with_columns(goal), tmp_path / name)
    named = ("float of 32 bits", "decimal", "integers of 8 bits") if large else ()
    data = Table(str(tmp_path / name), target="y", test=0.0, missing="mean", categories=named)
    train = data.load().train
    inputs, targets = again(data, tmp_path / name)
    assert torch.equal(inputs, train.inputs)
    assert torch.equal(targets, train.targets)


@pytest.mark.parametrize("other", ["t.arrow", "t.ndjson"])
def test_they_are_those_of_the_same_table_in_another_format_with_types(
    other: str, tmp_path: Path
) -> None:
    names = [name for name in COLUMNS if name != "float of 32 bits"]  # which JSON has not
    frame = pl.DataFrame(COLUMNS).select(names).with_columns(y=pl.Series([0.5, 1.5, 7.25] * 4))
    for name in ("t.parquet", other):
        WRITERS[name](frame, tmp_path / name)
    data = Table(str(tmp_path / "t.parquet"), target="y", test=0.0, missing="mean")
    assert torch.equal(again(data, tmp_path / other)[0], data.load().train.inputs)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("goal", ["boolean", "date", "enum", "float of 32 bits"])
def test_so_are_classes(name: str, goal: str, tmp_path: Path) -> None:
    WRITERS[name](pl.DataFrame({"x": range(12), goal: COLUMNS[goal]}), tmp_path / name)
    data = Table(str(tmp_path / name), target=goal, test=0.0, task="classification")
    assert torch.equal(again(data, tmp_path / name)[1], data.load().train.targets)


def test_times_that_differ_by_a_fraction_of_a_second_are_two_texts(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": COLUMNS["time with fractions"], "y": range(12)})
    frame.write_parquet(tmp_path / "t.parquet")
    (column,) = Table(str(tmp_path / "t.parquet"), target="y", test=0.0).table.columns
    assert column.categories == ("00:00:00", "00:00:00.250", "00:00:00.500")


def test_keys_of_json_come_in_any_line_and_order_and_twice(tmp_path: Path) -> None:
    rows = ['{"a": 1, "y": 2.5}', '{"y": 1.5, "b": "u", "a": 3}', '{"a": 1, "a": 2, "y": 4.5}']
    (tmp_path / "t.ndjson").write_text("\n".join(["", *rows, "", ""] * 4))
    data = Table(str(tmp_path / "t.ndjson"), target="y", test=0.0, missing="mean")
    assert [(one.name, one.missing) for one in data.table.columns] == [("a", 0), ("b", 8)]
    assert torch.equal(again(data, tmp_path / "t.ndjson")[0], data.load().train.inputs)
