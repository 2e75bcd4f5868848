"""At the borders of every argument's range, the C comes to what the tensors come to."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from netlang.catalogue import registry
from netlang.catalogue.arguments import LARGEST, SMALLEST, VALUE_TYPES, Argument
from netlang.catalogue.items import Item
from netlang.catalogue.layers import Dropout2d, Flatten, Unflatten
from netlang.catalogue.losses import MSE, CrossEntropy, Loss
from netlang.catalogue.optimizers import Optimizer
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.lowering import c
from tests.engine.agreement import random_samples
from tests.engine.native.test_special_numbers import OF_FINITE_GRADIENTS
from tests.graphs import chain, dense

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]  # as each of them compiles C

# Of some of these a 32-bit float holds no square; one gradient is 0.
GRADIENTS = torch.tensor([0.0, 1e-30, 1e-23, -3e-20, 1.0, -1e3, 1e15])


def borders(argument: Argument) -> tuple[float, float]:
    """The least and the largest number that it may be."""
    above = SMALLEST if argument.above is None else math.nextafter(argument.above, math.inf)
    least = max(above, SMALLEST) if argument.at_least is None else argument.at_least
    below = LARGEST if argument.below is None else math.nextafter(argument.below, -math.inf)
    most = below if argument.at_most is None else argument.at_most
    assert argument.allows(least)
    assert argument.allows(most)
    return least, most


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    "item", [*filter(c.lowers.says, registry.items("optimizer"))], ids=lambda item: item.name
)
def test_an_optimizer_steps_alike(item: type[Optimizer], dtype: torch.dtype) -> None:
    numbers = [one for one in item.arguments if one.type is VALUE_TYPES["float"]]
    ranges = [(*borders(one), one.default) for one in numbers]
    engines = []
    for kind in (TensorEngine, NativeEngine):
        network = Network(chain(dense(6, 1), start=(6,)), 0)
        network.to(dtype)
        engines.append(kind(network, MSE(), item.over(network, {}), 4, 0))
    for values in itertools.product(*ranges):
        hyper = {one.name: value for one, value in zip(numbers, values, strict=True)}
        if any(bool(hyper[one]) != bool(getattr(item, one)) for one in item.switches):
            continue  # it is another step
        for engine in engines:
            engine.optimizer.steps = 0
            for vector in (*engine.optimizer.vectors(), engine.network.parameters):
                vector.fill_(vector is engine.network.parameters)
            for _ in range(2):
                engine.network.gradients.copy_(GRADIENTS)
                engine.update(hyper)
        found, expected = (engine.network.parameters for engine in reversed(engines))
        finite = expected.isfinite()  # the decay of an infinite weight is NaN
        assert torch.equal(finite, found.isfinite()), hyper
        assert hyper.get("weight_decay") or not expected.isnan().any(), hyper
        torch.testing.assert_close(found[finite], expected[finite], msg=f"{hyper}")


BESIDE = {"min_val": {"max_val": math.inf}}  # what else a border needs to be sound
BORDERS = [
    pytest.param(
        item, BESIDE.get(one.name, {}) | {one.name: value}, id=f"{item.name}({one.name}={value})"
    )
    for item in (*registry.items("layer"), *registry.items("loss"))
    if c.lowers.says(item)
    for one in item.arguments
    if one.type is VALUE_TYPES["float"]
    for value in borders(one)
]


@pytest.mark.parametrize(("item", "values"), BORDERS)
def test_a_layer_and_a_loss_compute_alike(item: type[Item], values: dict[str, float]) -> None:
    made = item.declared(values)
    layers = [made] if not isinstance(made, Loss) else []
    if isinstance(made, Dropout2d):  # it drops channels of several numbers
        layers = [Unflatten.declared({"unflattened_size": (5, 1)}), made, Flatten.declared({})]
    loss = made if isinstance(made, Loss) else MSE()
    ends = registry.ITEMS["Sigmoid"].declared({}) if isinstance(made, CrossEntropy) else dense(5, 2)
    graph = chain(dense(3, 5), *layers, ends, start=(3,))
    inputs, targets = random_samples(graph, 8, torch.float32)
    found = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(graph, 0)
        sgd = registry.ITEMS["SGD"].over(network, {})  # type: ignore[attr-defined]
        engine = kind(network, loss, sgd, 8, 0)
        outputs = engine.gradients(Batches(inputs, targets, 8, 0).batch(Cursor()))
        found.append((outputs, network.gradients, *engine.evaluate(inputs)))
    for one, other in zip(*found, strict=True):
        finite = one.isfinite()  # what is too large may be infinite in one, and NaN in the other
        if item in OF_FINITE_GRADIENTS:  # C takes 0 where tensors take 0 times what is too large
            finite &= other.isfinite()
        else:
            assert torch.equal(finite, other.isfinite())
        torch.testing.assert_close(one[finite], other[finite], rtol=1e-5, atol=1e-6)
