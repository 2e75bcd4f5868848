"""Tables in all forms: what is read back is what was written, and no file is half there."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
import torch

from netlang.runs.models.table_file import ENDINGS, has_form, write_table

READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": pl.read_csv,
    ".tsv": lambda file: pl.read_csv(file, separator="\t"),
    ".ndjson": pl.read_ndjson,
    ".jsonl": pl.read_ndjson,
    ".parquet": pl.read_parquet,
    ".arrow": pl.read_ipc,
    ".feather": pl.read_ipc,
    ".ipc": pl.read_ipc,
}


def pieces(count: int = 3) -> Iterator[pl.DataFrame]:
    for number in range(count):
        yield pl.DataFrame(
            {
                "id": [f"00{number}", 'a "quoted", name\nin two lines', None],
                "p": pl.Series([0.1, 1e-8, 1 / 3], dtype=pl.Float32),
                "y": [0.1 + number, -1e300, None],
            }
        )


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_form_holds_the_table(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"Out{ending.upper()}"
    assert has_form(file.name)
    write_table(file, pieces())
    plain = ending
    if ending.endswith(".gz"):
        plain = ending.removesuffix(".gz")
        unpacked = tmp_path / "unpacked"
        unpacked.write_bytes(gzip.decompress(file.read_bytes()))
        file = unpacked
    found = READERS[plain](file)
    expected = pl.concat(pieces())
    assert found.columns == expected.columns
    assert found["id"].to_list() == expected["id"].to_list()
    assert found["p"].cast(pl.Float32).to_list() == expected["p"].to_list()
    assert found["y"].to_list() == expected["y"].to_list()


def test_a_name_without_a_form_is_known() -> None:
    assert [name for name in ("a.csv", "b.xlsx", "c", "d.gz", "e.tsv.gz") if has_form(name)] == [
        "a.csv",
        "e.tsv.gz",
    ]


def test_numbers_of_32_bits_come_back_bit_for_bit(tmp_path: Path) -> None:
    numbers = torch.randn(5000) * torch.exp(10 * torch.randn(5000))
    write_table(tmp_path / "a.csv", [pl.DataFrame({"p": pl.Series(numbers.numpy())})])
    read = pl.read_csv(tmp_path / "a.csv", schema={"p": pl.Float32})["p"].to_torch()
    assert torch.equal(read, numbers)


def test_equal_tables_make_equal_packed_files(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(tmp_path / name, pieces())
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".ndjson", ".parquet", ".arrow"])
def test_a_piece_that_cannot_be_made_leaves_the_file_as_it_was(ending: str, tmp_path: Path) -> None:
    def broken() -> Iterator[pl.DataFrame]:
        yield from pieces()
        raise ValueError("row 10")

    file = tmp_path / f"out{ending}"
    file.write_bytes(b"before")
    with pytest.raises(ValueError, match="row 10"):
        write_table(file, broken())
    assert file.read_bytes() == b"before"
    assert os.listdir(tmp_path) == [file.name]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        write_table(tmp_path / "no" / "a.csv", pieces())
    assert raised.value.filename == str(tmp_path / "no" / "a.csv")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_disk_without_room_leaves_nothing(ending: str, tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "import numpy as np, polars as pl\n"
        "from netlang.runs.models.table_file import write_table\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "write_table(Path(sys.argv[1]), [pl.DataFrame({'a': np.random.rand(100_000)})])\n"
    )
    file = tmp_path / f"a{ending}"
    command = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("OSError: ")
    assert "File too large" in last
    assert str(file) in last
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("ending", "cells", "endings"),
    [
        (".csv", [b"a"], ".parquet"),
        (".csv", [[1]], ".ndjson or .parquet"),
        (".csv", [{"a": 1}], ".ndjson or .parquet"),
        (".tsv", [timedelta(1)], ".ndjson or .parquet"),
        (".ndjson", [b"a"], ".parquet"),
        (".ndjson", [[b"a"]], ".parquet"),
        (".ndjson.gz", [{"a": b"1"}], ".parquet"),
    ],
)
def test_a_column_that_a_text_cannot_hold_is_named_with_a_form_that_can(
    ending: str, cells: list[object], endings: str, tmp_path: Path
) -> None:
    table, file = pl.DataFrame({"x": [1], "raw": cells}), tmp_path / f"out{ending}"
    with pytest.raises(OSError, match=f"the column `raw`.* ends in {endings} by `-o`"):
        write_table(file, [table])
    assert not [*tmp_path.iterdir()]
    for other in endings.split(" or "):
        write_table(tmp_path / f"out{other}", [table])
