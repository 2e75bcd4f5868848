"""Categories, missing cells, several targets and weights, from the file to the samples."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from netlang.catalogue.data import ColumnError, Pipeline, Samples, Split, Table
from netlang.catalogue.data.pipeline import Labels
from tests.catalogue.data.examples import Make, mistake


def penguins(rows: int = 120) -> str:
    """A table as people have it: numbers, texts, and NA where something is missing."""
    draw = random.Random(4)
    lines = ["species,island,bill,mass,sex"]
    for _ in range(rows):
        kind = draw.choice(["Adelie", "Gentoo", "Chinstrap"])
        cells = [kind, draw.choice(["Biscoe", "Dream"]), f"{draw.gauss(44, 5):.1f}"]
        cells += [f"{draw.gauss(4200, 800):.0f}", draw.choice(["male", "female", "female"])]
        for place in (1, 2, 3, 4):
            if draw.random() < 0.06:
                cells[place] = "NA"
        lines.append(",".join(cells))
    lines[5] = "Adelie,Torgersen,40.1,3500,male"  # an island of a single row
    return "\n".join(lines) + "\n"


def cells_of(text: str) -> dict[str, list[str]]:
    header, *rows = (line.split(",") for line in text.splitlines())
    return {
        name: list(column) for name, column in zip(header, zip(*rows, strict=True), strict=True)
    }


def parts_of(split: Split) -> dict[str, Samples]:
    found = {"train": split.train, "validation": split.validation, "test": split.test}
    return {name: part for name, part in found.items() if part}


def picked(cells: list[str], split: Split, part: str) -> list[str]:
    return [cells[row - 1] for row in split.rows[part].tolist()]


@pytest.mark.parametrize("missing", ["mean", "median", "indicator", "drop"])
@pytest.mark.parametrize("seed", [0, 3])
def test_scikit_learn_makes_the_same_inputs_of_the_same_rows(
    csv: Make, missing: str, seed: int
) -> None:
    impute = pytest.importorskip("sklearn.impute")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    text = penguins()
    data = csv(text, target="species", missing=missing, validation=0.1)
    split, columns = data.load(seed), cells_of(text)
    assert split.pipeline
    for part, samples in parts_of(split).items():
        found = []
        for name in ("island", "bill", "mass", "sex"):
            train, cells = (np.array(picked(columns[name], split, one), object)[:, None]
                            for one in ("train", part))  # fmt: skip
            numeric = name in ("bill", "mass")
            if numeric:
                train, cells = ((np.where(one == "NA", "nan", one)).astype(float)
                                for one in (train, cells))  # fmt: skip
            kind = "median" if missing == "median" else "mean"
            blank: Any = np.nan if numeric else "NA"
            if missing != "drop":
                fill = impute.SimpleImputer(
                    missing_values=blank, strategy=kind if numeric else "most_frequent"
                ).fit(train)
                gaps = (np.isnan(cells) if numeric else cells == "NA").astype(float)
                train, cells = fill.transform(train), fill.transform(cells)
            if numeric:
                found.append(preprocessing.StandardScaler().fit(train).transform(cells))
            else:
                names = sorted({*columns[name]} - {"NA"})
                hot = preprocessing.OneHotEncoder(categories=[names], sparse_output=False,
                                                  handle_unknown="ignore")  # fmt: skip
                shown = hot.fit(train).transform(cells)
                found.append(shown * np.array([one in train for one in names]))
            if missing == "indicator":
                found.append(gaps)
        expected = torch.tensor(np.concatenate(found, 1), dtype=torch.float64)
        torch.testing.assert_close(samples.inputs.double(), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("missing", ["mean", "median", "indicator"])
def test_the_pipeline_and_its_json_make_the_samples_again_to_the_bit(
    csv: Make, missing: str
) -> None:
    text = penguins()
    columns = cells_of(text)
    split = csv(text, target="species", missing=missing, validation=0.2).load(1)
    assert isinstance(split.pipeline, Pipeline)
    again = Pipeline.from_json(json.loads(json.dumps(split.pipeline.to_json())))
    assert again == split.pipeline
    for part, samples in parts_of(split).items():
        some = {name: picked(cells, split, part) for name, cells in columns.items()}
        some = dict(reversed(some.items()))
        assert torch.equal(again.apply(some), samples.inputs)
        assert torch.equal(again.targets(some), samples.targets)
    assert len(again.input_names) == split.train.inputs.shape[1]
    assert again.input_names[0] == "island = Biscoe"


def test_a_category_that_training_lacks_is_all_zeros_and_counted(csv: Make) -> None:
    text = penguins()
    data = csv(text, target="species", missing="mean")
    seed = next(seed for seed in range(99) if 5 not in data.load(seed).rows["train"].tolist())
    split = data.load(seed)
    assert isinstance(split.pipeline, Pipeline)
    assert split.unseen == {("island", "Torgersen"): 1}
    assert split.test
    place = split.rows["test"].tolist().index(5)
    assert not split.test.inputs[place, :3].any()
    new = {"island": ["Biscoe", "Mars", "Torgersen", "Mars"], "bill": [1, None, 2, 3],
           "mass": [1, 2, float("nan"), 4], "sex": ["male", "NA", "female", "male"]}  # fmt: skip
    assert split.pipeline.unseen(new) == {"island": {"Mars": 2, "Torgersen": 1}}
    inputs = split.pipeline.apply(new)
    assert inputs[:, :3].sum(1).tolist() == [1, 0, 0, 0]
    assert inputs.isfinite().all()
    frame = {"island": np.array(new["island"]), "bill": np.array([1, np.nan, 2, 3]),
             "mass": np.array([1, 2, np.nan, 4]), "sex": np.array(new["sex"])}  # fmt: skip
    assert torch.equal(split.pipeline.apply(frame), inputs)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_rows_of_each_part_that_hold_an_unseen_category_are_counted(csv: Make, part: str) -> None:
    rows = "".join(f"{i}.5,{'uv'[i % 2] if i < 30 else 'new'},{i}.25\n" for i in range(40))
    shares = {"test": 0.0, "validation": 0.0} | {part: 0.25}
    split = csv("a,b,y\n" + rows, order="a", **shares).load()
    assert split.unseen == {("b", "new"): 10}


@pytest.mark.parametrize("column", ["a", "b"])
def test_an_input_for_missing_cells_that_no_training_row_lacks_is_0_and_counted(
    csv: Make, column: str
) -> None:
    rows = "".join(
        f"{i},{'' if column == 'a' and i > 35 else i * 7 % 11},"
        f"{'' if column == 'b' and i > 35 else 'uv'[i % 2]},{i}.25\n"
        for i in range(40)
    )
    split = csv("t,a,b,y\n" + rows, order="t", missing="indicator", test=0.2).load()
    pipeline = split.pipeline
    assert isinstance(pipeline, Pipeline)
    assert split.unseen == {(column, "is missing"): 4}
    place = pipeline.input_names.index(f"{column} is missing")
    assert split.test
    assert not split.test.inputs[:, place].any()
    again = Pipeline.from_json(json.loads(json.dumps(pipeline.to_json())))
    assert again == pipeline
    new = {"a": ["1", "NA"], "b": ["NA", "u"]}
    assert not pipeline.apply(new)[:, place].any()
    assert pipeline.unseen(new) == {column: {"is missing": 1}}
    seen = csv("t,a,b,y\n" + rows, missing="indicator", test=0, ignore=["t"]).load().pipeline
    assert isinstance(seen, Pipeline)
    assert seen.apply(new)[:, place].sum() == 1
    assert not seen.unseen(new)


def test_a_model_of_complete_rows_refuses_a_missing_cell_with_its_row(csv: Make) -> None:
    pipeline = csv(penguins(), target="species", missing="drop").load().pipeline
    assert pipeline
    new = {"island": ["Dream", "NA"], "bill": ["1", "2"], "mass": [1, 2], "sex": ["male"] * 2}
    with pytest.raises(ColumnError, match="row 2, column `island` holds `NA`"):
        pipeline.apply(new)


def test_rows_that_lack_cells_are_left_out_and_counted(csv: Make) -> None:
    text = penguins()
    lacking = sum("NA" in line for line in text.splitlines())
    data = csv(text, target="species", missing="drop")
    described, split = data.describe(), data.load()
    assert described.dropped == lacking > 0
    assert described.samples == 120 - lacking
    rows = torch.cat([*split.rows.values()]).tolist()
    assert all("NA" not in text.splitlines()[row] for row in rows)
    assert sum(described.counts) == described.samples


LABELS = "a,hot,wet,size\n" + "".join(
    f"{i}.5,{i % 2},{i // 2 % 2},{100 + 7 * i}.5\n" for i in range(40)
)


def test_columns_of_true_and_false_are_labels_too(csv: Make, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"target": ("hot", "wet"), "ignore": ("size",)}
    split = csv(LABELS, **asked).load()
    frame = pl.read_csv(LABELS.encode()).with_columns(pl.col("hot", "wet") == 1)
    as_pandas = pl.col("hot", "wet").cast(pl.String).str.to_titlecase()
    frame.with_columns(as_pandas).write_csv(tmp_path / "pandas.csv")
    frame.with_columns(pl.col("hot").cast(pl.Int8)).write_csv(tmp_path / "mixed.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    for name in ("pandas.csv", "mixed.csv", "t.parquet"):
        found = Table(str(tmp_path / name), **asked)
        assert found.describe().task == "labels"
        assert torch.equal(found.load().train.targets, split.train.targets)
        asked_to_test = {**asked, "test": str(tmp_path / name)}
        tested = Table(str(tmp_path / "t.csv"), **asked_to_test).test_rows
        assert tested
        assert tested.cells["hot"].values.tolist() == [i % 2 for i in range(40)]
    assert split.pipeline
    known = split.pipeline.targets({name: frame[name] for name in frame.columns})
    assert torch.equal(known, torch.tensor([[i % 2, i // 2 % 2] for i in range(40)]).float())
    beside_others = csv(LABELS.replace(",1,1,", ",true,1,"), target=("hot", "wet", "size"))
    assert "`hot`" in mistake(beside_others).title


def test_several_columns_of_0_and_1_are_labels(csv: Make) -> None:
    data = csv(LABELS, target=("hot", "wet"), ignore=("size",))
    described, split = data.describe(), data.load()
    assert (described.task, described.outputs, described.target) == ("labels", 2, ("hot", "wet"))
    assert split.pipeline
    assert isinstance(split.pipeline.goal, Labels)
    assert {*split.train.targets.flatten().tolist()} == {0.0, 1.0}
    assert csv(LABELS, target=("hot",), task="labels").describe().task == "labels"
    numbers = csv(LABELS, target=("hot", "wet"), task="regression").describe()
    assert (numbers.task, numbers.outputs) == ("regression", 2)


def test_several_numbers_are_standardised_each_by_itself(csv: Make) -> None:
    split = csv(LABELS, target=("hot", "size"), ignore=("wet",)).load()
    targets = split.train.targets.double()
    assert targets.mean(0).tolist() == pytest.approx([0, 0], abs=1e-6)
    assert targets.std(0, correction=0).tolist() == pytest.approx([1, 1], abs=1e-6)
    values = split.to_values(split.train.targets)
    expected = [100.5 + 7 * (row - 1) for row in split.rows["train"].tolist()]
    assert values[:, 1].tolist() == pytest.approx(expected, rel=1e-6)


def test_balanced_weights_are_those_of_scikit_learn(csv: Make) -> None:
    weighing = pytest.importorskip("sklearn.utils.class_weight")
    text = "a,y\n" + "".join(f"{i},{'p' if i % 5 else 'q'}\n" for i in range(50))
    train = csv(text, weights="balanced").load().train
    expected = weighing.compute_sample_weight("balanced", train.targets.numpy())
    assert train.weights is not None
    assert train.weights.tolist() == pytest.approx(expected.tolist())


def test_a_column_of_weights_has_the_mean_1_in_training_and_is_no_input(csv: Make) -> None:
    text = "a,w,y\n" + "".join(f"{i},{i % 4},{i}.5\n" for i in range(40))
    data = csv(text, weights="w")
    split = data.load()
    assert data.describe().input.size == 1
    assert split.train.weights is not None
    assert split.train.weights.mean().item() == pytest.approx(1)
    ratio = split.train.weights / torch.tensor([(row - 1) % 4 for row in split.rows["train"]])
    assert ratio[ratio.isfinite()].unique().numel() == 1


@pytest.mark.parametrize(
    ("text", "arguments", "title"),
    [
        (LABELS, {"target": ("hot", "wet"), "task": "classification"}, "`target` names 2 columns"),
        (LABELS, {"target": ("hot", "size"), "task": "labels"}, "`size` holds other numbers"),
        (LABELS, {"target": "size", "group": "hot", "order": "a"}, "`group` and `order` each say"),
        (LABELS, {"target": "size", "folds": 1}, "one fold leaves no rows"),
        (LABELS, {"target": "size", "folds": 3, "order": "a"}, "`folds` tests on each part"),
        (LABELS, {"target": "size", "folds": 3, "fold": 4}, "there is no fold 4 of 3"),
        (LABELS, {"target": "size", "folds": 41}, "folds=41 of 40 rows leaves no rows to test on"),
        (LABELS, {"target": "size", "weights": "hot", "group": "none"}, "has no column `none`"),
        ("a,g,y\n1,,2.5\n2,u,3.5\n", {"group": "g"}, "`g` lacks 1 of 2 cells"),
        ("a,g,y\n1,u,2.5\n2,v,3.5\n", {"order": "g"}, "which has no place in an order"),
        ("a,w,y\n1,-1,2.5\n2,1,3.5\n", {"weights": "w"}, "`w` holds what is no weight"),
    ],
)
def test_arguments_that_do_not_fit_are_told(
    csv: Make, text: str, arguments: dict[str, Any], title: str
) -> None:
    data: Table = csv(text, **arguments)
    data.span = None
    assert title in mistake(data).title
