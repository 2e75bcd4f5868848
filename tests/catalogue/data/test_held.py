"""Data that Python has in memory are read, checked and divided as those of a file are."""

from pathlib import Path

import numpy as np
import polars
import pytest
import torch

from netlang import Arrays, DataSet, NetError, SourceFile, Table, compile_source
from netlang.catalogue.data.formats.held import HeldTable

ROWS = {
    "size": [1.5, 2.0, 7.25, 3.0, 4.0, 6.0],
    "colour": ["red", "blue", "red", "red", "blue", "red"],
    "good": ["no", "yes", "no", "no", "yes", "no"],
}
NET = "net = Linear(_, 4) -> ReLU -> Linear(4, _)\nloss = SoftmaxCrossEntropy\noptimizer = SGD"


def held(rows: dict[str, list[object]], **arguments: object) -> Table:
    table = Table("X", **{"target": "good", "test": 0.0, **arguments})
    table.held = HeldTable(polars.DataFrame(rows), "X")
    return table


def test_a_table_in_memory_makes_the_samples_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    polars.DataFrame(ROWS).write_csv(file)
    written, given = Table(str(file), target="good", test=0.0), held(ROWS)
    assert given.describe() == written.describe()
    assert torch.equal(given.load().train.inputs, written.load().train.inputs)
    assert torch.equal(given.load().train.targets, written.load().train.targets)
    assert given.files == ()


def test_a_cell_that_is_missing_in_memory_is_told_with_its_column() -> None:
    with pytest.raises(NetError, match=r"column `size` lacks 1 of 6 cells"):
        held({**ROWS, "size": [1.0, None, 2.0, 3.0, 4.0, 5.0]}).describe()


def test_a_target_may_have_classes_that_no_row_has() -> None:
    table = held({**ROWS, "good": ["1", "2", "1", "1", "2", "1"]}, task="classification")
    table.all_classes = ("maybe", "no", "yes")
    assert table.describe().classes == ("maybe", "no", "yes")
    assert table.load().train.targets.tolist() == [1, 2, 1, 1, 2, 1]


@pytest.mark.parametrize("scale", ["standard", "robust", "quantile"])
def test_a_weight_may_say_how_often_a_row_teaches_the_pipeline(scale: str) -> None:
    times = [1, 3, 2, 1, 0, 4]
    arguments = {"target": "number", "scale": scale, "task": "regression"}
    rows = {"size": ROWS["size"], "number": [1.0, 4.0, 2.0, 8.0, 5.0, 7.5]}
    weighed = held({**rows, "times": times}, weights="times", **arguments)
    weighed.weighs_moments = True
    again = {name: [one for one, n in zip(cells, times, strict=True) for _ in range(n)]
             for name, cells in rows.items()}  # fmt: skip
    assert weighed.load().pipeline == held(again, **arguments).load().pipeline


def test_arrays_in_memory_are_samples_with_weights() -> None:
    arrays = Arrays("X", test=0.0, task="classification", standardize=False)
    pictures = np.arange(24.0).reshape(3, 2, 2, 2)
    arrays.held = {"x": pictures, "y": np.array(["a", "b", "a"])}
    arrays.held_weights = np.array([1.0, 2.0, 3.0])
    train = arrays.load().train
    assert train.inputs.tolist() == pictures.tolist()
    assert train.targets.tolist() == [0, 1, 0]
    assert train.weights is not None
    assert train.weights.tolist() == [0.5, 1.0, 1.5]


def test_given_data_take_the_place_of_those_that_a_file_names() -> None:
    def compiled(text: str, data: DataSet | None) -> tuple[str, ...]:
        made = compile_source(SourceFile("a.net", text), (), True, given=data)
        return tuple(one.code for one in made.diagnostics)

    text = f'{NET}\ndata = Table("absent.csv", target="good")\nexpect test.accuracy > 0.5'
    assert compiled(text, None) == ("E0403",)
    assert compiled(text, held(ROWS)) == ()
    assert compiled(f"{text}\nexpect train.accuracy > 2", held(ROWS)) != ()
