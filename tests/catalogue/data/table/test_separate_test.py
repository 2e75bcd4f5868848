"""Cells of a file to test on mean what the file to learn from says, whatever else is in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from netlang.catalogue.data import Samples, Table
from netlang.language.diagnostics import Diagnostic, NetError
from tests.catalogue.data.examples import mistake, shown

TRAIN = "x,sign,code,w,y\n" + "".join(
    f"{n},{'+-'[n % 2]},0{n % 3},{n % 4},{'pq'[n % 2]}\n" for n in range(24)
)


def data(text: str, **arguments: Any) -> Table:
    Path("t.csv").write_text(TRAIN)
    Path("test.csv").write_text(text)
    asked = {"target": "y", "test": "test.csv", "ignore": ("w",), "categories": ("code",)}
    return Table("t.csv", **{**asked, **arguments})


def judged(text: str, **arguments: Any) -> Samples:
    found = data(text, **arguments).load().test
    assert found
    return found


def told(text: str, **arguments: Any) -> Diagnostic:
    return mistake(data(text, **arguments))  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [slice(0, 24), slice(1, 24, 2), slice(3, 4)])
def test_its_samples_are_those_that_the_same_rows_make_in_training(rows: slice) -> None:
    header, *lines = TRAIN.splitlines()
    found = judged("\n".join([header, *lines[rows]]))
    train = data(TRAIN, test=0).load().train
    assert torch.equal(found.inputs, train.inputs[rows])
    assert torch.equal(found.targets, train.targets[rows])


def test_a_dash_is_the_category_that_training_had_and_a_code_keeps_its_zero() -> None:
    found = judged("x,sign,code,w,y\n1,-,00,1,p\n2,-,02,1,q\n")
    assert found.inputs[:, 1:].tolist() == [[0, 1, 1, 0, 0], [0, 1, 0, 0, 1]]


def test_columns_of_no_use_may_hold_anything() -> None:
    found = judged("y,note,x,note,code,sign\np,NA,1,?,01,+\n")
    assert found.inputs.shape == (1, 6)


def test_categories_that_training_lacks_are_counted_and_no_fault() -> None:
    split = data("x,sign,code,w,y\n1,*,9,1,p\n1,*,9,1,q\n").load()
    assert split.unseen == {("sign", "*"): 2, ("code", "9"): 2}


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ("u,+,00,1,p", "row 2, column `x` holds `u`"),
        ('"1,5",+,00,1,p', "row 2, column `x` holds `1,5`"),
        (",+,00,1,p", "row 2, column `x` is empty"),
        ("1,NA,00,1,p", "row 2, column `sign` holds `NA`"),
        ("1,+,00,1,r", "row 2, column `y` holds `r`"),
        ("1,+,00,1,", "row 2, column `y` is empty"),
    ],
)
def test_a_cell_that_training_could_not_have_is_shown_where_it_stands(
    cell: str, title: str
) -> None:
    found = told(f"x,sign,code,w,y\n1,+,00,1,p\n{cell}\n")
    assert (found.code, found.title) == ("E0406", title)
    assert shown(found)[:2] == ("test.csv", 3)
    assert ("write `1.5`" in found.helps) == ("1,5" in cell)


@pytest.mark.parametrize(
    ("text", "code", "title"),
    [
        ("", "E0407", "`test.csv` has no rows of data"),
        ("x,sign,code,w,y\n", "E0407", "`test.csv` has no rows of data"),
        ("x;sign;code;w;y\n1;+;00;1;p\n", "E0403", "its cells seem to be separated by `;`"),
        ("x,sign,code,w,y\n1,+,00,p\n", "E0405", "row 1 has 4 cells, the header 5"),
        ("x,x,sign,code,y\n1,1,+,00,p\n", "E0403", "two of its columns are called `x`"),
        ("x,sign,code,w\n1,+,00,p\n", "E0423", "`test.csv` has no column `y`"),
        ("x,sign,code,w,y\n1,+,00,1,\x00\n", "E0403", "is NUL"),
    ],
)
def test_a_file_without_such_rows_is_told(text: str, code: str, title: str) -> None:
    found = told(text)
    assert found.code == code
    assert title.replace("`;`", '";"') in found.title


def test_rows_that_lack_cells_are_left_out_of_it_too_and_counted() -> None:
    some = data("x,sign,code,w,y\n1,+,00,1,p\n,+,00,1,p\n1,NA,00,1,q\n1,-,01,1,\n", missing="drop")
    split = some.load()
    described = some.describe()
    assert (described.test, described.dropped) == (1, 3)
    one = judged("x,sign,code,w,y\n1,+,00,1,p\n", missing="drop")
    assert torch.equal(split.test.inputs, one.inputs)  # type: ignore[union-attr]
    found_none = told("x,sign,code,w,y\n,+,00,1,p\n1,+,00,1,\n", missing="drop")
    assert found_none.code == "E0407"
    assert "leaves no rows of `test.csv`" in found_none.title
    bad = told("x,sign,code,w,y\n,+,00,1,p\nu,+,00,1,q\n", missing="drop")
    assert bad.title == "row 2, column `x` holds `u`"


def test_rows_without_a_target_are_left_out_of_it_too() -> None:
    text = "x,sign,code,w,y\n,+,00,1,\n,-,02,1,p\n5,NA,01,1,?\n7,NA,01,1,q\n"
    found = data(text, missing="mean").describe()
    assert (found.test, found.dropped, found.without_target) == (2, 2, 2)
    filled = judged(text, missing="mean", standardize=False)
    assert filled.inputs[:, 0].tolist() == [11.5, 7]
    assert filled.targets.tolist() == [0, 1]
    assert told("x,sign,code,w,y\n1,+,00,1,\n", missing="mean").code == "E0407"


def test_missing_cells_are_filled_in_by_what_training_rows_hold() -> None:
    found = judged("x,sign,code,w,y\n,NA,00,1,p\n", missing="median", standardize=False)
    assert found.inputs.tolist() == [[11.5, 1, 0, 1, 0, 0]]


def test_weights_are_checked_before_training_and_are_those_of_its_rows() -> None:
    found = judged("x,sign,code,w,y\n1,+,00,3,p\n2,+,00,0,q\n", weights="w", ignore=())
    assert found.weights is not None
    assert found.weights.tolist() == [2, 0]
    wrong = told("x,sign,code,w,y\n1,+,00,1,p\n2,+,00,-1,q\n", weights="w", ignore=())
    assert wrong.title == "row 2, column `w` holds `-1`"
    assert shown(wrong)[:2] == ("test.csv", 3)


def test_numbers_to_predict_and_labels_are_checked_there_too() -> None:
    numbers = {"target": "x", "ignore": ("w", "y"), "task": "regression"}
    found = judged("x,sign,code\n2,+,00\n", **numbers)
    assert torch.equal(found.targets, data(TRAIN, test=0, **numbers).load().train.targets[2:3])
    assert told("x,sign,code\n2,+,00\nmany,-,00\n", **numbers).title.endswith("holds `many`")
    Path("labels.csv").write_text(
        "x,a,b\n" + "".join(f"{n},{n % 2},{n % 3 > 0:d}\n" for n in range(20))
    )
    Path("test.csv").write_text("x,a,b\n1,0,1\n2,1,2\n")
    found_label = mistake(Table("labels.csv", target=("a", "b"), test="test.csv"))  # type: ignore[arg-type]
    assert found_label.title == "row 2, column `b` holds `2`"


def test_checking_it_takes_neither_torch_nor_polars_nor_numpy() -> None:
    data(TRAIN.replace("23,", "24,"))
    Path("m.net").write_text(
        'data = CSV("t.csv", target="y", test="test.csv", ignore=["w"])\n'
        "net = Linear(4, 2) -> Softmax\nloss = CrossEntropy\n"
    )
    code = (
        "import sys; from netlang.compiler.passes.compile import compile_source;"
        "from netlang.language.source import SourceFile; from pathlib import Path;"
        "text = Path('m.net'); found = compile_source(SourceFile('m.net', text.read_text(), text));"
        "print([one.title for one in found.diagnostics if one.is_error],"
        " {'torch', 'polars', 'numpy'} & {*sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[] set()"


VISITS = "who,when,x,y\n" + "".join(
    f"p{n // 4},2024-05-{1 + n:02},{n * 7 % 11},{n}.5\n" for n in range(20)
)


def visits(text: str, **arguments: Any) -> Table:
    Path("t.csv").write_text(VISITS)
    Path("test.csv").write_text("who,when,x,y\n" + text)
    return Table("t.csv", target="y", test="test.csv", **arguments)


@pytest.mark.parametrize("number", [False, True])
def test_a_group_that_is_learned_from_is_not_tested_on(number: bool) -> None:
    asked = visits("p3,2024-06-01,1,1.5\np9,2024-06-02,1,1.5\np1,2024-06-02,1,2.5\n",
                   group="who", ignore=("when",))  # fmt: skip
    if number:
        for name in ("t.csv", "test.csv"):
            Path(name).write_text(Path(name).read_text().replace("p", ""))
    groups = ("1", "3") if number else ("p1", "p3")
    found = mistake(asked)
    assert found.title == "`test.csv` has rows of 2 groups in `t.csv`"
    assert found.message().helps == "keep the rows of `{}` and `{}` in one of the files".format(
        *groups
    )
    new = visits("p8,2024-06-01,1,1.5\np9,2024-06-02,1,2.5\n", group="who", ignore=("when",))
    assert new.describe().test == 2
    Path("test.csv").write_text("x,y\n1,1.5\n")
    assert Table(**new.values).describe().test == 1  # it need not tell groups


def test_the_file_to_learn_from_is_no_test() -> None:
    found = mistake(visits(VISITS.partition("\n")[2], ignore=("who", "when")))
    assert found.title == "`test.csv` holds the same as `t.csv`"
    found = mistake(Table("t.csv", target="y", test="t.csv", ignore=("who", "when")))
    assert found.title == "`test` names `t.csv`, the file to learn from"


@pytest.mark.parametrize("number", [False, True])
def test_rows_to_test_on_that_come_before_others_are_told(number: bool) -> None:
    text = "p7,2024-05-19,1,1.5\np8,2024-05-20,1,2.5\np9,,1,2.5\np9,2024-05-02,1,3.5\n"
    asked = visits(text, order="when", ignore=("who",), missing="mean")
    if number:
        for name in ("t.csv", "test.csv"):
            Path(name).write_text(Path(name).read_text().replace("2024-05-", ""))
    asked.describe()
    (found,) = asked.warnings()
    assert found.title == "by `when`, 2 of 4 rows of `test.csv` come before rows to learn from"
    assert not visits("p7,2024-06-19,1,1.5\n", order="when", ignore=("who",)).warnings()
    assert "which has no place in an order" in mistake_in_warnings("p7,soon,1,1.5\n")


def mistake_in_warnings(text: str) -> str:
    asked = visits(text, order="when", ignore=("who",))
    with pytest.raises(NetError) as found:
        asked.warnings()
    return found.value.diagnostics[0].title


def test_its_cells_that_are_filled_in_are_counted_with_those_of_training() -> None:
    gaps = "1,+,00,1,p\nNA,?,00,1,q\n,+,01,1,p\n"
    asked = {"missing": "mean", "ignore": ("w",)}
    found = data("x,sign,code,w,y\n" + gaps, **asked)
    assert found.describe().filled == (("x", 2), ("sign", 1))
    Path("t.csv").write_text(TRAIN + ",+,00,1,p\n")
    assert Table(**found.values).describe().filled == (
        ("x", 3),
        ("sign", 1),
    )
