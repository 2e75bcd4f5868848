"""What was learned from training rows is plain data, and makes the same inputs of other tables."""

from __future__ import annotations

import csv as tables
import io
import json
import re
from typing import Any

import polars as pl
import pytest
import torch

from netlang.catalogue.data import CSV, ColumnError, Disc, Pipeline, Samples, Split
from netlang.catalogue.data.pipeline import Categories, Classes, Numbers
from tests.catalogue.data.examples import FLOWERS, Make
from tests.paths import MODELS

MIXED = "tiny,code,flat,near,huge,below,y\n" + "".join(
    f"{n / 3}e-200,{n * 7 % 5},7,{1e9 + n / 7!r},{n}e36,-{n * n / 9!r},{'pqr'[n % 3]}\n"
    for n in range(1, 61)
)
A = {
    "column": "a",
    "kind": "number",
    "shift": 1.0,
    "scale": 2.0,
    "fill": None,
    "indicated": False,
}
Y = {"columns": ["y"], "classes": ["no", "yes"]}
CLASSES = Classes(("y",), ("no", "yes"))
PLAIN = Pipeline((Numbers("a", 1.0, 2.0), Numbers("b")), CLASSES)


def pipeline_of(split: Split) -> Pipeline:
    assert split.pipeline
    return split.pipeline


def columns_of(text: str) -> dict[str, list[str]]:
    header, *rows = tables.reader(io.StringIO(text))
    return {name: list(cells) for name, cells in zip(header, zip(*rows, strict=True), strict=True)}


def rows_of(*parts: Samples | None) -> list[tuple[list[int], Any]]:
    """All samples, sorted: the bits of their inputs, and their targets."""
    found = []
    for part in filter(None, parts):
        inputs = part.inputs.view(torch.int32).tolist()
        found += list(zip(inputs, part.targets.tolist(), strict=True))
    return sorted(found)


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("target", ["y", "code", "near"])
@pytest.mark.parametrize("seed", [0, 3])
def test_applied_to_the_file_it_makes_the_samples_of_the_split_to_the_bit(
    csv: Make, target: str, standardize: bool, seed: int
) -> None:
    ignore = ("y",) if target != "y" else ()
    data = csv(MIXED, target=target, ignore=ignore, standardize=standardize, validation=0.2)
    split, columns = data.load(seed), columns_of(MIXED)
    pipeline = pipeline_of(split)
    again = Samples(pipeline.apply(columns), pipeline.targets(columns))
    assert rows_of(again) == rows_of(split.train, split.validation, split.test)
    assert again.inputs.isfinite().all()


@pytest.mark.parametrize("standardize", [True, False])
def test_its_json_is_the_same_pipeline_to_the_bit(csv: Make, standardize: bool) -> None:
    iris = CSV(str(MODELS / "iris.csv"), "species", standardize=standardize)
    mixed = csv(MIXED, standardize=standardize)
    values = csv(target="near", ignore=("y",), standardize=standardize)
    for data in (iris, mixed, values, Disc(train=40, standardize=standardize)):
        pipeline = pipeline_of(data.load(2))
        again = Pipeline.from_json(json.loads(json.dumps(pipeline.to_json())))
        assert vars(again) == vars(pipeline)


def test_its_json_says_the_columns_in_order_and_the_classes() -> None:
    assert PLAIN.to_json() == {
        "inputs": [
            A,
            {
                "column": "b",
                "kind": "number",
                "shift": 0.0,
                "scale": 1.0,
                "fill": None,
                "indicated": False,
            },
        ],
        "target": {"columns": ["y"], "classes": ["no", "yes"]},
    }


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"inputs": [A]},
        {"inputs": [], "target": Y},
        {"inputs": [A, A], "target": Y},
        {"inputs": [A], "target": Y | {"columns": ["a"]}},
        {"inputs": [A], "target": Y | {"classes": []}},
        {"inputs": [A], "target": Y | {"classes": ["no", "no"]}},
        {"inputs": [A], "target": Y | {"classes": ["no", 1]}},
        {"inputs": [A | {"column": 3}], "target": Y},
        {"inputs": [A | {"shift": "1"}], "target": Y},
        {"inputs": [A | {"shift": float("nan")}], "target": Y},
        {"inputs": [A | {"scale": 0.0}], "target": Y},
        {"inputs": [A | {"scale": float("inf")}], "target": Y},
        {"inputs": [A | {"scale": 10**400}], "target": Y},
        {"inputs": [A | {"scale": True}], "target": Y},
    ],
)
def test_json_of_anything_else_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="pipeline"):
        Pipeline.from_json(data)


