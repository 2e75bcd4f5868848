"""Blocks of a file are its row groups, as nearly as their sizes allow, and have all rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from netlang.catalogue.data.formats import blocks
from netlang.catalogue.data.formats.blocks import RowBlocks
from netlang.catalogue.data.formats.row_groups import rows_of_groups
from netlang.catalogue.data.formats.source import Changed, Damaged
from tests.together import together

ROWS = 1000
MARK = b"mark-of-a-group-"


def frame(rows: int = ROWS) -> pl.DataFrame:
    numbers = pl.int_range(rows, eager=True)
    groups = (numbers // 100).cast(pl.String)
    return pl.DataFrame(
        {
            "number": numbers.cast(pl.Float32),
            "flag": numbers % 3 == 0,
            "text": MARK.decode() + groups,
            "list": [[row, row] for row in range(rows)],
        }
    )


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_CELLS", 4 * 256)  # rows of four columns
    monkeypatch.setattr(blocks, "_FEW", 128)
    monkeypatch.setattr(blocks, "_PAGE", 32)


@together("rows", [0, 1, 100, 1000])
@together("size", [7, 100, 5000])
def test_the_end_of_a_file_tells_its_row_groups(tmp_path: Path, rows: int, size: int) -> None:
    file = tmp_path / "t.parquet"
    frame(rows).write_parquet(file, row_group_size=size, metadata={"made": "for a test"})
    found = rows_of_groups(file)
    assert sum(found) == rows
    assert {*found[:-1]} <= {size}
    for wrong in (b"", b"PAR1", file.read_bytes()[:-1], b"\xff\xff\0\0PAR1", b"\4\0\0\0\xff" * 4):
        file.write_bytes(wrong)
        with pytest.raises(ValueError, match="a Parquet file"):
            rows_of_groups(file)


@together(
    ("size", "sizes"),
    [
        (100, [100] * 10),
        (30, [120] * 8 + [40]),  # as many together as are few
        (200, [200] * 5),
        (600, [224, 224, 152, 224, 176]),  # a part of a group ends with a page
        (5000, [256, 256, 256, 232]),
    ],
)
def test_a_block_is_a_row_group_or_some_that_are_small(
    tmp_path: Path, size: int, sizes: list[int]
) -> None:
    file = tmp_path / "t.parquet"
    frame().write_parquet(file, row_group_size=size)
    found = RowBlocks(file)
    assert found.sizes == sizes
    some = found.header[:2]
    each = [found.read(block, some) for block in range(len(found))]
    assert [*map(len, each)] == sizes
    assert_frame_equal(pl.concat(each), frame().select(some))
    assert max(RowBlocks(file, 40).sizes) <= 4 * 256 // 40  # rows of so many numbers each


def test_arrow_has_blocks_of_one_size(tmp_path: Path) -> None:
    file = tmp_path / "t.arrow"
    frame().write_ipc(file, record_batch_size=300)
    found = RowBlocks(file)
    assert found.sizes == [128] * 7 + [104]
    each = [found.read(block, found.header) for block in range(len(found))]
    assert_frame_equal(pl.concat(each), frame())


def test_a_damaged_row_group_is_told_and_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    frame().write_parquet(file, row_group_size=60, compression="uncompressed")
    data = bytearray(file.read_bytes())
    length = data.index(MARK + b"4") - 4  # of a text, before it
    data[length : length + 4] = b"\xff" * 4
    file.write_bytes(data)
    found = RowBlocks(file)
    assert found.read(1, ["text"]).item(0, 0) == MARK.decode() + "1"
    with pytest.raises(Damaged, match="row group 6, counted from 0: rows 361 to 420"):
        found.read(3, found.header)
    assert len(found.read(3, ["number", "flag"])) == 120  # which are whole


def test_a_file_that_was_written_anew_is_told(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    frame().write_parquet(file)
    found = RowBlocks(file)
    frame(500).write_parquet(file)
    with pytest.raises(Changed):
        found.read(0, found.header)
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(Changed):
        found.read(0, found.header)
