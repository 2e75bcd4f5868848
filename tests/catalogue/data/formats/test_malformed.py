"""Files whose text, header or rows make no table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netlang.catalogue.data.formats import content
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.catalogue.data.examples import FLOWERS, NET, Make, mistake, shown


def test_bytes_that_are_no_utf_8_are_e0403_and_the_first_is_named(csv: Make) -> None:
    found = mistake(csv(b"a,y\n1,caf\xe9\n"))
    assert found.code == "E0403"
    assert found.title.endswith("byte 9, in line 2, is not UTF-8")
    assert found.helps[0].startswith("it holds `café` if it is in Windows-1252: ")


@pytest.mark.parametrize("piece", [4, 5, 6, 7])
def test_a_letter_that_two_pieces_share_is_text(
    csv: Make, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(content, "_PIECE", piece)
    text = ("a,y\n" + "1,é\n2,漢\n3,𝔸\n" * 5).encode()
    assert csv(text).describe().classes == ("é", "漢", "𝔸")
    found = mistake(csv(text + b"1,\xff\n"))
    assert found.title.endswith(f": byte {len(text) + 2}, in line 17, is not UTF-8")
    assert found.helps == ("save it as UTF-8 text",)


@pytest.mark.parametrize("end", ["é", "漢", "𝔸"])
def test_a_file_that_ends_within_a_letter_is_no_text(csv: Make, end: str) -> None:
    text = f"a,y\n1,{end}".encode()
    assert mistake(csv(text[:-1])).title.endswith("byte 6, in line 2, is not UTF-8")


@pytest.mark.parametrize(
    ("text", "line"), [('a,y\n1,p\n2,"q\n', 3), ('a,y\n1,"p"x\n', 2)], ids=["open", "after"]
)
def test_quotes_that_do_not_close_are_e0403_and_the_line_is_named(
    csv: Make, text: str, line: int
) -> None:
    found = mistake(csv(text))
    assert found.code == "E0403"
    assert f"line {line}: " in found.title


@pytest.mark.parametrize(
    ("cell", "help"),
    [
        ("1" * 131_073, "shorten it"),
        ('"' + "1" * 131_073, 'shorten it; a `"` that opens a cell has to be closed'),
    ],
    ids=["bare", "open"],
)
def test_a_cell_that_is_too_long_is_e0403_and_the_limit_is_named(
    csv: Make, cell: str, help: str
) -> None:
    found = mistake(csv(f"a,y\n1,p\n{cell},q\n"))
    assert (found.code, found.helps) == ("E0403", (help,))
    assert found.title.endswith("line 3: a cell has over 131,072 characters")


def test_two_columns_of_one_name_are_e0403(csv: Make) -> None:
    found = mistake(csv("a,y,a\n1,p,2\n"))
    assert found.code == "E0403"
    assert "two of its columns are called `a`" in found.title


def test_a_target_that_is_no_column_is_e0404_and_suggests_the_near_one(csv: Make) -> None:
    found = mistake(csv("height,species\n1,p\n", target="specie"))
    assert found.code == "E0404"
    assert found.title == "`t.csv` has no column `specie`"
    assert found.notes == ("its columns are `height` and `species`",)
    assert found.helps == ("did you mean `species`?",)
    assert shown(found)[0] == "m.net"


def test_a_column_to_ignore_that_is_none_is_e0404(csv: Make) -> None:
    found = mistake(csv(FLOWERS, ignore=("a", "zebra")))
    assert (found.code, found.title) == ("E0404", "`t.csv` has no column `zebra`")


def test_each_column_to_ignore_that_is_none_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(FLOWERS)
    text = 'net = ReLU\ndata = CSV("t.csv", target="y", ignore=["zebra", "a", "gnu"])\n'
    found = compile_source(SourceFile("m.net", text, tmp_path / "m.net")).diagnostics
    assert [one.span and one.span.text for one in found] == ['"zebra"', '"gnu"']


@pytest.mark.parametrize("delimiter", [",", "|"])
def test_cells_between_other_delimiters_are_told_to_be(csv: Make, delimiter: str) -> None:
    found = mistake(csv("a;y\n1;p\n", delimiter=delimiter))
    assert found.title.endswith('its cells seem to be separated by ";"')
    assert found.helps == ('write `delimiter=";"` in `CSV(...)`',)


@pytest.mark.parametrize("text", ["  \n", "\n \t\n\n", " \na,y\n1,p\n"], ids=repr)
def test_a_first_line_of_blanks_is_e0403(csv: Make, text: str) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title.partition(": ")[2]) == ("E0403", "its first line is blank")
    assert found.helps == ("remove that line, or name the columns there",)


def test_a_row_of_blanks_is_told_as_such(csv: Make) -> None:
    found = mistake(csv(f"{FLOWERS} \t \n"))
    assert (found.code, found.title) == ("E0405", "row 31 has 1 cell, the header 3")
    assert shown(found) == ("t.csv", 32, 1, " \t ")
    assert found.helps == ("remove that line, which holds nothing but blanks",)


def test_cells_between_blanks_are_told_to_have_commas(csv: Make) -> None:
    found = mistake(csv("height weight sex\n1.98 97.4 M\n1.55 68.1 F\n", target="sex"))
    assert found.code == "E0403"
    assert "separated by blanks" in found.title
    assert found.helps == ("write a comma between cells",)


def test_many_columns_are_not_all_listed(csv: Make) -> None:
    names = [f"c{i}" for i in range(40)]
    found = mistake(csv(",".join(names) + "\n" + ",".join("1" * 40) + "\n"))
    assert found.notes[0].endswith("`c11` and 28 more")


@pytest.mark.parametrize(
    ("text", "line", "title"),
    [
        ("a,b,y\n1,2,p\n1,2\n", 3, "row 2 has 2 cells, the header 3"),
        ("a,b,y\n1,2,p,4\n", 2, "row 1 has 4 cells, the header 3"),
        ("a,b,y\n1,2,p\n\n\n7\n", 5, "row 2 has 1 cell, the header 3"),
        ('a,b,y\n1,2,"p\nq"\n1,2\n', 4, "row 2 has 2 cells, the header 3"),
        ("a,b,y\r\n1,2,p\r\n1,2\r\n", 3, "row 2 has 2 cells, the header 3"),
    ],
    ids=["short", "long", "after-empty-lines", "after-a-quoted-line-break", "CRLF"],
)
def test_a_ragged_row_is_e0405_and_its_line_is_shown(
    csv: Make, text: str, line: int, title: str
) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0405", title)
    assert shown(found) == ("t.csv", line, 1, text.splitlines()[line - 1])
    assert [label.span.text for label in found.labels] == [NET[7:-1]]


@pytest.mark.parametrize(
    ("text", "where", "title"),
    [
        ("a,b,y\n1,2,p\n1,two,q\n", (3, 3, "two"), "row 2, column `b` holds `two`"),
        ("a,b,y\n1,inf,p\n", (2, 3, "inf"), "row 1, column `b` holds `inf`"),
        ("a,b,y\n1,1e999,p\n", (2, 3, "1e999"), "row 1, column `b` holds `1e999`"),
        ("a,b,y\n1,1_000,p\n", (2, 3, "1_000"), "row 1, column `b` holds `1_000`"),
        ("a,b,y\n1,٣,p\n", (2, 3, "٣"), "row 1, column `b` holds `٣`"),
        ("a,b,y\n1,0x1F,p\n", (2, 3, "0x1F"), "row 1, column `b` holds `0x1F`"),
        ('a,b,y\n"1",x,p\n', (2, 5, "x"), "row 1, column `b` holds `x`"),
        ('a,b,y\n1,"x",p\n', (2, 3, '"x"'), "row 1, column `b` holds `x`"),
        ('a,b,y\n"1","x,""\n",p\n', (2, 5, '"x,""\n"'), 'row 1, column `b` holds `x,"`'),
        ('y,b,a\n"p\n""q"",",x,1\n', (3, 9, "x"), "row 1, column `b` holds `x`"),
        ('a,b,y\n1,"x","p"', (2, 3, '"x"'), "row 1, column `b` holds `x`"),
        ('a,b,y\n1,x"y"z,p\n', (2, 3, 'x"y"z'), 'row 1, column `b` holds `x"y"z`'),
        ("a,b,y\n\n1,2,p\n\n1,x,p\n", (5, 3, "x"), "row 2, column `b` holds `x`"),
        ("a,b,y\r\n1,2,p\r\n1,x,p\r\n", (3, 3, "x"), "row 2, column `b` holds `x`"),
        ("\ufeffx,a,y\n1,z,p\n", (2, 3, "z"), "row 1, column `a` holds `z`"),
        ("\ufeffa,b,y\nz,2,p\n", (2, 1, "z"), "row 1, column `a` holds `z`"),
    ],
)
def test_a_cell_that_is_no_number_is_e0406_and_is_shown(
    csv: Make, text: str, where: tuple[int, int, str], title: str
) -> None:
    numbers = ",".join("q" if name == "y" else "1" for name in text.split("\n")[0].split(","))
    found = mistake(csv(f"{text.rstrip()}\n{numbers}\n{numbers}\n"))
    assert (found.code, found.title) == ("E0406", title)
    assert shown(found) == ("t.csv", *where)
    assert "ignore=[" in found.helps[0]
    assert [label.span.text for label in found.labels] == [NET[7:-1]]


@pytest.mark.parametrize("text", ["", "\n\n", "a,y\n", "a,y", "\ufeff"], ids=repr)
def test_a_table_without_rows_is_e0407(csv: Make, text: str) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0407", "`t.csv` has no rows of data")


def test_a_table_without_an_input_is_e0407(csv: Make) -> None:
    found = mistake(csv("y,id\np,1\nq,2\n", ignore=("id",)))
    assert (found.code, found.title) == ("E0407", "`t.csv` has no input column")


@pytest.mark.parametrize(
    ("text", "target", "line"),
    [
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "species", "x1,x2,species"),
        ("1,0,1\n2,5,1\n", "outcome", "x1,x2,outcome"),
        ("0.5,male\n1.5,female\n", "sex", "x1,sex"),
        (f"{','.join(map(str, range(30)))}\n" * 2, "label", "x1,x2,...,x29,label"),
    ],
)
def test_a_file_without_a_line_of_names_is_told_as_such(
    csv: Make, text: str, target: str, line: str
) -> None:
    found = mistake(csv(text, target=target))
    assert found.code == "E0404"
    assert found.notes[0].startswith("its first line seems to be a row of data: ")
    assert found.helps == (f"write a line of names above it, such as `{line}`",)


@pytest.mark.parametrize("arguments", [{"target": ""}, {"target": "setosa", "ignore": ("",)}])
def test_a_file_without_a_line_of_names_is_told_if_a_column_without_one_is_named(
    csv: Make, arguments: dict[str, Any]
) -> None:
    found = mistake(csv("5.1,3.5,setosa\n4.9,3.0,virginica\n", **arguments))
    assert found.notes[0].startswith("its first line seems to be a row of data: ")
    assert found.helps == (
        f"write a line of names above it, such as `x1,x2,{arguments['target'] or 'y'}`",
    )


def test_numbers_that_name_two_columns_are_told_as_a_row(csv: Make) -> None:
    found = mistake(csv("0.2,1,0.2,setosa\n1,2,3,virginica\n", target="setosa"))
    assert found.title.endswith(
        "two of its columns are called `0.2`: its first line seems to be a row of data"
    )
    assert found.helps == ("write a line of names above it, such as `x1,x2,x3,y`",)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("a,b,kind\n1,2,x\n3,4,z\n", "species"),
        ("2019,2020,kind\n1,2,3\n", "outcome"),
        ("0,1,target\n1,2,7\n", "outcome"),
        ("0,1,2\n", "outcome"),
        ("400,410,species\n1,2,x\n1,2,z\n", "specie"),
    ],
)
def test_a_line_of_names_is_not_taken_for_a_row(csv: Make, text: str, target: str) -> None:
    found = mistake(csv(text, target=target))
    assert found.code == "E0404"
    assert "row of data" not in found.notes[0]


@pytest.mark.parametrize(
    ("header", "warned"),
    [
        ("5.1,3.5,1.4,0.2,y", True),
        ("0.1,7,0.3,-2,y", True),
        ("a,b,c,d,y", False),
        ("400.5,401.0,401.5,402.0,y", False),
        ("0.0535936,43,195.5,43226.2,y", True),
        ("2.5,3,3.5,4,y", False),
        ("2019,2021,2020,2018,y", False),
        ("5.1,c,d,e,y", False),
    ],
)
def test_a_first_line_that_is_a_row_beyond_doubt_is_warned_of(
    csv: Make, header: str, warned: bool
) -> None:
    data = csv(f"{header}\n" + "1,2,3,4,p\n4,3,2,1,q\n" * 5, test=0.5)
    data.describe()
    assert [found.code for found in data.warnings()] == ["W0613"] * warned


def test_two_numbers_with_a_sign_are_a_row_and_two_thresholds_are_names(csv: Make) -> None:
    for header, warned in (("0.9,-1.4,y", True), ("-1.4,0.9,y", False), ("0.9,0.4,y", False)):
        data = csv(f"{header}\n" + "1,2,p\n4,3,q\n" * 5, test=0.5)
        data.describe()
        assert [found.code for found in data.warnings()] == ["W0613"] * warned, header


def test_a_spectrum_whose_columns_fall_has_names(csv: Make) -> None:
    header = ",".join(f"{4000 - column * 0.5}" for column in range(12))
    rows = [",".join(f"{column * row}" for column in range(1, 13)) for row in range(8)]
    data = csv(f"{header},y\n" + "".join(f"{row},p\n{row},q\n" for row in rows), test=0.5)
    data.describe()
    assert not data.warnings()


@pytest.mark.parametrize(
    ("text", "byte"),
    [
        (b"a,y\n1,p\0\n2,q\n", 7),
        (b"a\0,y\n1,p\n2,q\n", 1),
        (b"a,y\n1,p\n2,q\n\0", 12),
        ("a,y\n1,p\n2,q\n".encode("utf-16-le"), 1),
    ],
)
def test_a_nul_byte_is_e0403(csv: Make, text: bytes, byte: int) -> None:
    found = mistake(csv(text))
    assert found.code == "E0403"
    assert f"byte {byte} is NUL" in found.title
    assert found.helps == ("save it as UTF-8 text",)


IDX_FOLDER = """name the folder of MNIST's four files: `data = IDX("folder")`"""


