"""What the columns of a table are: classes or numbers to predict, inputs, or neither."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from netlang.language.shapes import Shape
from tests.catalogue.data.examples import Make, inputs_of, mistake, shown


def test_text_makes_classes_in_the_order_of_code_points(csv: Make) -> None:
    data = csv("a,y\n1,pear\n2,apple\n3,Banana\n4,apple\n5,pear\n6,Banana\n", test=0.5)
    assert data.describe().classes == ("Banana", "apple", "pear")


@pytest.mark.parametrize("blank", [" ", "\t", "\xa0", "\u2003"])
def test_blanks_around_a_class_are_no_part_of_it(csv: Make, blank: str) -> None:
    data = csv(f"a,y\n1,a\n2,a{blank}\n3,{blank}a\n4,b\n5,b\n")
    assert data.describe().classes == ("a", "b")


@pytest.mark.parametrize("blank", [" ", "\t", "\xa0", "\u2003"])
@pytest.mark.parametrize("mark", ["", "NA", "?", "-"])
def test_blanks_around_a_mark_of_a_missing_class_are_no_part_of_it(
    csv: Make, mark: str, blank: str
) -> None:
    found = mistake(csv(f"a,y\n1,a\n2,b\n3,{blank}{mark}{blank}\n4,a\n5,b\n"))
    assert found.code == "E0406"
    assert found.helps[0].startswith("name the row's class, or remove the row")


def test_whole_numbers_make_classes_in_numerical_order(csv: Make) -> None:
    data = csv("a,y\n1,10\n2,9\n3,-1\n4,10\n5,9\n6,-1\n", test=0.5)
    assert data.describe().classes == ("-1", "9", "10")


def test_labels_are_numbers_into_the_classes(csv: Make) -> None:
    text = "a,y\n" + "".join(f"{i},{('pear', 'apple', 'fig')[i % 3]}\n" for i in range(12))
    data = csv(text, test=0.5, standardize=False)
    classes = data.describe().classes
    assert classes
    split = data.load()
    for part in (split.train, split.test):
        assert part.targets.dtype == torch.int64
        for (number,), label in zip(part.inputs.tolist(), part.targets.tolist(), strict=True):
            assert classes[label] == ("pear", "apple", "fig")[int(number) % 3]


def test_a_target_with_decimals_is_a_number_to_predict(csv: Make) -> None:
    data = csv("a,y\n1,1\n2,2.5\n3,3\n4,4\n5,1e1\n", standardize=False)
    description = data.describe()
    assert (description.task, description.classes, description.outputs) == ("regression", None, 1)
    split = data.load()
    pairs = dict[float, float]()
    for part in (split.train, split.test):
        assert part.targets.shape == (len(part), 1)
        assert part.targets.dtype == torch.get_default_dtype()
        pairs |= zip(part.inputs.flatten().tolist(), part.targets.flatten().tolist(), strict=True)
    assert pairs == {1: 1, 2: 2.5, 3: 3, 4: 4, 5: 10}


@pytest.mark.parametrize(
    ("task", "cells", "outputs"),
    [
        ("regression", ["1", "2", "3", "4"], 1),
        ("auto", ["1", "2", "3", "4"], 4),
        ("classification", ["0.5", "1.5", "0.5", "1.5"], 2),
        ("auto", ["0.5", "1.5", "0.5", "1.5"], 1),
    ],
)
def test_the_task_may_be_stated(csv: Make, task: str, cells: list[str], outputs: int) -> None:
    text = "a,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells * 3))
    description = csv(text, task=task, test=0.5).describe()
    assert description.outputs == outputs
    assert (description.classes is None) == (outputs == 1)


def test_the_order_of_classes_does_not_depend_on_how_python_hashes(tmp_path: Path) -> None:
    rows = "".join(f"1,{cell}\n" * 2 for cell in ("one", "One", "ONE", "oNE", "onE"))
    (tmp_path / "t.csv").write_text("a,y\n" + rows)
    program = "from netlang.catalogue.data import CSV; "
    program += "print(CSV('t.csv', target='y', test=0.5).describe().classes)"
    orders = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(4)
    }
    assert len(orders) == 1


def test_the_columns_but_the_target_and_those_ignored_are_inputs_in_the_files_order(
    csv: Make,
) -> None:
    text = "c,y,b,id,a\n3,p,2,n1,1\n6,q,5,n2,4\n3,p,2,n3,1\n6,q,5,n4,4\n"
    data = csv(text, ignore=("id",), test=0.5, standardize=False)
    assert data.describe().input == Shape.of(3)
    assert inputs_of(data) == [[3, 2, 1], [3, 2, 1], [6, 5, 4], [6, 5, 4]]


def test_columns_to_ignore_may_be_given_as_a_python_list(csv: Make) -> None:
    text = "a,id,y\n1,n1,p\n2,n2,q\n3,n3,p\n4,n4,q\n"
    assert csv(text, ignore=["id"], test=0.5).describe().input == Shape.of(1)


@pytest.mark.parametrize("cell", ["p", "1", "1.0"])
def test_a_target_of_one_class_is_e0414(csv: Make, cell: str) -> None:
    found = mistake(csv("a,y\n" + f"1,{cell}\n" * 5))
    assert (found.code, found.title) == ("E0414", "`y` has only one class")
    assert shown(found)[0] == "m.net"
