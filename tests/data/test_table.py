"""CSV files: what a column means, how rows are split, and what is said of a file that is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from netlang.data import CSV
from netlang.data.dataset import standardise
from netlang.diagnostics import Diagnostic, DiagnosticError
from netlang.shapes import Shape
from netlang.source import SourceFile, Span

NET = 'data = CSV("t.csv", target="y")\n'
FLOWERS = "a,b,y\n" + "".join(f"{i},{i * i},{'xyz'[i % 3]}\n" for i in range(30))

Make = Callable[..., CSV]


@pytest.fixture
def csv(tmp_path: Path) -> Make:
    """A CSV named by a .net file in ``tmp_path``, beside the table with this text."""

    def make(text: str | bytes | None = None, path: str = "t.csv", **arguments: Any) -> CSV:
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode()
            (tmp_path / "t.csv").write_bytes(data)
        data_set = CSV(path, **{"target": "y", **arguments})
        net = SourceFile("m.net", NET, tmp_path / "m.net")
        data_set.place = Span(net, 7, len(NET) - 1)
        return data_set

    return make


def mistake(data: CSV) -> Diagnostic:
    """The one diagnostic that describing ``data`` raises."""
    with pytest.raises(DiagnosticError) as raised:
        data.describe()
    (diagnostic,) = raised.value.diagnostics
    return diagnostic


def shown(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    """Where the primary place of a diagnostic is, and its text."""
    assert diagnostic.span is not None
    first = diagnostic.span.first
    name = Path(diagnostic.span.source.name).name
    return name, first.line, first.column, diagnostic.span.text


def inputs_of(data: CSV, seed: int = 0) -> list[list[float]]:
    """All samples, sorted; those of an unstandardised table are its rows."""
    split = data.load(seed)
    rows: list[list[float]] = torch.cat([split.train.inputs, split.test.inputs]).tolist()
    return sorted(rows)


# Classes and numbers


def test_text_makes_classes_in_alphabetical_order(csv: Make) -> None:
    data = csv("a,y\n1,pear\n2,apple\n3,fig\n4,apple\n5,pear\n6,fig\n", test=0.5)
    assert data.describe().classes == ("apple", "fig", "pear")


def test_whole_numbers_make_classes_in_numerical_order(csv: Make) -> None:
    data = csv("a,y\n1,10\n2,9\n3,-1\n4,10\n5,9\n6,-1\n", test=0.5)
    assert data.describe().classes == ("-1", "9", "10")


def test_labels_are_numbers_into_the_classes(csv: Make) -> None:
    text = "a,y\n" + "".join(f"{i},{('pear', 'apple', 'fig')[i % 3]}\n" for i in range(12))
    data = csv(text, test=0.5, standardize=False)
    classes = data.describe().classes
    assert classes
    split = data.load()
    for part in (split.train, split.test):
        assert part.targets.dtype == torch.int64
        for (number,), label in zip(part.inputs.tolist(), part.targets.tolist(), strict=True):
            assert classes[label] == ("pear", "apple", "fig")[int(number) % 3]


def test_a_target_with_decimals_is_a_number_to_predict(csv: Make) -> None:
    data = csv("a,y\n1,1\n2,2.5\n3,3\n4,4\n5,1e1\n", standardize=False)
    description = data.describe()
    assert (description.task, description.classes, description.outputs) == ("regression", None, 1)
    split = data.load()
    pairs = dict[float, float]()
    for part in (split.train, split.test):
        assert part.targets.shape == (len(part), 1)
        assert part.targets.dtype == torch.get_default_dtype()
        pairs |= zip(part.inputs.flatten().tolist(), part.targets.flatten().tolist(), strict=True)
    assert pairs == {1: 1, 2: 2.5, 3: 3, 4: 4, 5: 10}


@pytest.mark.parametrize(
    ("task", "cells", "outputs"),
    [
        ("regression", ["1", "2", "3", "4"], 1),
        ("auto", ["1", "2", "3", "4"], 4),
        ("classification", ["0.5", "1.5", "0.5", "1.5"], 2),
        ("auto", ["0.5", "1.5", "0.5", "1.5"], 1),
    ],
)
def test_the_task_may_be_stated(csv: Make, task: str, cells: list[str], outputs: int) -> None:
    text = "a,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells * 3))
    description = csv(text, task=task, test=0.5).describe()
    assert description.outputs == outputs
    assert (description.classes is None) == (outputs == 1)


def test_the_order_of_classes_does_not_depend_on_how_python_hashes(tmp_path: Path) -> None:
    rows = "".join(f"1,{cell}\n" * 2 for cell in ("one", "One", "ONE", "oNE", "onE"))
    (tmp_path / "t.csv").write_text("a,y\n" + rows)
    program = "from netlang.data import CSV; "
    program += "print(CSV('t.csv', target='y', test=0.5).describe().classes)"
    orders = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(4)
    }
    assert len(orders) == 1


def test_the_columns_but_the_target_and_those_ignored_are_inputs_in_the_files_order(
    csv: Make,
) -> None:
    text = "c,y,b,id,a\n3,p,2,n1,1\n6,q,5,n2,4\n3,p,2,n3,1\n6,q,5,n4,4\n"
    data = csv(text, ignore=("id",), test=0.5, standardize=False)
    assert data.describe().input == Shape.of(3)
    assert inputs_of(data) == [[3, 2, 1], [3, 2, 1], [6, 5, 4], [6, 5, 4]]


def test_columns_to_ignore_may_be_given_as_a_python_list(csv: Make) -> None:
    text = "a,id,y\n1,n1,p\n2,n2,q\n3,n3,p\n4,n4,q\n"
    assert csv(text, ignore=["id"], test=0.5).describe().input == Shape.of(1)


# The split


@pytest.mark.parametrize("test", [0.1, 0.2, 0.25, 0.5, 0.9])
def test_the_split_has_the_sizes_that_the_description_says(csv: Make, test: float) -> None:
    data = csv(FLOWERS, test=test)
    description, split = data.describe(), data.load()
    assert (len(split.train), len(split.test)) == (description.train, description.test)
    assert description.train + description.test == 30
    assert split.train.inputs.shape == (description.train, 2)


def test_the_same_share_of_every_class_is_set_aside(csv: Make) -> None:
    text = "a,y\n" + "1,common\n" * 80 + "2,rare\n" * 20
    split = csv(text, test=0.25).load()
    assert Counter(split.test.targets.tolist()) == {0: 20, 1: 5}
    assert Counter(split.train.targets.tolist()) == {0: 60, 1: 15}


@pytest.mark.parametrize("target", ["y", "a"])
def test_every_row_is_in_one_part_of_the_split(csv: Make, target: str) -> None:
    text = "id,a,y\n" + "".join(f"{i},{i / 8},{'pq'[i % 2]}\n" for i in range(21))
    ignored = "a" if target == "y" else "y"
    data = csv(text, target=target, ignore=(ignored,), standardize=False)
    assert inputs_of(data) == [[i] for i in range(21)]


def test_rows_stay_in_the_file_s_order(csv: Make) -> None:
    split = csv(FLOWERS, standardize=False, test=0.5).load()
    for part in (split.train, split.test):
        numbers = part.inputs[:, 0].tolist()
        assert numbers == sorted(numbers)


def test_the_seed_alone_decides_on_the_split(csv: Make) -> None:
    first = csv(FLOWERS).load(1)
    torch.manual_seed(5)
    again, other = csv(FLOWERS).load(1), csv(FLOWERS).load(2)
    assert torch.equal(first.test.inputs, again.test.inputs)
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert not torch.equal(first.test.inputs, other.test.inputs)


# Standardising


def test_inputs_are_standardised_by_the_training_rows_only(csv: Make) -> None:
    raw, scaled = csv(FLOWERS, standardize=False).load(), csv(FLOWERS).load()
    train = raw.train.inputs.double()
    mean, deviation = train.mean(0), train.std(0, correction=0)
    for part in ("train", "test"):
        expected = (getattr(raw, part).inputs.double() - mean) / deviation
        got = getattr(scaled, part).inputs.double()
        torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6)


def test_targets_to_predict_are_not_standardised(csv: Make) -> None:
    text = "a,y\n" + "".join(f"{i},{i}.5\n" for i in range(10))
    split = csv(text).load()
    targets = torch.cat([split.train.targets, split.test.targets]).flatten()
    assert sorted(targets.tolist()) == [i + 0.5 for i in range(10)]


@pytest.mark.parametrize("constant", ["7", "0", "-2.5"])
def test_a_constant_column_becomes_zero(csv: Make, constant: str) -> None:
    text = "a,b,y\n" + "".join(f"{constant},{i},{'pq'[i % 2]}\n" for i in range(10))
    split = csv(text).load()
    assert not split.train.inputs[:, 0].any()
    assert not split.test.inputs[:, 0].any()


@pytest.mark.parametrize("number", [0.1, 2.7, 1e10 + 0.1])
@pytest.mark.parametrize("rows", [3, 6, 7, 24, 1000])
def test_a_constant_column_is_only_shifted_where_its_mean_is_rounded(
    number: float, rows: int
) -> None:
    train = torch.full((rows, 1), number, dtype=torch.float64)
    test = torch.tensor([[number], [number + 1]], dtype=torch.float64)
    shifted, others = train.clone(), test.clone()
    standardise(shifted, others)
    assert shifted.abs().max() < 1e-5
    assert others.flatten().tolist() == pytest.approx([0, 1], abs=1e-5)


def test_a_column_constant_in_training_rows_alone_is_only_shifted(csv: Make) -> None:
    plain = csv("a,b,y\n" + "".join(f"7,{i},{i / 2}\n" for i in range(5)))
    plain.describe()
    test_row = int(csv(standardize=False).load().test.inputs[0, 1].item())
    cells = ["9" if i == test_row else "7" for i in range(5)]
    text = "a,b,y\n" + "".join(f"{cell},{i},{i / 2}\n" for i, cell in enumerate(cells))
    split = csv(text).load()
    assert split.train.inputs[:, 0].tolist() == [0, 0, 0, 0]
    assert split.test.inputs[:, 0].tolist() == [2]


CLOSE = [
    ("0.3", "0.30000000000000004"),
    ("0.1", "0.10000000000000003"),
    ("1e9", "1000000000.0000001"),
    ("-1e9", "-1000000000.0000006"),
    ("1e-30", "1.0000000000000002e-30"),
    ("123456789012.12345", "123456789012.12347"),
    ("0", "-0"),
]


@pytest.mark.parametrize(("number", "other"), CLOSE)
@pytest.mark.parametrize("rows", [4, 100])
def test_a_column_that_is_constant_but_for_rounding_is_only_shifted(
    csv: Make, number: str, other: str, rows: int
) -> None:
    cells = [(number, other, number)[row % 3] for row in range(rows)]
    text = "a,b,y\n" + "".join(f"{cell},{i},{i}.5\n" for i, cell in enumerate(cells))
    split = csv(text).load()
    inputs = torch.cat([split.train.inputs, split.test.inputs])
    assert inputs[:, 0].abs().max() < 1e-4
    assert inputs[:, 1].abs().max() > 1


@pytest.mark.parametrize(
    ("number", "other"),
    [("0.3", "0.300000000001"), ("1e9", "1000000000.001"), ("1e-30", "2e-30"), ("0", "1e-30")],
)
def test_a_column_whose_numbers_differ_by_more_than_rounding_is_an_input(
    csv: Make, number: str, other: str
) -> None:
    text = "a,b,y\n" + "".join(f"{(number, other)[i % 2]},{i},{i}.5\n" for i in range(50))
    split = csv(text).load()
    assert split.train.inputs[:, 0].double().std() == pytest.approx(1, abs=0.05)


def warned(data: CSV) -> tuple[str, ...]:
    data.describe()
    return tuple(text for found in data.warnings() for text in (found.code, *found.notes))


@pytest.mark.parametrize(
    ("cells", "apart"),
    [
        ([f"{1_700_000_000 + row}" for row in range(20)], 1),
        ([f"{1_700_000_000 + 60 * row}" for row in range(20)], 10),
        ([f"{1 + row * 1e-9!r}" for row in range(20)], 1),
        ([f"{-16_777_216 - row}" for row in range(20)], 11),
        ([f"{row}e-60" for row in range(20)], 1),
        (["0", *(f"{10**12 + row}" for row in range(19))], 2),
    ],
)
def test_numbers_that_32_bits_do_not_tell_apart_are_warned_of(
    csv: Make, cells: list[str], apart: int
) -> None:
    target = csv("a,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    target.task = "regression"
    left = f"{apart} {'is' if apart == 1 else 'are'} left in 32-bit floats"
    assert warned(target) == ("W0608", f"of 20 different numbers in `y`, {left}")
    text = "y,a,b\n" + "".join(f"{cell},{i},{cell}\n" for i, cell in enumerate(cells))
    inputs = csv(text, target="a", task="regression", standardize=False)
    notes = [f"of 20 different numbers in `{name}`, {left}" for name in "yb"]
    assert warned(inputs) == ("W0608", *notes)
    assert not warned(csv(text, target="a", task="regression"))
    values = inputs.load()
    assert len(torch.cat([values.train.inputs, values.test.inputs])[:, 0].unique()) == apart


@pytest.mark.parametrize(
    "cells",
    [
        [f"{row / 7!r}" for row in range(100)],
        [f"{1_700_000_000 + 86_400 * row}" for row in range(100)],
        [f"{row * 0.1}" for row in range(100)] + ["0.30000000000000004", "0.3"],
        [f"1e{row}" for row in range(-30, 30)],
        ["5"] * 10,
        ["0.1"] * 10,
    ],
)
def test_numbers_that_32_bits_tell_apart_are_not_warned_of(csv: Make, cells: list[str]) -> None:
    text = "a,y\n" + "".join(f"{cell},{cell}\n" for cell in cells)
    assert not warned(csv(text, task="regression", standardize=False))


def test_the_way_out_of_numbers_too_close_leads_to_some_that_are_not(csv: Make) -> None:
    times = [1_700_000_000.25 + row for row in range(20)]
    data = csv("a,y\n" + "".join(f"{i},{time}\n" for i, time in enumerate(times)))
    data.describe()
    (found,) = data.warnings()
    assert found.helps == (
        "subtract `1700000000.25` from the numbers in the file, which are near it",
    )
    shifted = [time - 1_700_000_000.25 for time in times]
    text = "a,y\n" + "".join(f"{i},{time}\n" for i, time in enumerate(shifted))
    assert not warned(csv(text, task="regression"))


# Ways to write a table


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


def test_the_path_starts_at_the_folder_of_the_file_that_names_it(
    csv: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "t.csv").write_text(FLOWERS)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert csv(path="deep/t.csv").describe().train == 24


def test_without_a_place_the_path_starts_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.csv").write_text(FLOWERS)
    monkeypatch.chdir(tmp_path)
    assert CSV("t.csv", "y").describe().test == 6


def test_describe_imports_no_torch_even_for_a_table_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(FLOWERS)
    (tmp_path / "bad.csv").write_text(FLOWERS + "x,1,x\n")
    program = """
