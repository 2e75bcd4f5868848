"""Rows without a target are left out, and with ``missing="drop"`` those that lack another cell."""

from __future__ import annotations

import re

import pytest
import torch

from netlang.language.diagnostics import NetError
from tests.catalogue.data.conftest import Make

ROWS = "".join(f"{n},{n % 3}\n" for n in range(40))
CLASSES = "".join(f"{n},{'pq'[n % 2]}\n" for n in range(40))


@pytest.mark.parametrize("mark", ["", "NA", "?"])
@pytest.mark.parametrize("rows", [ROWS.replace(",", ".5,0."), CLASSES], ids=["numbers", "classes"])
def test_a_row_that_lacks_its_target_is_left_out(csv: Make, rows: str, mark: str) -> None:
    data = csv(f"x,y\n{rows}7,{mark}\n,{rows[-2]}\n", missing="drop")
    found, split = data.describe(), data.load()
    assert (found.samples, found.dropped) == (40, 2)
    assert split.test
    assert len(split.train) + len(split.test) == 40
    assert all(
        bool(torch.isfinite(part.targets.double()).all()) for part in (split.train, split.test)
    )
    if found.classes:
        assert found.classes == ("p", "q")
        assert int(split.train.targets.min()) == 0
    assert not [one for one in data.warnings() if one.code == "W0610"]


def test_one_of_several_targets_may_be_missing(csv: Make) -> None:
    rows = "".join(f"{n},{n / 3},{n / 7}\n" for n in range(40))
    data = csv(f"x,y,z\n{rows}3,NA,1\n3,1,NA\n", target=("y", "z"), missing="drop")
    assert (data.describe().samples, data.describe().dropped) == (40, 2)


def test_labels_may_be_missing(csv: Make) -> None:
    rows = "".join(f"{n},{n % 2},{n // 2 % 2}\n" for n in range(40))
    data = csv(f"x,y,z\n{rows}3,NA,1\n", target=("y", "z"), missing="drop")
    assert data.describe().task == "labels"


def test_a_missing_target_is_refused_otherwise_with_the_way_out(csv: Make) -> None:
    with pytest.raises(NetError) as found:
        csv(f"x,y\n{CLASSES}7,NA\n").describe()
    (diagnostic,) = found.value.diagnostics
    assert 'missing="drop"' in str(diagnostic.message().helps)


def test_a_target_that_is_wrong_and_not_missing_is_refused(csv: Make) -> None:
    with pytest.raises(NetError):
        csv(f"x,y\n{ROWS.replace(',', '.5,0.')}7,many\n", missing="drop").describe()


def test_a_row_is_left_out_for_one_cell_whatever_the_others_hold(csv: Make) -> None:
    rows = "".join(f"{n % 5 - 2},{n},{'pq'[n % 2]}\n" for n in range(40))
    data = csv(f"a,b,y\n{rows}-1,,p\n,-1,q\n", missing="drop")
    assert data.describe().dropped == 2
    assert bool(torch.isfinite(data.load().train.inputs).all())


@pytest.mark.parametrize("missing", ["mean", "median", "indicator", "drop"])
def test_a_row_without_a_target_is_left_out_however_cells_are_filled_in(
    csv: Make, missing: str
) -> None:
    data = csv(f"x,z,y\n{ROWS.replace(',', '.5,0,')}7,1,\n8,1,NA\n,1,2\n,,\n", missing=missing)
    found, split = data.describe(), data.load()
    assert (found.dropped, found.without_target) == (4 if missing == "drop" else 3, 3)
    rows = [row for part in split.rows.values() for row in part.tolist()]
    assert sorted(rows) == [*range(1, 41), *([] if missing == "drop" else [43])]


def test_what_dropped_rows_alone_hold_is_no_class_and_no_category(csv: Make) -> None:
    rows = "".join(f"{n},{'uvw'[n % 3]},{'pq'[n % 2]}\n" for n in range(40))
    text = f"a,b,y\n,t,o\n{rows},x,r\n"
    data = csv(text, missing="drop", weights="balanced")
    found, split = data.describe(), data.load()
    assert (found.classes, found.counts) == (("p", "q"), (20, 20))
    assert found.columns == (("a", "number", 1), ("b", "category", 3))
    assert split.train.weights is not None
    assert split.train.weights.mean().item() == pytest.approx(1)
    assert split.pipeline
    assert split.pipeline.to_json()["inputs"][1]["names"] == ["u", "v", "w"]
    expected = csv("a,b,y\n" + rows, weights="balanced").load()
    for one, other in ((split.train, expected.train), (split.test, expected.test)):
        assert one
        assert other
        assert torch.equal(one.inputs, other.inputs)
        assert torch.equal(one.targets, other.targets)
    assert all(torch.equal(split.rows[part], expected.rows[part] + 1) for part in expected.rows)


