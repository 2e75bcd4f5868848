"""An exported file reads any table as netlang does, or is not made.

Tables of odd cells are drawn: their names may be marks of missing cells, numbers that are equal, or
truth values that a file to test on writes otherwise.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from netlang.language.diagnostics import NetError
from netlang.lowering.lowerings import Unsupported
from tests.lowering.pytorch.test_data import assert_same_samples, program

FEW, MANY = 80, 300  # tables
NAMES = [
    ["ann", "bob", "cid"],
    ["none", "mild", "severe", "missing"],
    ["none", "NONE", "nil", "a"],
    ["+", "-", "++"],
    ["-", "a", "b"],
    ["NA", "Na", "n/a", "a", "b"],
    ["", "?", "NULL", "a", "b", "c"],
    ["1", "1.0", "2", "3e0"],
    ["01", "10", "02"],
    ["1", "01", "2", "a"],
    ["true", "false"],
    ["True", "False"],
    ["true", "True", "no"],
    ["sNaN", "Infinity", "b"],
    ["1_000", "1000", "7x", "b"],
    ["0", "1"],
    ["9007199254740993", "9007199254740992", "9007199254740992.0"],
]
TIMES = [
    ["2024-05-01", "2024-05-02", "2024-06-01"],
    ["2024-05", "2024-06", "2024-07"],
    ["2024-05", "2024-05-01", "2024-06-01"],
    ["2024-05-01T10:30Z", "2024-05-01T11:30+02:00", "2024-05-01T12:30Z"],
    ["2024-05-01 10:30 UTC", "2024-05-01 11:30 +02:00", "2024-05-02 00:30 UTC"],
    ["2024-05-01T10:30:00.0000001", "2024-05-01 10:30:00.0000002", "2024-05-01T10"],
    ["2024-05-01T10:30:00.5", "2024-05-01 10:30:00.25", "2024-05-01T10:30"],
    ["1", "2.0", "02", "3"],
    ["9007199254740993", "9007199254740992", "9007199254740992.0"],
    ["", "2024-05-01", "none", "2024-05-03"],
]
MARKS = ["", "NA", "none", "-", "n/a", "NONE"]


def drawn(draw: random.Random, folder: Path) -> tuple[str, str]:
    """Tables in a folder, the arguments of their data set, and the loss that fits them."""
    missing = draw.choice(["refuse", "drop", "mean", "median", "indicator"])
    columns: dict[str, Callable[[], str]] = {"x": lambda: f"{draw.gauss(0, 2):.3g}"}
    of_numbers = draw.random() < 0.3
    pools = {name: draw.choice(NAMES) for name in ("k", "g", "y")}
    if draw.random() < 0.5:  # names of no more than one column are odd
        pools.update(dict.fromkeys(draw.sample(["k", "g", "y"], 2), NAMES[0]))
    pools["d"] = draw.choice(TIMES)
    for name, pool in pools.items():
        columns[name] = lambda pool=pool: draw.choice(pool)
    columns["w"] = lambda: str(draw.randint(1, 4))
    if of_numbers:
        columns["y"] = columns["x"]
    lacks = 0.1 if missing != "refuse" else 0.0

    def write(file: str, names: list[str], rows: int) -> None:
        lines = [",".join(names)]
        for _ in range(rows):
            cells = [columns[name]() for name in names]
            if draw.random() < lacks:
                cells[draw.randrange(len(cells))] = draw.choice(MARKS)
            lines.append(",".join(cells))
        (folder / file).write_text("\n".join(lines) + "\n")

    write("a.csv", [*columns], 40)
    arguments = ['"a.csv"', 'target="y"', f'missing="{missing}"', f"split_seed={draw.randrange(9)}"]
    by = draw.choice(["", "group", "order", "group"])
    divides = {"group": "g", "order": "d"}.get(by, "")
    weights = draw.choice(["", "", 'weights="w"'])
    unused = {"g", "d", "w"} - {divides, weights and "w"} - {draw.choice("gd")}
    arguments += [f'{by}="{divides}"'] if by else []
    arguments += [weights] if weights else []
    listed = ", ".join(f'"{name}"' for name in sorted(unused))
    arguments += [f"ignore=[{listed}]"] if unused else []
    asked = draw.choice([[], ["k"], ["g"], ["k", "g"]])
    if as_names := [f'"{name}"' for name in asked if name not in unused]:
        arguments.append(f"categories=[{', '.join(as_names)}]")
    test = draw.choice(["share", "file", "file", "folds"])
    if test == "file":
        for name in ("k", "g", "y"):
            also = [one.title() for one in pools[name]] + ["none", "nil", "-", "1.00", "TRUE"]
            if draw.random() < 0.5 and not (of_numbers and name == "y"):
                pool = [*pools[name], *draw.sample(also, 2)]
                if name == "y":  # whose names have to be known
                    truths = {*map(str.lower, pools[name])} == {"true", "false"}
                    pool = ["True", "FALSE"] if truths else pools[name]
                columns[name] = lambda pool=pool: draw.choice(pool)
        write("b.csv", [name for name in reversed(columns) if name != divides], 20)
        arguments.append('test="b.csv"')
    elif test == "folds" and by != "order":
        arguments.append("folds=3, fold=2")
    else:
        arguments.append(f"test={draw.choice([0.2, 0.3])}")
    arguments += draw.choice([[], ["validation=0.2"]])
    return f"Table({', '.join(arguments)})", "MSE" if of_numbers else "SoftmaxCrossEntropy"


def compared(seed: int, folder: Path) -> bool:
    """Whether a drawn table can be read, and its program exported; both read it alike then."""
    data, loss = drawn(random.Random(seed), folder)
    try:
        made = program(folder, data, "_", loss)
        assert_same_samples(made, folder)
    except (NetError, Unsupported):
        return False
    except Exception as error:
        error.add_note(f"{data}, drawn by {seed}")
        raise
    return True


def test_few_drawn_tables(tmp_path: Path) -> None:
    assert sum(compared(seed, tmp_path) for seed in range(FEW)) > FEW // 4


@pytest.mark.slow
def test_many_drawn_tables(tmp_path: Path) -> None:
    assert sum(compared(seed, tmp_path) for seed in range(FEW, FEW + MANY)) > MANY // 4
