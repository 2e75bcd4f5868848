"""What layers, losses and optimizers create is where, and of the type that, they work on.

No accelerator is needed for that: on the device "meta" tensors have shapes and no numbers, and
where it is the default device, whatever forgets to say where it belongs meets tensors elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.layers import Dropout, Linear, ReLU
from netlang.catalogue.losses import MSE, Loss, encode
from netlang.catalogue.losses.pairs import VectorLoss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.modules import DrawRequest, Layer, Sequential
from netlang.catalogue.optimizers import Adam, Optimizer
from netlang.catalogue.randomness import permutation
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from tests.catalogue.layers.test_conformance import LAYERS, Samples, build, shape_of
from tests.catalogue.losses.cases import BY_NAME, classes_for, outputs_of, takes, values_for
from tests.catalogue.modules.test_tensors import shared_twice
from tests.graphs import behind_linears, chain, dense
from tests.paths import MODELS
from tests.together import together

ROWS = 6
META, CPU = torch.device("meta"), torch.device("cpu")
DEVICES = [
    pytest.param(META, torch.float32, id="meta", marks=pytest.mark.slow),
    pytest.param(META, torch.float64, id="meta in float64"),
    pytest.param(CPU, torch.float64, id="float64", marks=pytest.mark.slow),
    pytest.param(CPU, torch.float16, id="float16"),
]
devices = pytest.mark.parametrize(("device", "dtype"), DEVICES)
layers = together(("item", "text", "samples"), LAYERS)


@pytest.fixture(params=[False, True], ids=["", "elsewhere by default"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """Torch's defaults are another device and another type than those worked on."""
    if not request.param:
        yield
        return
    torch.set_default_dtype(torch.bfloat16)
    with META:
        yield
    torch.set_default_dtype(torch.float32)


def train(
    graph: Graph,
    device: torch.device,
    dtype: torch.dtype,
    loss: Loss | None = None,
    item: type[Optimizer] = Adam,
    classes: bool = False,
) -> Network:
    """Two epochs of the tensor engine, whose last batch is smaller: a run, and steps one by one.

    Nothing that is made on the way is elsewhere, or of another type.
    """
    with CPU:
        network = Network(graph, 0).to(dtype).to(device)
    assert isinstance(network, Network)
    optimizer = item.over(network, {"lr": 1e-2})
    engine = TensorEngine(network, loss or MSE(), optimizer, 4, 0)
    inputs = torch.zeros(ROWS, *graph.input.sizes, dtype=dtype, device=device)
    shape, kind = ((), torch.int64) if classes else (graph.output.sizes, dtype)
    targets = torch.zeros(ROWS, *shape, dtype=kind, device=device)
    batches = Batches(inputs, targets, 4, 0)
    outputs = [y for y, _ in engine.run(batches, Cursor(1))]
    for batch in batches.rest(Cursor(2)):
        outputs.append(engine.gradients(batch))
        engine.update()
    assert sum(map(len, outputs)) == 2 * ROWS
    outputs += engine.evaluate(inputs)
    vectors = [network.parameters, network.gradients, network.statistics]
    vectors += beside_weights(optimizer)
    assert_beside([*outputs, *vectors], device, dtype)
    for module in network.modules:
        assert_beside(kept(module), device, dtype)
    return network


def assert_beside(tensors: list[Tensor], device: torch.device, dtype: torch.dtype) -> None:
    assert {(one.device, one.dtype) for one in tensors if one.is_floating_point()} <= {
        (device, dtype)
    }


def kept(owner: object) -> list[Tensor]:
    """All tensors that it has as attributes."""
    return [value for value in vars(owner).values() if isinstance(value, Tensor)]


def beside_weights(optimizer: Optimizer) -> list[Tensor]:
    """All tensors that it keeps, but for the numbers of LBFGS, which it reads in each step."""
    numbers = vars(optimizer).get("numbers")
    return [one for one in kept(optimizer) if one is not numbers]


def skip_without_numbers(item: type[Optimizer], device: torch.device) -> None:
    """Skip a test of an optimizer that reads the loss where tensors have no numbers."""
    if item.needs_loss and device == META:
        pytest.skip("it reads the loss within a step")


