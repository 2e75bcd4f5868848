"""A training that diverges names the step and the layer, and keeps the last good network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from netlang.compiler.passes import compile_source
from netlang.engine import Cursor
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.training import Diverged
from netlang.language.model_files import MODEL_FILE
from netlang.language.source import SourceFile
from netlang.runs.training.bad_step import first_bad_step
from netlang.runs.training.events import EpochDone, Event
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.tensors import weights_of
from netlang.runs.training.training import Training
from tests.program import netlang

TEXT = """
net = Linear(2, 8) -> Tanh -> Dropout(0.2) -> Linear(8, 2)
data = Disc(train=200, test=40, validation=40)
loss = {loss}
optimizer = {optimizer}
batch = 4
epochs = 4
{more}
"""


def training(backend: str, loss: str = "MSE", optimizer: str = "SGD", more: str = "") -> Training:
    text = TEXT.format(loss=loss, optimizer=optimizer, more=more)
    return Training(compile_source(SourceFile("a.net", text), to_run=True).require(), backend)


def problem(events: Iterator[Event]) -> Diverged:
    with pytest.raises(NetError) as raised:
        list(events)
    (found,) = raised.value.diagnostics
    assert isinstance(found, Diverged)
    return found


def first_by_hand(one: Training, epoch: int = 1) -> int:
    """The first step of the epoch after which a loss, an output or a weight is not finite."""
    for step in range(one.batches.steps):
        for y, t in one.engine.run(one.batches, Cursor(epoch, step), 1):
            numbers = torch.cat([one.loss.value(y, t)[None], y.flatten(), one.network.parameters])
            if not numbers.isfinite().all():
                return step + 1
    raise AssertionError("all are finite")


@pytest.mark.parametrize("lr", ["3", "100", "1e30"])
def test_the_first_bad_step_is_named_with_its_layer(lr: str, backend: str) -> None:
    found = problem(training(backend, optimizer=f"SGD(lr={lr})").events())
    step = first_by_hand(training(backend, optimizer=f"SGD(lr={lr})"))
    assert (found.epoch, found.step, found.layer) == (1, step, "linear2")
    assert found.what.startswith("the loss, with outputs as large as ")
    assert found.title == f"training diverged in step {step} of epoch 1, at `linear2`"
    assert found.notes == (f"the first number that is not finite is {found.what}",)


def test_a_layer_whose_output_overflows_is_named(backend: str) -> None:
    found = problem(training(backend, "SoftmaxCrossEntropy", "Adam(lr=3e38)").events())
    assert (found.step, found.layer, found.what) == (2, "linear1", "its output")


@pytest.mark.parametrize("rule", ["", "stop = Early(train.accuracy, patience=9)"])
def test_the_last_good_weights_are_kept(
    rule: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epoch 3 takes steps that are far too large."""
    one = training(backend, optimizer="SGD(lr=0.01)", more=rule)
    events, measured, kept = one.events(), {}, {}
    for event in events:
        if isinstance(event, EpochDone):
            measured[event.epoch] = event.metrics
            kept[event.epoch] = one.network.parameters.clone()
            if event.epoch == 2:
                break
    checkpoint = one.checkpoint()
    monkeypatch.setattr(one.optimizer, "lr", 1e30)
    found = problem(events)
    assert (found.epoch, found.step) == (3, 2)
    epoch = 2
    if rule:
        epoch = max(measured, key=lambda number: (measured[number]["train.accuracy"], -number))
    assert torch.equal(one.network.parameters, kept[epoch])
    assert one.model().metrics == measured[epoch]
    assert one.checkpoint() is checkpoint
    assert (checkpoint.epoch, checkpoint.cursor) == (3, (3, 0))


def test_weights_that_the_last_step_spoils_are_found_where_nothing_is_evaluated(
    backend: str,
) -> None:
    text = TEXT.format(loss="MSE", optimizer="SGD(lr=3e38)", more="")
    text = text.replace("train=200, test=40, validation=40", "train=4, test=4")
    program = compile_source(SourceFile("a.net", text), ["epochs=1"], to_run=True).require()
    one = Training(program, backend)
    one.held_out = {}
    one.network.parameters[:] *= 100
    found = problem(one.events())
    assert (found.step, found.what) == (1, "one of its weights after the step")


def test_a_single_step_is_found_and_good_steps_are_not_blamed(backend: str) -> None:
    one = training(backend, more="")
    before = {name: tensor.clone() for name, tensor in weights_of(one.network).items()}
    assert first_bad_step(one.engine, one.batches, Cursor(1, 0), 0) is None
    assert not torch.equal(before["parameters"], one.network.parameters)
    last = Cursor(1, one.batches.steps - 1)
    assert first_bad_step(one.engine, one.batches, last, 0) is None
    one.network.parameters[0] = torch.nan
    found = first_bad_step(one.engine, one.batches, last, 0)
    assert found
    assert vars(found) == {"step": 50, "layer": "linear1", "what": "its output"}


def test_a_run_that_diverges_later_leaves_its_last_good_network() -> None:
    Path("a.net").write_text(TEXT.format(loss="MSE", optimizer="SGD(lr=0.7)", more=""))
    done = netlang("run", "a.net", "--no-plots")
    assert done.exit_code == 1
    (folder,) = Path("runs").iterdir()
    assert json.loads((folder / "run.json").read_text())["status"] == "failed"
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert rows
    model = ModelFile.from_bytes((folder / MODEL_FILE).read_bytes())
    assert model.metrics == rows[-1]["metrics"]
    assert f"what was measured and the last good network are kept in {folder}" in done.stderr
