"""What a network will see of its data, held against numpy's and the file's own numbers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.data_view.spread import spread
from netlang.runs.data_view.view import DataView, view

TABLE = "age,port,y\n" + "".join(
    f"{'' if row % 5 == 0 else 20.1 + row},{'rare' if row == 7 else 'SQ'[row % 3 == 0]},{row % 2}\n"
    for row in range(40)
)


def seen(folder: Path, text: str) -> DataView:
    source = SourceFile("a.net", text, folder / "a.net")
    return view(compile_source(source).require())


def test_a_table_shows_its_training_rows_with_the_files_own_numbers(tmp_path: Path) -> None:
    Path(tmp_path, "t.csv").write_text(TABLE)
    data = 'data = Table("t.csv", target="y", missing="indicator", test=0)'
    found = seen(tmp_path, f"net = Linear(_, 2)\n{data}\n")
    assert found.parts == {"train": 40}
    age, port = found.inputs
    ages = [20.1 + row for row in range(40) if row % 5]
    assert (age.name, age.kind, age.inputs, age.missing) == ("age", "number", 2, 8)
    assert age.spread
    assert (age.spread.least, age.spread.most) == (min(ages), max(ages))
    assert age.spread.mean == pytest.approx(np.mean(ages), rel=1e-12)
    assert age.spread.deviation == pytest.approx(np.std(ages), rel=1e-12)
    assert port.inputs == 3
    assert port.categories
    assert [*port.categories.items()] == [("S", 25), ("Q", 14), ("rare", 1)]
    assert found.counts == {"0": {"train": 20}, "1": {"train": 20}}


def test_the_parts_of_a_table_hold_all_rows_together(tmp_path: Path) -> None:
    Path(tmp_path, "t.csv").write_text(TABLE)
    data = 'data = Table("t.csv", target="y", missing="mean", test=0.3, validation=0.2)'
    found = seen(tmp_path, f"net = Linear(_, 2)\n{data}\nseed = 3\n")
    assert found.parts == {"train": 20, "validation": 8, "test": 12}
    assert {name: sum(parts.values()) for name, parts in found.counts.items()} == {"0": 20, "1": 20}
    port = found.inputs[1]
    assert port.categories
    assert sum(port.categories.values()) == 20
    unknown = {("port", name): 1 for name, count in port.categories.items() if not count}
    assert found.unseen == unknown


def test_numbers_to_predict_are_in_their_own_units(tmp_path: Path) -> None:
    prices = [100_000.25 + 37 * row * row for row in range(20)]
    rows = "".join(f"{row},{price}\n" for row, price in enumerate(prices))
    Path(tmp_path, "t.csv").write_text(f"size,price\n{rows}")
    found = seen(tmp_path, 'net = Linear(_, 1)\ndata = Table("t.csv", target="price", test=0)\n')
    assert not found.counts
    price = found.spreads["price"]["train"]
    assert (price.least, price.most) == pytest.approx((prices[0], prices[-1]), rel=1e-6)
    assert price.mean == pytest.approx(np.mean(prices), rel=1e-6)
    assert price.deviation == pytest.approx(np.std(prices), rel=1e-6)


def test_labels_are_counted_each_for_itself(tmp_path: Path) -> None:
    rows = "".join(f"{row}.5,{row % 2},{int(row % 3 == 0)}\n" for row in range(12))
    Path(tmp_path, "t.csv").write_text(f"a,red,round\n{rows}")
    data = 'data = Table("t.csv", target=["red", "round"], test=0)'
    found = seen(tmp_path, f"net = Linear(_, 2)\n{data}\n")
    assert found.counts == {"red": {"train": 6}, "round": {"train": 4}}


def test_pictures_show_their_channels_in_their_own_numbers(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (30, 3, 4, 5)).astype(np.uint8)
    pictures[:, 2] = 7  # a channel that is the same everywhere
    np.savez(tmp_path / "a.npz", x=pictures, y=np.arange(30) % 3)
    found = seen(tmp_path, 'net = Flatten -> Linear(_, 3)\ndata = Arrays("a.npz", test=0)\n')
    assert [one.name for one in found.inputs] == ["x[0]", "x[1]", "x[2]"]
    assert [one.inputs for one in found.inputs] == [20, 20, 20]
    for channel, one in enumerate(found.inputs):
        own = pictures[:, channel]
        assert one.spread
        assert (one.spread.least, one.spread.most) == (own.min(), own.max())
        assert one.spread.mean == pytest.approx(own.mean(), abs=1e-4)
        assert one.spread.deviation == pytest.approx(own.std(), abs=1e-4)
    assert found.counts["2"] == {"train": 10}


def test_a_picture_without_channels_is_one_input_line(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(4)[None].repeat(10, 0), y=np.linspace(0.5, 1, 10))
    found = seen(tmp_path, 'net = Flatten -> Linear(_, 1)\ndata = Arrays("a.npz")\n')
    (one,) = found.inputs
    assert (one.name, one.inputs) == ("x", 16)
    assert {*found.spreads["y"]} == {"train", "test"}


@pytest.mark.parametrize("text", ["data = Sine(validation=5)", 'data = Sklearn("diabetes")'])
def test_made_sets_and_those_of_scikit_learn_name_their_columns(tmp_path: Path, text: str) -> None:
    if "Sklearn" in text:
        pytest.importorskip("sklearn")
    found = seen(tmp_path, f"net = Linear(_, 1)\n{text}\n")
    names = [one.name for one in found.inputs]
    assert names == ["x"] if "Sine" in text else "bmi" in names
    assert all({*parts} == {*found.parts} for parts in found.spreads.values())
    assert found.spreads


def test_a_spread_is_the_same_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = torch.rand(1000, 3, generator=torch.Generator().manual_seed(0)).double() + 1e6
    monkeypatch.setattr("netlang.runs.data_view.spread._PIECE", 50)
    found = spread(numbers, shift=1.0, scale=2.0)
    own = numbers.numpy() * 2 + 1
    assert found.mean == pytest.approx(own.mean(), rel=1e-12)
    assert found.deviation == pytest.approx(own.std(), rel=1e-9)
    assert (found.least, found.most) == (own.min(), own.max())
    nothing = spread(numbers[:0])
    assert all(map(math.isnan, nothing.as_dict().values()))