@devices
@layers
def test_each_layer_trains_where_it_is(
    item: type[Layer], text: str, samples: Samples, device: torch.device, dtype: torch.dtype
) -> None:
    layer = item.declared(build(text).values)
    train(behind_linears(layer, samples), device, dtype)


@devices
@pytest.mark.parametrize("model", ["model1.net", "model2.net"])
def test_the_papers_models_train_where_they_are(
    model: str, device: torch.device, dtype: torch.dtype, elsewhere: None
) -> None:
    program = compile_source(SourceFile(model, (MODELS / model).read_text())).require()
    assert program.optimizer
    for classes in (True, False):
        train(program.graph, device, dtype, program.loss, type(program.optimizer), classes)


@devices
@together("item", BY_NAME)
def test_each_loss_trains_where_the_network_is(
    item: type[Loss], device: torch.device, dtype: torch.dtype, elsewhere: None
) -> None:
    loss = item.declared({})
    graph = chain(dense(3, 2), start=(3,))
    if loss.predicted((2,)) != (2,) or isinstance(loss, VectorLoss):
        pytest.skip("its outputs have another shape")
    for classes in {"classification" in loss.tasks, False}:
        train(graph, device, dtype, loss, classes=classes)


@devices
@together("item", registry.items("optimizer"), ids=lambda item: item.name)
def test_each_optimizer_trains_where_the_network_is(
    item: type[Optimizer], device: torch.device, dtype: torch.dtype, elsewhere: None
) -> None:
    skip_without_numbers(item, device)
    train(chain(dense(3, 2), start=(3,)), device, dtype, item=item)


@devices
def test_statistics_train_where_they_are(
    device: torch.device, dtype: torch.dtype, elsewhere: None
) -> None:
    network = train(shared_twice(), device, dtype)
    assert network.statistics.shape == (4,)


@devices
@layers
def test_each_layer_creates_nothing_elsewhere(
    item: type[Layer],
    text: str,
    samples: Samples,
    device: torch.device,
    dtype: torch.dtype,
    elsewhere: None,
) -> None:
    with CPU:
        layer = build(text)
    assert isinstance(layer, Layer)
    layer.to(dtype).to(device)
    x = [
        torch.zeros(ROWS, *shape_of(sample).sizes, dtype=dtype, device=device) for sample in samples
    ]
    y = layer.forward(*x)
    dx = layer.backward(torch.zeros_like(y))
    found = [y, *(dx if isinstance(dx, tuple) else (dx,)), layer.gradients, *kept(layer)]
    assert_beside([one for one in found if one is not None], device, dtype)


@devices
@together("item", BY_NAME)
def test_each_loss_creates_nothing_elsewhere(
    item: type[Loss], device: torch.device, dtype: torch.dtype, elsewhere: None
) -> None:
    loss = item()
    sample = (3,) if takes(loss, 3) else (2,)
    with CPU:
        y = outputs_of(loss, ROWS, sample).to(device, dtype)
        values = values_for(loss, ROWS, sample).to(device, dtype)
        labels = classes_for(ROWS, sample).to(device)
    for t in (values, values.long(), labels)[: 3 if "classification" in loss.tasks else 2]:
        value = loss.forward(y, t)
        assert_beside([value, loss.backward(), loss.per_sample(y, t)], device, dtype)
        assert_beside([loss.prediction(y), loss.probabilities(y)], device, dtype)


@devices
@together("item", registry.items("optimizer"), ids=lambda item: item.name)
def test_each_optimizer_keeps_its_vectors_beside_the_weights(
    item: type[Optimizer], device: torch.device, dtype: torch.dtype, elsewhere: None
) -> None:
    skip_without_numbers(item, device)
    with CPU:
        network = Network(chain(dense(3, 2), start=(3,)), 0)
    optimizer = item.over(network, {"lr": 1e-2})
    optimizer.evaluate = lambda: 0.0
    optimizer.step()  # before it is moved
    back = [(CPU, torch.float32)] if device == CPU else []
    for there, kind in [(device, dtype), *back]:
        network.to(there).to(kind)
        optimizer.step()
        assert_beside(beside_weights(optimizer), there, kind)
    assert len(optimizer.vectors()) == len(optimizer.state)


