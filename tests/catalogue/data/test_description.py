"""A description comes back from its JSON, and JSON that contradicts itself is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netlang.catalogue.data import Description, Disc, Table
from netlang.language.shapes import Shape

TABLE = Description(
    Shape.of(4),
    6,
    2,
    ("a", "b"),
    target=("y",),
    columns=(("x", "number", 1), ("k", "category", 3)),
    counts=(5, 3),
    dropped=2,
    without_target=1,
    filled=(("x", 2),),
)


def test_a_description_comes_back_from_its_json(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,k,y\n" + "1,m,0.5\n,n,1.5\n" * 10)
    read = Table(tmp_path / "t.csv", target="y", missing="mean").describe()
    for description in (TABLE, read, Disc().describe()):
        data = json.loads(json.dumps(description.to_json()))
        assert Description.from_json(data) == description


@pytest.mark.parametrize(
    "changed",
    [
        {"counts": [5, 3, 1]},
        {"counts": [5]},
        {"counts": [5, -3]},
        {"target": ["y", "z"]},
        {"targets": 2},
        {"labels": True},
        {"classes": ["a"]},
        {"classes": ["a", "a"]},
        {"columns": [["x", "number", 1]]},
        {"columns": [["x", "number", 1], ["k", "date", 3]]},
        {"columns": [["x", "number", 4], ["k", "category", 0]]},
        {"without_target": 3},
        {"filled": [["x", 0]]},
        {"train": 0},
        {"input": [4, 1]},
    ],
)
def test_a_description_that_contradicts_itself_is_none(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"this is no|the columns of a table make other inputs"):
        Description.from_json(TABLE.to_json() | changed)