def test_json_of_whole_numbers_is_a_pipeline() -> None:
    whole = {"inputs": [A | {"shift": 0, "scale": 1}], "target": Y}
    assert Pipeline.from_json(whole).to_json() == whole


@pytest.mark.parametrize("standardize", [True, False])
def test_inputs_are_cells_of_the_file_again(csv: Make, standardize: bool) -> None:
    rows = [(20 + n, 10_000.0 * n, 5, "ab"[n % 2]) for n in range(20)]
    text = "\n".join(["age,income,fixed,buys", *(",".join(map(str, row)) for row in rows)])
    data = csv(text, target="buys", standardize=standardize)
    for seed in (0, 3):
        split = data.load(seed)
        pipeline = pipeline_of(split)
        assert pipeline.columns == ("age", "income", "fixed")
        inputs = torch.cat([split.train.inputs, split.test.inputs])
        numbers = pipeline.to_numbers(inputs)
        assert sorted(map(tuple, numbers.round(decimals=1).tolist())) == [row[:3] for row in rows]
        assert torch.allclose(pipeline.to_inputs(numbers), inputs)


@pytest.mark.parametrize("standardize", [True, False])
def test_a_disc_lies_in_the_unit_square(standardize: bool) -> None:
    split = Disc(train=50, test=200, standardize=standardize).load(1)
    points = pipeline_of(split).to_numbers(split.test.inputs)
    assert points.amin() >= -1e-6
    assert points.amax() <= 1 + 1e-6
    inside = (points - 0.5).norm(dim=1) < 1 / (2 * torch.pi) ** 0.5
    assert torch.equal(inside.long(), split.test.targets)


def test_columns_come_in_any_order_beside_others_as_text_or_numbers() -> None:
    expected = torch.tensor([[0.0, 5.0], [1.5, -2.0]])
    for table in (
        {"a": ["1", " 4.0 "], "b": ["5", "-2"]},
        {"b": [5, -2.0], "other": ["x", "y"], "a": (1, 4)},
    ):
        assert torch.equal(PLAIN.apply(table), expected)
    assert PLAIN.apply({"a": [], "b": []}).shape == (0, 2)


def test_a_long_table_has_the_inputs_of_its_rows() -> None:
    numbers = torch.rand(200_000, 2, dtype=torch.float64)
    inputs = PLAIN.to_inputs(numbers)
    assert torch.equal(inputs, torch.cat([PLAIN.to_inputs(part) for part in numbers.split(999)]))
    assert torch.equal(inputs[:, 0], ((numbers[:, 0] - 1) / 2).float())


@pytest.mark.parametrize(
    ("classes", "cells", "labels"),
    [
        (("no", "yes"), ["yes", " no", "yes"], [1, 0, 1]),
        (("1", "2", "10"), ["10.0", "1", "+2", "1e1"], [2, 0, 1, 2]),
        (("1", "2", "10"), [10, 1.0, 2], [2, 0, 1]),
        (("01067", "10115"), ["10115", "01067"], [1, 0]),
        (("01", "1", "2"), ["1", "01", "2"], [1, 0, 2]),
    ],
)
def test_targets_are_the_numbers_of_classes(
    classes: tuple[str, ...], cells: list[str | float], labels: list[int]
) -> None:
    pipeline = Pipeline.fit(("a",), None, "y", classes)
    for found in (pipeline.targets({"y": cells}), pipeline.targets(cells)):
        assert found.dtype == torch.int64
        assert found.tolist() == labels


