"""Weights of samples say how much each counts in the loss, in both engines and in PyTorch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from netlang.catalogue.layers import Dropout, Softmax, Tanh
from netlang.catalogue.losses import MSE, Loss
from netlang.compiler.ir import Graph
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from tests.catalogue.layers.test_conformance import build
from tests.engine.agreement import ADAM, Kind, difference, random_samples, train
from tests.graphs import chain, dense

WEIGHTS = torch.tensor([1.0, 0.0, 2.5, 0.5, 1.0, 0.25, 3.0, 1.0, 0.75], dtype=torch.float64)
COUNT = len(WEIGHTS)
GRAPH = chain(dense(3, 4), Tanh.declared({}), dense(4, 3), Softmax.declared({}), start=(3,))
# Losses that C has, and whose slopes have no kinks, which differences would meet.
OF_CLASSES = ["CrossEntropy", "SoftmaxCrossEntropy", "SigmoidCrossEntropy"]
ON_THREE = ["MSE", 'MSE(reduction="sum")', *OF_CLASSES]
OF_SEQUENCES = chain(dense(3, 4), Softmax.declared({}), start=(2, 3))


def gradients(
    kind: Kind,
    loss: Loss,
    samples: tuple[Tensor, Tensor],
    weights: Tensor | None,
    graph: Graph = GRAPH,
    size: int = COUNT,
    world: int = 1,
) -> Tensor:
    """Those of the first batch, in float64; of several processes, added up."""
    network = Network(graph, 0)
    network.to(torch.float64)
    item, values = ADAM
    engine = kind(network, loss, item.over(network, values), size, 0)
    found = torch.zeros_like(network.gradients)
    for rank in range(world):
        batches = Batches(*samples, size, 0, rank, world, weights)
        engine.gradients(batches.batch(Cursor()))
        found += network.gradients
    return found


def samples_of(graph: Graph = GRAPH, count: int = COUNT) -> tuple[Tensor, Tensor]:
    return random_samples(graph, count, torch.float64)


@pytest.mark.parametrize("text", ON_THREE)
def test_gradients_are_those_of_the_weighted_loss_by_central_differences(text: str) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    inputs, targets = samples_of()
    found = gradients(TensorEngine, loss, (inputs, targets), WEIGHTS)
    network = Network(GRAPH, 0)
    network.to(torch.float64)
    scale = 1 if loss.is_mean else COUNT

    def value() -> float:
        return scale * loss.per_sample(network.forward(inputs), targets, WEIGHTS).item()

    for number, weight in enumerate(network.parameters.tolist()):
        sides = []
        for moved in (weight + 1e-5, weight - 1e-5):
            network.parameters[number] = moved
            sides.append(value())
        network.parameters[number] = weight
        assert found[number].item() == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-7)


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    ("text", "graph", "batch"),
    [
        *((text, GRAPH, 4) for text in ON_THREE),
        ("MSE", GRAPH, 1),
        ("SoftmaxCrossEntropy", OF_SEQUENCES, COUNT),
    ],
)
def test_both_engines_train_the_same(text: str, graph: Graph, batch: int) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    how = graph, loss, ADAM, samples_of(graph), batch, 3
    native, tensor = (train(kind, *how, weights=WEIGHTS) for kind in (NativeEngine, TensorEngine))
    assert difference(native, tensor) < 1e-12
    assert difference(train(TensorEngine, *how), tensor) > 1e-5


@pytest.mark.usefixtures("compiler")
def test_both_engines_weigh_every_row_of_many_chunks_and_slices() -> None:
    graph = chain(dense(5, 33), Dropout.declared({"p": 0.3}), dense(33, 3), start=(5,))
    weights = torch.rand(201, generator=torch.Generator().manual_seed(0))
    how = graph, MSE(), ADAM, samples_of(graph, 201), 130, 2
    native, tensor = (train(kind, *how, weights=weights) for kind in (NativeEngine, TensorEngine))
    assert difference(native, tensor) < 1e-12


def test_a_weight_of_2_is_the_sample_twice_and_one_of_0_is_its_absence(kind: Kind) -> None:
    loss = MSE(reduction="sum")
    inputs, targets = samples_of()
    weights = torch.ones(COUNT)
    weights[2], weights[5] = 2, 0
    rows = torch.tensor([0, 1, 2, 2, 3, 4, 6, 7, 8])
    twice = gradients(kind, loss, (inputs[rows], targets[rows]), None)
    torch.testing.assert_close(gradients(kind, loss, (inputs, targets), weights), twice)


def test_weights_of_1_change_no_bit(kind: Kind) -> None:
    how = MSE(), samples_of()
    assert torch.equal(gradients(kind, *how, torch.ones(COUNT)), gradients(kind, *how, None))


@pytest.mark.parametrize("text", ["MSE", 'MSE(reduction="sum")'])
def test_gradients_of_the_parts_of_a_weighted_batch_add_up(kind: Kind, text: str) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    whole, parts = (gradients(kind, loss, samples_of(), WEIGHTS, world=world) for world in (1, 4))
    torch.testing.assert_close(parts, whole)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (-WEIGHTS, "finite number, at least 0"),
        (WEIGHTS / 0, "finite number, at least 0"),
        (WEIGHTS.unsqueeze(1), r"weights have shape \[9, 1\], not \[9\]"),
        (WEIGHTS[1:], "9 samples have no 8 weights"),
    ],
)
def test_weights_that_are_none_are_refused(kind: Kind, weights: Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        gradients(kind, MSE(), samples_of(), weights)
