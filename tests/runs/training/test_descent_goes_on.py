"""A training goes on to the same bits whatever a step does: with schedules, penalties, averages."""

from __future__ import annotations

import pytest
import torch

from netlang.compiler.passes import compile_source
from netlang.engine import pieces
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.training import Diverged
from netlang.language.source import SourceFile
from netlang.runs.training.checkpoint import Checkpoint
from netlang.runs.training.checkpoint_file import from_bytes, to_bytes
from netlang.runs.training.events import EpochDone, StepsDone
from netlang.runs.training.tensors import changing_tensors, weights_of
from netlang.runs.training.training import Training

TEXT = """\
net = Linear(2, 5) -> BatchNorm(_) -> Dropout(0.2) -> Tanh -> Linear(5, 2)
data = Disc(train=20, validation=9, test=5)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
batch = 4
epochs = 3
"""
ALL = """\
penalty = [L2(1e-3), L1(1e-3)]
clip = Norm(0.5)
average = EMA(0.8)
accumulate = 2
schedule = Warmup(3) -> Cosine
"""
CASES = [
    ("tensor", f"{TEXT}schedule = {one}\n")
    for one in (
        "Constant(0.5)", "Step(3, 0.5)", "MultiStep([2, 7])", "Exponential(0.9)", "Polynomial(2)",
        "Cosine(0.1)", "CosineRestarts(3, 2)", "CosineLog", "OneCycle", "Step(1, unit=\"epochs\")",
        "Warmup(3) -> Plateau(train.loss, 0.5, patience=0, threshold=0.9)",
    )
]  # fmt: skip
CASES += [("native", one) for _, one in CASES[-1:]]
CASES += [
    ("tensor", TEXT + ALL),
    ("native", TEXT + ALL.replace("accumulate = 2\n", "")),
    ("tensor", f"{TEXT}{ALL}stop = Best(validation.accuracy)\n"),
]


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(("backend", "text"), CASES)
def test_a_training_goes_on_from_any_event_to_the_same_bits(
    backend: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)  # each step is an event
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    first = Training(program, backend)
    assert first.engine.name == backend
    checkpoints: list[Checkpoint] = []
    epochs: list[dict[str, float]] = []
    done = []
    for event in first.events():
        if isinstance(event, EpochDone):
            epochs.append(dict(event.metrics))
        if isinstance(event, EpochDone | StepsDone):
            checkpoints.append(from_bytes(to_bytes(first.checkpoint())))
            done.append(len(epochs))
    end, result = changing_tensors(first.engine), weights_of(first.network)
    for checkpoint, before in [*zip(checkpoints, done, strict=True)][::4]:
        other = Training(program, backend, start=checkpoint)
        events = other.events()
        found = [dict(one.metrics) for one in events if isinstance(one, EpochDone)]
        assert found == epochs[before:]
        assert other.optimizer.steps == first.optimizer.steps
        for one, tensor in (changing_tensors(other.engine) | weights_of(other.network)).items():
            assert torch.equal(tensor, (end | result)[one]), one


def test_what_is_evaluated_and_kept_is_the_average() -> None:
    program = compile_source(SourceFile("a.net", TEXT + ALL), to_run=True).require()
    training = Training(program, "tensor")
    for event in training.events():
        if isinstance(event, EpochDone):
            averaged = training.engine.descent.result
            assert not torch.equal(averaged.parameters, training.network.parameters)
            samples = training.split.test
            y = averaged.eval().forward(samples.inputs)
            right = (y.argmax(1) == samples.targets).double().mean().item()
            assert event.metrics["test.accuracy"] == pytest.approx(right)
            last = {name: one.clone() for name, one in weights_of(averaged).items()}
            kept = training.model().tensors  # whose metrics are those of the average
            assert torch.equal(kept["batchnorm1.running_mean"].flatten(), last["statistics"][:5])
    assert all(torch.equal(one, last[name]) for name, one in weights_of(training.network).items())
    kept = training.model().tensors
    assert torch.equal(kept["batchnorm1.running_mean"].flatten(), last["statistics"][:5])


def test_a_run_that_is_broken_off_within_an_epoch_keeps_the_average_of_the_last_whole_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)
    program = compile_source(SourceFile("a.net", TEXT + ALL), to_run=True).require()
    training = Training(program, "tensor")
    for event in training.events():
        if isinstance(event, EpochDone):
            good = training.engine.descent.result.parameters.clone()
        if isinstance(event, StepsDone) and event.epoch == 2:
            break
    checkpoint = from_bytes(to_bytes(training.checkpoint()))
    training.break_off()
    assert torch.equal(training.network.parameters, good)
    other = Training(program, start=checkpoint)
    other.break_off()
    assert torch.equal(other.network.parameters, good)


def test_a_training_that_diverges_tells_the_rate_of_the_schedule_in_that_step() -> None:
    text = """\
net = Linear(1, 5) -> Linear(5, 1)
data = Sine(train=40)
loss = MSE
optimizer = SGD(lr=50)
batch = 4
epochs = 3
schedule = Warmup(10, start=0.1)
"""
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    training = Training(program, "tensor")
    with pytest.raises(NetError) as error:
        for _ in training.events():
            pass
    (found,) = error.value.diagnostics
    assert isinstance(found, Diverged)
    assert program.rates
    assert found.rate == pytest.approx(50 * program.rates.factor(found.step - 1))
    assert f"had brought `lr` to {found.rate:.3g} in that step" in " ".join(found.notes)
