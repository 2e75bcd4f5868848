"""Which rows are in which part: by groups, by an order, in folds, from a file of their own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
import torch

from netlang.catalogue.data import Split, Table
from tests.catalogue.data.examples import FLOWERS, Make, mistake

VISITS = "patient,day,dose,y\n" + "".join(
    f"p{i // 3:02},2024-{1 + i * 7 % 12:02}-{1 + i % 28:02},{i % 5}.5,{'qr'[i % 2]}\n"
    for i in range(60)
)


def rows_of(split: Split) -> dict[str, list[int]]:
    return {part: rows.tolist() for part, rows in split.rows.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_no_group_is_in_two_parts_and_sizes_are_known_before(
    csv: Make, seed: int, validation: float
) -> None:
    data = csv(VISITS, group="patient", ignore=["day"], test=0.25, validation=validation)
    described, rows = data.describe(seed), rows_of(data.load(seed))
    assert {part: len(some) for part, some in rows.items()} == {
        part: getattr(described, part) for part in described.parts
    }
    groups = [{(row - 1) // 3 for row in some} for some in rows.values()]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 20
    assert described.test == 15
    assert rows != rows_of(data.load(seed + 1))


def test_the_last_rows_by_a_column_are_the_test_and_those_before_validate(csv: Make) -> None:
    data = csv(VISITS, order="day", ignore=["patient"], test=0.2, validation=0.1)
    days = [line.split(",")[1] for line in VISITS.splitlines()[1:]]
    rows = rows_of(data.load(3))
    train, validation, test = (
        [days[row - 1] for row in rows[part]] for part in ("train", "validation", "test")
    )
    assert (len(train), len(validation), len(test)) == (42, 6, 12)
    assert max(train) <= min(validation) <= max(validation) <= min(test)
    assert rows == rows_of(data.load(4))
    assert data.describe().input.size == 1


def by_day(*days: str) -> str:
    return "x,day,y\n" + "".join(f"{i},{day},{i}.5\n" for i, day in enumerate(days))


def test_an_order_of_times_is_that_of_their_zones(csv: Make) -> None:
    days = [f"2024-01-01T{i:02}:00{zone}" for i in range(10) for zone in ("Z", "+05:00")]
    rows = rows_of(csv(by_day(*days), order="day", test=0.25).load())
    assert rows["test"] == [11, 13, 15, 17, 19]


IDS = [2**60 + 256 * (i % 20 // 2) + i % 2 for i in range(60)]  # pairs of them are one float
WIDE = "x,id,y\n" + "".join(f"{i * 7 % 11}.5,{one},{i % 5}.5\n" for i, one in enumerate(IDS))


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson"])
def test_whole_numbers_that_no_float_holds_are_groups_and_an_order_of_their_own(
    ending: str, tmp_path: Path
) -> None:
    file = tmp_path / f"ids.{ending}"
    getattr(pl.read_csv(WIDE.encode()), f"write_{ending}")(file)
    groups = Table(str(file), target="y", group="id").rows.groups
    assert groups == [*map(str, IDS)]
    data = Table(str(file), target="y", order="id", test=0.05)
    assert data.rows.keys == IDS
    assert [IDS[row - 1] for row in rows_of(data.load())["test"]] == [max(IDS)] * 3


def test_numbers_of_a_group_are_one_however_they_are_written(csv: Make) -> None:
    ids = ["7", "7.0", "8", str(2**60 + 1), f"{2**60 + 1}.0"] * 4
    rows = "".join(f"{i}.5,{one},{i % 5}.5\n" for i, one in enumerate(ids))
    found = csv("x,id,y\n" + rows, target="y", group="id").rows.groups
    assert {*found} == {"7", "8", str(2**60 + 1)}


def test_rows_of_one_time_are_all_learnt_from_or_all_tested_on(csv: Make) -> None:
    text = by_day(*("1" * 5), *("2" * 2), *("3" * 13))
    assert csv(text, order="day", test=0.5).describe().test == 13
    assert rows_of(csv(text, order="day", test=0.5).load())["test"] == [*range(8, 21)]
    found = mistake(csv(by_day(*"44444444"), order="day"))
    assert found.title == "test=0.2 of 8 rows leaves no rows to test on"
    assert found.message().helps == "give `day` more values, as the rows of one are in one part"


@pytest.mark.parametrize(
    ("days", "title", "help"),
    [
        (["2/1/2024", "3/1/2024"], "`day` holds `2/1/2024`, which has", "with the year first"),
        (["soon", "later"], "which has no place in an order", "such as 2024-05-31 or"),
        (["2024-01-01", "2024-01-02T10:00Z"], "`2024-01-01`, which has no time zone", "none"),
    ],
)
def test_texts_that_are_no_times_have_no_order(
    csv: Make, days: list[str], title: str, help: str
) -> None:
    found = mistake(csv(by_day(*days), order="day"))
    assert title in found.title
    assert help in str(found.message().helps)


def test_a_split_may_have_a_seed_of_its_own(csv: Make) -> None:
    data = csv(FLOWERS, split_seed=7)
    assert rows_of(data.load(1)) == rows_of(data.load(2)) == rows_of(csv(FLOWERS).load(7))


@pytest.mark.parametrize("group", ["", "patient"])
@pytest.mark.parametrize("folds", [2, 3, 7])
def test_each_row_is_tested_in_one_fold(csv: Make, folds: int, group: str) -> None:
    tested = Counter[int]()
    ignore = ["day"] if group else ["day", "patient"]
    for fold in range(1, folds + 1):
        data = csv(VISITS, folds=folds, fold=fold, group=group, ignore=ignore, validation=0.2)
        described, rows = data.describe(5), rows_of(data.load(5))
        assert {part: len(some) for part, some in rows.items()} == {
            part: getattr(described, part) for part in described.parts
        }
        assert sorted(row for some in rows.values() for row in some) == list(range(1, 61))
        tested.update(rows["test"])
        kinds = Counter("qr"[(row - 1) % 2] for row in rows["test"])
        assert group or abs(kinds["q"] - kinds["r"]) <= 1
    assert {*tested.values()} == {1}
    assert len(tested) == 60


def test_a_file_of_its_own_is_the_test(csv: Make, tmp_path: Path) -> None:
    header, *lines = VISITS.splitlines()
    other = header.replace("dose,y", "y,dose,note")
    rows = (line.rsplit(",", 2) for line in lines[:9])
    text = "\n".join([other, *(f"{first},{y},{dose},x" for first, dose, y in rows)])
    (tmp_path / "test.csv").write_text(text.replace("p00", "p77"))
    data = csv(VISITS, test="test.csv", ignore=["day"], validation=0.2)
    described, split = data.describe(), data.load()
    assert (described.train, described.validation, described.test) == (48, 12, 9)
    assert [file.path.name for file in data.files] == ["t.csv", "test.csv"]
    assert split.test
    assert split.test.targets.tolist() == [i % 2 for i in range(9)]
    assert split.unseen["patient", "p77"] == 3
    assert not split.test.inputs[:3, :20].any()
    assert "test" not in split.rows
    whole = csv(VISITS, test=0, ignore=["day"]).load().train
    doses = csv(VISITS, test="test.csv", ignore=["day"]).load().test
    assert doses
    assert torch.equal(doses.inputs[3:, 20], whole.inputs[3:9, 20])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("patient,day,y\np,2024-01-01,q\n", "`test.csv` has no column `dose`"),
        (
            "patient,day,dose,y\np,2024-01-01,1,z\n",
            "row 1, column `y` holds `z`",
        ),
        ("patient,day,dose,y\np,2024-01-01,u,q\n", "row 1, column `dose` holds `u`"),
        ("patient,day,dose\np,2024-01-01,1\n", "`test.csv` has no column `y`"),
    ],
)
def test_a_test_file_with_other_columns_is_told(
    csv: Make, tmp_path: Path, text: str, title: str
) -> None:
    (tmp_path / "test.csv").write_text(text)
    assert title in mistake(csv(VISITS, test="test.csv", ignore=["day"])).title
    assert mistake(csv(VISITS, test="none.csv", ignore=["day"])).code == "E0403"
