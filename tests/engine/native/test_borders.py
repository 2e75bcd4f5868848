"""At the borders of every argument's range, the C comes to what the tensors come to."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from netlang.catalogue import registry
from netlang.catalogue.arguments import LARGEST, SMALLEST, VALUE_TYPES, Argument
from netlang.catalogue.items import Item
from netlang.catalogue.layers import Flatten, Unflatten
from netlang.catalogue.losses import MSE, Loss
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD, Optimizer
from netlang.compiler.ir import Graph
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.shapes import Shape, ShapeError
from netlang.lowering import c
from tests.engine.agreement import Trained, network_for, parts, random_samples
from tests.engine.native.test_special_numbers import OF_FINITE_GRADIENTS
from tests.graphs import chain, dense, side_by_side

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


def at_borders(kind: str) -> list[Item]:
    """Each layer or loss at the borders of each of its numbers."""
    return [
        item.declared(BESIDE.get(one.name, {}) | {one.name: value})
        for item in registry.items(kind)
        if c.lowers.says(item)
        for one in item.arguments
        if one.type is VALUE_TYPES["float"]
        and not any(other.required for other in item.arguments)  # which depends on an input
        for value in borders(one)
    ]


@pytest.mark.parametrize("of_rows", [True, False], ids=["rows", "others"])
def test_layers_compute_alike(of_rows: bool) -> None:
    """Each beside the others, in one network."""
    layers = [one for one in at_borders("layer") if isinstance(one, Layer)]
    layers = [one for one in layers if takes(one, (5,)) is of_rows]
    graphs = [behind_a_linear(layer) for layer in layers]
    computed = computed_in_c_and_on_tensors(side_by_side(graphs), MSE(reduction="sum"))
    for layer, *pair in zip(layers, *(parts(one, graphs) for one in computed), strict=True):
        assert_alike(layer, *pair)


@pytest.mark.parametrize("loss", at_borders("loss"), ids=str)
def test_a_loss_computes_alike(loss: Loss) -> None:
    graph = network_for(loss)
    assert_alike(loss, *computed_in_c_and_on_tensors(graph, loss))


def takes(layer: Layer, sizes: tuple[int, ...]) -> bool:
    try:
        layer.infer(Shape(sizes))
    except ShapeError:
        return False
    return True


def behind_a_linear(layer: Layer) -> Graph:
    sizes = next(one for one in ((5,), (5, 1), (5, 1, 1), (3, 2)) if takes(layer, one))
    there, back = Unflatten.declared({"unflattened_size": sizes}), Flatten.declared({})
    layers = [layer] if len(sizes) == 1 else [there, layer, back]
    return chain(dense(3, math.prod(sizes)), *layers, dense(math.prod(sizes), 2), start=(3,))


def computed_in_c_and_on_tensors(graph: Graph, loss: Loss) -> list[Trained]:
    """The gradients, the outputs in training, and those in evaluation."""
    inputs, _ = random_samples(graph, 8, torch.float32)
    targets = torch.rand(8, *loss.predicted(graph.output.sizes))
    found = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(graph, 0)
        engine = kind(network, loss, SGD.over(network, {}), 8, 0)
        outputs = engine.gradients(Batches(inputs, targets, 8, 0).batch(Cursor()))
        evaluated = torch.cat([*engine.evaluate(inputs)])
        found.append((network.gradients, outputs.clone(), evaluated))
    return found


def assert_alike(item: Item, native: Trained, tensor: Trained) -> None:
    for one, other in zip(native, tensor, strict=True):
        finite = one.isfinite()  # what is too large may be infinite in one, and NaN in the other
        if isinstance(item, OF_FINITE_GRADIENTS):
            finite &= other.isfinite()  # C takes 0 where tensors take 0 times what is too large
        else:
            assert torch.equal(finite, other.isfinite()), item
        torch.testing.assert_close(
            one[finite], other[finite], rtol=1e-5, atol=1e-6, msg=lambda text: f"{item}\n{text}"
        )
