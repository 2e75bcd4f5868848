"""A table in parts has the cells that Python's csv module finds, whatever the parts."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import polars as pl
import pytest

from netlang.catalogue.data.formats.in_parts import in_parts
from netlang.language.diagnostics import DiagnosticError
from netlang.runs.models.new_samples import _numbers

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
    """The header and the rows, put together from all parts, which are numbered."""
    Path("t.csv").write_bytes(text)
    header: list[str] = []
    rows: list[list[str]] = []
    for first, columns in in_parts("t.csv", delimiter):
        assert first == len(rows) + 1
        header = [*columns]
        rows += [[cell or "" for cell in row] for row in zip(*columns.values(), strict=True)]
    return header, rows


@pytest.mark.parametrize("block", [1, 50, 1 << 20])
@pytest.mark.parametrize("kind", TEXTS)
def test_the_cells_are_those_of_the_csv_module(
    kind: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.in_parts._BLOCK", block)
    monkeypatch.setattr("netlang.catalogue.data.formats.in_parts._CELLS", 7)
    text = TEXTS[kind]
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None), strict=True)
    header, *rows = filter(None, lines)
    assert rows_of(text.encode()) == ([name.strip() for name in header], rows)


def test_tables_at_random_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.in_parts._BLOCK", 20)
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
        (b"1,2\n", "row 41 has 2 cells, and its first line 3"),
        (b"1,2,3,4\n", "row 41 has 4 cells"),
        (b"1,2\n1,2,3,4\n", "row 41 has 2 cells"),
        (b'1,2,"3\n', "line 42: unexpected end of data"),
        (b'1,2,"3"x\n', "line 42: "),
        (b"1,2,\xff\n", "it is no text in UTF-8"),
    ],
)
@pytest.mark.parametrize("block", [40, 1 << 20])
def test_what_is_wrong_far_down_is_told_by_its_row_or_line(
    end: bytes, told: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.in_parts._BLOCK", block)
    with pytest.raises(DiagnosticError) as raised:
        rows_of(f"a,b,c\n{ROWS}".encode() + end)
    assert told in raised.value.diagnostics[0].title


def test_numbers_of_a_series_are_those_of_python() -> None:
    source = random.Random(8)
    texts = [f"{source.uniform(-1, 1) * 10 ** source.randrange(-25, 30):.17g}" for _ in range(9000)]
    texts += [str(source.random()) for _ in range(1000)] + ["0", "-0.0", " 7 ", "+.5", "3.", "0e9"]
    found = _numbers(pl.Series(texts))
    assert found.dtype == pl.Float64
    assert found.to_list() == [*map(float, texts)]


def test_a_cell_without_text_is_no_number() -> None:
    assert _numbers(pl.Series(["1", None, "2"])).to_list() == [1, None, 2]


@pytest.mark.parametrize(
    "odd", ["", "nan", "inf", "1_0", "0x1", "1e-45", "5e-324", "1,5", "NA", "1 2"]
)
def test_other_cells_stay_texts(odd: str) -> None:
    found = _numbers(pl.Series(["1", odd]))
    assert found.to_list() == ["1", odd]
