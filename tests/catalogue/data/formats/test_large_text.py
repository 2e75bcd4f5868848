"""Large tables of text: the same table as csv finds, in bounded memory."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netlang.catalogue.data import CSV
from netlang.catalogue.data.columns import cache, faults, kinds, reader
from netlang.catalogue.data.formats import datafile, frames, large_text, series
from netlang.catalogue.data.formats.large_text import LargeText
from netlang.catalogue.data.formats.rows import Mark, Rows
from netlang.catalogue.data.formats.small_text import SmallText
from netlang.catalogue.data.formats.source import Malformed, Ragged
from netlang.catalogue.data.formats.vocabulary import Vocabulary
from netlang.language.diagnostics import NetError
from tests.catalogue.data.examples import mistake, shown

Found = list[tuple[bool, bytes, list[str], list[int], list[int]]] | tuple[type, int]

PLAIN = ["1", "-2.5", "3e5", "0", "-0.0", "1e-3", ".5", "7.", "+4", "0.1", "123456789012345678"]
ODD = ["", "NA", "x", " 1", "2 ", "nan", "inf", "1_0", "0x1", "1e400", "1e-400", "\u0663", "\xa05"]
ODD += ["\ufeff1"]
QUOTED = ['"1"', '"a,b"', '"x\ny"', '""', '"say ""no"""', '"', 'a"b', '"a"b', ' "c"', "\r", "é"]


def found_by(kind: type[Rows], text: bytes) -> Found:
    """What is gathered of each column, the second of which is read as text; or the fault."""
    try:
        rows = kind(Path("t.csv"), lambda: io.BytesIO(text), ",")
        gathered = rows.gather(range(len(rows.header)), {1})
    except Malformed as error:
        return Malformed, error.line
    except Ragged as error:
        return Ragged, error.row
    return [
        (
            cells.coded,
            memoryview(cells.release()).tobytes() if cells.rows else b"",
            cells.vocabulary.texts,
            cells.vocabulary.counts,
            cells.vocabulary.rows,
        )
        for cells in gathered.values()
    ]


def lines(cells: Sequence[str]) -> st.SearchStrategy[str]:
    cell = st.sampled_from(cells)
    row = st.tuples(cell, cell, cell).map(",".join)
    odd = st.sampled_from(["", "1,2", "1,2,3,4", " "])
    return st.lists(st.one_of(*[row] * 20, odd), max_size=12).map("\n".join)


@given(
    st.one_of(lines(PLAIN), lines(PLAIN + ODD), lines(PLAIN + ODD + QUOTED)),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
    st.sampled_from(["", "\ufeff"]),
    st.integers(1, 40),
)
@example('"x\ny",1,2\n3,4,5', "\r\n", "", "", 4)
@example("1,2,3\n\ufeff4,5,6\n\ufeff7,8,9", "\n", "\n", "", 6)
@example("1,2,3\n\n\n4,5,6", "\n", "\n", "\ufeff", 8)
def test_a_table_is_the_same_whoever_reads_it_and_wherever_it_is_cut(
    text: str, end: str, last: str, mark: str, block: int
) -> None:
    whole = f"{mark}a,b,c\n{text}{last}".replace("\n", end).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "_BLOCK", block)
        assert found_by(LargeText, whole) == found_by(SmallText, whole)


@pytest.mark.parametrize(
    ("block", "parted"),
    [
        (b"1,2,3\n4,,6\n", True),
        (b"1,2,3\r\n\r\n4,5,6\r\n", True),
        (b'"1","a,""b",3\n', False),
        (b'"1","a,\nb",""\n4,5,"6"\n', True),
        (b'1,a"b,3\n', False),
        (b"1,2\n4,5,6\n", False),
        (b"1,2,3,4\n", False),
        (b"1,2\r3,4\n", False),
        (b"1,2,\xff\n", False),
        (b"1,2," + b"3" * 200_000 + b"\n", False),
    ],
)
def test_polars_parts_the_blocks_where_it_can_be_trusted_and_csv_all_others(
    block: bytes, parted: bool
) -> None:
    rows = LargeText(Path("t.csv"), lambda: io.BytesIO(b"a,b,c\n"), ",")
    clear = large_text._clear(block, rows)
    assert (clear is not None and large_text._parted(clear, rows, ()) is not None) == parted


