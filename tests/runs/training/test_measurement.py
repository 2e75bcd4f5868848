"""What a part of the data is measured to be, however its outputs come."""

from __future__ import annotations

import weakref
from pathlib import Path

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.metric_path import MetricPath
from netlang.language.source import SourceFile
from netlang.runs.folders.kept_run import is_better_higher
from netlang.runs.training.measurement import Measurement

NET = """\
net = Linear(1, 1)
data = CSV("a.csv", target="y")
loss = MSE
metrics = [r2, mse, mae]
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i}.5\n" for i in range(40)))
    return compile_source(SourceFile("a.net", NET, tmp_path / "a.net")).require()


class Kept(bytearray):
    """Memory that says when it is let go."""


def test_no_outputs_are_kept_but_those_of_a_piece_that_is_not_full(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.runs.training.measurement.measured_samples", lambda graph: 4)
    assert program.loss
    measurement = Measurement(program, program.loss, "train")
    given = []
    for _ in range(10):
        memory = Kept(3 * 4)
        given.append(weakref.ref(memory))
        y = torch.frombuffer(memory, dtype=torch.float32).view(3, 1)
        del memory
        measurement.add(y, torch.rand(3, 1))
        del y
        assert sum(one() is not None for one in given) <= 2
    measurement.values()


def test_a_part_is_measured_the_same_in_stretches_of_any_length(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.runs.training.measurement.measured_samples", lambda graph: 8)
    assert program.loss
    y, t = torch.rand(30, 1), torch.rand(30, 1)
    found = []
    for stretch in (1, 3, 8, 30):
        measurement = Measurement(program, program.loss, "test")
        for batch in zip(y.split(stretch), t.split(stretch), strict=True):
            measurement.add(*batch)
        found.append(measurement.values())
    assert list(found[0]) == ["test.loss", "test.r2", "test.mse", "test.mae"]
    assert all(one == found[0] for one in found)
    for metric in program.metrics:
        assert found[0][f"test.{metric.name}"] == pytest.approx(metric(y, t), rel=1e-12)


def test_two_measurements_at_once_share_no_sums(program: Program) -> None:
    assert program.loss
    both = [Measurement(program, program.loss, part) for part in ("train", "test")]
    y, t = torch.rand(2, 6, 1), torch.rand(2, 6, 1)
    for half in (slice(3), slice(3, None)):
        for number, measurement in enumerate(both):
            measurement.add(y[number, half], t[number, half])
    for number, measurement in enumerate(both):
        r2 = measurement.values()[f"{measurement.part}.r2"]
        assert r2 == pytest.approx(program.metrics[0](y[number], t[number]), rel=1e-12)


@pytest.mark.parametrize(
    ("net", "loss"),
    [
        ("Linear(2, 2)", "SoftmaxCrossEntropy"),
        ("Linear(2, 2) -> LogSoftmax", "NLL"),
        ("Linear(2, 1)", "SigmoidCrossEntropy"),
        ("Linear(2, 2) -> Softmax", "CrossEntropy"),
    ],
)
def test_metrics_read_outputs_as_the_loss_does(net: str, loss: str) -> None:
    names = "accuracy, log_loss, brier, roc_auc, f1, perplexity"
    text = f"net = {net}\ndata = Disc\nloss = {loss}\nmetrics = [{names}]"
    program = compile_source(SourceFile("a.net", text)).require()
    assert program.loss
    logits, t = torch.randn(50, 2), torch.randint(2, (50,))
    p = logits.double().softmax(1)
    y = {
        "SoftmaxCrossEntropy": logits,
        "NLL": logits.log_softmax(1),
        "SigmoidCrossEntropy": logits[:, 1:] - logits[:, :1],
    }.get(loss, p.float())
    measurement = Measurement(program, program.loss, "test")
    measurement.add(y, t)
    found = measurement.values()
    if loss != "CrossEntropy":  # which is that of each output
        assert found["test.log_loss"] == pytest.approx(found["test.loss"], rel=1e-5)
    for metric in program.metrics:
        assert found[f"test.{metric.name}"] == pytest.approx(metric(p, t), rel=1e-5)


def test_each_class_has_a_number_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "1,red fox\n2,2nd\n3,red-fox\n" * 10)
    text = 'net = Linear(1, 3)\ndata = CSV("a.csv", target="y")\nloss = SoftmaxCrossEntropy\n'
    text += 'metrics = [f1, f1(average=none), f1(average="micro")]\nexpect test.f1_red_fox_2 > 0'
    program = compile_source(SourceFile("a.net", text, tmp_path / "a.net")).require()
    assert program.description
    assert program.loss
    assert program.description.classes == ("2nd", "red fox", "red-fox")
    measurement = Measurement(program, program.loss, "test")
    measurement.add(torch.eye(3), torch.tensor([0, 1, 1]))
    assert measurement.values() == {
        "test.loss": pytest.approx(0.8847, abs=1e-4),
        "test.f1": pytest.approx((1 + 2 / 3 + 0) / 3),
        "test.f1_2nd": 1,
        "test.f1_red_fox": pytest.approx(2 / 3),
        "test.f1_red_fox_2": 0,
        "test.f1_micro": pytest.approx(2 / 3),
    }
    assert program.rises(MetricPath("test.f1_2nd"))


def test_a_history_tells_by_a_name_which_way_a_metric_is_better() -> None:
    for path in ("test.f1_red_fox", "test.top_5", "kind.roc_auc_ovo", "test.cohen_kappa_linear"):
        assert is_better_higher(path)
    for path in ("test.loss", "test.rmse", "test.log_loss", "test.kind.brier", "test.f12"):
        assert not is_better_higher(path)


@pytest.mark.parametrize(
    ("loss", "net"),
    [
        ("SoftmaxCrossEntropy(weight=[1, 5, 0.1])", "Linear(1, 3)"),
        ("SoftmaxCrossEntropy(ignore=1)", "Linear(1, 3)"),
        ("NLL(weight=[1, 5, 0.1], ignore=0)", "Linear(1, 3) -> LogSoftmax"),
        ('Hinge(weight=[1, 5, 0.1], reduction="sum")', "Linear(1, 3)"),
        ("SoftmaxCrossEntropy(weight=[1, 0, 0]) + 0.3 * Focal(weight=[1, 5, 9])", "Linear(1, 3)"),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_of_pieces_is_that_of_all_samples_at_once(
    loss: str, net: str, weighted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.runs.training.measurement.measured_samples", lambda graph: 4)
    (tmp_path / "a.csv").write_text("x,y\n" + "1,red\n2,green\n3,blue\n" * 10)
    text = f'net = {net}\ndata = CSV("a.csv", target="y")\nloss = {loss}\nmetrics = []'
    program = compile_source(SourceFile("a.net", text, tmp_path / "a.net")).require()
    assert program.loss
    y, t = torch.randn(30, 3, dtype=torch.float64), (torch.arange(30) // 7).clamp(max=2)
    weights = [torch.rand(30, dtype=torch.float64)] if weighted else []
    measurement = Measurement(program, program.loss, "test")
    for batch in zip(*(one.split(7) for one in (y, t, *weights)), strict=True):
        measurement.add(*batch)
    wanted = program.loss.per_sample(y, t, *weights).item()
    assert measurement.values()["test.loss"] == pytest.approx(wanted, rel=1e-12)
