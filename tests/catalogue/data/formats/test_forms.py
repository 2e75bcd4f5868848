"""A table reads the same however it is written, and without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.catalogue.data.examples import FLOWERS, Make, inputs_of


@pytest.mark.parametrize(
    "text",
    [
        b"a,b,y\n1,2,p\n3,4,q\n1,2,p\n3,4,q\n",
        b"\xef\xbb\xbfa,b,y\n1,2,p\n3,4,q\n1,2,p\n3,4,q\n",
        b"a,b,y\r\n1,2,p\r\n3,4,q\r\n1,2,p\r\n3,4,q\r\n",
        b"a,b,y\r1,2,p\r3,4,q\r1,2,p\r3,4,q\r",
        b"a,b,y\n1,2,p\n3,4,q\n1,2,p\n3,4,q",
        b'"a","b","y"\n"1","2","p"\n3,4,q\n1,"2",p\n3,4,"q"\n',
        b" a , b, y\n 1,2 , p\n3,\t4,q \n1,2,p\n3,4,q\n",
        b"\n\na,b,y\n1,2,p\n\n3,4,q\n1,2,p\n3,4,q\n\n\n",
        b"a,b,y\n+1,2.,p\n3e0,.4E1,q\n1.0,0.2e+1,p\n30e-1,04,q\n",
    ],
    ids=["LF", "BOM", "CRLF", "CR", "no-last-newline", "quotes", "blanks", "empty-lines", "forms"],
)
def test_a_table_reads_the_same_however_it_is_written(csv: Make, text: bytes) -> None:
    data = csv(text, test=0.5, standardize=False)
    assert data.describe().classes == ("p", "q")
    assert inputs_of(data) == [[1, 2], [1, 2], [3, 4], [3, 4]]


def test_a_quoted_cell_may_hold_a_comma_a_quote_and_a_line_break(csv: Make) -> None:
    text = 'a,"the ""y"", at last"\n' + '1,"p,\n""q"""\n2,r\n' * 2
    data = csv(text, target='the "y", at last', test=0.5)
    assert data.describe().classes == ('p,\n"q"', "r")


def test_describe_imports_no_torch_even_for_a_table_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(FLOWERS)
    (tmp_path / "bad.csv").write_text(FLOWERS + "x,1,x\n")
    program = """
import sys
from netlang.catalogue.data import CSV
from netlang.language.diagnostics import NetError
print(CSV("good.csv", target="y").describe().train)
try:
    CSV("bad.csv", target="y").describe()
except NetError as error:
    print(error.diagnostics[0].code)
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["24", "E0406", "False"]
