"""What a column is for: one to predict is for nothing else, and others may have two roles."""

from __future__ import annotations

import pytest
import torch

from tests.catalogue.data.conftest import Make
from tests.catalogue.data.examples import mistake

TABLE = "a,b,who,w,y\n" + "".join(
    f"{i * 7 % 11}.5,{i % 3},g{i % 8},{i % 4 + 1},{'pq'[i % 2]}\n" for i in range(40)
)


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        ({"target": ("a", "b", "a"), "ignore": ("who", "y")}, "`target` names `a` twice"),
        ({"group": "y"}, "`group` names `y`, which is to predict"),
        ({"order": "a", "target": "a"}, "`order` names `a`, which is to predict"),
        ({"weights": "b", "target": ("a", "b")}, "`weights` names `b`, which is to predict"),
        ({"target": "b", "categories": ("b",), "task": "regression"}, "`categories` names `b`"),
        (
            {"target": ("a", "b"), "categories": ("b",), "task": "regression"},
            "`categories` names `b`, which is a num",
        ),
    ],
)
def test_a_column_to_predict_has_no_other_role(
    csv: Make, arguments: dict[str, object], title: str
) -> None:
    found = mistake(csv(TABLE, **{"target": "y"} | arguments))
    assert found.code == "E0423"
    assert title in found.title


@pytest.mark.parametrize("other", ["group", "order"])
def test_a_column_may_divide_rows_and_weigh_them(csv: Make, other: str) -> None:
    data = csv(TABLE, target="y", weights="w", ignore=("who",), **{other: "w"})
    split = data.load()
    assert [name for name, *_ in data.describe().columns] == ["a", "b"]
    weights = [int(row - 1) % 4 + 1 for row in split.rows["train"].tolist()]
    assert split.train.weights is not None
    mean = sum(weights) / len(weights)
    assert split.train.weights.tolist() == pytest.approx([one / mean for one in weights])
    assert {int(row - 1) % 4 for row in split.rows["test"].tolist()}.isdisjoint(
        weight - 1 for weight in weights
    )


def test_categories_leave_what_counts_or_puts_in_order_a_number(csv: Make) -> None:
    named = {"categories": ("b", "w"), "ignore": ("who",)}
    data = csv(TABLE, target="y", weights="w", **named)
    assert data.describe().columns == (("a", "number", 1), ("b", "category", 3))
    plain = csv(TABLE, target="y", order="w", ignore=("who",)).load()
    assert torch.equal(csv(TABLE, target="y", order="w", **named).load().rows["test"],
                       plain.rows["test"])  # fmt: skip


def test_a_target_among_the_categories_is_a_class(csv: Make) -> None:
    rows = "".join(f"{i},{i * 3}\n" for i in range(40) for _ in (0, 1))
    assert csv("x,y\n" + rows).describe().task == "regression"
    data = csv("x,y\n" + rows, categories=("y",))
    assert data.describe().task == "classification"
    assert not [one for one in data.warnings() if one.code == "W0609"]


@pytest.mark.parametrize("argument", ["group", "order", "weights"])
def test_two_columns_of_a_name_that_is_asked_for_are_told(csv: Make, argument: str) -> None:
    found = mistake(csv(TABLE.replace(",who,", ",w,"), target="y", **{argument: "w"}))
    assert "two of its columns are called `w`" in found.title
    assert "ignore" not in str(found.message().helps)
