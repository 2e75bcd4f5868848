"""A table in slices has the cells that Python's csv module finds, wherever it is cut."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.header import check_names
from netlang.catalogue.data.formats.opening import opened, slices
from netlang.catalogue.data.formats.request import new_table
from netlang.catalogue.data.named_file import locate
from netlang.language.diagnostics import NetError

ROWS = "".join(f"{n},{n / 8},x{n}\n" for n in range(40))
TEXTS = {
    "plain": f"a,b,c\n{ROWS}",
    "without a last line break": f"a,b,c\n{ROWS}1,2,3",
    "a byte-order mark": f"\ufeffa,b,c\n{ROWS}",
    "line breaks of Windows": f"a,b,c\n{ROWS}".replace("\n", "\r\n"),
    "line breaks of old": f"a,b,c\n{ROWS}".replace("\n", "\r"),
    "mixed line breaks": f"a,b,c\n{ROWS}1,2,3\r\n4,5,6\r7,8,9\n",
    "a quoted header": f'"a","b, b",c\n{ROWS}',
    "a header of two lines": f'"a\nb",b,c\n{ROWS}',
    "quotes far down": f'a,b,c\n{ROWS}"1, 1","2\n2","3""3"\n{ROWS}',
    "blank lines": f"\n\na,b,c\n\n{ROWS}\n\r\n{ROWS}\n\n",
    "blanks around cells": f" a , b,c\n{ROWS} 1 , 2,  3\n",
    "empty cells": f"a,b,c\n{ROWS},,\n1,,\n",
    "letters": f"ä,€,🦉\n{ROWS}ü,ß,🦉🦉\n",
    "one column": "a\n" + "".join(f"{n}\n" for n in range(50)) + "\n\n1\n",
    "a header alone": "a,b,c\n",
    "a header without a line break": "a,b,c",
}


def rows_of(text: bytes, delimiter: str = ",") -> tuple[list[str], list[list[str]]]:
    """The header and the rows, put together from all slices, which are numbered."""
    Path("t.csv").write_bytes(text)
    header: list[str] = []
    rows: list[list[str]] = []
    request = new_table("t.csv", delimiter)
    source = opened(read(request, locate(request)))
    check_names(source, request)
    for first, columns in slices(request, source):
        assert first == len(rows) + 1
        header = [*columns]
        rows += [[cell or "" for cell in row] for row in zip(*columns.values(), strict=True)]
    return header, rows


@pytest.mark.parametrize("block", [1, 50, 1 << 20])
@pytest.mark.parametrize("kind", TEXTS)
def test_the_cells_are_those_of_the_csv_module(
    kind: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.large_text._BLOCK", block)
    monkeypatch.setattr("netlang.catalogue.data.formats.rows._CELLS", 7)
    text = TEXTS[kind]
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None), strict=True)
    header, *rows = filter(None, lines)
    assert rows_of(text.encode()) == ([name.strip() for name in header], rows)


def test_tables_at_random_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.large_text._BLOCK", 20)
    source = random.Random(3)
    for _ in range(150):
        cells = ["", "1", "-2.5", " x ", '"a;b"', '"q""q"', "é", '"two\nlines"', "e;", "\\"]
        weights = [4, 9, 9, 3, source.choice([0, 1]), 0, 1, source.choice([0, 0, 1]), 0, 1]
        width, count = source.randrange(1, 5), source.randrange(12)
        table = [source.choices(cells, weights, k=width) for _ in range(count)]
        text = "\n".join([";".join("abcde"[:width]), *(";".join(row) for row in table)])
        lines = csv.reader(io.StringIO(text, newline=None), delimiter=";", strict=True)
        header, *rows = filter(None, lines)
        assert rows_of(text.encode(), ";") == (header, rows)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (b"1,2\n", "row 41 has 2 cells, the header 3"),
        (b"1,2,3,4\n", "row 41 has 4 cells"),
        (b"1,2\n1,2,3,4\n", "row 41 has 2 cells"),
        (b'1,2,"3\n', "line 42: unexpected end of data"),
        (b'1,2,"3"x\n', "line 42: "),
        (b"1,2,\xff\n", "byte 480, in line 42, is not UTF-8"),
    ],
)
@pytest.mark.parametrize("block", [40, 1 << 20])
def test_what_is_wrong_far_down_is_told_by_its_row_or_line(
    end: bytes, told: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.large_text._BLOCK", block)
    with pytest.raises(NetError) as raised:
        rows_of(f"a,b,c\n{ROWS}".encode() + end)
    assert told in raised.value.diagnostics[0].title