def test_a_target_of_very_many_numbers_is_one_to_predict_without_a_text_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datafile, "_SMALL", 0)
    monkeypatch.setattr(large_text, "_BLOCK", 2000)
    monkeypatch.setattr(series, "_MANY", 300)
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{row},{row * 3}\n" for row in range(2000)))
    target = CSV(str(path), target="y").table.target
    assert target.classes is None
    assert target.values.tolist() == [row * 3 for row in range(2000)]
    path.write_text(path.read_text() + "7,seven\n" * 3)
    found = mistake(CSV(str(path), target="y"))
    assert found.title == "row 2001, column `y` holds `seven`"
    assert shown(found) == ("t.csv", 2002, 3, "seven")


@pytest.mark.parametrize("row", ["4,x,p", "4,p", '4,"1"2,p', "4,5,6,p"])
def test_a_file_that_is_cut_off_while_it_is_told_what_is_wrong_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    path, numbered = tmp_path / "t.csv", Rows._numbered
    path.write_text("a,b,y\n" + "1,2,p\n3,4,q\n" * 500 + f"{row}\n" + "5,6,p\n" * 500)

    def cut_off(self: Rows, mark: Mark) -> Iterator[tuple[int, tuple[int, int], list[str]]]:
        path.write_text("a,b,y\n1,2,p\n")
        return numbered(self, mark)

    monkeypatch.setattr(datafile, "_SMALL", 0)
    monkeypatch.setattr(Rows, "_numbered", cut_off)
    found = mistake(CSV(str(path), target="y"))
    assert found.code == "E0403"
    assert "it changed while it was read" in found.title


def read_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (series, kinds, faults):
        monkeypatch.setattr(room, "MANY", 200)
    monkeypatch.setattr(datafile, "_SMALL", 0)
    monkeypatch.setattr(large_text, "_BLOCK", 2000)
    monkeypatch.setattr(frames, "_ROWS", 100)
    monkeypatch.setattr(frames, "_BLOCK", 2000)


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow", "ndjson"])
def test_a_column_of_identifiers_is_refused_before_all_of_them_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Also if some of them are numbers: texts are not read anew to know what these name."""
    read_in_small_blocks(monkeypatch)
    added, add = list[str](), Vocabulary.add

    def counted(known: Vocabulary, text: str, row: int, count: int = 1) -> int:
        added.append(text)
        return add(known, text, row, count)

    monkeypatch.setattr(Vocabulary, "add", counted)
    names = [f"{row * 7919 % 65536:04x}" for row in range(9000)]
    table = pl.DataFrame({"a": range(9000), "id": names, "y": ["p", "q"] * 4500})
    path = tmp_path / f"t.{ending}"
    writers = {"csv": table.write_csv, "parquet": table.write_parquet}
    writers |= {"arrow": table.write_ipc, "ndjson": table.write_ndjson}
    writers[ending](path)
    found = mistake(CSV(str(path), target="y"))
    assert found.title == "column `id` holds more than 200 different texts"
    assert '`ignore=["id"]`' in found.helps[0]
    assert len(added) < 2000


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow", "ndjson"])
def test_bad_cells_that_nobody_reads_on_to_count_are_so_many_at_least(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    read_in_small_blocks(monkeypatch)
    path = tmp_path / f"t.{ending}"

    def note(cells: list[str]) -> str:
        table = pl.DataFrame({"a": cells, "y": ["p", "q"] * (len(cells) // 2)})
        write = {"arrow": table.write_ipc}.get(ending) or getattr(table, f"write_{ending}")
        write(path)
        (found,) = mistake(CSV(str(path), target="y")).notes
        return found

    lengths = [f"{row} m" if row % 3 else f"{row}" for row in range(3000)]
    assert re.fullmatch(r"at least \d+ more cells of this column cannot.*", note(lengths))
    numbers = [f"{row},5" for row in range(1, 3001)]
    assert re.fullmatch(r"that is so in at least the first [\d,]+ rows", note(numbers))
    few = [f"{row} m" if row % 30 == 5 else f"{row}" for row in range(3000)]
    assert note(few).startswith("99 more cells")


@pytest.mark.parametrize("kind", ["category", "number"])
def test_a_column_of_very_many_texts_is_refused_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(datafile, "_SMALL", 0)
    monkeypatch.setattr(large_text, "_BLOCK", 2000)
    monkeypatch.setattr(series, "_MANY", 1000)
    cell = "name {}" if kind == "category" else "{} km"
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{cell.format(row)},{row % 2}\n" for row in range(9000)))
    found = mistake(CSV(str(path), target="y"))
    assert found.code == {"category": "E0418", "number": "E0406"}[kind]


CELLS = {
    "numbers": st.integers(0, 900).map(lambda n: f"{n / 8}"),
    "whole": st.integers(-400, 400).map(str),
    "codes": st.integers(0, 999).map(lambda n: f"{n:03}"),
    "texts": st.integers(0, 999).map("t{}".format),
    "units": st.integers(0, 999).map("{} km".format),
    "few": st.sampled_from("abc"),
}
FAULTS = st.sampled_from(["", "NA", "?", "x", "1e39", "1e-50", '"1,5"', '"two\nlines"', "\ufeffx"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of more different cells than a large one keeps, with some faults."""
    chosen = [draw(st.sampled_from([*CELLS])) for _ in range(3)]
    count, seldom = draw(st.integers(2, 60)), draw(st.sampled_from([5, 40, 1000]))
    lines = []
    for _ in range(count):
        cells = [draw(CELLS[kind]) for kind in chosen]
        if draw(st.integers(0, seldom)) == 0:
            cells[draw(st.integers(0, 2))] = draw(FAULTS)
        lines.append(",".join(cells))
        lines += [""] * (draw(st.integers(0, seldom)) == 1)
    if draw(st.integers(0, 9)) == 0:
        lines.insert(
            draw(st.integers(0, len(lines))), draw(st.sampled_from(["1,2", "1,2,3,4", '"']))
        )
    return "\n".join(["a,b,y", *lines, ""])


