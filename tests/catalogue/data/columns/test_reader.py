"""How a table is read: once, in little time and memory, and what its header may look like."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner

from netlang.catalogue.data import CSV
from netlang.catalogue.data.columns import cache, reader
from netlang.catalogue.data.formats import opening
from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.small_text import SmallText
from netlang.compiler.passes.compile import compile_source
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.source import SourceFile
from netlang.system.fingerprint import Fingerprint
from netlang.tools.cli.group import cli


def table(path: Path, text: str | bytes, **arguments: object) -> CSV:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CSV(str(path), **{"target": "y", "test": 0.5, **arguments})  # type: ignore[arg-type]


def mistake(data: CSV) -> Diagnostic:
    with pytest.raises(NetError) as raised:
        data.describe()
    (found,) = raised.value.diagnostics
    return found


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were parsed, one for each time."""
    files: list[Path] = []

    class Counted(SmallText):
        def __init__(self, file: Path, *arguments: Any) -> None:
            files.append(file)
            super().__init__(file, *arguments)

    monkeypatch.setattr(opening, "SmallText", Counted)
    monkeypatch.setattr(reader, "_cache", cache.Cache())
    return files


# In one pass


def columns_of(number: int) -> str:
    header = ",".join(f"column{i}" for i in range(number))
    row = ",".join(str(i) for i in range(number))
    return f"{header},y\n{row},p\n{row},p\n{row},q\n{row},q\n"


def rows_of(number: int) -> str:
    return "a,b,y\n" + "".join(f"{i},{i / 8},{'pq'[i % 2]}\n" for i in range(number))


@pytest.mark.parametrize("text", [rows_of(40_000), columns_of(40_000)], ids=["rows", "columns"])
def test_a_table_takes_a_small_multiple_of_its_file_in_memory(tmp_path: Path, text: str) -> None:
    data = table(tmp_path / "t.csv", text)
    tracemalloc.start()
    try:
        data.describe()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 14 * 2**20 + 8 * len(text)
    assert kept < 9 * len(text)


def test_a_text_is_checked_without_a_copy_of_it(tmp_path: Path) -> None:
    content = "1,𝔸\n".encode() * 1_000_000  # as one text, it would take 16 MB
    data = table(tmp_path / "t.csv", content)
    tracemalloc.start()
    try:
        Content(data.request, tmp_path / "t.csv", content).check_text()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


def test_the_time_to_read_a_table_grows_with_its_columns_and_not_with_their_square(
    tmp_path: Path,
) -> None:
    def seconds(number: int) -> float:
        data = table(tmp_path / f"{number}.csv", columns_of(number))
        gc.collect()
        gc.disable()  # what other tests left is looked through at any moment, and takes long
        start = time.process_time()  # other tests may run beside it
        data.describe()
        taken = time.process_time() - start
        gc.enable()
        return taken

    assert min(seconds(20_000), seconds(20_001)) < 12 * min(seconds(4_000), seconds(4_001))


def test_the_first_bad_cell_of_a_wide_or_a_long_table_is_found_in_time(tmp_path: Path) -> None:
    wide = columns_of(40_000).replace(",39999,p", ",nine,p")
    found = mistake(table(tmp_path / "wide.csv", wide))
    assert found.span
    assert (found.span.text, found.span.first.line) == ("nine", 2)
    found = mistake(table(tmp_path / "long.csv", rows_of(60_000) + "\n1,nine,p\n"))
    assert found.span
    assert (found.span.text, found.span.first.line) == ("nine", 60_003)
    assert found.title == "row 60001, column `b` holds `nine`"


# Once


NET = 'net = Linear(2, 2)\ndata = CSV("t.csv", target="y", test=0.5)\n'


def test_a_table_is_parsed_once_however_often_its_file_is_compiled(
    tmp_path: Path, parses: list[Path]
) -> None:
    (tmp_path / "t.csv").write_text(rows_of(20))
    source = SourceFile("m.net", NET, tmp_path / "m.net")
    for overrides in ([], ["epochs=3"], ["data.test=0.25"]):
        assert compile_source(source, overrides).ok
    assert len(parses) == 1


def test_test_parses_a_table_once(tmp_path: Path, parses: list[Path]) -> None:
    (tmp_path / "t.csv").write_text(rows_of(20))
    text = NET + "loss = SoftmaxCrossEntropy\noptimizer = SGD(0.1)\nepochs = 1\n"
    (tmp_path / "m.net").write_text(text + "expect test.accuracy >= 0\n")
    assert CliRunner().invoke(cli, ["test", str(tmp_path)]).exit_code == 0
    assert len(parses) == 1


