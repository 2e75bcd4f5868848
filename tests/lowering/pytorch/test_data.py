"""The exported file makes the very samples that netlang trains on."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import to_pytorch
from tests.lowering.pytorch.written import assert_laid_out, executed, written

MODEL = "net = Linear(_, {outputs}){last}\ndata = {data}\nloss = {loss}\noptimizer = SGD(lr=1e-3)\n"
FLOWERS = """\
id,width,"height, in cm",kind
1,2.5,1,daisy
2,3.5,1,rose
3,1.5,1,daisy
4,2.0,1,rose
5,2.25,1, rose
6,7.5,1,daisy
7,4.5,1,daisy
8,0.5,1,rose
"""


def program(folder: Path, data: str, outputs: int | str = 2, loss: str = "MSE") -> Program:
    last = " -> Softmax" if loss == "CrossEntropy" else ""
    text = MODEL.format(outputs=outputs, last=last, data=data, loss=loss)
    return compile_source(SourceFile("a.net", text, folder / "a.net"), to_run=True).require()


def assert_same_samples(made: Program, folder: Path) -> None:
    _, code = written(made, folder)
    assert made.data
    for seed in (0, 1, 12345678901):
        ours, theirs = made.data.load(seed), code.load_data(seed)
        parts = {"train": ours.train, "test": ours.test, "validation": ours.validation}
        assert list(theirs) == [name for name, part in parts.items() if part is not None]
        for name, (inputs, targets, *weights) in theirs.items():
            part = parts[name]
            assert part is not None
            assert torch.equal(inputs, part.inputs)
            assert torch.equal(targets, part.targets)
            assert [one.tolist() for one in weights] == (
                [] if part.weights is None else [part.weights.tolist()]
            )


@pytest.mark.parametrize(
    "arguments",
    ["train=30, test=20", "train=30, test=20, validation=10", "train=9, test=9, standardize=false"],
)
@pytest.mark.parametrize("outputs", [1, 2])
def test_disc(arguments: str, outputs: int, tmp_path: Path) -> None:
    assert_same_samples(program(tmp_path, f"Disc({arguments})", outputs), tmp_path)


@pytest.mark.parametrize(
    ("text", "arguments", "outputs"),
    [
        (FLOWERS, 'target="kind", ignore=["id"], test=0.25', 2),
        (FLOWERS, 'target="kind", ignore=["id", "height, in cm"], test=0.25', 1),
        (FLOWERS, 'target="kind", test=0.25, validation=0.25, standardize=false', 2),
        (FLOWERS, 'target="width", ignore=["kind"], test=0.25', 1),
        (FLOWERS, 'target="width", ignore=["kind"], test=0.25, standardize=false', 1),
        (FLOWERS, 'target="kind", split_seed=0', 2),
        (FLOWERS, 'target="kind", test=0.25, scale="robust"', 2),
        (FLOWERS, 'target="width", ignore=["kind"], scale="quantile"', 1),
        (FLOWERS.replace("daisy", "1").replace("rose", "0"), 'target="kind", task="labels"', 1),
        (FLOWERS.replace("daisy", "10").replace("rose", "9"), 'target="kind", test=0.5', 2),
        (FLOWERS.replace("daisy", "1").replace("rose", "-2"), 'target="kind", test=0.5', 2),
        (
            FLOWERS.replace("daisy", "1").replace("rose", "-2"),
            'target="kind", task="regression", test=0.5, validation=0.25',
            1,
        ),
        (
            FLOWERS.replace(",", ";").replace("height; in", "height, in"),
            'target="kind", delimiter=";", test=0.25',
            2,
        ),
        ("\ufeff" + FLOWERS.replace("\n", "\n\n"), 'target="kind", ignore=["id"], test=0.25', 2),
        (FLOWERS.replace("\n", "\r\n"), 'target="kind", test=0.25', 2),
        (
            FLOWERS.replace("id,", '"i\nd",', 1).replace("\n", "\r\n"),
            'target="kind", ignore=["i\\nd"], test=0.25',
            2,
        ),
        (FLOWERS, 'target="kind", weights="id", test=0.25, validation=0.25', 2),
        (FLOWERS, 'target="kind", weights="balanced", test=0.25, standardize=false', 2),
        (FLOWERS, 'target="width", weights="id", ignore=["kind"], test=0.25', 1),
        (FLOWERS.replace("\n", ",,x\n").replace("x", "", 1), 'target="kind", ignore=[""]', 2),
    ],
    ids=["text", "one output", "validation", "number", "as it is", "seed",
         "robust", "quantiles", "labels", "whole numbers", "negative", "task", "delimiter",
         "mark and empty lines", "line ends", "line ends in a cell", "weights of rows",
         "weights of classes", "weights of numbers",
         "columns without a name"],
)  # fmt: skip
def test_table(text: str, arguments: str, outputs: int, tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_bytes(text.encode())
    made = program(tmp_path, f'CSV("flowers.csv", {arguments})', outputs)
    assert_same_samples(made, tmp_path)


@pytest.mark.parametrize(
    ("cells", "classes", "task"),
    [
        (["1", "01", "+1", "1.0", "1e0", "2", "2.", "20e-1", "-0", "0.0"], 3, "auto"),
        (["10.0", "9.0", "-1.0"], 3, "auto"),
        (["0.5", ".50", "5e-1", "1.5", "1e-7", "-2.5"], 4, "classification"),
        (["9007199254740993", "9007199254740992", "1" * 40], 3, "auto"),
        (["02139", "10001", "00501"], 3, "auto"),
        (["1", "1.0", "a", "b", "c"], 5, "auto"),
        (["true", "false"], 2, "auto"),
        (["-1", "+1", "1"], 2, "auto"),
        (["\xa0a", "a\u2003", "b"], 2, "auto"),
    ],
)
def test_equal_numbers_are_one_class_there_too(
    cells: list[str], classes: int, task: str, tmp_path: Path
) -> None:
    rows = [f"{row},{cell}" for row, cell in enumerate(cells * 4)]
    (tmp_path / "a.csv").write_text("\n".join(["x,y", *rows]) + "\n", encoding="utf-8")
    made = program(tmp_path, f'CSV("a.csv", target="y", task="{task}")', classes)
    assert made.description
    assert made.description.outputs == classes
    assert_same_samples(made, tmp_path)


@pytest.mark.parametrize(
    "arguments", ["test=0.2", "test=0.2, validation=0.2", "test=0.35, validation=0.45"]
)
@pytest.mark.parametrize("sizes", [(7,) * 30, (3,) * 40, (1,) * 30, (1, 2, 3, 5, 8, 13, 21, 34)])
def test_classes_of_few_and_of_many_rows_are_split_alike(
    sizes: tuple[int, ...], arguments: str, tmp_path: Path
) -> None:
    labels = [f"c{number:02}" for number, rows in enumerate(sizes) for _ in range(rows)]
    rows = [f"{row},{label}" for row, label in enumerate(labels)]
    rows = sorted(rows, key=lambda row: row[::-1])  # classes are mixed
    (tmp_path / "a.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    data = f'CSV("a.csv", target="y", {arguments})'
    assert_same_samples(program(tmp_path, data, len(sizes)), tmp_path)


@pytest.mark.parametrize(
    "name", ['a "b".csv', "it's.csv", "ü\N{SNOWMAN}.csv", "a\\b.csv", "{x}.csv"]
)
def test_names_are_only_names(name: str, tmp_path: Path) -> None:
    odd = f'{name} "; raise SystemExit  # \\N{{DIGIT ONE}} {{x}}'
    head, *rest = FLOWERS.splitlines()
    quoted = odd.replace('"', '""')
    (tmp_path / name).write_text("\n".join([head.replace("kind", f'"{quoted}"'), *rest]) + "\n")
    path, target = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (name, odd))
    made = program(tmp_path, f'CSV("{path}", target="{target}", ignore=["id"], test=0.25)')
    assert_same_samples(made, tmp_path)


def test_the_table_is_found_from_wherever_the_file_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("models", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "models" / "flowers.csv").write_text(FLOWERS)
    made = program(tmp_path / "models", 'CSV("flowers.csv", target="kind", test=0.25)')
    source = to_pytorch(made, tmp_path / "elsewhere").source
    monkeypatch.chdir(tmp_path / "models")
    code = executed(source, tmp_path / "elsewhere" / "a.py")
    assert len(code.load_data(0)["test"][0]) == 2


@pytest.mark.parametrize("cells", [("0.3", "0.30000000000000004"), ("1e9", "1000000000.0000005")])
def test_a_column_that_is_constant_but_for_rounding(cells: tuple[str, str], tmp_path: Path) -> None:
    rows = "".join(f"{cells[row % 2]},{row / 7},{'pq'[row % 3 == 0]}\n" for row in range(400))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    made = program(tmp_path, 'CSV("t.csv", target="y", test=0.25)')
    assert_same_samples(made, tmp_path)
    assert made.data
    assert made.data.load().train.inputs[:, 0].abs().max() < 1e-5


PETS = """\
day,kind,age,zip,owner,size,tame,heavy
2024-01-03,cat,3,01,ann,0.5,1,0
2024-01-01,dog,NA,02,bob,0.75,0,1
2024-01-02,dog,2.5,02,bob,,1,1
2024-01-05,cat,,01,cid,0.25,0,0
2024-01-04,none,n/a,3.0,dan,0.5,1,0
2024-01-07,?,7,02,eve,1e-3,0,0
2024-01-06,cat,8,3,fay,0.125,1,1
2024-01-09,dog,NULL,02,gil,0.5,1,0
2024-01-08,dog,1,01,hal,-0.5,0,1
2024-01-10,cat,6,02,ida,0.625,1,1
2024-02-10,eel,4,1,jim,0.25,0,0
2024-02-11,,5,02,kim,0.25,1,0
"""
SIZE = 'target="size", ignore=["day", "owner"]'
TAME = 'target="tame", ignore=["day", "owner", "size"], task="classification"'


@pytest.mark.parametrize(
    ("arguments", "outputs"),
    [
        (f'{TAME}, missing="mean"', 2),
        (f'{TAME}, missing="median", test=0.3, validation=0.3', 2),
        (f'{TAME}, missing="median", standardize=false, categories=["zip"]', 2),
        (f'{TAME}, missing="mean", scale="quantile", categories=["zip"]', 2),
        (f'{SIZE}, missing="indicator", scale="robust"', 1),
        (f'{TAME}, missing="indicator", categories=["zip"], weights="balanced"', 2),
        (f'{TAME}, missing="drop", test=0.3', 2),
        (f'{SIZE}, missing="drop", weights="zip"', 1),
        ('target="kind", ignore=["day", "owner", "size", "age"], missing="drop", test=0.3', 4),
        ('target=["tame", "heavy"], ignore=["day", "size"], missing="indicator"', 2),
        ('target=["tame", "age"], ignore=["day", "size"], missing="drop"', 2),
        ('target=["tame", "zip"], ignore=["day", "size"], missing="mean", standardize=false', 2),
        (f'{TAME}, missing="mean", group="owner", validation=0.2', 2),
        (f'{TAME}, missing="drop", group="heavy", weights="zip", test=0.3', 2),
        (f'{SIZE}, missing="median"', 1),
        (f'{TAME}, missing="mean", group="zip", test=0.3, split_seed=3', 2),
        (f'{TAME.replace(""""day", """, "")}, missing="mean", order="day", validation=0.2', 2),
        (f'{TAME}, missing="drop", order="zip", test=0.4', 2),
        (f'{TAME}, missing="indicator", order="zip", test=0.5', 2),
        (f'{TAME}, missing="mean", folds=3, fold=2, validation=0.2', 2),
        (f'{TAME}, missing="drop", folds=2, fold=1, group="owner"', 2),
        (f'{TAME}, missing="mean", test=0', 2),
        ('target="tame", ignore=["day","owner","size","age","heavy","zip"], missing="mean"', 2),
    ],
    ids=["means", "medians", "as they are", "quantiles", "robust", "indicators",
         "dropped", "dropped, to predict",
         "dropped classes", "labels", "two targets, dropped", "two targets as they are", "groups",
         "groups and weights with gaps", "no target in some rows",
         "groups by number", "order", "order by number", "unlearned indicators", "fold",
         "fold of groups", "no test", "categories alone"],
)  # fmt: skip
def test_table_of_categories_and_missing_cells(
    arguments: str, outputs: int, tmp_path: Path
) -> None:
    (tmp_path / "pets.csv").write_text(PETS)
    head, *rows = PETS.splitlines()
    later = [head, *rows[6:9], rows[0].replace(",cat,", ",yak,")]
    later = [re.sub(",(ann|fay|gil|hal),", r",\1 2,", row) for row in later]  # in new groups
    (tmp_path / "later.csv").write_text("\n".join(later) + "\n")
    made = [program(tmp_path, f'Table("pets.csv", {arguments})', outputs)]
    if "test=" not in arguments and "fold" not in arguments:
        arguments += ', test="later.csv"'
        made.append(program(tmp_path, f'Table("pets.csv", {arguments})', outputs))
    for one in made:
        assert_same_samples(one, tmp_path)
    assert_laid_out([to_pytorch(one, tmp_path).source for one in made], tmp_path)


@pytest.mark.parametrize("missing", ["refuse", "indicator", "drop"])
def test_table_of_codes(missing: str, tmp_path: Path) -> None:
    gap = "2024-01-12,,5,02,kim,0.25,1,0\n" if missing != "refuse" else ""
    rows = [row for row in PETS.splitlines(keepends=True) if ",," not in row and "?" not in row]
    (tmp_path / "pets.csv").write_text("".join(rows) + gap)
    of_pets = 'codes=["kind", "zip"], ignore=["day", "owner", "age", "heavy", "tame"], test=0.3'
    net = '[Input("kind") -> Embedding(_, 2), Input("zip") -> Embedding(_, 3)] -> Concat'
    text = MODEL.format(
        outputs=1,
        last="",
        data=f'Table("pets.csv", target="size", missing="{missing}", {of_pets})',
        loss="MSE",
    ).replace("net = ", f"net = {net} -> ")
    made = compile_source(SourceFile("a.net", text, tmp_path / "a.net"), to_run=True).require()
    assert_same_samples(made, tmp_path)
    assert_laid_out([to_pytorch(made, tmp_path).source], tmp_path)


def test_a_table_in_the_order_of_times_in_zones(tmp_path: Path) -> None:
    zones = ["+05:00", "Z"]
    rows = "".join(f"2024-01-01T{i:02}:30{zones[i % 2]},{i % 7},{i}.5\n" for i in range(20))
    (tmp_path / "times.csv").write_text("time,x,y\n" + rows)
    made = program(tmp_path, 'Table("times.csv", target="y", order="time", test=0.3)', 1)
    assert_same_samples(made, tmp_path)
    assert_laid_out([to_pytorch(made, tmp_path).source], tmp_path)


def test_a_table_of_labels_that_are_true_or_false(tmp_path: Path) -> None:
    rows = [f"{i},{i % 2 == 0},{str(i % 3 == 0).lower()}\n" for i in range(20)]
    (tmp_path / "t.csv").write_text("x,a,b\n" + "".join(rows))
    numbers = [row.replace("True", "1").replace("False", "0") for row in rows]
    (tmp_path / "n.csv").write_text(
        "x,a,b\n" + "".join(numbers).replace("true", "1").replace("false", "0")
    )
    for table, more in (("t.csv", ""), ("n.csv", ', test="t.csv"'), ("t.csv", ', test="n.csv"')):
        data = f'Table("{table}", target=["a", "b"]{more})'
        assert_same_samples(program(tmp_path, data, 2), tmp_path)


@pytest.mark.parametrize("by", ["group", "order"])
def test_a_table_divided_by_numbers_that_no_float_holds(by: str, tmp_path: Path) -> None:
    ids = [f"{2**60 + i * 7 % 12}{'.0' * (i % 3 == 0)}" for i in range(40)]
    rows = "".join(f"{one},{i % 7},{i}.5\n" for i, one in enumerate(ids))
    (tmp_path / "ids.csv").write_text("id,x,y\n" + rows)
    made = program(tmp_path, f'Table("ids.csv", target="y", {by}="id", test=0.3)', 1)
    assert_same_samples(made, tmp_path)


def test_rows_to_test_on_need_no_column_that_divides_rows(tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text(PETS)
    rows = [line.split(",") for line in PETS.splitlines()]
    kept = [row[:3] + row[4:] for row in rows[:1] + rows[8:10]]
    (tmp_path / "later.csv").write_text("".join(",".join(row) + "\n" for row in kept))
    names = 'target="tame", task="classification", ignore=["day", "age", "size", "owner"]'
    data = f'Table("pets.csv", {names}, missing="drop", group="zip", test="later.csv")'
    assert_same_samples(program(tmp_path, data, 2), tmp_path)


@pytest.mark.parametrize("ending", [".csv.gz", ".tsv", ".tsv.gz"])
def test_a_table_of_another_ending(ending: str, tmp_path: Path) -> None:
    text = FLOWERS.replace(",", "\t") if "tsv" in ending else FLOWERS
    packed = gzip.compress(text.encode()) if ending.endswith("gz") else text.encode()
    (tmp_path / f"flowers{ending}").write_bytes(packed)
    data = f'Table("flowers{ending}", target="kind", test=0.25)'
    made = program(tmp_path, data)
    assert_same_samples(made, tmp_path)
    if ending.endswith("gz"):
        (tmp_path / f"flowers{ending}").write_bytes(packed[:-9])
        with pytest.raises(SystemExit, match=r"^cannot read the table .* ended before the end"):
            written(made, tmp_path)[1].main(0)


def test_folds_are_told_to_be_more_than_one_training(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    made = program(tmp_path, 'CSV("flowers.csv", target="kind", folds=2)')
    with pytest.raises(Unsupported, match="has folds, and an exported file trains once"):
        to_pytorch(made, tmp_path)


def test_a_table_that_is_no_text_is_told(tmp_path: Path) -> None:
    rows = [f'{{"x": {row}, "y": "{"ab"[row % 2]}"}}\n' for row in range(20)]
    (tmp_path / "a.ndjson").write_text("".join(rows))
    made = program(tmp_path, 'Table("a.ndjson", target="y")')
    with pytest.raises(Unsupported, match="is no text"):
        to_pytorch(made, tmp_path)


def test_truth_values_that_rows_to_test_on_spell_otherwise(tmp_path: Path) -> None:
    for name, truths in (("a", "true false"), ("b", "True FALSE")):
        yes, no = truths.split()
        rows = "".join(f"{row},{[yes, no][row % 2]},{[no, yes][row % 3 % 2]}\n" for row in range(9))
        (tmp_path / f"{name}.csv").write_text("x,k,y\n" + rows)
    made = program(tmp_path, 'Table("a.csv", target="y", test="b.csv")')
    assert_same_samples(made, tmp_path)
    assert_laid_out([to_pytorch(made, tmp_path).source], tmp_path)


def test_a_number_is_none_of_names_that_are_not_all_numbers(tmp_path: Path) -> None:
    for name, cells in (("a", "1 2 other"), ("b", "1.0 2 other")):
        rows = "".join(f"{row},{cells.split()[row % 3]},{'uv'[row % 2]}\n" for row in range(9))
        (tmp_path / f"{name}.csv").write_text("x,k,y\n" + rows)
    data = 'Table("a.csv", target="y", categories=["k"], test="b.csv")'
    assert_same_samples(program(tmp_path, data), tmp_path)


def test_a_number_that_is_none_of_two_equal_names_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{row},{['1', '01', '2'][row % 3]},{'uv'[row % 2]}\n" for row in range(9))
    (tmp_path / "a.csv").write_text("x,k,y\n" + rows + "9,text,\n")  # a row that is dropped
    (tmp_path / "b.csv").write_text("x,k,y\n1,1.0,u\n2,2,v\n")
    names = 'target="y", categories=["k"], missing="drop"'
    assert_same_samples(program(tmp_path, f'Table("a.csv", {names})'), tmp_path)
    made = program(tmp_path, f'Table("a.csv", {names}, test="b.csv")')
    with pytest.raises(Unsupported, match=r"`b\.csv` holds `1\.0` in `k`: write it as `a\.csv`"):
        to_pytorch(made, tmp_path)


@pytest.mark.parametrize("odd", ["2024-05", "2024-05-02 00:30 UTC", "2024-05-01T00:00:00.0000001"])
def test_times_that_python_does_not_read_are_told(odd: str, tmp_path: Path) -> None:
    zone = " UTC" if "UTC" in odd else ""
    times = [odd, f"2024-05-01T23:30{zone}", f"2024-05-01 23:45{zone}"]
    rows = "".join(f"{row},{times[row % 3]},{row % 2}.5\n" for row in range(12))
    (tmp_path / "a.csv").write_text("x,d,y\n" + rows)
    made = program(tmp_path, 'Table("a.csv", target="y", order="d")', 1)
    with pytest.raises(Unsupported, match="`datetime` does not read `2024"):
        to_pytorch(made, tmp_path)
