"""What layers own: weights and statistics, views of three flat vectors, known by name."""

from __future__ import annotations

import copy
import io
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import pytest
import torch
from torch import Tensor

from netlang import (
    MSE,
    SGD,
    Adam,
    DrawRequest,
    Dropout,
    Layer,
    Linear,
    Module,
    ReLU,
    Sequential,
    Sigmoid,
    Size,
    Statistic,
    Weight,
    arg,
)
from netlang.compiler.ir import Graph
from netlang.engine.network import Network
from tests.graphs import add, chain, dense


class Centre(Layer, abstract=True):
    """y = x - mean + shift: the batch's mean while training, and a running one in evaluation."""

    features: Size = arg(doc="how many")

    def tensors(self) -> dict[str, Weight | Statistic]:
        shape = (self.features,)
        return {
            "mean": Statistic(shape),
            "shift": Weight(shape, lambda values, generator: values.fill_(3.0), decay=False),
            "calls": Statistic((), 1.0),
        }

    def prepare(self) -> None:
        self.mean: Tensor
        self.calls: Tensor
        self.shift: Tensor
        self.shift_grad: Tensor

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x - self.mean + self.shift
        mean = x.mean(0)
        self.mean.lerp_(mean, 0.5)
        self.calls.add_(1)
        return x - mean + self.shift

    def backward(self, dy: Tensor) -> Tensor:
        self.shift_grad += dy.sum(0)
        return dy - dy.mean(0)


def centre(features: int) -> Centre:
    return Centre.declared({"features": features})


def shared_twice() -> Graph:
    """linear1 -> centre1 -> centre2, which is centre1 again -> linear2."""
    nodes = [*chain(dense(2, 3), centre(3), start=(2,)).nodes]
    add(nodes, nodes[2].layer, 2, shares=2)
    add(nodes, dense(3, 1), 3)
    return Graph(tuple(nodes), 4)


def starts(module: Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in module.named_tensors().items()}


def test_a_statistic_begins_at_its_value_and_is_no_weight() -> None:
    layer = Centre(2)
    assert layer.parameters.tolist() == layer.shift.tolist() == [3, 3]
    assert layer.statistics.tolist() == [0, 0, 1]
    assert layer.size == 2
    assert layer.param() == [(layer.shift, layer.shift_grad)]


def test_forward_changes_statistics_while_training_alone() -> None:
    layer = Centre(2)
    layer.forward(torch.tensor([[2.0, 4.0], [2.0, 8.0]]))
    assert layer.statistics.tolist() == [1, 3, 2]
    layer.eval().forward(torch.ones(1, 2))
    assert layer.statistics.tolist() == [1, 3, 2]
    assert layer.gradients.tolist() == [0, 0]


def test_sequential_keeps_statistics_with_their_values_in_one_vector() -> None:
    inner = Sequential([Centre(3), ReLU()])
    model = Sequential([Centre(2), Linear(2, 3), inner])
    model.forward(torch.ones(4, 2))
    outer = Sequential([model, Linear(3, 1)])
    first, second = (layer for layer in outer.layers() if isinstance(layer, Centre))
    assert outer.statistics[:3].tolist() == [0.5, 0.5, 2]
    outer.statistics.zero_()
    assert not any(one.any() for one in (first.mean, second.mean, inner.statistics))
    second.calls.add_(5)
    assert outer.statistics.tolist() == [0, 0, 0, 0, 0, 0, 5]


def test_tensors_are_known_by_the_names_that_a_printed_graph_has() -> None:
    inner = Sequential([Linear(3, 3), ReLU()])
    model = Sequential([Linear(2, 3), inner, Centre(3)])
    named = model.named_tensors()
    assert [*named] == [
        "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias",
        "centre1.mean", "centre1.shift", "centre1.calls",
    ]  # fmt: skip
    named["linear2.bias"].fill_(7.0)
    assert (model.parameters == 7).sum() == 3
    assert [*inner.named_tensors()] == ["linear1.weight", "linear1.bias"]
    assert [*Linear(2, 1).named_tensors()] == ["linear1.weight", "linear1.bias"]


def test_shared_tensors_have_the_name_of_the_first_use_and_are_there_once() -> None:
    graph = shared_twice()
    network = Network(graph, seed=0)
    owner, again = graph.nodes[2].name, graph.nodes[3].name
    names = {name.split(".")[0] for name in network.named_tensors()}
    assert owner in names
    assert again not in names
    assert network.size == graph.weights == len(network.parameters) == 9 + 3 + 4
    assert network.statistics.tolist() == [0, 0, 0, 1]
    network.train().forward(torch.ones(2, 2))
    assert network.named_tensors()[f"{owner}.calls"] == 3
    for layer in network.layers():
        if isinstance(layer, Centre):
            assert layer.statistics.data_ptr() == network.statistics.data_ptr()
            assert layer.parameters.data_ptr() == layer.shift.data_ptr()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Centre(2),
        lambda: Sequential([Sequential([Centre(2)]), Linear(2, 1)]),
        lambda: Network(shared_twice(), seed=0),
    ],
    ids=["a layer", "Sequential", "a network with shared weights"],
)
def test_a_move_takes_all_tensors_along(make: object) -> None:
    assert callable(make)
    model: Module = make()
    model.forward(torch.ones(4, 2))
    before = starts(model)
    model.to(torch.float64)
    for name, tensor in model.named_tensors().items():
        assert tensor.dtype == torch.float64
        assert torch.equal(tensor, before[name].double())
    x = torch.ones(4, 2, dtype=torch.float64)
    model.backward(torch.ones_like(model.forward(x)))
    assert any(not torch.equal(one, before[name]) for name, one in model.named_tensors().items())
    model.to("meta")
    assert {one.device.type for one in model.named_tensors().values()} == {"meta"}
    assert model.forward(x.to("meta")).device.type == "meta"


