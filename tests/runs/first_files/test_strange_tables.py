"""Of a strange table, the first file checks without a warning, or one message says what to mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.runs.first_files.first_file import first_file
from netlang.runs.first_files.place import Place

ROWS = 60


def _table(cells: Callable[[int], str], header: str = "a,b,y", rows: int = ROWS) -> str:
    return "\n".join((header, *map(cells, range(rows)))) + "\n"


def _number(row: int, step: int = 37) -> str:
    return f"{(row * step % 61 - 30) / 8:.3f}"


def _inputs(cell: Callable[[int], str]) -> str:
    """A table whose first column has these cells, beside numbers and two classes."""
    return _table(lambda n: f"{cell(n)},{_number(n)},{'no' if n % 3 else 'yes'}")


def _targets(cell: Callable[[int], str]) -> str:
    """A table whose target has these cells, beside numbers."""
    return _table(lambda n: f"{_number(n)},{_number(n, 23)},{cell(n)}")


def _alone(cell: Callable[[int], str]) -> str:
    """A table of one input, which has these cells."""
    return _table(lambda n: f"{cell(n)},{'no' if n % 3 else 'yes'}", "a,y")


def _of_signs(row: int) -> str:
    return "".join(chr(0x4E00 + (row * 7 + place * place) % 50) for place in range(20))


GOOD = {
    "commas as points": (
        _table(lambda n: f"{n},5;{n % 7};{n % 2}", "a;b;y"),
        "no plain number: write `0.5`",
    ),
    "a mark of byte order": ("\ufeff" + _inputs(_number), ""),
    "dates": (_inputs(lambda n: f"2024-01-{n % 28 + 1:02}"), "dates: write a number in its place"),
    "names of rows": (_inputs(lambda n: f"A-{n}"), "60 different texts in 60 rows: too many"),
    "currency": (_inputs(lambda n: f"${n}.50"), "`$0.50`, which is no plain number: write `0.50`"),
    "thousands": (_inputs(lambda n: f'"{n + 1},500"'), "no plain number: write `1500`"),
    "units": (_inputs(lambda n: f"{n} kg"), "`0 kg`, which is no plain number: write `0` alone"),
    "a total": (_inputs(_number) + "Total,5,\n", "row 61 holds `Total`"),
    "no cell": (_inputs(lambda n: ""), "has no cell that holds anything"),
    "one cell": (_inputs(lambda n: "" if n else "1.5"), "the same in all rows"),
    "one text": (_inputs(lambda n: "same"), "the same in all rows"),
    "signs": (_alone(_of_signs), 'by="characters"'),
    "signs beside numbers": (_inputs(_of_signs), 'by="characters",  # for a branch'),
    "an index": ("," + _inputs(str)[2:], "has no name in the first line"),
    "a name twice": (
        _table(lambda n: f"{n % 5},{n % 3},{_number(n)},{n % 2}", "a,a,b,y"),
        "the name of 2 columns",
    ),
    "a rare number": (_targets(lambda n: "7" if n == 9 else str(n % 3)), 'task="regression"'),
    "few of a class": (
        _targets(lambda n: "rare" if n in (7, 9) else "no"),
        "metrics = [accuracy, balanced_accuracy]",
    ),
    "two rows": ("a,b,y\n1,2,3\n2,4,6\n", 'task="regression"'),
    "words of the language": (
        _table(lambda n: f"{n % 5},{_number(n)},{n % 2}", "net,true,none"),
        "",
    ),
    "quotes in names": (_table(lambda n: f"{n % 5},{_number(n)},{n % 2}", '"a ""b""",#,y'), ""),
    "texts cut": (
        _table(lambda n: f"{'a good film ' * 400}{n},{n % 2}", "a,y", 20),
        "context=1201",
    ),
}
"""What a file is written for, and what it says then."""

REFUSED = {
    "dates alone": (_alone(lambda n: f"2024-01-{n % 28 + 1:02}"), "E0457", "dates: write"),
    "constants alone": (_alone(lambda n: "3"), "E0457", "`a`: the same in all rows"),
    "names alone": (_alone(lambda n: f"n{n}"), "E0457", "60 different texts in 60 rows"),
    "a class of one row": (_targets(lambda n: "x" if n == 9 else "z"), "E0458", "only one row"),
    "classes alike": (_targets(lambda n: ("Yes", "yes", "No")[n % 3]), "E0458", "`Yes` and `yes`"),
    "no names": (
        _table(lambda n: f"{_number(n)},2.5,1.5,{'x' if n % 2 else 'z'}", "5.1,-3.5,1.4,y"),
        "E0458",
        "seems to be a row of data",
    ),
    "one class": (_targets(lambda n: "x"), "E0455", "is the same in all rows"),
    "many classes": (_targets(lambda n: f"k{n % 50}"), "E0455", "50 different texts in 60 rows"),
    "prices": (_targets(lambda n: f"{n}.5 €"), "E0455", "write `0.5` alone"),
    "too large": (_targets(lambda n: f"{n + 1}e38"), "E0406", "scale the column"),
    "a title above": ("Report\n" + _targets(_number), "E0405", "remove what stands above"),
    "a line of Excel": ("sep=;\na;b;y\n1;2;3\n", "E0405", "remove what stands above"),
    "blanks between": (_targets(_number).replace(",", " "), "E0403", "separated by blanks"),
    "one column": ("y\n1\n2\n3\n", "E0407", "a table needs a column beside its target"),
    "a target twice": (_table(lambda n: f"{n},1,2", "a,y,y"), "E0403", "another name"),
    "no rows": ("a,b,y\n", "E0407", "each line after it is a sample"),
}
"""What no file is written for, with the message's code and words."""


def test_a_strange_table_gets_a_file_without_a_warning_or_one_message(tmp_path: Path) -> None:
    place = Place(tmp_path / "a.csv", tmp_path / "a.net")
    for what, (text, said) in GOOD.items():
        place.data.write_text(text, encoding="utf-8")
        source = first_file(place, text.partition("\n")[0].split(",")[-1].split(";")[-1])
        found = compile_source(source, to_run=True)
        assert not found.diagnostics, (what, [one.title for one in found.diagnostics])
        assert said in source.text, (what, source.text)
    for what, (text, code, said) in REFUSED.items():
        place.data.write_text(text, encoding="utf-8")
        with pytest.raises(NetError) as raised:
            first_file(place, "y")
        (found,) = raised.value.diagnostics
        assert found.code == code, (what, found)
        assert said in " ".join((found.title, *found.notes, *found.helps)), (what, found.helps)
        assert found.helps, what
