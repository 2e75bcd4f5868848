"""What a step does beside the optimizer means the same in the program of PyTorch."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from netlang.catalogue import registry
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.descent import Descent
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from netlang.runs.training.events import EpochDone

TEXT = """\
head = Linear(5, 2)
net = Linear(2, 5, bias=false) -> BatchNorm(_) -> Dropout(0.2) -> Tanh -> head
data = Disc(train=30, validation=9, test=5)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
batch = 4
epochs = 3
"""
SCHEDULES = (
    "Constant(0.5, length=3) -> Step(3, 0.5)",
    'MultiStep([2, 7], length=8) -> Exponential(0.9, unit="epochs")',
    "Warmup(3) -> Polynomial(2, to=0.1)",
    'Warmup(0.5, start=0.1, unit="epochs") -> Cosine(0.1)',
    "CosineRestarts(3, 2, length=10) -> CosineLog",
    'OneCycle(anneal_strategy="linear", length=9) -> CosineRestarts(4)',
    'CosineRestarts(1, length=2, unit="epochs")',
    'CosineRestarts(0.125, length=0.7, unit="epochs") -> Step(0.1, unit="epochs")',
)
BESIDE = (
    "penalty = [L2(1e-2), L1(1e-2, on=head, biases=true)]\nclip = Norm(0.5, norm_type=3)\n",
    "penalty = L2(1e-2)\naccumulate = 3\nclip = Value(0.01)\nloss = MSE(reduction=\"sum\")\n",
    "accumulate = 3\nloss = SoftmaxCrossEntropy(weight=[0.2, 3])\n",
    "accumulate = 2\nloss = 2 * NLL(ignore=1) + NLL(ignore=1)\n",
    "average = EMA(0.8)\naccumulate = 2\nschedule = Cosine(to=0.1)\npenalty = L1(0.01)\n",
)  # fmt: skip


def program(more: str) -> Program:
    own = [line for line in TEXT.splitlines() if line.split(" = ")[0] + " = " not in more]
    text = "\n".join([*own, ""])
    return compile_source(SourceFile("a.net", text + more), to_run=True).require()


@pytest.mark.parametrize("more", BESIDE)
def test_both_take_the_same_steps(more: str, tmp_path: Path) -> None:
    found = [*Lockstep(Twin(program(more), tmp_path / "twin.py"), "tensor").epochs()]
    assert max(one.float64 for one in found) < 1e-12


def test_terms_that_count_differently_are_not_added_up_in_parts(tmp_path: Path) -> None:
    for terms in ('MSE + MSE(reduction="sum")', "Focal(ignore=1) + SoftmaxCrossEntropy"):
        own = program(f"accumulate = 2\nloss = {terms}\n")
        with pytest.raises(Unsupported, match="divides a step of several batches"):
            to_pytorch(own, tmp_path)


def test_each_schedule_is_the_same_factor_of_each_step() -> None:
    said = {one.name for one in registry.items("schedule") if one.name in " ".join(SCHEDULES)}
    assert said == {one.name for one in registry.items("schedule")} - {"Plateau"}
    for text in SCHEDULES:
        own = program(f"schedule = {text}\n")
        names: dict[str, Any] = {"math": math, "EPOCHS": own.epochs}
        body = to_pytorch(own, Path.cwd()).source
        definitions = body[body.index("def load_data") : body.index("def train_epoch")]
        # What makes the schedule gives the function back in place of torch's object.
        names["optim"] = SimpleNamespace(
            lr_scheduler=SimpleNamespace(LambdaLR=lambda optimizer, factor: factor)
        )
        exec(definitions[definitions.index("\n\n\n") :], names)
        factor = names["make_schedule"](None, own.steps_of_epoch)
        assert own.rates
        for step in range(own.epochs * own.steps_of_epoch + 5):
            assert factor(step) == pytest.approx(own.rates.factor(step), abs=1e-12), (text, step)


def test_what_is_evaluated_is_the_average_and_a_plateau_sees_each_epoch(tmp_path: Path) -> None:
    looks = "schedule = Plateau(train.loss, 0.5, patience=0, threshold=0.9, to=0.1)\n"
    training = Twin(program(f"{looks}average = EMA(0.8)\n"), tmp_path / "twin.py").training(0)
    assert training.evaluated.module is not training.model
    rates = []
    for event in training.events():
        assert isinstance(event, EpochDone)
        rates.append(training.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([1e-2, 5e-3, 2.5e-3])
    with pytest.raises(Unsupported, match="nothing is measured that a Plateau could look at"):
        Lockstep(Twin(program(looks), tmp_path / "other.py"), "tensor")


@pytest.mark.parametrize("ahead", ["Warmup(3)", 'Warmup(1.3, unit="epochs") -> Constant(0.5, 3)'])
def test_a_plateau_behind_other_schedules_begins_with_the_rate_and_what_it_sees(
    ahead: str, tmp_path: Path
) -> None:
    looks = "Plateau(train.loss, 0.5, patience=0, threshold=0.9, to=0.2)"
    own = program(f"schedule = {ahead} -> {looks}\nepochs = 6\n")
    training = Twin(own, tmp_path / "twin.py").training(0)
    network = Network(own.graph, 0)
    assert own.optimizer
    descent = Descent(network, own.optimizer.anew(network), own.rates)
    for event in training.events():
        assert isinstance(event, EpochDone)
        descent.optimizer.steps = event.epoch * own.steps_of_epoch
        descent.look_at(event.metrics, False)
        rate = training.optimizer.param_groups[0]["lr"]
        assert rate == pytest.approx(descent.rate(), rel=1e-6), event.epoch
    assert rate < 1e-2