def test_truth_values_of_python_are_those_of_a_file_unless_it_has_both() -> None:
    def numbers(*classes: str) -> list[int]:
        pipeline = Pipeline((Numbers("a"),), Classes(("y",), classes))
        found: list[int] = pipeline.targets({"y": [True, "True", "true"]}).tolist()
        return found

    assert numbers("false", "true") == numbers("False", "True") == numbers("0", "1") == [1, 1, 1]
    assert numbers("FALSE", "TRUE") == [1, 1, 1]
    assert numbers("True", "true") == [0, 0, 1]
    with pytest.raises(ColumnError, match="holds `True`, and training had no such class"):
        numbers("1", "2", "3")


def test_categories_that_are_truth_values_are_found_however_they_are_written() -> None:
    names = Categories("a", ("False", "True"), (True, True))
    pipeline = Pipeline((names,), CLASSES)
    for cells in (["True", "False"], ["true", "false"], [True, False]):
        assert pipeline.apply({"a": cells}).tolist() == [[0, 1], [1, 0]]
        assert not pipeline.unseen({"a": cells})


def test_a_table_with_types_and_without_rows_has_no_inputs_and_no_targets() -> None:
    table = pl.DataFrame(schema={"a": pl.Float64, "b": pl.Int64, "y": pl.String})
    columns = {name: table[name] for name in table.columns}
    assert PLAIN.apply(columns).shape == (0, 2)  # type: ignore[arg-type]
    assert PLAIN.targets(columns).shape == (0,)  # type: ignore[arg-type]


NAN = float("nan")


@pytest.mark.parametrize(
    ("cells", "fill", "filled"),
    [
        ([1.0, NAN, 1.0, 7.0], "mean", 3.0),
        ([1.0, NAN, 1.0, 7.0], "median", 1.0),
        ([NAN, NAN], "mean", 0.0),
    ],
)
@pytest.mark.parametrize("standardize", [True, False])
def test_missing_numbers_are_filled_before_mean_and_deviation_are_learned(
    cells: list[float], fill: str, filled: float, standardize: bool
) -> None:
    train = torch.tensor(cells, dtype=torch.float64)
    found = Numbers.fit("a", train, "standard" if standardize else "none", fill, indicated=True)
    assert (found.fill, found.indicated) == (filled, True)
    whole = train.nan_to_num(filled)
    shift, scale = whole.mean().item(), whole.std(correction=0).item() or 1.0
    wanted = (shift, scale) if standardize else (0.0, 1.0)
    assert (found.shift, found.scale) == pytest.approx(wanted)


def test_targets_to_predict_are_values() -> None:
    pipeline = Pipeline.fit(("a",), None, "y", None)
    for found in (pipeline.targets({"y": ["1.5", 2]}), pipeline.targets(["1.5", 2])):
        assert torch.equal(found, torch.tensor([[1.5], [2.0]]))


@pytest.mark.parametrize("rows", [[[0.5, 1]], torch.zeros(5, 2)])
def test_rows_without_names_are_refused_with_the_columns_to_write(rows: Any) -> None:
    says = rf'applied to columns by name, {{"a": [...], "b": [...]}}, not a {type(rows).__name__}'
    with pytest.raises(TypeError, match=re.escape(says)):
        PLAIN.apply(rows)


def test_a_single_target_is_refused_with_the_list_to_write() -> None:
    with pytest.raises(ColumnError, match=r"column `y` takes a list .*: `\['yes'\]`"):
        PLAIN.targets("yes")


def test_a_pipeline_of_the_same_numbers_is_equal() -> None:
    again = Pipeline.from_json(json.loads(json.dumps(PLAIN.to_json())))
    assert again == PLAIN
    assert hash(again) == hash(PLAIN)
    assert again != Pipeline((Numbers("a", 1.0, 2.0), Numbers("b", 0.5)), CLASSES)


