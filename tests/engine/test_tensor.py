"""The tensor engine: batches and stretches change nothing, the caller is left alone."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.layers import Dropout
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.catalogue.randomness import keep_mask, permutation
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, Engine, TensorEngine, pieces, tuner
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from tests.graphs import chain, dense

MODEL = """
net = Linear(2, 6) -> ReLU -> Dropout(0.5) -> Linear(6, 5) -> Dropout(0.2) -> Tanh -> Linear(5, 2)
data = Disc(train=53, test=20)
loss = MSE
optimizer = Adam(lr=1e-2)
batch = 7
"""


def made() -> tuple[Engine, Batches]:
    program = compile_source(SourceFile("a.net", MODEL), to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    train = program.data.load(0).train
    network = Network(program.graph, program.seed)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    engine = TensorEngine(network, program.loss, optimizer, program.batch_size, program.seed)
    return engine, Batches(train.inputs, train.targets, program.batch_size, program.seed)


def test_an_epoch_is_a_plain_loop_over_permuted_batches_with_the_published_masks() -> None:
    engine, batches = made()
    plain, _ = made()
    inputs, targets = batches.inputs, batches.targets
    for epoch in (1, 2):
        outputs = [y for y, _ in engine.run(batches, Cursor(epoch))]
        expected = []
        for rows in torch.split(permutation(len(inputs), 0, epoch), 7):
            for number, layer in enumerate(plain.network.modules):
                if isinstance(layer, Dropout):
                    units = plain.network.graph.nodes[number].shape.size
                    mask = keep_mask(1 - layer.p, 0, epoch, number, rows, units, torch.float32)
                    layer.masks = iter([mask])
            plain.network.train().zero_grad()
            y = plain.network.forward(inputs[rows])
            expected.append(y.clone())
            plain.network.backward(plain.loss.gradient(y, targets[rows]))
            plain.optimizer.step()
        assert torch.equal(torch.cat(outputs), torch.cat(expected))
        assert torch.equal(engine.network.parameters, plain.network.parameters)


def test_how_many_masks_are_drawn_at_a_time_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights = []
    for budget in (1, 100, 1 << 22):
        monkeypatch.setattr(pieces, "_DRAWN_UNITS", budget)
        engine, batches = made()
        for _ in engine.run(batches, Cursor()):
            pass
        weights.append(engine.network.parameters.clone())
    assert torch.equal(weights[0], weights[1])
    assert torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("inputs", [3, 5, 13, 25])
@pytest.mark.parametrize("batch", [1, 2, 7, 10])
def test_how_many_steps_are_taken_at_a_time_changes_no_bit(
    inputs: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bits of a product depend on where in memory the samples are, and this on the steps."""
    graph = chain(dense(inputs, 5), start=(inputs,))
    samples = torch.randn(40, inputs), torch.randn(40, 5)
    weights, parts = [], []
    for seconds in (0.0, 1e3):
        monkeypatch.setattr(tuner, "_SECONDS", seconds)
        network = Network(graph, 0)
        engine = TensorEngine(network, MSE(), SGD.over(network, {"lr": 1e-2}), batch, 0)
        batches = Batches(*samples, batch, 0)
        parts.append(sum(1 for epoch in (1, 2, 3) for _ in engine.run(batches, Cursor(epoch))))
        weights.append(network.parameters.clone())
    assert parts[0] == 3 * batches.steps > parts[1]
    assert torch.equal(*weights)


def test_evaluation_in_between_changes_nothing() -> None:
    weights = []
    for evaluated in (False, True):
        engine, batches = made()
        for epoch in (1, 2):
            for _ in engine.run(batches, Cursor(epoch)):
                pass
            if evaluated:
                torch.cat([*engine.evaluate(batches.inputs[:11])])
        weights.append(engine.network.parameters.clone())
    assert torch.equal(*weights)


def test_a_step_between_two_parts_of_an_evaluation_brings_no_dropout_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "EVALUATION_UNITS", 1)
    engine, batches = made()
    parts = engine.evaluate(batches.inputs)
    next(parts)
    next(engine.run(batches, Cursor()))
    expected = torch.cat([*engine.evaluate(batches.inputs)])
    engine.network.train()
    later = [*parts][pieces.PIECES - 1 :]  # the others were computed with the first
    assert torch.equal(torch.cat(later), expected[pieces.PIECES :])


def test_evaluation_leaves_dropout_out_and_gives_tensors_that_stay() -> None:
    engine, batches = made()
    inputs = batches.inputs
    first = torch.cat([*engine.evaluate(inputs)])
    kept = first.clone()
    assert torch.equal(torch.cat([*engine.evaluate(inputs)]), kept)
    torch.cat([*engine.evaluate(inputs.flip(0))])
    assert torch.equal(first, kept)


def test_torchs_modes_and_threads_are_the_callers_while_it_looks_at_results() -> None:
    engine, batches = made()
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        for _ in engine.run(batches, Cursor()):
            assert not torch.is_inference_mode_enabled()
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_optimizer_goes_on_outside_of_the_engine() -> None:
    engine, batches = made()
    for _ in engine.run(batches, Cursor()):
        pass
    before = engine.network.parameters.clone()
    engine.optimizer.step()
    assert not torch.equal(engine.network.parameters, before)


@pytest.mark.parametrize("training", [True, False])
def test_an_evaluation_leaves_the_network_in_its_mode(training: bool) -> None:
    engine, batches = made()
    engine.network.train(training)
    for _ in engine.evaluate(batches.inputs):
        assert [one.training for one in engine.network.modules] == [training] * 8
    assert engine.network.training is training