import sys
from netlang.data import CSV
from netlang.diagnostics import DiagnosticError
print(CSV("good.csv", target="y").describe().train)
try:
    CSV("bad.csv", target="y").describe()
except DiagnosticError as error:
    print(error.diagnostics[0].code)
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["24", "E0406", "False"]


# What can be wrong


def test_a_missing_file_is_e0403_and_suggests_the_near_one(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    (tmp_path / "other.csv").write_text(FLOWERS)
    found = mistake(csv(path="flower.csv"))
    assert found.code == "E0403"
    assert found.title == "cannot read the data file `flower.csv`: no such file or directory"
    assert found.helps == ("did you mean `flowers.csv`?",)
    assert shown(found) == ("m.net", 1, 8, NET[7:-1])


def test_a_missing_file_with_none_near_says_where_paths_start(csv: Make) -> None:
    found = mistake(csv(path="flower.csv"))
    assert found.code == "E0403"
    assert "relative to the folder" in found.helps[0]


@pytest.mark.parametrize("path", ["folder", "."])
def test_a_folder_is_e0403(csv: Make, tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    found = mistake(csv(path=path))
    assert found.code == "E0403"
    assert "no regular file" in found.title


def test_a_fifo_is_e0403_and_is_not_waited_for(csv: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    found = mistake(csv(path="pipe.csv"))
    assert found.code == "E0403"
    assert "no regular file" in found.title


def test_a_file_under_a_file_is_e0403(csv: Make) -> None:
    assert mistake(csv(FLOWERS, path="t.csv/deeper.csv")).code == "E0403"


def test_a_name_longer_than_any_file_s_is_e0403(csv: Make) -> None:
    assert mistake(csv(path="x" * 5000)).code == "E0403"


def test_bytes_that_are_no_utf_8_are_e0403_and_the_first_is_named(csv: Make) -> None:
    found = mistake(csv(b"a,y\n1,caf\xe9\n"))
    assert found.code == "E0403"
    assert found.title.endswith("byte 9 is not UTF-8")


@pytest.mark.parametrize(
    ("text", "line"), [('a,y\n1,p\n2,"q\n', 3), ('a,y\n1,"p"x\n', 2)], ids=["open", "after"]
)
def test_quotes_that_do_not_close_are_e0403_and_the_line_is_named(
    csv: Make, text: str, line: int
) -> None:
    found = mistake(csv(text))
    assert found.code == "E0403"
    assert f"line {line}: " in found.title


def test_two_columns_of_one_name_are_e0403(csv: Make) -> None:
    found = mistake(csv("a,y,a\n1,p,2\n"))
    assert found.code == "E0403"
    assert "two of its columns are called `a`" in found.title


def test_a_target_that_is_no_column_is_e0404_and_suggests_the_near_one(csv: Make) -> None:
    found = mistake(csv("height,species\n1,p\n", target="specie"))
    assert found.code == "E0404"
    assert found.title == "`t.csv` has no column `specie`"
    assert found.notes == ("its columns are `height`, `species`",)
    assert found.helps == ("did you mean `species`?",)
    assert shown(found)[0] == "m.net"


def test_a_column_to_ignore_that_is_none_is_e0404(csv: Make) -> None:
    found = mistake(csv(FLOWERS, ignore=("a", "zebra")))
    assert (found.code, found.title) == ("E0404", "`t.csv` has no column `zebra`")


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
    ("text", "place", "title"),
    [
        ("a,b,y\n1,2,p\n1,two,q\n", (3, 3, "two"), "row 2, column `b` holds `two`"),
        ("a,b,y\n1,,p\n", (2, 3, ""), "row 1, column `b` is empty"),
        ("a,b,y\n 1, ,p\n", (2, 4, " "), "row 1, column `b` is empty"),
        ("a,b,y\nnan,2,p\n", (2, 1, "nan"), "row 1, column `a` holds `nan`"),
        ("a,b,y\n1,inf,p\n", (2, 3, "inf"), "row 1, column `b` holds `inf`"),
        ("a,b,y\n1,1e999,p\n", (2, 3, "1e999"), "row 1, column `b` holds `1e999`"),
        ("a,b,y\n1,1_000,p\n", (2, 3, "1_000"), "row 1, column `b` holds `1_000`"),
        ("a,b,y\n1,٣,p\n", (2, 3, "٣"), "row 1, column `b` holds `٣`"),
        ("a,b,y\n1,0x1F,p\n", (2, 3, "0x1F"), "row 1, column `b` holds `0x1F`"),
        ('a,b,y\n"1",x,p\n', (2, 5, "x"), "row 1, column `b` holds `x`"),
        ('a,b,y\n1,"x",p\n', (2, 3, '"x"'), "row 1, column `b` holds `x`"),
        ('a,b,y\n"1","x,""\n",p\n', (2, 5, '"x,""\n"'), 'row 1, column `b` holds `x,"\n`'),
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
    csv: Make, text: str, place: tuple[int, int, str], title: str
) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0406", title)
    assert shown(found) == ("t.csv", *place)
    assert "ignore=[" in found.helps[0]
    assert [label.span.text for label in found.labels] == [NET[7:-1]]


@pytest.mark.parametrize(
    "text",
    [
        "a,b,y\r1,2,p\r1,x,q\r",
        'a,b,y\n1,2,"p\rq"\n1,x,q\n',
        "a,b,y\n1,2,p\r1,x,q\n",
    ],
    ids=["everywhere", "in-a-quoted-cell", "once"],
)
def test_a_bad_cell_of_a_file_with_lone_carriage_returns_is_e0406_too(csv: Make, text: str) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0406", "row 2, column `b` holds `x`")
    assert found.span is not None
    assert "1,x,q" in found.span.source.line(found.span.first.line)


def test_bad_cells_of_several_columns_are_one_message_which_shows_the_first(csv: Make) -> None:
    found = mistake(csv("a,b,c,y\n1,2,u,p\n?,x,v,q\n?,3,w,q\n"))
    assert found.code == "E0406"
    assert found.title == "3 columns have cells that cannot be used as numbers"
    assert shown(found) == ("t.csv", 2, 5, "u")
    assert found.notes == (
        "`c`: all 3 rows, from `u` on",
        "`a`: row 2 holds `?`, and 1 more cell",
        "`b`: row 2 holds `x`",
    )
    assert found.helps == ('mend the cells, or leave the columns out: `ignore=["c", "a", "b"]`',)


def test_a_bad_column_is_told_as_a_whole_and_bad_cells_of_one_column_are_counted(
    csv: Make,
) -> None:
    found = mistake(csv("a,b,y\n1,u,p\n2,v,q\n"))
    assert found.title == "column `b` holds no number that can be used"
    assert found.notes == ("that is so in all 2 rows",)
    found = mistake(csv("a,b,y\n1,2,p\n2,v,q\n3,w,q\n"))
    assert found.title == "row 2, column `b` holds `v`"
    assert found.notes == ("1 more cell of this column cannot be used either",)


@pytest.mark.parametrize("cell", ["x", "", "1e300", "5 cm"])
def test_many_bad_columns_are_one_message_of_a_few_lines(csv: Make, cell: str) -> None:
    names = [f"column{i}" for i in range(79)]
    text = ",".join([*names, "id", "y"]) + "\n" + ",".join(["1"] * 80 + ["p"]) + "\n"
    text += ",".join([cell] * 79 + ["7", "q"]) + "\n"
    found = mistake(csv(text, ignore=("id",)))
    assert found.title == "79 columns have cells that cannot be used as numbers"
    assert len(found.notes) == 6
    assert found.notes[-1].startswith("and so have `column5`, `column6`, ")
    assert found.notes[-1].endswith(" and 62 more")
    (help,) = found.helps
    assert help.endswith(
        'leave the columns out: `ignore=["id", '
        + ", ".join(f'"column{i}"' for i in range(11))
        + ", ...]`"
    )


def test_bad_inputs_and_a_bad_target_are_two_messages(csv: Make) -> None:
    with pytest.raises(DiagnosticError) as raised:
        csv("a,b,y\nx,x,p\n1,2,\n").describe()
    assert sorted(found.title for found in raised.value.diagnostics) == [
        "2 columns have cells that cannot be used as numbers",
        "row 2, column `y` is empty",
    ]


REASONS = [
    ("1e300", "too large: 32-bit floats hold numbers from -3.4e38 to 3.4e38", "scale the column"),
    ("-1e999", "too large: 32-bit floats hold numbers from -3.4e38 to 3.4e38", "scale the column"),
    ("1e-400", "too close to 0: it would be read as 0", "write `0`, scale the column"),
    ("0." + "0" * 400 + "1", "too close to 0: it would be read as 0", "write `0`"),
    ("nan", "and no sign for a missing one", "fill the cell in, remove the row"),
    ("N/A", "and no sign for a missing one", "fill the cell in, remove the row"),
    ("-", "and no sign for a missing one", "fill the cell in, remove the row"),
    (" ", "takes a number", "fill the cell in, remove the row"),
    ("-inf", "takes a finite number", "write a number, remove the row"),
    ("Infinity", "takes a finite number", "write a number, remove the row"),
    ("true", "takes a number", "write `1` for what is so and `0` for what is not"),
    ("1,5", "with a decimal point, and no commas", "write `1.5`,"),
    ("-0,5e3", "with a decimal point, and no commas", "write `-0.5e3`,"),
    ("1,500", "and no commas", "write `1.500`, or `1500` if the comma groups digits,"),
    ("1.234,5", "and no commas", "write `1234.5`,"),
    ("1,234,567.8", "and no commas", "write `1234567.8`,"),
    ("1.234.567", "with a decimal point, and no commas", "write `1234567`,"),
    ("1 000", "takes a number without separators", "write `1000`,"),
    ("1\u202f000,5", "takes a number without separators", "write `1000.5`,"),
    ("12_345_678", "takes a number without separators", "write `12345678`,"),
    ("0x1F", "takes a number in decimal digits", "write `31`,"),
    ("-0b101", "takes a number in decimal digits", "write `-5`,"),
    ("5 cm", "takes a number without a unit", "write `5` alone,"),
    ("1,5 %", "takes a number without a unit", "write `1.5` alone,"),
    ("3.2e-4m/s", "takes a number without a unit", "write `3.2e-4` alone,"),
    ("$1,234.50", "takes a number without a sign before it", "write `1234.50` alone,"),
    ("<0.1", "takes a number without a sign before it", "write `0.1` alone,"),
    ("\u22125", "takes a number in the characters of ASCII", "write `-5`,"),
    ("١٢", "takes a number in the characters of ASCII", "write `12`,"),
    ("wide", "takes a number", "mend the cell,"),
    ("1.2.3", "takes a number", "mend the cell,"),
    ("192.168.0.1", "takes a number", "mend the cell,"),
    ("2024-01-05", "takes a number", "mend the cell,"),
    ("1 2 3", "takes a number", "mend the cell,"),
    ("1e", "takes a number", "mend the cell,"),
    ("0x", "takes a number", "mend the cell,"),
]


@pytest.mark.parametrize(("cell", "wanted", "change"), REASONS)
def test_a_cell_that_is_no_number_is_told_why_and_how_to_write_it(
    csv: Make, cell: str, wanted: str, change: str
) -> None:
    found = mistake(csv(f"a;b;y\n1;2;p\n1;{cell};q\n", delimiter=";"))
    assert found.label.endswith(wanted)
    assert found.helps[0].startswith(change)
    assert found.helps[0].endswith(', or leave the column out: `ignore=["b"]`')
    text = "a;y\n1;0.5\n" + f"1;{cell}\n"
    found = mistake(csv(text, delimiter=";", task="regression"))
    assert found.span
    assert found.span.text == cell
    if change.startswith("write"):
        assert found.helps[0].startswith(change.rstrip(","))


@pytest.mark.parametrize("cell", ["3.4e38", "-3.4e38", "1e-320", "0e-999", "0.0000", "1.e0", ".5"])
def test_all_numbers_that_can_be_read_are_numbers(csv: Make, cell: str) -> None:
    text = "a,y\n" + f"{cell},p\n{cell},q\n" * 2
    assert csv(text, test=0.5).table.inputs.tolist() == [float(cell)] * 4


@pytest.mark.parametrize(
    ("cells", "row", "help"),
    [
        (["p", "", "q"], 2, "name the row's class"),
        (["0", "1", "x", "1"], 3, "mend or remove the row"),
        (["0", "1", "?", "1"], 3, "name the row's class, or remove the row"),
        (["0.5", "x"], 2, "mend or remove the row"),
        (["0.5", ""], 2, "mend or remove the row"),
    ],
    ids=[
        "no-class",
        "text-among-numbers",
        "no-class-among-numbers",
        "text-to-predict",
        "nothing-to-predict",
    ],
)
def test_a_target_cell_that_cannot_be_used_is_e0406(
    csv: Make, cells: Sequence[str], row: int, help: str
) -> None:
    found = mistake(csv("a,y\n" + "".join(f"1,{cell}\n" for cell in cells)))
    assert found.code == "E0406"
    assert found.title.startswith(f"row {row}, column `y` ")
    assert help in found.helps[0]
    assert shown(found) == ("t.csv", row + 1, 3, cells[row - 1])


@pytest.mark.parametrize("text", ["", "\n\n", "a,y\n", "a,y", "\ufeff"], ids=repr)
def test_a_table_without_rows_is_e0407(csv: Make, text: str) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0407", "`t.csv` has no rows of data")


def test_a_table_without_an_input_is_e0407(csv: Make) -> None:
    found = mistake(csv("y,id\np,1\nq,2\n", ignore=("id",)))
    assert (found.code, found.title) == ("E0407", "`t.csv` has no input column")


@pytest.mark.parametrize(("test", "part"), [(0.1, "test on"), (0.9, "learn from")])
def test_a_split_with_an_empty_part_is_e0407(csv: Make, test: float, part: str) -> None:
    found = mistake(csv("a,y\n1,p\n2,p\n3,p\n", test=test))
    assert (found.code, found.title) == (
        "E0407",
        f"test={test} of 3 rows leaves no rows to {part}",
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../t.csv", "`..`"),
        ("deep/../../t.csv", "`..`"),
        ("deep\\..\\..\\t.csv", "`..`"),
        ("..", "`..`"),
        ("/etc/passwd", "is absolute"),
        ("C:\\t.csv", "is absolute"),
        ("c:t.csv", "is absolute"),
        ("\\\\server\\t.csv", "is absolute"),
        ("https://example.org/t.csv", "uses no network"),
        ("file:///etc/passwd", "uses no network"),
        ("", "no file's name"),
        ("t\0.csv", "no file's name"),
    ],
)
def test_a_path_out_of_the_folder_is_e0410(
    csv: Make, tmp_path: Path, path: str, reason: str
) -> None:
    (tmp_path.parent / "t.csv").write_text(FLOWERS)
    found = mistake(csv(FLOWERS, path=path))
    assert found.code == "E0410"
    assert reason in found.title
    assert shown(found) == ("m.net", 1, 8, NET[7:-1])


@pytest.mark.parametrize("through", ["file", "folder"])
def test_a_symlink_out_of_the_folder_is_e0410(
    csv: Make, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, through: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "t.csv").write_text(FLOWERS)
    (tmp_path / "file").symlink_to(elsewhere / "t.csv")
    (tmp_path / "folder").symlink_to(elsewhere)
    found = mistake(csv(path="file" if through == "file" else "folder/t.csv"))
    assert found.code == "E0410"
    assert "link" in found.title


def test_a_symlink_within_the_folder_is_followed(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("t.csv")
    assert csv(FLOWERS, path="link.csv").describe().train == 24


def test_a_symlink_to_itself_is_a_diagnostic(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert mistake(csv(path="loop.csv")).code in {"E0403", "E0410"}


def test_a_file_in_a_folder_with_dots_in_its_name_is_read(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "a..b").mkdir()
    (tmp_path / "a..b" / "..t.csv").write_text(FLOWERS)
    assert csv(path="a..b/..t.csv").describe().train == 24


@pytest.mark.parametrize("test", [0, 1, -0.2, 1.5])
def test_the_share_to_test_on_is_between_0_and_1(test: float) -> None:
    with pytest.raises(ValueError, match="above 0 and below 1"):
        CSV("t.csv", "y", test=test)


@pytest.mark.parametrize(("test", "validation"), [(0.5, 0.5), (0.7, 0.3), (0.9, 0.5)])
@pytest.mark.parametrize("rows", ["ppppq", "ppqqr", "pq"])
def test_shares_that_sum_to_1_leave_nothing_to_learn_from(
    csv: Make, test: float, validation: float, rows: str
) -> None:
    text = "a,y\n" + "".join(f"1,{row}\n" for row in rows)
    found = mistake(csv(text, test=test, validation=validation))
    assert (found.code, found.title) == (
        "E0407",
        f"test={test} and validation={validation} of {len(rows)} rows leave no rows to learn from",
    )
    assert "less than 1" in found.helps[0]


@pytest.mark.parametrize("cell", ["p", "1", "1.5"])
def test_a_table_of_one_row_leaves_nothing_to_test_on(csv: Make, cell: str) -> None:
    found = mistake(csv(f"a,y\n1,{cell}\n"))
    assert (found.code, found.title) == ("E0407", "test=0.2 of 1 row leaves no rows to test on")


@pytest.mark.parametrize("cell", ["p", "1", "1.0"])
def test_a_target_of_one_class_is_e0414(csv: Make, cell: str) -> None:
    found = mistake(csv("a,y\n" + f"1,{cell}\n" * 5))
    assert (found.code, found.title) == ("E0414", "`y` has one class alone")
    assert shown(found)[0] == "m.net"


# Validation


@pytest.mark.parametrize("validation", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("rows", ["pppqr", "ppqqrr", "ppppppprrrq", "pqrstuvwxyz"])
def test_a_table_is_split_as_it_is_described(csv: Make, rows: str, validation: float) -> None:
    text = "a,y\n" + "".join(f"{number},{row}\n" for number, row in enumerate(rows))
    data = csv(text, test=0.4, validation=validation)
    description = data.describe()
    split = data.load()
    assert (len(split.train), len(split.test)) == (description.train, description.test)
    assert len(split.validation or ()) == description.validation


def test_a_share_for_validation_leaves_the_test_rows_as_they_are(csv: Make) -> None:
    plain = csv(FLOWERS, standardize=False).load()
    split = csv(FLOWERS, standardize=False, validation=0.2).load()
    assert split.validation
    assert (len(split.train), len(split.validation), len(split.test)) == (18, 6, 6)
    assert torch.equal(split.test.inputs, plain.test.inputs)
    rows = torch.cat([split.train.inputs, split.validation.inputs]).tolist()
    assert sorted(rows) == sorted(plain.train.inputs.tolist())
    assert Counter(split.validation.targets.tolist()) == {0: 2, 1: 2, 2: 2}


def test_shares_that_leave_no_row_for_one_part_are_refused(csv: Make) -> None:
    assert "learn from" in mistake(csv(FLOWERS, test=0.5, validation=0.5)).title
    assert "validate on" in mistake(csv(FLOWERS, validation=0.01)).title
