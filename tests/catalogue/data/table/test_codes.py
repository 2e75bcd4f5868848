"""A column of categories becomes one token, by the names that the training rows have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from netlang.catalogue.data import Pipeline, Table
from netlang.catalogue.data.pipeline import Codes
from netlang.language.diagnostics import NetError
from netlang.language.shapes import Shape

ROWS = [f"{['bonn', 'rome', 'oslo'][i % 3]},{i / 2},{100 + i % 4},{i * 1.5}" for i in range(24)]


def table(folder: Path, rows: list[str] = ROWS, **arguments: Any) -> Table:
    (folder / "t.csv").write_text("\n".join(["city,size,zip,price", *rows, ""]))
    found: Any = {"target": "price", "codes": ("city", "zip"), "test": 0.0} | arguments
    return Table(folder / "t.csv", **found)


def test_a_token_is_the_place_of_a_name_in_the_order_of_names(tmp_path: Path) -> None:
    data = table(tmp_path)
    described, split = data.describe(), data.load()
    assert dict(described.inputs) == {
        "city": Shape((), 4), "size": Shape.of(1), "zip": Shape((), 5),
    }  # fmt: skip
    assert described.input == Shape.of(3)
    rows = split.rows["train"] - 1
    cities = [1, 3, 2]  # of bonn, rome and oslo
    assert split.train.inputs[:, 0].tolist() == [cities[row % 3] for row in rows.tolist()]
    assert split.train.inputs[:, 2].tolist() == [1 + row % 4 for row in rows.tolist()]
    assert isinstance(split.pipeline, Pipeline)
    again = Pipeline.from_json(split.pipeline.to_json())
    assert again == split.pipeline
    new = {"city": ["oslo", "lima", "rome"], "size": [1, 2, 3], "zip": ["101", "999", "103"]}
    assert split.pipeline.apply(new)[:, [0, 2]].tolist() == [[2, 2], [0, 0], [3, 4]]
    assert split.pipeline.unseen(new) == {"city": {"lima": 1}, "zip": {"999": 1}}


def test_a_name_that_no_training_row_has_is_token_0(tmp_path: Path) -> None:
    split = table(tmp_path, [*ROWS, "lima,1,100,2"], order="size", test=0.08, ignore=()).load()
    assert isinstance(split.pipeline, Pipeline)
    (encoder, *_) = split.pipeline.encoders
    assert isinstance(encoder, Codes)
    rows = [*ROWS[:-1], "lima,99,100,2"]
    split = table(tmp_path, rows, order="size", test=0.05).load()
    assert split.test
    assert split.test.inputs[-1, 0] == 0
    assert split.unseen == {("city", "lima"): 1}


@pytest.mark.parametrize("missing", ["mean", "indicator"])
def test_a_missing_cell_is_token_0_where_these_may_be_missing(missing: str, tmp_path: Path) -> None:
    rows = [*ROWS, ",1.0,101,2"]
    with pytest.raises(NetError, match="1 of 25"):
        table(tmp_path, rows).describe()
    data = table(tmp_path, rows, missing=missing)
    inputs = data.load().train.inputs
    assert inputs.shape == (25, 3)
    assert (inputs[:, 0] == 0).sum() == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"codes": ("price",)}, "`codes` names `price`, which is to predict"),
        ({"group": "city"}, "`codes` names `city`, which divides or weighs rows"),
        ({"text": "city", "by": "bytes"}, "`codes` names `city`, which is one of `text`"),
        ({"codes": ("town",)}, "town"),
        ({"ignore": ("zip",)}, "`ignore` leaves out `zip`, which `codes` names"),
    ],
)
def test_what_cannot_be_a_code_is_told(
    arguments: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(NetError) as found:
        table(tmp_path, **arguments).describe()
    assert says in found.value.diagnostics[0].title


def test_tokens_are_whole_at_any_size_of_a_column(tmp_path: Path) -> None:
    rows = [f"city{i},1.5,100,{i / 2}" for i in range(1500)]
    split = table(tmp_path, rows, codes=("city",)).load()
    assert torch.equal(split.train.inputs[:, 0].sort().values, torch.arange(1.0, 1501))
