"""Inputs are shifted and scaled by what the training rows say of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import Pipeline
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training
from tests.catalogue.data.examples import FLOWERS, Make


def test_inputs_are_standardised_by_the_training_rows_only(csv: Make) -> None:
    raw, scaled = csv(FLOWERS, standardize=False).load(), csv(FLOWERS).load()
    train = raw.train.inputs.double()
    mean, deviation = train.mean(0), train.std(0, correction=0)
    for part in ("train", "test"):
        expected = (getattr(raw, part).inputs.double() - mean) / deviation
        got = getattr(scaled, part).inputs.double()
        torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6)


def test_targets_to_predict_are_standardised_by_the_training_rows_and_given_back(
    csv: Make,
) -> None:
    text = "a,y\n" + "".join(f"{i},{1000 + 7 * i}.5\n" for i in range(10))
    split = csv(text).load()
    assert split.train.targets.double().mean().item() == pytest.approx(0, abs=1e-6)
    assert split.train.targets.double().std(correction=0).item() == pytest.approx(1, abs=1e-6)
    targets = torch.cat([split.train.targets, split.test.targets])
    values = split.to_values(targets).flatten().tolist()
    assert sorted(values) == pytest.approx([1000.5 + 7 * i for i in range(10)], rel=1e-6)


def test_targets_are_as_in_the_file_where_nothing_is_standardised(csv: Make) -> None:
    text = "a,y\n" + "".join(f"{i},{i}.5\n" for i in range(10))
    split = csv(text, standardize=False).load()
    targets = torch.cat([split.train.targets, split.test.targets]).flatten()
    assert sorted(targets.tolist()) == [i + 0.5 for i in range(10)]
    assert torch.equal(split.to_values(targets), targets.double())


def test_metrics_are_in_the_units_of_the_file_and_the_loss_in_those_of_training(
    tmp_path: Path,
) -> None:
    rows = "".join(f"{i % 7},{50_000 + 3000 * (i % 7)}.5\n" for i in range(70))
    (tmp_path / "t.csv").write_text("a,y\n" + rows)
    text = (
        'net = Linear(1, 1)\ndata = CSV("t.csv", target="y")\nloss = MSE\n'
        "optimizer = SGD(lr=0.05)\nmetrics = [mse, mae, r2]\nepochs = 3\n"
    )
    source = SourceFile("m.net", text, tmp_path / "m.net")
    training = Training(compile_source(source, to_run=True).require())
    *_, finished = training.events()
    assert isinstance(finished, Finished)
    split, found = training.split, finished.metrics
    outputs = split.to_values(training.outputs(split.test.inputs))
    errors = outputs - split.to_values(split.test.targets)
    assert found["test.mae"] == pytest.approx(errors.abs().mean().item())
    assert found["test.mse"] == pytest.approx(errors.square().mean().item())
    assert found["test.mse"] > 1e3 > found["test.loss"]
    assert found["test.r2"] <= 1


@pytest.mark.parametrize("constant", ["7", "0", "-2.5"])
def test_a_constant_column_becomes_zero(csv: Make, constant: str) -> None:
    text = "a,b,y\n" + "".join(f"{constant},{i},{'pq'[i % 2]}\n" for i in range(10))
    split = csv(text).load()
    assert not split.train.inputs[:, 0].any()
    assert not split.test.inputs[:, 0].any()


@pytest.mark.parametrize("number", [0.1, 2.7, 1e10 + 0.1])
@pytest.mark.parametrize("rows", [3, 6, 7, 24, 1000])
def test_a_constant_column_is_only_shifted_where_its_mean_is_rounded(
    number: float, rows: int
) -> None:
    train = torch.full((rows, 1), number, dtype=torch.float64)
    test = torch.tensor([[number], [number + 1]], dtype=torch.float64)
    pipeline = Pipeline.fit(("a",), train, "y", None)
    assert pipeline.to_inputs(train).abs().max() < 1e-5
    assert pipeline.to_inputs(test).flatten().tolist() == pytest.approx([0, 1], abs=1e-5)


def test_a_column_constant_in_training_rows_alone_is_only_shifted(csv: Make) -> None:
    plain = csv("a,b,y\n" + "".join(f"7,{i},{i / 2}\n" for i in range(5)))
    plain.describe()
    test_row = int(csv(standardize=False).load().test.inputs[0, 1].item())
    cells = ["9" if i == test_row else "7" for i in range(5)]
    text = "a,b,y\n" + "".join(f"{cell},{i},{i / 2}\n" for i, cell in enumerate(cells))
    split = csv(text).load()
    assert split.train.inputs[:, 0].tolist() == [0, 0, 0, 0]
    assert split.test.inputs[:, 0].tolist() == [2]


CLOSE = [
    ("0.3", "0.30000000000000004"),
    ("0.1", "0.10000000000000003"),
    ("1e9", "1000000000.0000001"),
    ("-1e9", "-1000000000.0000006"),
    ("1e-30", "1.0000000000000002e-30"),
    ("123456789012.12345", "123456789012.12347"),
    ("0", "-0"),
]


@pytest.mark.parametrize(("number", "other"), CLOSE)
@pytest.mark.parametrize("rows", [4, 100])
def test_a_column_that_is_constant_but_for_rounding_is_only_shifted(
    csv: Make, number: str, other: str, rows: int
) -> None:
    cells = [(number, other, number)[row % 3] for row in range(rows)]
    text = "a,b,y\n" + "".join(f"{cell},{i},{i}.5\n" for i, cell in enumerate(cells))
    split = csv(text).load()
    inputs = torch.cat([split.train.inputs, split.test.inputs])
    assert inputs[:, 0].abs().max() < 1e-4
    assert inputs[:, 1].abs().max() > 1


@pytest.mark.parametrize(
    ("number", "other"),
    [("0.3", "0.300000000001"), ("1e9", "1000000000.001"), ("1e-30", "2e-30"), ("0", "1e-30")],
)
def test_a_column_whose_numbers_differ_by_more_than_rounding_is_an_input(
    csv: Make, number: str, other: str
) -> None:
    text = "a,b,y\n" + "".join(f"{(number, other)[i % 2]},{i},{i}.5\n" for i in range(50))
    split = csv(text).load()
    assert split.train.inputs[:, 0].double().std() == pytest.approx(1, abs=0.05)
