"""``data`` shows the columns of inputs, and what is predicted in each part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.runs.data_view.pictures import seen_pictures
from tests.program import netlang

TABLE = "age,port,length,y\n" + "".join(
    f"{'' if row % 5 == 0 else 20 + row},{'rare' if row == 7 else 'SQ'[row % 3 == 0]},"
    f"{row * row % 13}.25,{'no' if row % 4 else 'yes'}\n"
    for row in range(40)
)
NET = 'net = Linear(_, 2)\ndata = Table("t.csv", target="y", missing="{}", test=0.25)\n'


def write(missing: str = "indicator") -> None:
    Path("t.csv").write_text(TABLE)
    Path("a.net").write_text(NET.format(missing))


def test_each_column_and_each_class_has_a_line() -> None:
    write()
    result = netlang("data", "a.net")
    assert (result.exit_code, result.stderr) == (0, "")
    first, columns, target, below = result.stdout.split("\n\n")
    assert first == "a.net: 30 training and 10 test samples, seed 0"
    head, age, port, length = columns.splitlines()
    assert head.startswith("input of 30 training samples ")
    assert head.split()[-7:] == [
        "mean", "deviation", "min", "max", "missing", "inputs", "categories",
    ]  # fmt: skip
    assert age.split()[0] == "age"
    assert age.split()[-1] == "2"  # the number, and whether it is missing
    assert port.split()[:3] == ["port", "3", "S"]
    assert length.split()[0] == "length"
    classes = [line.split() for line in target.splitlines()]
    assert classes == [
        ["class", "of", "y", "training", "test"],
        ["no", "22", "8"],
        ["yes", "8", "2"],
        ["samples", "30", "10"],
    ]
    assert below == "cells filled in: age 8\n"


def test_columns_of_the_output_that_nothing_fills_are_left_out() -> None:
    Path("s.net").write_text("net = Linear(1, 1)\ndata = Sine(train=50, test=20)\n")
    head = netlang("data", "s.net").stdout.splitlines()[2]
    assert head.split()[-5:] == ["mean", "deviation", "min", "max", "inputs"]
    assert "to predict  part" in netlang("data", "s.net").stdout


def test_rows_left_out_and_unknown_categories_are_said() -> None:
    write("drop")
    shown = netlang("data", "a.net").stdout
    assert "left out: 8 rows that lack cells" in shown
    seeds = (netlang("data", "a.net", "--set", f"seed={seed}").stdout for seed in range(12))
    assert any("unknown to the training rows: port `rare` in 1 row" in one for one in seeds)


def test_json_has_all_numbers() -> None:
    write()
    found = json.loads(netlang("data", "a.net", "--json").stdout)
    assert (found["task"], found["input"], found["seed"]) == ("classification", [None, 6], 0)
    assert found["parts"] == {"train": 30, "test": 10}
    age, port, length = found["inputs"]
    assert {*age} == {"name", "kind", "inputs", "missing", "mean", "deviation", "least", "most"}
    assert port["kind"] == "category"
    assert sum(port["categories"].values()) == 30
    assert (length["least"], length["inputs"]) == (0.25, 1)
    assert sum(found["counts"]["yes"].values()) == 10
    assert found["numbers"] is None


def test_warnings_come_as_run_gives_them() -> None:
    write()
    numbered = "id," + TABLE.replace("\n", "\n{},").rstrip("{},")
    Path("t.csv").write_text(numbered.format(*range(1, 41)))
    result = netlang("data", "a.net")
    assert result.exit_code == 0
    assert "W0622" in result.stderr


def test_a_file_without_data_says_how_to_name_some() -> None:
    Path("a.net").write_text("net = Linear(3, 1)\n")
    result = netlang("data", "a.net")
    assert result.exit_code == 1
    assert "a.net names no data: add a setting such as `data = Table(" in result.stderr


def test_many_inputs_are_cut_with_where_to_find_the_rest() -> None:
    names = [f"x{index}" for index in range(130)]
    rows = [",".join(f"{row * column % 17}.5" for column in range(1, 131)) for row in range(10)]
    lines = (f"{row},{'pq'[index % 2]}\n" for index, row in enumerate(rows))
    Path("t.csv").write_text(f"{','.join(names)},y\n{''.join(lines)}")
    Path("a.net").write_text(NET.format("refuse"))
    shown = netlang("data", "a.net").stdout
    assert "\nx99 " in shown
    assert "\nx100 " not in shown
    assert "\nand 30 more inputs, which --json has\n" in shown
    assert len(json.loads(netlang("data", "a.net", "--json").stdout)["inputs"]) == 130


def test_weights_and_filled_cells_are_shown() -> None:
    write("mean")
    text = Path("a.net").read_text().replace("test=0.25", 'weights="length", test=0.25')
    Path("a.net").write_text(text)
    shown = netlang("data", "a.net").stdout
    head, *parts = shown[shown.index("weight of a sample") :].split("\n\n")[0].splitlines()
    assert head.split() == ["weight", "of", "a", "sample", "mean", "deviation", "min", "max"]
    assert [line.split()[0] for line in parts] == ["training", "test"]
    assert float(parts[0].split()[1]) == pytest.approx(1)
    assert "cells filled in: age 8" in shown
    found = json.loads(netlang("data", "a.net", "--json").stdout)
    assert found["weights"]["train"]["mean"] == pytest.approx(1)
    assert (found["dropped"], found["without_target"], found["filled"]) == (0, 0, {"age": 8})


def test_rows_without_a_target_are_said_beside_those_that_lack_cells() -> None:
    write("drop")
    Path("t.csv").write_text(TABLE.replace(",yes\n", ",\n", 2))
    assert "left out: 7 rows that lack cells and 2 rows without a target" in (
        netlang("data", "a.net").stdout
    )


def test_pictures_are_drawn_as_they_are_and_as_epochs_see_them() -> None:
    shapes = 'net = Flatten -> Linear(_, 3)\ndata = Shapes(train=20, size=8, by="picture")\n'
    Path("p.net").write_text(shapes)
    plain = seen_pictures(compile_source(read("p.net")).require(), 5, 2)
    Path("p.net").write_text(f"{shapes}augment = Crop(2) -> Noise(0.1)\n")
    changed = seen_pictures(compile_source(read("p.net")).require(), 5, 2)
    assert plain is not None
    assert changed is not None
    assert (plain.shape, changed.shape) == ((1, 5, 1, 8, 8), (3, 5, 1, 8, 8))
    assert plain[0].equal(changed[0])
    assert not changed[1].equal(changed[2])
    result = netlang("data", "p.net", "--draw", "seen.svg")
    assert (result.exit_code, result.stdout) == (0, "wrote seen.svg\n")
    assert Path("seen.svg").read_text().startswith("<?xml")


def test_what_cannot_be_drawn_is_told() -> None:
    write()
    assert (
        "the training samples are no pictures" in netlang("data", "a.net", "--draw", "a.png").stderr
    )
    assert "ends in one of .png" in netlang("data", "a.net", "--draw", "a.net").stderr
