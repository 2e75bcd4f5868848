"""A table that did not change is not read again, and one that did is, however little that shows."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from netlang.catalogue.data import Table
from netlang.catalogue.data.columns import cache, reader
from netlang.catalogue.data.formats import datafile
from netlang.tools.cli.group import cli
from tests.catalogue.data.examples import FLOWERS, Make, mistake

LATER = time.time_ns() + 10**12
NET = """\
net = Linear(2, 3) -> Softmax
data = CSV("t.csv", target="y")
loss = CrossEntropy
optimizer = Adam
epochs = 1
expect test.accuracy >= 0.0001
"""


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The data files that are read, by their names; a while after they were written."""
    found: list[str] = []

    def read_regular(path: Path, limit: int) -> bytes:
        found.append(path.name)
        return path.read_bytes()

    monkeypatch.setattr(datafile, "read_regular", read_regular)
    monkeypatch.setattr(reader, "_cache", cache.Cache())
    monkeypatch.setattr(cache.time, "time_ns", lambda: LATER)
    return found


def test_a_table_is_read_once_whoever_asks_and_whatever_for(csv: Make, reads: list[str]) -> None:
    first, again = csv(FLOWERS), csv()
    other = csv(target="a", ignore=["y"])
    assert first.describe() == again.describe()
    assert first.files[0].sha256 == again.files[0].sha256
    assert reads == ["t.csv"]
    other.describe()  # it is another table in the same file
    assert reads == ["t.csv"] * 2


@pytest.mark.parametrize(
    "asked",
    [
        {"missing": "drop"},
        {"missing": "indicator"},
        {"missing": "mean", "categories": ["b"]},
        {"missing": "mean", "ignore": ["b"]},
        {"missing": "mean", "group": "b"},
        {"missing": "mean", "task": "regression", "target": "b"},
    ],
    ids=str,
)
def test_another_argument_asks_for_another_table(
    csv: Make, reads: list[str], asked: dict[str, object]
) -> None:
    text = "a,b,y\n" + "".join(f"{i or 'NA'},{i % 3},{'pq'[i % 2]}\n" for i in range(20))
    plain = csv(text, missing="mean").describe()
    found = csv(**asked).describe()
    assert found != plain
    assert csv(missing="mean").describe() == plain
    reader._cache.forget_tables()
    assert csv(**asked).describe() == found


def test_the_same_bytes_with_another_separator_are_another_table(tmp_path: Path) -> None:
    for name in ("t.csv", "t.tsv"):
        (tmp_path / name).write_text("a,b\ty,c\n" + "k,l\tm,n\n" * 9 + "o,p\tq,r\n" * 9)
    by_commas = Table(str(tmp_path / "t.csv"), target="c", ignore=["b\ty"]).table
    by_tabs = Table(str(tmp_path / "t.tsv"), target="y,c").table
    assert by_commas.names == ("a",)
    assert by_tabs.names == ("a,b",)


def test_a_table_is_read_once_in_a_command_that_compiles_a_file_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[str]
) -> None:
    (tmp_path / "t.csv").write_text(FLOWERS)
    (tmp_path / "a.net").write_text(NET)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["test", "a.net"]).exit_code == 0
    assert reads == ["t.csv"]


@pytest.mark.parametrize("change", ["longer", "of the same size", "with its old times", "replaced"])
def test_a_table_that_changed_is_read_again(
    change: str, tmp_path: Path, csv: Make, reads: list[str]
) -> None:
    file = tmp_path / "t.csv"
    assert csv(FLOWERS).describe().samples == 30
    before = file.stat()
    changed = FLOWERS.replace("x", "w")
    if change == "longer":
        changed += "1,2,w\n"
    if change == "replaced":
        (tmp_path / "new.csv").write_text(changed)
        os.replace(tmp_path / "new.csv", file)
    else:
        time.sleep(0.02)  # longer than a tick
        file.write_text(changed)
    if change != "longer":
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (csv().describe().classes or ())[0] == "w"
    assert reads == ["t.csv"] * 2


def test_a_table_that_was_written_a_moment_ago_is_read_again(
    csv: Make, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(reader, "_cache", cache.Cache())
    csv(FLOWERS).describe()
    assert not reader._cache._digests


def test_a_table_that_is_gone_is_missed(tmp_path: Path, csv: Make, reads: list[str]) -> None:
    csv(FLOWERS).describe()
    (tmp_path / "t.csv").unlink()
    assert mistake(csv()).code == "E0403"


def test_a_table_behind_a_link_that_leads_elsewhere_is_read_again(
    tmp_path: Path, csv: Make, reads: list[str]
) -> None:
    for name, text in (("one.csv", FLOWERS), ("two.csv", FLOWERS.replace("x", "w"))):
        (tmp_path / name).write_text(text)
        (tmp_path / "t.csv").unlink(missing_ok=True)
        (tmp_path / "t.csv").symlink_to(name)
        assert (csv().describe().classes or ())[0] in ("w", "x")
    assert csv().describe().classes == ("w", "y", "z")
    assert len(reads) == 2
