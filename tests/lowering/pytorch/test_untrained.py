"""What an export says where little is to be done: no weights, one sample, one row to test on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from netlang.runs.training.training import Training
from tests.lowering.pytorch.test_long import program
from tests.lowering.pytorch.written import written

NUMBER = re.compile(r"(\S+) (-?[\d.e+-]+|nan|-?inf)(?=  |$)")


def shown(output: str) -> dict[str, float]:
    return {name: float(value) for name, value in NUMBER.findall(output.splitlines()[-1])}


@pytest.mark.parametrize(
    "net",
    [
        "Identity",
        "ReLU",
        "Dropout(0.5)",
        "[Identity, Tanh] -> Add",
        "[Linear(2, 2), Tanh] -> Select(1)",
    ],
)
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_a_model_without_weights_is_measured_and_not_trained(
    net: str, optimizer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = program(tmp_path, net=net, optimizer=optimizer, data="Disc(train=20, test=10)")
    _, code = written(made, tmp_path)
    assert code.make_optimizer(code.Model()) is None
    code.main(0)
    *_, ours = Training(made).events()
    assert shown(capsys.readouterr().out)["test.loss"] == pytest.approx(
        ours.metrics["test.loss"], rel=1e-5
    )


def test_a_model_with_weights_has_its_optimizer(tmp_path: Path) -> None:
    _, code = written(program(tmp_path, net="Tanh -> Linear(2, 2)"), tmp_path)
    assert isinstance(code.make_optimizer(code.Model()), torch.optim.SGD)


@pytest.mark.parametrize(
    "settings",
    [
        {"data": "Disc(train=1, test=1, validation=1)"},
        {"data": "Disc(train=3, test=1)", "batch": "100"},
        {
            "data": 'CSV("a.csv", target="y", test=0.5)',
            "net": "Linear(1, 1)",
            "metrics": "[mse, mae, r2]",
        },
    ],
    ids=["one sample", "a batch larger than the data", "one row each"],
)
def test_the_smallest_trainings_run_and_measure_as_netlang_does(
    settings: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,0.5\n2,0.75\n")
    made = program(tmp_path, epochs="2", **settings)
    _, code = written(made, tmp_path)
    code.main(0)
    found = shown(capsys.readouterr().out)
    *_, ours = Training(made, "tensor").events()
    assert found.keys() == ours.metrics.keys()
    if "test.r2" in found:  # no row is to be told from the mean
        assert found["test.r2"] == ours.metrics["test.r2"] == 0
