"""Both engines refuse the same calls, in the same words, and take the same samples."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.engine import Batch, Batches, Cursor, Engine
from netlang.engine.network import Network
from netlang.runs.training.training import Training
from tests.engine.agreement import Kind
from tests.engine.test_batches import branching
from tests.graphs import chain, dense

SIZE = 4
INPUTS = torch.linspace(-1, 1, 30).reshape(10, 3)
TARGETS = torch.linspace(0, 1, 20).reshape(10, 2)


@pytest.fixture
def engine(kind: Kind) -> Engine:
    network = Network(chain(dense(3, 2), start=(3,)), 0)
    return kind(network, MSE(), SGD.over(network, {"lr": 0.1}), SIZE, 0)


def batches(inputs: Tensor = INPUTS, targets: Tensor = TARGETS) -> Batches:
    return Batches(inputs, targets, SIZE, 0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (0, "a batch of 0 samples has no part of 3"),
        (2, "a batch of 2 samples has no part of 3"),
        (5, "made for batches of 4 samples, not 5"),
    ],
)
def test_a_part_is_of_a_batch_that_has_room_for_it(engine: Engine, rows: int, message: str) -> None:
    batch = Batch(torch.arange(3), INPUTS[:3], TARGETS[:3], 1, rows)
    with pytest.raises(ValueError, match=message):
        engine.gradients(batch)


@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (3, 4, 2), (4, 3, 1)])
def test_inputs_have_the_networks_shape(engine: Engine, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"inputs have shape .*, not the network's"):
        next(iter(engine.evaluate(torch.zeros(shape))))


def test_samples_of_another_shape_are_refused(engine: Engine) -> None:
    for wrong in ((INPUTS[:, :2], TARGETS), (INPUTS, TARGETS[:, :1]), (INPUTS[:, 0], TARGETS)):
        data = batches(*wrong)
        with pytest.raises(ValueError, match="not the network's"):
            next(engine.run(data, Cursor()))
        with pytest.raises(ValueError, match="not the network's"):
            engine.gradients(data.batch(Cursor()))


@pytest.mark.parametrize("wrong", [{"lr": "fast"}, {"lr": -1.0}, {"momentum2": 0.5}])
def test_a_wrong_value_late_in_a_run_leaves_the_network_as_it_was(
    engine: Engine, wrong: dict[str, float]
) -> None:
    before = engine.network.parameters.clone()
    with pytest.raises((TypeError, ValueError), match=r"lr|no step with"):
        list(engine.run(batches(), Cursor(), hyper=[{"lr": 0.1}, {}, wrong]))
    assert torch.equal(engine.network.parameters, before)
    assert engine.optimizer.steps == 0


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int32], ids=str)
def test_samples_of_another_dtype_are_taken_in_the_networks(
    engine: Engine, dtype: torch.dtype
) -> None:
    first = engine.network.parameters.clone()
    inputs, targets = (INPUTS * 4).round(), TARGETS.round()
    found = []
    for data in (batches(inputs, targets), batches(inputs.to(dtype), targets.to(dtype))):
        engine.network.parameters.copy_(first)
        engine.gradients(data.batch(Cursor()))
        engine.update()
        outputs, t = next(engine.run(data, Cursor(1, 1), 1))
        (evaluated,) = engine.evaluate(data.inputs)
        found.append((engine.network.parameters.clone(), outputs, t, evaluated))
    for one, other in zip(*found, strict=True):
        assert one.dtype == torch.float32
        assert torch.equal(one, other)


@pytest.mark.parametrize("backend", ["Native", "", "cuda"])
def test_a_backend_that_does_not_exist_is_refused(backend: str) -> None:
    with pytest.raises(ValueError, match=r"there is no backend .* one of auto, tensor, native"):
        Training(branching("MSE"), backend)
