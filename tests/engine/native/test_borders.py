"""At the borders of every argument's range, the C comes to what the tensors come to."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.arguments import LARGEST, SMALLEST, VALUE_TYPES, Argument
from netlang.catalogue.items import Item
from netlang.catalogue.layers import PeriodicEmbedding
from netlang.catalogue.losses import MSE, Huber, Loss
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD, Optimizer
from netlang.compiler.ir import Graph
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.lowering import c
from tests.catalogue.layers.test_conformance import IN_C, Samples, build
from tests.engine.agreement import Trained, network_for, parts, random_samples
from tests.graphs import behind_linears, chain, dense, side_by_side

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


# What else a border needs to be sound, if the item has it.
BESIDE: Mapping[str, Mapping[str, float]] = {
    "min_val": {"max_val": math.inf},
    "dropout": {"num_layers": 2},
}


def at_borders(item: type[Item], example: str) -> Iterator[Item]:
    """The example at the borders of each of its numbers."""
    values = build(example).values
    for one in item.arguments:
        if one.type is VALUE_TYPES["float"]:
            beside = BESIDE.get(one.name, {})
            own = {name: beside[name] for name in beside if name in values}
            for value in borders(one):
                yield item.declared({**values, **own, one.name: value})


def first_examples() -> Iterator[tuple[type[Layer], str, Samples]]:
    """Of each layer that has C."""
    found: dict[Any, Any] = {}
    for case in IN_C:
        found.setdefault(case.values[0], case.values)
    yield from found.values()


LAYERS = [
    (layer, behind_linears(layer, samples))
    for item, text, samples in first_examples()
    for layer in at_borders(item, text)
    if isinstance(layer, Layer)
    and not (isinstance(layer, PeriodicEmbedding) and layer.sigma > 1)  # a sine of no digits
]
LOSSES = [
    loss
    for item in registry.items("loss")
    if c.lowers.says(item)
    for loss in at_borders(item, item.examples[0])
    if isinstance(loss, Loss)
]


@pytest.mark.parametrize("part", [0, 1])
def test_layers_compute_alike(part: int) -> None:
    """Each beside the others, in one network. The loss's slope adds nothing to what is large: where
    sums of gradients are infinite depends on their order.
    """
    layers, graphs = (
        [layer for layer, _ in LAYERS[part::2]],
        [graph for _, graph in LAYERS[part::2]],
    )
    whole = side_by_side(graphs)
    inputs, targets = random_samples(whole, 8, torch.float32)
    computed = on_both(whole, Huber.declared({"delta": 1e-3, "reduction": "sum"}), inputs, targets)
    for layer, *pair in zip(layers, *(parts(one, graphs) for one in computed), strict=True):
        assert_alike(layer, *pair)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_a_loss_computes_alike(loss: Loss) -> None:
    graph = network_for(loss)
    inputs, _ = random_samples(graph, 8, torch.float32)
    source = torch.Generator().manual_seed(2)
    targets = torch.rand(8, *loss.predicted(graph.output.sizes), generator=source)
    assert_alike(loss, *on_both(graph, loss, inputs, targets))


def on_both(graph: Graph, loss: Loss, inputs: Tensor, targets: Tensor) -> list[Trained]:
    """The gradients, the outputs in training, and those in evaluation, in C and on tensors."""
    found: list[Trained] = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(graph, 0)
        engine = kind(network, loss, SGD.over(network, {}), 8, 0)
        outputs = engine.gradients(Batches(inputs, targets, 8, 0).batch(Cursor()))
        evaluated = torch.cat([*engine.evaluate(inputs)])
        found.append((network.gradients, outputs.clone(), evaluated))
    return found


def assert_alike(item: Item, native: Trained, tensor: Trained) -> None:
    """To a millionth of the largest number: others may be what is left of a difference of such."""
    for one, other in zip(native, tensor, strict=True):
        finite = one.isfinite()
        assert torch.equal(finite, other.isfinite()), item
        one, other = one[finite].double(), other[finite].double()
        scale = max(1.0, other.abs().max().item()) if len(other) else 1.0
        torch.testing.assert_close(
            one, other, rtol=1e-5, atol=1e-6 * scale, msg=lambda text: f"{item}\n{text}"
        )
