"""A training whose loss is no number says why."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from netlang.catalogue.data import Samples
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.training import Diverged, NoLoss
from netlang.language.source import SourceFile
from netlang.runs.training.divergence import divergence
from netlang.runs.training.training import Training

TEXT = "net = Linear(2, 2) -> {last}\nloss = {loss}\noptimizer = {optimizer}\n"
DISC = "data = Disc(train=20, test=20)\n"


def program(last: str, loss: str, optimizer: str = "SGD(lr=0.5)", data: str = DISC) -> Program:
    text = TEXT.format(last=last, loss=loss, optimizer=optimizer) + data
    source = SourceFile("a.net", text, Path("a.net").absolute())
    return compile_source(source, to_run=True).require()


def train_samples(program: Program) -> Samples:
    assert program.data
    return program.data.load(program.seed).train


@pytest.mark.parametrize(
    ("metrics", "metric", "value"),
    [
        ({"train.loss": math.nan, "test.loss": 1.0}, "train.loss", "not a number"),
        ({"train.loss": 1.0, "test.loss": math.inf}, "test.loss", "infinite"),
        ({"test.mse": math.nan, "validation.loss": -math.inf}, "validation.loss", "infinite"),
    ],
)
def test_the_first_loss_that_is_not_finite_is_told(
    metrics: dict[str, float], metric: str, value: str
) -> None:
    one = program("Softmax", "CrossEntropy")
    found = divergence(one, train_samples(one), metrics, epoch=7)
    assert isinstance(found, Diverged)
    assert (found.metric, found.value, found.epoch, found.target) == (metric, value, 7, None)


def test_other_metrics_may_be_no_numbers() -> None:
    one = program("Softmax", "CrossEntropy")
    metrics = {"train.loss": 0.5, "test.r2": math.nan, "test.mse": math.inf}
    assert divergence(one, train_samples(one), metrics, epoch=1) is None


def test_the_rate_is_told_beside_its_default() -> None:
    one = program("Softmax", "CrossEntropy", "Adam(lr=0.5)")
    found = divergence(one, train_samples(one), {"train.loss": math.nan}, epoch=1)
    assert isinstance(found, Diverged)
    assert (found.lr, found.default) == (0.5, 0.001)


@pytest.mark.parametrize(("largest", "told"), [(100, None), (101, 101), (-250, 250)])
def test_numbers_to_predict_are_told_if_they_are_large(largest: int, told: float | None) -> None:
    rows = "".join(f"{n},{n % 3},0,{largest if n == 5 else n}\n" for n in range(20))
    Path("a.csv").write_text(f"a,b,y,z\n{rows}")
    data = 'data = CSV("a.csv", target=["y", "z"], standardize=false, test=0)\n'
    one = program("Identity", "MSE", data=data)
    found = divergence(one, train_samples(one), {"train.loss": math.nan}, epoch=1)
    assert isinstance(found, Diverged)
    assert found.target == told


def test_a_loss_of_probabilities_names_the_layers_that_give_them() -> None:
    one = program("Tanh", "CrossEntropy")
    found = divergence(one, train_samples(one), {"train.loss": math.nan}, epoch=1)
    assert isinstance(found, NoLoss)
    assert found.layers == ("Sigmoid", "Softmax")


def test_targets_that_are_too_large_for_a_loss_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i}.5e30\n" for i in range(1, 40)))
    text = (
        'net = Linear(1, 1)\ndata = CSV("a.csv", target="y", standardize=false)\n'
        "loss = MSE\noptimizer = SGD(lr=0.1)"
    )
    source = SourceFile("a.net", text, tmp_path / "a.net")
    with pytest.raises(NetError) as refused:
        list(Training(compile_source(source, to_run=True).require()).events())
    (found,) = refused.value.diagnostics
    assert found.code == "E0413"
    assert found.helps == ("outputs and targets may be too large for it: scale them down",)