@pytest.mark.parametrize(
    ("start", "kind", "help"),
    [
        (b"PK\3\4", "Excel workbook", "export the table in it as CSV"),
        (b"\xd0\xcf\x11\xe0", "old Excel workbook", "export the table in it as CSV"),
        (b"\x1f\x8b", "gzip", "let its name end in `.gz`, as that of `table.csv.gz` does"),
        (b"PAR1", "Parquet", "let its name end in `.parquet`"),
        (b"ARROW1", "Arrow", "let its name end in `.arrow`"),
        (b"SQLite format 3\0", "SQLite", "export the table in it as CSV"),
        (b"%PDF-1.7", "PDF", "export the table in it as CSV"),
        (b"\0\0\x08\x03", "an IDX file", IDX_FOLDER),
        (b"\0\0\x0e\x01", "an IDX file", IDX_FOLDER),
    ],
)
@pytest.mark.parametrize("rest", [b"\0", b"\xff"], ids=["NUL", "no-UTF-8"])
def test_a_file_that_is_no_text_is_told_by_its_first_bytes(
    csv: Make, start: bytes, kind: str, help: str, rest: bytes
) -> None:
    found = mistake(csv(start + rest))
    assert found.code == "E0403"
    assert kind in found.title
    assert found.helps == (help,)


def test_a_table_whose_first_column_starts_as_a_parquet_file_is_read(csv: Make) -> None:
    assert csv("PAR1,y\n1,p\n2,q\n", test=0.5).describe().samples == 2