def test_a_class_of_one_row_is_told_with_its_row_in_the_file(csv: Make) -> None:
    (found,) = csv(f"x,y\n,p\n,q\n{CLASSES}7,r\n", missing="drop").warnings()
    assert found.code == "W0610"
    assert found.message().notes == "`r` in row 43"


@pytest.mark.parametrize("argument", ["group", "order", "weights"])
def test_a_gap_in_what_divides_or_weighs_rows_is_dropped_or_told(csv: Make, argument: str) -> None:
    text = "x,w,y\n" + "".join(f"{n},{n % 4 or ''},{'pq'[n % 2]}\n" for n in range(40))
    asked = {argument: "w"}
    assert csv(text, missing="drop", **asked).describe().dropped == 10
    with pytest.raises(NetError, match="`w` lacks 10 of 40 cells"):
        csv(text, missing="mean", **asked).describe()


@pytest.mark.parametrize(
    ("text", "missing", "title"),
    [
        (",2,p\n1,,q\n", "drop", '`missing="drop"` leaves no rows'),
        ("1,2,\n2,3,NA\n", "mean", "`t.csv` has no row with a target"),
        ("1,2,\n2,,NA\n", "drop", "`t.csv` has no row with a target"),
    ],
)
def test_a_table_of_which_no_row_is_left_is_told(
    csv: Make, text: str, missing: str, title: str
) -> None:
    with pytest.raises(NetError, match=re.escape(title)):
        csv("x,z,y\n" + text, missing=missing).warnings()


def test_warnings_are_of_the_rows_that_are_left(csv: Make) -> None:
    copies = "".join(f"{n % 20 * 7 % 11}.{n % 20},{'' if n < 20 else n},{'pq'[n % 2]}\n"
                     for n in range(60))  # fmt: skip
    text = "a,b,y\n" + copies
    assert [one.code for one in csv(text, missing="drop", ignore=["b"]).warnings()] == ["W0616"]
    constant = "".join(f"{n}.5,{'3' if n else ''},x\n,4,z\n" for n in range(30))
    both = csv("a,b,c,y\n" + constant.replace("\n", ",p\n") + "9,3,x,q\n" * 2, missing="drop")
    assert [one.title for one in both.warnings()] == ["2 columns are the same in all rows"]


@pytest.mark.parametrize(("missing", "count"), [("mean", 2), ("median", 2), ("indicator", 0)])
def test_a_column_that_is_filled_in_by_all_that_it_holds_is_constant(
    csv: Make, missing: str, count: int
) -> None:
    rows = "".join(f"{n},{'' if n == 5 else 3},{'' if n == 6 else 'x'},{'pq'[n % 2]}\n"
                   for n in range(40))  # fmt: skip
    found = csv("a,b,c,y\n" + rows, missing=missing, ignore=["a"] if count else []).warnings()
    assert [one.code for one in found if one.code == "W0614"] == ["W0614"] * bool(count)


@pytest.mark.parametrize(("argument", "says"), [("order", "no place in"), ("weights", "no weight")])
def test_a_column_that_is_of_no_use_is_told_before_its_gaps(
    csv: Make, argument: str, says: str
) -> None:
    text = "x,w,y\n" + "".join(f"{n},{'uv'[n % 2] * (n > 3)},{n}.5\n" for n in range(40))
    with pytest.raises(NetError, match=says):
        csv(text, missing="mean", **{argument: "w"}).describe()


@pytest.mark.parametrize("cell", ["1.5", "blue"])
def test_an_input_that_only_rows_without_a_target_hold_is_told(csv: Make, cell: str) -> None:
    rows = "".join(f"{n},,{n}.5\n" for n in range(20)) + f"20,{cell},\n" * 3
    with pytest.raises(NetError, match="column `z` lacks all of 20 cells"):
        csv("x,z,y\n" + rows, missing="mean").describe()
