"""An inspection finds the numbers in a network, and says what is wrong with them."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
import torch
from torch import Tensor

from netlang.catalogue.data import Samples
from netlang.catalogue.losses import MSE
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.models.inspection import NodeInspection, distribution, inspect_nodes, remarks
from netlang.runs.models.own_data import NoData, own_data
from netlang.runs.models.trained import load_model
from netlang.runs.training.training import Training
from tests.program import CLASSES, DISC, SHARED, about, netlang, only


def network_of(text: str) -> Network:
    graph = compile_source(SourceFile("a.net", text)).require().graph
    return Network(graph, 0)


def batch(inputs: int, outputs: int, count: int = 20) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(0)
    return (torch.randn(count, size, generator=source) for size in (inputs, outputs))  # type: ignore[return-value]


def inspected(network: Network) -> list[NodeInspection]:
    sizes = network.graph.input.size, network.graph.output.size
    return inspect_nodes(network, MSE(), Samples(*batch(*sizes)))


def test_a_distribution_has_what_torch_says_of_the_numbers() -> None:
    numbers = torch.tensor([[-1.0, 0.0, 0.0], [2.0, 4.0, 7.0]])
    found = distribution(numbers)
    assert (found.count, found.low, found.high, found.bad) == (6, -1, 7, 0)
    assert found.mean == pytest.approx(2.0)
    assert found.deviation == pytest.approx(numbers.std(correction=0).item())
    assert found.size == pytest.approx(numbers.square().mean().sqrt().item())
    assert found.zeros == pytest.approx(2 / 6)
    assert found.histogram == (1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1)


@pytest.mark.parametrize("values", [[3.0], [0.0, 0.0], [1e308, -1e308], [5e-324, 0.0]])
def test_any_numbers_have_a_distribution(values: list[float]) -> None:
    found = distribution(torch.tensor(values, dtype=torch.float64))
    assert sum(found.histogram) == len(values)
    assert math.isfinite(found.mean + found.deviation)


def test_numbers_that_are_not_finite_are_counted_and_left_out() -> None:
    found = distribution(torch.tensor([1.0, math.nan, math.inf]))
    assert (found.count, found.bad, found.mean) == (3, 2, 1.0)
    nothing = distribution(torch.tensor([math.nan]))
    assert (nothing.bad, nothing.histogram) == (1, ())
    assert nothing.as_data()["mean"] is None
    assert remarks({"linear1.weight": found}) == [
        "linear1.weight has 2 elements that are no finite numbers"
    ]


@pytest.mark.parametrize("text", [SHARED.split("optimizer")[0], "net = Linear(2, 3) -> Tanh"])
def test_gradients_are_those_of_autograd(text: str) -> None:
    network = network_of(f"{text}\n")
    x, t = batch(2, network.graph.output.size)
    found = inspect_nodes(network, MSE(), Samples(x, t))
    assert network.training
    x.requires_grad_()
    network.parameters.requires_grad_()
    network.packed()
    (network.eval().forward(x) - t).square().mean().backward()
    assert x.grad is not None
    at_input = found[0].gradient
    assert at_input
    assert at_input.mean == pytest.approx(x.grad.mean().item(), rel=1e-4)
    assert at_input.high == pytest.approx(x.grad.max().item(), rel=1e-4)


def test_outputs_are_those_of_the_network() -> None:
    network = network_of("net = Linear(2, 3) -> [Tanh, ReLU] -> Add -> Linear(3, 1)\n")
    x, _ = batch(2, 1)
    *_, last = inspected(network)
    y = network.evaluate(x)
    assert (last.outputs.low, last.outputs.high) == (y.min().item(), y.max().item())
    assert [one.node.name for one in inspected(network)] == [
        "input", "linear1", "tanh1", "relu1", "add1", "linear2",
    ]  # fmt: skip


def test_a_dead_layer_is_named() -> None:
    network = network_of("net = Linear(2, 5) -> ReLU -> Linear(5, 1)\n")
    network.named_tensors()["linear1.bias"].fill_(-100)
    found = inspected(network)
    assert remarks({}, found, 20) == [
        "relu1 is dead: all its outputs are 0 for every one of the 20 samples",
        "the gradient stops: it is 0 at linear1, and before it nothing learns",
    ]


def test_units_that_are_always_0_are_counted() -> None:
    network = network_of("net = Linear(2, 5) -> ReLU -> Linear(5, 1)\n")
    network.named_tensors()["linear1.bias"][:2] = -100
    found = inspected(network)
    assert [one.silent for one in found] == [0, 0, 2, 0]
    assert remarks({}, found, 20) == [
        "2 of the 5 units of relu1 are 0 for every one of the 20 samples"
    ]


def test_a_gradient_that_vanishes_or_explodes_is_named() -> None:
    deep = "net = Linear(4, 4) -> (Linear(4, 4) -> Sigmoid) * 12 -> Linear(4, 1)\n"
    (vanishes,) = remarks({}, inspected(network_of(deep)), 20)
    assert vanishes.startswith("the gradient vanishes on its way back: at linear1 it is ")
    assert vanishes.endswith(" times that at linear14")
    network = network_of("net = Linear(4, 4) * 12 -> Linear(4, 1)\n")
    for name, tensor in network.named_tensors().items():
        if name.endswith("weight"):
            tensor.mul_(20)
    (explodes,) = remarks({}, inspected(network), 20)
    assert explodes.startswith("the gradient explodes on its way back: at linear1 it is ")


def test_nothing_is_said_of_a_network_that_is_well() -> None:
    network = network_of("net = Linear(2, 8) -> Tanh -> Linear(8, 8) -> Tanh -> Linear(8, 1)\n")
    tensors = {name: distribution(one) for name, one in network.named_tensors().items()}
    assert remarks(tensors, inspected(network), 20) == []


def test_a_network_whose_loss_has_no_slope_learns_nothing() -> None:
    network = network_of("net = Linear(2, 2) -> Linear(2, 1)\n")
    x, _ = batch(2, 1)
    found = inspect_nodes(network, MSE(), Samples(x, network.evaluate(x)))
    assert remarks({}, found, 20) == ["no gradient comes from the loss: it is 0 at linear2"]


TABLE = """\
net = Linear(2, 4) -> ReLU -> Linear(4, 2) -> Softmax
data = CSV("t.csv", target="y")
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 1
"""


def run(text: str) -> str:
    Path("a.net").write_text(text)
    Path("t.csv").write_text(CLASSES)
    result = netlang("run", "a.net", "--no-plots", "--backend", "tensor")
    assert result.exit_code == 0, result.output
    return str(only())


@pytest.mark.parametrize("text", [TABLE, f"{DISC}epochs = 1\n"])
def test_the_data_of_a_run_are_those_that_it_was_trained_on(text: str) -> None:
    folder = run(text)
    found = own_data(folder, load_model(folder))
    program = compile_source(SourceFile("a.net", text, Path("a.net")), to_run=True).require()
    split = Training(program).split
    for ours, theirs in ((found.train, split.train), (found.test, split.test)):
        assert torch.equal(ours.inputs, theirs.inputs)
        assert torch.equal(ours.targets, theirs.targets)


def test_a_model_file_alone_opens_no_table_and_makes_data_that_are_made() -> None:
    folder = run(TABLE)
    file = f"{folder}/model.safetensors"
    with pytest.raises(NoData, match="a model file keeps no data"):
        own_data(file, load_model(file))
    Path("no run").mkdir()
    shutil.copy(file, "no run")
    with pytest.raises(NoData, match="a model file keeps no data"):
        own_data("no run", load_model("no run"))
    flowers = TABLE.replace("Linear(2, 4)", "Linear(4, 4)").replace("Linear(4, 2)", "Linear(4, 3)")
    for number, (text, count) in enumerate(
        [
            (f"{DISC}epochs = 1\n", 40),
            (flowers.replace('CSV("t.csv", target="y")', 'Sklearn("iris", test=0.5)'), 75),
        ]
    ):
        Path("runs").rename(f"runs{number}")
        file = f"{run(text)}/model.safetensors"
        assert len(own_data(file, load_model(file)).train) == count


def test_another_text_in_the_folder_than_that_of_the_model_is_refused() -> None:
    folder = Path(run(TABLE))
    kept = folder / str(about(folder)["kept"])
    kept.write_text(kept.read_text().replace('target="y"', 'target="y", test=0.5'))
    with pytest.raises(NoData, match="the folder keeps another program"):
        own_data(str(folder), load_model(str(folder)))


def test_a_table_that_has_changed_is_refused() -> None:
    folder = run(TABLE)
    Path("t.csv").write_text(f"{CLASSES}1,1,yes\n")
    with pytest.raises(NetError, match=r"t\.csv"):
        own_data(folder, load_model(folder))
