"""Which rows of a table are to learn from, to validate on and to test on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import CSV
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.plots.pictures import pictures
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training
from tests.catalogue.data.examples import FLOWERS, NET, Make, inputs_of, mistake, shown
from tests.lowering.pytorch.written import written


@pytest.mark.parametrize("test", [0.1, 0.2, 0.25, 0.5, 0.9])
def test_the_split_has_the_sizes_that_the_description_says(csv: Make, test: float) -> None:
    data = csv(FLOWERS, test=test)
    description, split = data.describe(), data.load()
    assert (len(split.train), len(split.test)) == (description.train, description.test)
    assert description.train + description.test == 30
    assert split.train.inputs.shape == (description.train, 2)


def test_the_same_share_of_every_class_is_set_aside(csv: Make) -> None:
    text = "a,y\n" + "1,common\n" * 80 + "2,rare\n" * 20
    split = csv(text, test=0.25).load()
    assert Counter(split.test.targets.tolist()) == {0: 20, 1: 5}
    assert Counter(split.train.targets.tolist()) == {0: 60, 1: 15}


@pytest.mark.parametrize("target", ["y", "a"])
def test_every_row_is_in_one_part_of_the_split(csv: Make, target: str) -> None:
    text = "id,a,y\n" + "".join(f"{i},{i / 8},{'pq'[i % 2]}\n" for i in range(21))
    ignored = "a" if target == "y" else "y"
    data = csv(text, target=target, ignore=(ignored,), standardize=False)
    assert inputs_of(data) == [[i] for i in range(21)]


def test_rows_stay_in_the_file_s_order(csv: Make) -> None:
    split = csv(FLOWERS, standardize=False, test=0.5).load()
    for part in (split.train, split.test):
        numbers = part.inputs[:, 0].tolist()
        assert numbers == sorted(numbers)


def test_the_seed_alone_decides_on_the_split(csv: Make) -> None:
    first = csv(FLOWERS).load(1)
    torch.manual_seed(5)
    again, other = csv(FLOWERS).load(1), csv(FLOWERS).load(2)
    assert torch.equal(first.test.inputs, again.test.inputs)
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert not torch.equal(first.test.inputs, other.test.inputs)


@pytest.mark.parametrize(("test", "part"), [(0.1, "test on"), (0.9, "learn from")])
def test_a_split_with_an_empty_part_is_e0407(csv: Make, test: float, part: str) -> None:
    found = mistake(csv("a,y\n1,p\n2,p\n3,p\n", test=test))
    assert (found.code, found.title) == (
        "E0407",
        f"test={test} of 3 rows leaves no rows to {part}",
    )


@pytest.mark.parametrize(("rows", "validation"), [(1, 0.0), (2, 0.25)])
def test_no_other_share_is_proposed_where_none_gives_each_part_a_row(
    csv: Make, rows: int, validation: float
) -> None:
    data = csv("a,y\n" + "1,p\n" * rows, validation=validation)
    assert mistake(data).message().helps == "give the file more rows"


def test_another_share_is_proposed_where_one_gives_each_part_a_row(csv: Make) -> None:
    help = "give the file more rows, or `validation` another share"
    assert mistake(csv("a,y\n1,p\n2,p\n3,p\n", validation=0.01)).message().helps == help


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../t.csv", "`..`"),
        ("deep/../../t.csv", "`..`"),
        ("deep\\..\\..\\t.csv", "`..`"),
        ("..", "`..`"),
        ("/etc/passwd", "is absolute"),
        ("C:\\t.csv", "is absolute"),
        ("c:t.csv", "is absolute"),
        ("\\\\server\\t.csv", "is absolute"),
        ("https://example.org/t.csv", "uses no network"),
        ("file:///etc/passwd", "uses no network"),
        ("", "no file's name"),
        ("t\0.csv", "no file's name"),
    ],
)
def test_a_path_out_of_the_folder_is_e0410(
    csv: Make, tmp_path: Path, path: str, reason: str
) -> None:
    (tmp_path.parent / "t.csv").write_text(FLOWERS)
    found = mistake(csv(FLOWERS, path=path))
    assert found.code == "E0410"
    assert reason in found.title
    assert shown(found) == ("m.net", 1, 8, NET[7:-1])


@pytest.mark.parametrize("test", [1, -0.2, 1.5])
def test_the_share_to_test_on_is_0_or_up_to_1(test: float) -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        CSV("t.csv", "y", test=test)


@pytest.mark.parametrize(("test", "validation"), [(0.5, 0.5), (0.7, 0.3), (0.9, 0.5)])
@pytest.mark.parametrize("rows", ["ppppq", "ppqqr", "pq"])
def test_shares_that_sum_to_1_leave_nothing_to_learn_from(
    csv: Make, test: float, validation: float, rows: str
) -> None:
    text = "a,y\n" + "".join(f"1,{row}\n" for row in rows)
    found = mistake(csv(text, test=test, validation=validation))
    assert (found.code, found.title) == (
        "E0407",
        f"test={test} and validation={validation} of {len(rows)} rows leave no rows to learn from",
    )
    assert "less than 1" in found.helps[0]


@pytest.mark.parametrize("cell", ["p", "1", "1.5"])
def test_a_table_of_one_row_leaves_nothing_to_test_on(csv: Make, cell: str) -> None:
    found = mistake(csv(f"a,y\n1,{cell}\n"))
    assert (found.code, found.title) == ("E0407", "test=0.2 of 1 row leaves no rows to test on")


@pytest.mark.parametrize("validation", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("rows", ["pppqr", "ppqqrr", "ppppppprrrq", "pqrstuvwxyz"])
def test_a_table_is_split_as_it_is_described(csv: Make, rows: str, validation: float) -> None:
    text = "a,y\n" + "".join(f"{number},{row}\n" for number, row in enumerate(rows))
    data = csv(text, test=0.4, validation=validation)
    description = data.describe()
    split = data.load()
    assert (len(split.train), len(split.test)) == (description.train, description.test)
    assert len(split.validation or ()) == description.validation


def test_a_share_for_validation_leaves_the_test_rows_as_they_are(csv: Make) -> None:
    plain = csv(FLOWERS, standardize=False).load()
    split = csv(FLOWERS, standardize=False, validation=0.2).load()
    assert split.validation
    assert (len(split.train), len(split.validation), len(split.test)) == (18, 6, 6)
    assert torch.equal(split.test.inputs, plain.test.inputs)
    rows = torch.cat([split.train.inputs, split.validation.inputs]).tolist()
    assert sorted(rows) == sorted(plain.train.inputs.tolist())
    assert Counter(split.validation.targets.tolist()) == {0: 2, 1: 2, 2: 2}


def test_shares_that_leave_no_row_for_one_part_are_refused(csv: Make) -> None:
    assert "learn from" in mistake(csv(FLOWERS, test=0.5, validation=0.5)).title
    assert "validate on" in mistake(csv(FLOWERS, validation=0.01)).title


def test_without_a_test_all_rows_are_there_to_learn_from(csv: Make) -> None:
    data = csv(FLOWERS, test=0)
    described, split = data.describe(), data.load()
    assert described.parts == ("train",)
    assert described.judged == "train"
    assert (described.train, len(split.train)) == (described.samples, described.samples)
    assert split.test is None
    assert split.judged is split.train
    data = csv(FLOWERS, test=0, validation=0.25)
    described, split = data.describe(), data.load()
    assert described.parts == ("train", "validation")
    assert split.validation
    assert split.judged is split.validation
    assert len(split.validation) == described.validation > 0


def test_a_run_without_a_test_is_measured_drawn_and_held_against_what_there_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "t.csv").write_text(FLOWERS)
    text = (
        'net = Linear(_, 3) -> Softmax\ndata = CSV("t.csv", target="y", test=0)\n'
        "loss = CrossEntropy\noptimizer = Adam\nepochs = 2\nexpect train.accuracy >= 0.001\n"
    )
    source = SourceFile("m.net", text, tmp_path / "m.net")
    program = compile_source(source, to_run=True).require()
    training = Training(program)
    *_, finished = training.events()
    assert isinstance(finished, Finished)
    assert finished.ok
    assert [*finished.metrics] == ["train.loss", "train.accuracy"]
    drawn = pictures(program, training.outputs, training.split)
    assert "confusion.png" in drawn
    for name, draw in drawn.items():
        draw(tmp_path / name)
    _, code = written(program, tmp_path)
    assert [*code.load_data(0)] == ["train"]
    wrong = compile_source(
        SourceFile("m.net", text.replace("train.a", "test.a"), tmp_path / "m.net")
    )
    (found,) = wrong.diagnostics
    assert found.code == "E0409"
    assert "the argument `test`" in found.helps[0]