def test_a_default_device_takes_all_tensors() -> None:
    with torch.device("meta"):
        layer, network = Centre(2), Network(shared_twice(), seed=0)
    assert {one.device.type for one in network.named_tensors().values()} == {"meta"}
    assert layer.statistics.device.type == layer.mean.device.type == "meta"


def test_weight_decay_applies_to_the_elements_that_say_so() -> None:
    model = Sequential([Linear(2, 3), Centre(3), ReLU()])
    assert model.decay_mask().tolist() == [True] * 6 + [False] * 3 + [False] * 3
    assert model.to("meta").decay_mask().device.type == "meta"
    assert Network(shared_twice(), seed=0).decay_mask().sum() == 2 * 3 + 3
    assert ReLU().decay_mask().tolist() == []


def of_two_kinds() -> Module:
    torch.manual_seed(0)
    return Sequential([Centre(2), Sequential([Linear(2, 3), Dropout(0.5)]), Linear(3, 1)])


def by_pickle(model: Module) -> Module:
    copied: Module = pickle.loads(pickle.dumps(model))
    return copied


def by_torch(model: Module) -> Module:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    copied: Module = torch.load(file, weights_only=False)
    return copied


@pytest.mark.parametrize("copied", [copy.deepcopy, by_pickle, by_torch])
@pytest.mark.parametrize("make", [of_two_kinds, lambda: Network(shared_twice(), seed=0)])
def test_a_copy_has_tensors_of_its_own_which_are_views_of_its_vectors(
    copied: Callable[[Module], Module], make: Callable[[], Module]
) -> None:
    model = make()
    x = torch.ones(4, 2)
    model.backward(torch.ones_like(model.forward(x)))
    before, other = starts(model), copied(model)
    assert all(torch.equal(one, before[name]) for name, one in other.named_tensors().items())
    assert torch.equal(other.gradients, model.gradients)
    assert torch.equal(other.eval().forward(x), model.eval().forward(x))
    other.zero_grad()
    assert not any(gradient.any() for _, gradient in other.param())
    SGD(other, lr=1.0).step()
    other.parameters.fill_(9.0)
    other.statistics.fill_(9.0)
    assert all((one == 9).all() for one in other.named_tensors().values())
    for layer in other.layers():
        if isinstance(layer, Centre):  # the network has two, which share their tensors
            assert (layer.shift == 9).all()
            assert (layer.mean == 9).all()
    assert all(torch.equal(one, before[name]) for name, one in model.named_tensors().items())


def test_a_copy_of_one_layer_of_many_has_that_layer_alone() -> None:
    model = Sequential([Linear(300, 300), Linear(300, 1)])
    assert len(pickle.dumps(model)) < 2.2 * model.parameters.nbytes
    assert len(pickle.dumps(model.modules[1])) < 10_000
    assert copy.copy(model.modules[1]).parameters is model.modules[1].parameters


@pytest.mark.parametrize("copied", [copy.deepcopy, by_pickle, by_torch])
def test_a_copy_leaves_the_last_batch_behind(copied: Callable[[Module], Module]) -> None:
    x = torch.ones(10_000, 2)
    dropout = Dropout(0.5)
    network = Network(chain(dense(2, 3), Sigmoid.declared({}), start=(2,)), 0)
    for model in (Sequential([Linear(2, 3), Sigmoid(), Dropout(0.5)]), network, dropout):
        small = len(pickle.dumps(model))
        model.backward(model.forward(x))
        assert len(pickle.dumps(model)) < small + 100
        with pytest.raises(RuntimeError, match=r"call .*forward before .*backward"):
            copied(model).backward(x)
    dropout.draw(DrawRequest(0, 0, 0, torch.arange(10_000), 100, (2,), x.dtype))
    assert len(pickle.dumps(dropout)) < 2000
    assert copied(dropout).forward(x).shape == x.shape


def test_a_copy_of_a_loss_leaves_the_last_batch_behind() -> None:
    loss = MSE()
    loss.forward(torch.ones(10_000, 1), torch.ones(10_000, 1))
    assert len(pickle.dumps(loss)) < 2000
    with pytest.raises(RuntimeError, match="call forward before backward"):
        copy.deepcopy(loss).backward()


def assigned(model: Sequential) -> tuple[list[float], float]:
    """Another process calls it: what it assigns to a weight stands in the vector there."""
    (layer,) = model.layers()
    assert isinstance(layer, Linear)
    layer.weight = torch.full((1, 2), 5.0)
    return model.parameters.tolist(), model.forward(torch.ones(1, 2)).item()


@pytest.mark.slow
def test_another_process_gets_a_model_whose_tensors_are_views() -> None:
    model = Sequential([Linear(2, 1, init="zero")])
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        parameters, output = pool.submit(assigned, model).result()
    assert parameters == [5, 5, 0]
    assert output == 10


def test_a_model_and_its_optimizer_go_on_together() -> None:
    model = of_two_kinds()
    optimizer = Adam(model, lr=0.1)
    model.gradients.fill_(1.0)
    optimizer.step()
    other, its_optimizer = pickle.loads(pickle.dumps((model, optimizer)))
    for one in (optimizer, its_optimizer):
        one.step()
    assert torch.equal(other.parameters, model.parameters)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
def test_weights_stay_floating_point_numbers(dtype: torch.dtype) -> None:
    model = of_two_kinds()
    before = starts(model)
    with pytest.raises(TypeError, match=rf"weights are floating-point .* {dtype} has none"):
        model.to(dtype)
    assert all(torch.equal(one, before[name]) for name, one in model.named_tensors().items())
