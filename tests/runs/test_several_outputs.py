"""A network of several outputs is trained, resumed, judged, asked and exported as one of one is."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from netlang.runs.training.training import Training
from tests.program import netlang, only

NET = """\
net = Linear(_, 8) -> Tanh -> [Linear(8, 3), Linear(8, 1) as cost]
data = Table("homes.csv", target=["town", "price"], validation=0.1)
loss = [SoftmaxCrossEntropy, 0.5 * MSE]
optimizer = Adam(lr=1e-2)
batch = 16
epochs = 3
expect test.cost.mae < 1000
"""


def table(rows: int = 60) -> str:
    draw = random.Random(0)
    lines = ["size,age,town,price"]
    for _ in range(rows):
        size, age, town = draw.uniform(30, 90), draw.randint(1, 50), draw.choice("ORB")
        lines.append(f"{size:.1f},{age},{town},{size * 2 + age / 3 + ord(town):.2f}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("homes.csv").write_text(table())
    Path("a.net").write_text(NET)
    return Path("a.net")


def program(file: Path) -> Program:
    return compile_source(SourceFile("a.net", file.read_text(), file.absolute())).require()


def apart(program: Program) -> float:
    """How far netlang's weights and PyTorch's are apart in float64 at most."""
    found = Lockstep(Twin(program, Path("twin.py")), "tensor").epochs()
    return max(one.float64 for one in found)


def test_targets_are_a_row_of_class_numbers_and_standardised_numbers(file: Path) -> None:
    found = program(file)
    assert found.data
    split = found.data.load(0)
    assert split.train.targets.shape == (42, 2)
    assert {*split.train.targets[:, 0].tolist()} == {0.0, 1.0, 2.0}
    assert split.train.targets[:, 1].mean().abs() < 1e-5
    _, to_values = split.units(2)
    assert to_values(split.train.targets[:, 1:]).mean() > 100


def test_each_output_is_measured_in_its_own_units(file: Path) -> None:
    training = Training(program(file), "tensor")
    *_, done = training.events()
    metrics = done.metrics  # type: ignore[union-attr]
    assert [*metrics][:4] == [
        "train.loss",
        "train.town.accuracy",
        "train.cost.mae",
        "train.cost.r2",
    ]
    test = training.split.judged
    y = torch.cat([*training.engine.evaluate(test.inputs)])
    right = (y[:, :3].argmax(1) == test.targets[:, 0]).double().mean()
    assert metrics["test.town.accuracy"] == pytest.approx(right.item())
    _, to_values = training.split.units(2)
    missed = (to_values(y[:, 3:]) - to_values(test.targets[:, 1:])).abs().mean()
    assert metrics["test.cost.mae"] == pytest.approx(missed.item())


@pytest.mark.usefixtures("compiler")
def test_c_trains_each_output_by_its_loss(file: Path) -> None:
    weights = []
    for name in ("native", "tensor"):
        training = Training(program(file), name)
        assert (training.engine.name, training.engine.note) == (name, "")
        for _ in training.events():
            pass
        weights.append(training.network.parameters)
    torch.testing.assert_close(*weights, rtol=1e-3, atol=1e-4)


def test_netlang_and_pytorch_stay_together(file: Path) -> None:
    assert apart(program(file)) < 1e-12


@pytest.mark.slow
def test_they_stay_together_where_samples_have_weights(file: Path) -> None:
    file.write_text(NET.replace("validation=0.1", 'weights="age"'))
    assert apart(program(file)) < 1e-12


def test_a_run_goes_on_to_the_same_bits(file: Path) -> None:
    assert netlang("run", file, "--no-plots", "-o", "whole", "--set", "epochs=4").exit_code == 0
    assert netlang("run", file, "--no-plots", "-o", "part").exit_code == 0
    assert netlang("resume", only("part"), "--set", "epochs=4").exit_code == 0
    whole, part = (only(root) / "model.safetensors" for root in ("whole", "part"))
    ends = [path.read_bytes()[-400:] for path in (whole, part)]
    assert ends[0] == ends[1]


def test_a_trained_network_says_of_each_output_what_it_predicts(file: Path) -> None:
    assert netlang("run", file, "-o", "runs").exit_code == 0
    run = only("runs")
    assert not (run / "confusion.png").exists()
    answered = netlang("predict", run, "homes.csv", "-o", "-").stdout.splitlines()
    head = answered[0].split(",")
    assert head[4:] == [
        "prediction of town", "p(town=B)", "p(town=O)", "p(town=R)", "prediction of cost",
    ]  # fmt: skip
    assert answered[1].split(",")[4] in "BOR"
    judged = json.loads(netlang("eval", run, "--json").stdout)
    assert {*judged["outputs"]} == {"town", "cost"}
    assert judged["outputs"]["town"]["confusion"]
    assert judged["metrics"]["cost.rmse"] == judged["outputs"]["cost"]["metrics"]["rmse"]
    assert judged["expectations"][0]["met"]
    shown = netlang("eval", run).stdout
    assert "the largest errors" in shown
    assert "true \\ predicted" in shown
    one = netlang("predict", run, "--values", "size=50,age=3", "--json")
    assert {"prediction of town", "prediction of cost"} <= {*json.loads(one.stdout)}
    seen = netlang("data", file).stdout
    assert "town=B" in seen
    assert "price" in seen


@pytest.mark.parametrize("command", [["--overfit", "8"], ["--folds", "3"], ["--fast"], ["--watch"]])
def test_other_ways_to_run_know_several_outputs(file: Path, command: list[str]) -> None:
    found = netlang("run", file, "--no-plots", *command)
    assert found.exit_code in (0, 1)
    assert "an error of its own" not in found.output
    assert "train.town.accuracy" in found.output or "town" in found.output


def test_a_table_of_a_file_for_the_test_has_the_same_targets(file: Path) -> None:
    Path("later.csv").write_text(table(12))
    file.write_text(NET.replace("validation=0.1", 'test="later.csv"'))
    split = program(file).data.load(0)  # type: ignore[union-attr]
    assert split.test
    assert split.test.targets.shape == (12, 2)


def test_rows_without_one_of_the_targets_are_left_out(file: Path) -> None:
    lines = table().splitlines()
    lines[3], lines[5] = "50,3,,120", "51,4,O,"
    Path("homes.csv").write_text("\n".join(lines) + "\n")
    file.write_text(NET.replace("validation=0.1", 'missing="mean"'))
    found = program(file).description
    assert found
    assert (found.samples, found.without_target) == (58, 2)


def test_a_column_of_whole_numbers_has_classes_if_it_names_categories(file: Path) -> None:
    text = NET.replace('"town", "price"', '"age", "price"').replace("Linear(8, 3)", "Linear(8, _)")
    file.write_text(text.replace("validation=0.1", 'categories=["age"], ignore=["town"]'))
    found = program(file).description
    assert found
    kinds = [(name, one.task) for name, one in found.tasks]
    assert kinds == [("age", "classification"), ("price", "regression")]


def test_several_numbers_that_have_an_output_each_are_in_their_own_units(file: Path) -> None:
    text = NET.replace('"town", "price"', '"size", "price"').replace("Linear(8, 3)", "Linear(8, 1)")
    text = text.replace("SoftmaxCrossEntropy", "MSE").replace("validation=0.1", 'ignore=["town"]')
    file.write_text(text)
    *_, done = Training(program(file), "tensor").events()
    assert done.metrics["train.size.mae"] < 40  # type: ignore[union-attr]
    assert done.metrics["train.cost.mae"] > 10  # type: ignore[union-attr]
    exported = to_pytorch(program(file), Path().resolve()).source
    assert "in_units(y[:, 1:2], 1)" in exported