def told_of(path: Path, task: str, missing: str) -> object:
    """All that is said of a table, or found in it."""
    data = CSV(str(path), target="y", task=task, missing=missing, test=0)
    try:
        found = data.describe()
    except NetError as error:
        return str(error)
    table, warnings = data.table, [one.message() for one in data.warnings()]
    columns = [(one.kind, one.categories, [*map(repr, one.values)]) for one in table.columns]
    target = table.target
    said = [(one.title, one.notes, one.helps, one.label) for one in warnings]
    return found, columns, target.classes, [*target.labels], [*target.values], said


def of_50(row: str) -> str:
    return "a,b,y\n" + "".join(row.format(n, n % 3) + "\n" for n in range(50))


@settings(max_examples=20)
@given(
    tables(),
    st.sampled_from(["auto", "auto", "regression", "classification"]),
    st.sampled_from(["refuse", "mean", "drop"]),
    st.integers(20, 400),
)
@example(of_50("{0},{1},{0}\n") + "\n1,u,2\n", "auto", "refuse", 60)
@example(of_50("{0},{1},{0}"), "auto", "refuse", 60)
@example(of_50("{0},{1},-{0}") + '1,2,"1,5"\n', "auto", "refuse", 20)
@example(of_50("{0},{1},{0}") + "1,2,u", "regression", "mean", 60)
@example(of_50("t{0},{1},0{0:02}"), "auto", "refuse", 60)
@example(
    "a,b,y\n0,0,1e-50\n" + "".join(f"0,0,{n / 8}\n" for n in range(50)) + "0,0,\n",
    "auto",
    "refuse",
    20,
)
def test_what_is_said_of_a_table_does_not_depend_on_its_size(
    text: str, task: str, missing: str, block: int
) -> None:
    path = Path("t.csv")
    path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series, "_MANY", 30)
        patch.setattr(reader, "_cache", cache.Cache())
        small = told_of(path, task, missing)
        patch.setattr(reader, "_cache", cache.Cache())
        patch.setattr(datafile, "_SMALL", 0)
        patch.setattr(large_text, "_BLOCK", block)
        assert told_of(path, task, missing) == small