def test_a_file_that_changed_is_read_anew_even_if_its_size_and_its_time_did_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    data = table(path, rows_of(8))
    before = path.stat()
    assert data.describe().classes == ("p", "q")
    with path.open("r+b") as file:
        file.write(rows_of(8).replace("q", "r").encode())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert CSV(str(path), "y", test=0.5).describe().classes == ("p", "r")


@pytest.mark.parametrize(
    "changed",
    [{"target": "b"}, {"ignore": ("b",)}, {"task": "classification"}, {"delimiter": ";"}],
    ids=str,
)
def test_other_arguments_read_a_table_anew(
    tmp_path: Path, parses: list[Path], changed: dict[str, object]
) -> None:
    path, text = tmp_path / "t.csv", "y;y,b,y\n" + "0;1,2,3\n" * 8
    for arguments in ({}, changed):
        with contextlib.suppress(NetError):
            table(path, text, **arguments).describe()
    assert len(parses) == 2


def test_of_large_tables_the_last_one_alone_is_kept(
    tmp_path: Path, parses: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = rows_of(100), rows_of(101)
    monkeypatch.setattr(cache, "DATA_LIMIT", len(first) + len(second) - 1)
    for text in (first, second, second, first):
        table(tmp_path / "t.csv", text).describe()
    assert len(parses) == 3
    assert len(reader._cache._tables) == 1


def test_small_tables_are_kept_beside_each_other(tmp_path: Path, parses: list[Path]) -> None:
    for rows in (10, 20, 30) * 3:
        table(tmp_path / "t.csv", rows_of(rows)).describe()
    assert len(parses) == 3


# Columns without a name, and of one name


@pytest.mark.parametrize(
    "text",
    [
        "a,y,,\n1,p,,\n2,q,,\n",
        "a,y,,,\n1,p,,,5\n2,q,x,,\n",
        ",a,y\n0,1,p\n1,2,q\n",
        '"",a,y\n"0",1,p\n"1",2,q\n',
        ',a,,y,""\nu,1,v,p,w\nu,2,v,q,w\n',
        "\ufeff,a,y\n0,1,p\n1,2,q\n",
        '\ufeff"",a,y\n0,1,p\n1,2,q\n',
        ' ,a,y,"  ",\t\n0,1,p,,\n1,2,q,,\n',
    ],
)
def test_all_columns_without_a_name_can_be_left_out(tmp_path: Path, text: str) -> None:
    lines = text.splitlines(keepends=True)
    data = table(tmp_path / "t.csv", lines[0] + "".join(lines[1:]) * 2, ignore=("",))
    assert data.table.names == ("a",)
    assert data.table.columns[0].values.tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("header", "reason", "way_out"),
    [
        (",a,y", "one of its columns has no name", "leave it out"),
        ("a,y, ", "one of its columns has no name", "leave it out"),
        ('a,y,""', "one of its columns has no name", "leave it out"),
        ("a,,y,,", "3 of its columns have no name", "leave them out"),
    ],
)
def test_columns_without_a_name_are_counted_and_can_be_left_out(
    tmp_path: Path, header: str, reason: str, way_out: str
) -> None:
    found = mistake(table(tmp_path / "t.csv", header + "\n" + header.replace("a", "1") + "\n"))
    assert (found.code, found.title.partition(": ")[2]) == ("E0403", reason)
    assert way_out in found.helps[0]
    assert '`ignore=[""]`' in found.helps[0]


def test_columns_of_one_name_can_be_left_out_together(tmp_path: Path) -> None:
    text = "a,id,y,id\n" + "1,n,p,n\n2,n,q,n\n" * 2
    found = mistake(table(tmp_path / "t.csv", text))
    assert "two of its columns are called `id`" in found.title
    assert '`ignore=["id"]`' in found.helps[0]
    assert table(tmp_path / "t.csv", text, ignore=("id",)).table.names == ("a",)


def test_where_the_only_input_is_left_out_that_is_told_first(tmp_path: Path) -> None:
    found = mistake(table(tmp_path / "t.csv", "y,a,y\np,1,p\n", ignore=("a",)))
    assert (found.code, found.title) == ("E0407", f"`{tmp_path / 't.csv'}` has no input column")