@together("metric", registry.items("metric"), ids=lambda item: item.name)
def test_each_metric_creates_nothing_elsewhere(metric: type[Metric], elsewhere: None) -> None:
    y = torch.tensor([[0.0], [1.0]], device=CPU, dtype=torch.float32)
    assert metric()(y, y) in (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))
    if metric.name == "accuracy":
        assert metric()(y, torch.tensor([0, 1], device=CPU)) == 1


def test_class_numbers_are_encoded_where_they_are(elsewhere: None) -> None:
    for outputs in (1, 2):
        labels = torch.tensor([0, 1], device=CPU)
        found = encode(labels, outputs, torch.float64)
        assert (found.device, found.dtype) == (CPU, torch.float64)


def test_weights_are_drawn_the_same_on_any_device() -> None:
    def drawn(make: Callable[[], Any]) -> Tensor:
        torch.manual_seed(0)
        vector: Tensor = make().parameters
        return vector

    graph = chain(dense(3, 2), start=(3,))
    for make in (lambda: Linear(3, 2), lambda: Network(graph, 0), lambda: Sequential(Linear(3, 2))):
        here = drawn(make)
        state = torch.get_rng_state()
        with META:
            assert drawn(make).device == META
        assert torch.equal(torch.get_rng_state(), state)
        assert torch.equal(drawn(make), here)


def test_modules_without_weights_do_not_say_where_those_of_others_are() -> None:
    model = Sequential([ReLU(), Linear(3, 2).to(META).to(torch.float64), Dropout(0.5)])
    assert (model.parameters.device, model.parameters.dtype) == (META, torch.float64)
    assert Sequential([ReLU()]).parameters.shape == (0,)
    assert Sequential([Sequential([])]).gradients.shape == (0,)


def test_the_order_of_samples_is_the_same_wherever_tensors_are_made() -> None:
    with META:
        found = permutation(20, 0, 1)
    assert torch.equal(found, permutation(20, 0, 1))


def test_a_network_that_is_moved_between_epochs_trains_on() -> None:
    graph = chain(dense(3, 4), Dropout.declared({"p": 0.5}), dense(4, 2), start=(3,))
    network = Network(graph, 0)
    engine = TensorEngine(network, MSE(), Adam.over(network, {"lr": 1e-2}), 2, 0)
    inputs, targets = torch.rand(ROWS, 3), torch.rand(ROWS, 2)
    for epoch, dtype in enumerate((torch.float32, torch.float64, torch.float32), 1):
        network.to(dtype)
        batches = Batches(inputs.to(dtype), targets.to(dtype), 2, 0)
        assert all(y.dtype == dtype for y, _ in engine.run(batches, Cursor(epoch)))
    assert network.parameters.isfinite().all()


def draws(dtype: torch.dtype = torch.float32, samples: Tensor | None = None) -> DrawRequest:
    return DrawRequest(0, 1, 1, torch.arange(4) if samples is None else samples, 2, (3,), dtype)


@devices
@pytest.mark.parametrize("moved", [False, True], ids=["drawn for it", "moved after the draw"])
def test_masks_follow_the_network(device: torch.device, dtype: torch.dtype, moved: bool) -> None:
    layer = Dropout(0.5)
    layer.draw(draws() if moved else draws(dtype, torch.arange(4, device=device)))
    y = layer.forward(torch.ones(2, 3, dtype=dtype, device=device))
    assert (y.dtype, y.device) == (dtype, device)


def test_where_masks_run_out_no_other_generator_stands_in() -> None:
    layer = Dropout(0.5)
    layer.draw(draws())
    x, state = torch.ones(2, 3), torch.get_rng_state()
    layer.forward(x)
    layer.forward(x)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"Dropout\(p=0.5\) has no mask left"):
            layer.forward(x)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(layer.eval().forward(x), x)
    layer.train().draw(draws())
    assert layer.forward(x).shape == x.shape


def test_masks_of_another_shape_are_not_broadcast() -> None:
    layer = Dropout(0.5)
    layer.draw(draws())
    with pytest.raises(RuntimeError, match=r"for inputs of shape \[2, 3\], not \[1, 3\]"):
        layer.forward(torch.ones(1, 3))