def test_a_column_that_is_taken_is_not_meant_for_another() -> None:
    pipeline = Pipeline((Numbers("sepal_length"), Numbers("petal_length")), CLASSES)
    with pytest.raises(ColumnError, match="`petal_length` is missing; there are `sepal_length`"):
        pipeline.apply({"sepal_length": [1]})


@pytest.mark.parametrize(
    ("table", "column", "row", "message"),
    [
        ({"a": [1]}, "b", None, "column `b` is missing; there are `a`"),
        ({"a": [1], "B": [2]}, "b", None, "column `b` is missing; did you mean `B`?"),
        ({"a": [1, 2], "b": [2]}, "b", None, "column `b` is 1 long, and column `a` 2 long"),
        ({"a": ["1", "x"], "b": [1, 2]}, "a", 2, "row 2, column `a` holds `x`: takes a number"),
        ({"a": [1, 2], "b": ["1,5", "2"]}, "b", 1, "holds `1,5`: takes a number with a decimal"),
        ({"a": [1, float("nan")], "b": [1, 2]}, "a", 2, "row 2, column `a` holds `nan`"),
        ({"a": [1, 1e39], "b": [1, 2]}, "a", 2, "too large"),
        ({"a": [True], "b": [1]}, "a", 1, "holds `True`: takes a number"),
        ({"a": 0.5, "b": 1}, "a", None, "`a` takes a list with a cell for each row: `[0.5]`"),
        ({"a": "0.5", "b": [1]}, "a", None, "a cell for each row: `['0.5']`"),
        ({"a": ["1", ""], "b": [1, 2]}, "a", 2, "row 2, column `a` is empty: takes a number"),
    ],
)
def test_a_column_that_is_not_as_those_of_training_is_named_with_the_row(
    table: dict[str, list[str | float]], column: str, row: int | None, message: str
) -> None:
    with pytest.raises(ColumnError) as raised:
        PLAIN.apply(table)
    assert (raised.value.column, raised.value.row) == (column, row)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["no", "maybe"], "row 2, column `y` holds `maybe`, and training had no such class; "
         "there are `no` and `yes`"),
        (["yess"], "no such class; did you mean `yes`?"),
    ],
)  # fmt: skip
def test_a_class_that_training_never_saw_is_named_with_the_row(
    cells: list[str], message: str
) -> None:
    with pytest.raises(ColumnError) as raised:
        PLAIN.targets({"y": cells})
    assert message in str(raised.value)
    with pytest.raises(ColumnError, match="column `y` is missing"):
        PLAIN.targets({"a": cells})


@pytest.mark.parametrize("target", ["y", "b"])
def test_data_are_loaded_on_the_cpu_whatever_the_default_device_is(csv: Make, target: str) -> None:
    table = csv(FLOWERS, target=target, ignore=["y"] if target == "b" else [], validation=0.2)
    for data in (table, Disc(train=3, test=2, validation=1)):
        expected = data.load()
        with torch.device("meta"):
            loaded = data.load()
        for part in ("train", "test", "validation"):
            one, other = getattr(loaded, part), getattr(expected, part)
            assert torch.equal(one.inputs, other.inputs)
            assert torch.equal(one.targets, other.targets)
    with torch.device("meta"):
        border = Disc().border()
    assert border.device.type == "cpu"


def test_a_pipeline_is_applied_on_the_cpu_whatever_the_default_device_is(csv: Make) -> None:
    for target, ignore in (("y", []), ("b", ["y"])):
        pipeline = csv(FLOWERS, target=target, ignore=ignore).load().pipeline
        assert pipeline
        table = {"a": [1.0, 2.0], "b": [3.0, 4.0], "y": ["x", "z"]}
        with torch.device("meta"):
            inputs, targets = pipeline.apply(table), pipeline.targets(table)
        assert torch.equal(inputs, pipeline.apply(table))
        assert torch.equal(targets, pipeline.targets(table))
        on_device = pipeline.to_numbers(inputs.to("meta"))
        assert (on_device.device.type, on_device.shape) == ("meta", inputs.shape)