def test_two_columns_that_could_both_be_the_target_are_refused(tmp_path: Path) -> None:
    found = mistake(table(tmp_path / "t.csv", "y,a,y\np,1,p\n"))
    assert found.code == "E0403"
    assert "two of its columns are called `y`" in found.title
    found = mistake(table(tmp_path / "t.csv", "y,a,y,y\np,1,p,p\n"))
    assert "3 of its columns are called `y`" in found.title
    assert "ignore" not in found.helps[0]


def test_ignoring_a_column_without_a_name_where_there_is_none_says_so(tmp_path: Path) -> None:
    found = mistake(table(tmp_path / "t.csv", "a,y\n1,p\n", ignore=("",)))
    assert (found.code, found.title.partition("` ")[2]) == ("E0404", "has no column without a name")


@pytest.mark.parametrize(
    ("text", "delimiter", "way_out"),
    [
        ("a,y,\n1,p\n", ",", "remove the `,` that ends the first line"),
        ("a,y\n1,p,\n", ",", "remove the `,` that ends the row"),
        ("a;y\n1;p; \n", ";", "remove the `;` that ends the row"),
        ("a,y\n0,1,p\n", ",", 'give the row 2 cells; a cell that holds `,` stands in `"..."`'),
        ("a|y\n1\n", "|", 'give the row 2 cells; a cell that holds `|` stands in `"..."`'),
    ],
)
def test_a_row_that_ends_otherwise_than_the_header_is_told_of_the_delimiter(
    tmp_path: Path, text: str, delimiter: str, way_out: str
) -> None:
    found = mistake(table(tmp_path / "t.csv", text, delimiter=delimiter))
    assert found.code == "E0405"
    assert found.helps[0].startswith(way_out)


def test_leaving_out_a_nameless_column_that_rows_alone_have_is_told_as_their_delimiter(
    tmp_path: Path,
) -> None:
    found = mistake(table(tmp_path / "t.csv", "a,y\n1,p,\n2,q,\n", ignore=("",)))
    assert (found.code, found.title) == ("E0405", "row 1 has 3 cells, the header 2")
    assert "end the first line with one as well" in found.helps[0]


def test_a_ragged_row_is_shown_as_a_whole_where_a_quoted_cell_breaks_its_line(
    tmp_path: Path,
) -> None:
    found = mistake(table(tmp_path / "t.csv", 'a,y\n1,p\n2,"q\nr",3\n'))
    assert found.span
    assert found.span.text == '2,"q\nr",3'


@pytest.mark.parametrize("blank", [" ", "\t", "\v", "\x1c", "\x1f", "\xa0", "\x85", "\u2003"])
def test_no_row_is_lost_where_blanks_stand_around_a_number(tmp_path: Path, blank: str) -> None:
    rows = [f"{row},{row + 0.5},{row % 2}" for row in range(40_000)]  # of several chunks
    rows[7] = f"7,{blank}7.5{blank},1"
    data = table(tmp_path / "t.csv", "\n".join(["a,b,c", *rows]), target="c").table
    assert data.rows == 40_000
    first, second = (column.values for column in data.columns)
    assert first.tolist() == [*range(40_000)]
    assert second.tolist() == [row + 0.5 for row in range(40_000)]


def test_reading_a_table_imports_neither_torch_nor_numpy(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(rows_of(20))
    program = "import sys; from netlang.catalogue.data import CSV; CSV('t.csv', 'y').describe(); "
    program += "print('torch' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["False", "False"]


def test_the_tables_read_last_are_safe_between_threads() -> None:
    recent = cache.Cache()
    request = CSV("t.csv", target="y").request
    files = [Fingerprint(Path("t.csv"), "t.csv", str(number)) for number in range(7)]
    table, errors = cast("reader.Table", None), list[Exception]()

    def use(first: int) -> None:
        try:
            for turn in range(3000):
                file = files[(first + turn) % 7]
                recent.add_table(file, request, cache.DATA_LIMIT // 3, table)
                recent.table(file, request)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=use, args=(first,)) for first in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not errors


def test_two_files_that_hash_alike_are_two_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parses: list[Path]
) -> None:
    monkeypatch.setattr(reader, "hash", lambda _: 0, raising=False)
    for name, last in (("one.csv", "1"), ("two.csv", "3")):
        table(tmp_path / name, f"x,y\n1,0\n2,{last}\n").describe()
    assert [file.name for file in parses] == ["one.csv", "two.csv"]
