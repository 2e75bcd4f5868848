"""Both engines train on samples as the epoch sees them: the same ones, however they are taken."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue import registry
from netlang.catalogue.augment import Augmentation
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine, augmenting, pieces
from netlang.engine.augmenting import Augmenting
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.threads import torch_threads
from netlang.language.source import SourceFile
from tests.engine.agreement import ADAM, Kind

ROWS = """
net = Linear(2, 8) -> Dropout(0.5) -> Tanh -> Linear(8, 2)
data = Moons(train=22, test=8)
augment = Noise(0.3) -> Mixup(1) -> DropFeatures(0.2)
"""
PICTURES = """
net = Flatten -> Linear(_, 8) -> Tanh -> Linear(8, _)
data = Shapes(train=22, test=8, size=8, by="picture")
augment = Flip -> Crop(2) -> Rotate(20) -> CutMix -> Brightness -> Cutout(3)
"""


def program_of(text: str) -> Program:
    text = f"{text}loss = SoftmaxCrossEntropy\noptimizer = Adam\nbatch = 5\n"
    return compile_source(SourceFile("a.net", text), to_run=True).require()


@pytest.fixture(params=[ROWS, PICTURES], ids=["rows", "pictures"])
def program(request: pytest.FixtureRequest) -> Program:
    return program_of(request.param)


def made(kind: Kind, program: Program) -> tuple[TensorEngine | NativeEngine, Batches]:
    """An engine in 64 bits, and the batches that it trains on."""
    assert program.data
    assert program.loss
    split = program.data.load(program.seed)
    inputs, targets = split.train.inputs.double(), split.train.targets
    network = Network(program.graph, 0)
    network.to(torch.float64)
    item, values = ADAM
    engine = kind(network, program.loss, item.over(network, values), program.batch_size, 0)
    changing = Augmenting.of(program, split)
    assert changing
    return engine, Batches(inputs, targets, program.batch_size, 0, augmenting=changing)


def test_a_run_takes_the_steps_of_its_batches(program: Program, kind: Kind) -> None:
    (one, batches), (other, _) = made(kind, program), made(kind, program)
    for epoch in (1, 2):
        targets = torch.cat([t for _, t in one.run(batches, Cursor(epoch))])
        assert torch.equal(targets, batches.targets[batches.order(Cursor(epoch))])
        for batch in batches.rest(Cursor(epoch)):
            other.gradients(batch)
            other.update()
    weights = one.network.parameters
    torch.testing.assert_close(weights, other.network.parameters, rtol=1e-9, atol=1e-9)


def test_both_engines_see_the_same_samples(program: Program, compiler: None) -> None:
    found = []
    for kind in (TensorEngine, NativeEngine):
        engine, batches = made(kind, program)
        for epoch in (1, 2, 3):
            outputs = torch.cat([y for y, _ in engine.run(batches, Cursor(epoch))])
        found.append((engine.network.parameters, outputs))
    torch.testing.assert_close(*found, rtol=1e-9, atol=1e-9)


def test_the_bits_of_an_epoch_do_not_depend_on_where_it_is_cut(
    program: Program, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, batches = made(kind, program)
    for _ in whole.run(batches, Cursor()):
        pass
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)  # a step at a time
    cut, batches = made(kind, program)
    stretches = [*cut.run(batches, Cursor(), 2), *cut.run(batches, Cursor(1, 2))]
    assert len(stretches) == 5
    assert torch.equal(whole.network.parameters, cut.network.parameters)


def test_the_bits_of_samples_do_not_depend_on_how_many_threads_or_at_a_time(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, batches = made(TensorEngine, program)
    for threads, piece in ((1, 1 << 18), (3, 1 << 18), (2, 1)):
        monkeypatch.setattr(augmenting, "_PIECE", piece)
        with torch_threads(threads):
            numbers = torch.arange(22)
            seen = batches.seen(batches.inputs.float(), batches.targets, numbers, 1)
        if threads == 1:
            first = seen
        assert torch.equal(seen.inputs, first.inputs)
        assert torch.equal(seen.of_loss, first.of_loss)


def test_samples_that_are_not_mixed_keep_their_targets() -> None:
    items = [one for one in registry.items("augmentation") if issubclass(one, Augmentation)]
    assert {one.name for one in items if one.mixes} == {"Mixup", "CutMix"}
    engine, batches = made(TensorEngine, program_of(ROWS.replace(" -> Mixup(1)", "")))
    batch = batches.batch(Cursor())
    assert torch.equal(batch.targets, batches.targets[batch.numbers])
    assert not torch.equal(batch.inputs, batches.inputs[batch.numbers])
    assert engine.gradients(batch).shape == (5, 2)
