"""Class numbers as targets train as their one-hot vectors do, on both engines."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.layers import Sigmoid, Softmax
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import SGD
from netlang.catalogue.targets import one_hot
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.lowering import c
from tests.catalogue.layers.test_conformance import build
from tests.catalogue.losses.cases import fits
from tests.graphs import chain, dense

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("compiler"),
]  # as each of them compiles C twice

ENGINES = pytest.mark.parametrize("kind", [TensorEngine, NativeEngine])
SAMPLES = 11


def made(
    kind: type[TensorEngine], sample: tuple[int, ...], outputs: int, loss: str
) -> TensorEngine:
    end = Softmax if outputs > 1 else Sigmoid
    layers = dense(3, 4), dense(4, outputs), end.declared({})
    network = Network(chain(*layers, start=(*sample, 3)), 0)
    item = build(loss)
    assert isinstance(item, Loss)
    item = item.declared(item.values)  # as a file's, which may have one output whatever the loss
    return kind(network, item, SGD.over(network, {"lr": 1e-2}), 4, 0)


def batches(sample: tuple[int, ...], targets: Tensor) -> Batches:
    source = torch.Generator().manual_seed(0)
    return Batches(torch.rand(SAMPLES, *sample, 3, generator=source), targets, 4, 0)


OF_CLASSES = [
    item.examples[0]
    for item in registry.items("loss")
    if "classification" in item.tasks and c.lowers.says(item)
]


@ENGINES
@pytest.mark.parametrize("loss", OF_CLASSES)
@pytest.mark.parametrize(
    ("sample", "outputs"),
    [((), 1), ((), 2), ((), 17), ((5,), 2), ((2, 3), 1), ((2, 3), 17)],
    ids=str,
)
def test_they_give_the_bits_that_their_one_hot_vectors_give(
    kind: type[TensorEngine], loss: str, sample: tuple[int, ...], outputs: int
) -> None:
    if not fits(loss, outputs):
        pytest.skip("it takes other outputs")
    source = torch.Generator().manual_seed(1)
    labels = torch.randint(max(outputs, 2), (SAMPLES, *sample), generator=source)
    results = []
    for targets in (labels, labels.int(), one_hot(labels, outputs)):
        engine, data = made(kind, sample, outputs, loss), batches(sample, targets)
        outcomes = list(engine.run(data, Cursor()))
        assert torch.equal(torch.cat([t for _, t in outcomes]), targets[data.order(Cursor())])
        engine.gradients(data.batch(Cursor(2)))
        ys = torch.cat([y for y, _ in outcomes])  # in as many parts as the machine's pace makes
        results.append([ys, engine.network.parameters, engine.network.gradients])
    for other in results[1:]:
        assert all(map(torch.equal, results[0], other))


@ENGINES
@pytest.mark.parametrize(("outputs", "wrong"), [(3, 3), (3, -1), (1, 2), (2, 2**40)])
def test_one_that_has_no_output_is_refused(
    kind: type[TensorEngine], outputs: int, wrong: int
) -> None:
    labels = torch.zeros(SAMPLES, dtype=torch.int64)
    data = batches((), labels)
    labels[data.order(Cursor())[0]] = wrong
    engine = made(kind, (), outputs, "MSE")
    for call in (
        lambda: next(engine.run(data, Cursor())),
        lambda: engine.gradients(data.batch(Cursor())),
    ):
        with pytest.raises(ValueError, match=f"class numbers, which go from 0 .* none is {wrong}"):
            call()


@ENGINES
def test_numbers_with_a_fraction_are_no_class_numbers(kind: type[TensorEngine]) -> None:
    engine = made(kind, (), 2, "MSE")
    with pytest.raises(ValueError, match=r"\[11\]|\[4\]"):
        next(engine.run(batches((), torch.zeros(SAMPLES)), Cursor()))


@ENGINES
def test_positions_of_no_class_train_nothing(kind: type[TensorEngine]) -> None:
    """What is learned is what the loss's own gradient says, also of a part of a batch."""
    source = torch.Generator().manual_seed(1)
    labels = torch.randint(-1, 3, (SAMPLES, 5), generator=source)
    engine, data = made(kind, (5,), 3, "SoftmaxCrossEntropy"), batches((5,), labels)
    batch = data.batch(Cursor())
    whole = engine.gradients(batch), engine.network.gradients.clone()
    truth = made(TensorEngine, (5,), 3, "SoftmaxCrossEntropy")
    y = truth.network.forward(batch.inputs)
    (rows,) = torch.where((batch.targets >= 0).flatten())
    flat = truth.loss.gradient(y.flatten(0, 1)[rows], batch.targets.flatten()[rows])
    truth.network.zero_grad()
    truth.network.accumulate(torch.zeros(20, 3).index_copy(0, rows, flat).view_as(y))
    torch.testing.assert_close(whole[1], truth.network.gradients)
    engine.gradients(
        batch.replace(
            whole_size=4,
            **{name: getattr(batch, name)[:1] for name in ("numbers", "inputs", "targets")},
        )
    )
    alone = truth.loss.gradient(y[:1], batch.targets[:1]) / 4
    truth.network.zero_grad()
    truth.network.forward(batch.inputs[:1])
    truth.network.accumulate(alone)
    torch.testing.assert_close(engine.network.gradients, truth.network.gradients)


@ENGINES
def test_samples_that_all_have_no_class_leave_the_weights(kind: type[TensorEngine]) -> None:
    engine = made(kind, (5,), 3, "SoftmaxCrossEntropy")
    before = engine.network.parameters.clone()
    list(engine.run(batches((5,), torch.full((SAMPLES, 5), -1)), Cursor()))
    assert torch.equal(engine.network.parameters, before)
