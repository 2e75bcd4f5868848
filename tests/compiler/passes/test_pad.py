"""Layers that honour lengths get those of padded samples, and so do their counterparts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from netlang.catalogue.data import Description
from netlang.compiler.ir import Program, print_program
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, choose
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import to_pytorch

NET = '[LSTM(_, 3, output="last"), Linear(_, 3) -> Tanh -> Mean] -> Add -> Linear(_, 2)'
NETS = {
    "both": NET,
    "two directions": 'GRU(_, 3, bidirectional=true, num_layers=2) -> RNN(_, 4, output="last")',
    "tokens": 'Embedding(_, 3) -> LSTM(_, 3, bidirectional=true, output="last")',
    "attention": "Attention(2, 2, causal=true) -> [ReLU, Tanh] -> Attention(2, 1) -> Mean",
    "steps": "shared cell = RNN(2, 2)\nnet = cell -> cell -> [Max, Last] -> Concat",
}
LENGTHS = [3, 5, 1, 5]


def program(net: str, steps: int, tokens: int | None = None, padded: bool = True) -> Program:
    shape = Shape((steps,) if tokens else (steps, 2), tokens, padded)
    text = net if "net =" in net else f"net = {net}"
    text += '\ndata = CSV("t.csv", target="y")\nloss = MSE\noptimizer = SGD'
    outputs = 4 if "Concat" in net or "RNN" in net else 6 if tokens else 2
    described = Description(shape, 4, 0, None, target_shape=(outputs,))
    found = compile_source(SourceFile("a.net", text), described=described)
    assert found.program, [one.title for one in found.diagnostics]
    return found.program


def samples(steps: int, tokens: int | None = None) -> Tensor:
    torch.manual_seed(1)
    x = torch.randint(tokens, (4, 5)).double() if tokens else torch.randn(4, 5, 2).double()
    whole = torch.full((4, steps, *x.shape[2:]), torch.nan, dtype=torch.float64)
    for row, length in enumerate(LENGTHS):
        whole[row, :length] = x[row, :length]
    return whole


def test_a_program_shows_where_lengths_come_from_and_go() -> None:
    shown = print_program(program(NET, 7)).splitlines()[-9:]
    assert [line.partition("  #")[0].rstrip() for line in shown[:4]] == [
        "%0 = input : [N, 7, 2] with padding",
        "%1 = Lengths(%0) : [N]",
        "%2 = FillPadding(%0) : [N, 7, 2] with padding",
        "%3 = LSTM(%2, %1) {input_size=2, hidden_size=3, num_layers=1, bias=true, dropout=0, "
        'bidirectional=false, output="last"} : [N, 3]',
    ]
    assert "%6 = Mean(%5, %1) {dim=1} : [N, 3]" in shown[6]


def test_samples_of_one_length_are_wired_as_they_are_written() -> None:
    source = SourceFile("a.net", f"net = {NET}\ninput = [7, 2]")
    assert [node.name for node in compile_source(source).require().graph.nodes[:2]] == [
        "input",
        "lstm1",
    ]


def test_lengths_that_nothing_asks_for_are_not_computed() -> None:
    names = [node.name for node in program("Flatten -> Linear(_, 2)", 7).graph.nodes]
    assert names == ["input", "fillpadding1", "flatten1", "linear1"]


@pytest.mark.parametrize("net", NETS)
def test_padding_more_changes_neither_outputs_nor_gradients(net: str) -> None:
    tokens, found = 9 if net == "tokens" else None, []
    for steps in (5, 11):
        network = Network(program(NETS[net], steps, tokens).graph, 0).to(torch.float64)
        y = network.forward(samples(steps, tokens))
        network.backward(torch.linspace(-1, 1, y.numel(), dtype=torch.float64).view_as(y))
        found.append((y, network.evaluate(samples(steps, tokens)), network.gradients.clone()))
    for one, other in zip(*found, strict=True):
        assert one.isfinite().all()
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("net", NETS)
def test_a_sequence_gives_in_a_batch_what_it_gives_alone(net: str) -> None:
    tokens = 9 if net == "tokens" else None
    whole = samples(5, tokens)
    together = Network(program(NETS[net], 5, tokens).graph, 0).to(torch.float64).evaluate(whole)
    for row, length in enumerate(LENGTHS):
        shape = Shape((length,) if tokens else (length, 2), tokens)
        made = program(NETS[net], length, tokens, padded=False)
        assert made.graph.input == shape
        alone = Network(made.graph, 0).to(torch.float64).evaluate(whole[row : row + 1, :length])
        torch.testing.assert_close(alone[0], together[row], rtol=0, atol=1e-12)


def test_no_gradient_gets_to_padding() -> None:
    network = Network(program(NET, 7).graph, 0).to(torch.float64)
    x = samples(7)
    dx = network.backward(torch.ones_like(network.forward(x)))
    assert dx.isfinite().all()
    assert torch.equal(dx == 0, x.isnan())


@pytest.mark.parametrize("net", NETS)
def test_an_export_masks_padding_as_we_do(net: str, tmp_path: Path) -> None:
    tokens = 9 if net == "tokens" else None
    assert_same_as_export(program(NETS[net], 7, tokens), samples(7, tokens), tmp_path)


@pytest.mark.parametrize("net", NETS)
def test_an_empty_sequence_is_one_step_of_zeros_in_an_export_too(net: str, tmp_path: Path) -> None:
    tokens = 9 if net == "tokens" else None
    x = samples(7, tokens)
    x[2] = torch.nan
    assert_same_as_export(program(NETS[net], 7, tokens), x, tmp_path)


def test_an_export_that_drops_between_layers_masks_padding_as_we_do(tmp_path: Path) -> None:
    net = (
        "LSTM(_, 3, num_layers=2, dropout=0.5, bidirectional=true) "
        '-> GRU(_, 2, num_layers=3, dropout=0.1, output="last")'
    )
    assert_same_as_export(program(net, 7), samples(7), tmp_path, training=False)


def assert_same_as_export(made: Program, x: Tensor, folder: Path, training: bool = True) -> None:
    """Outputs and gradients are those of the exported program, and finite."""
    without_data = made.replace(settings={**made.settings, "data": None})
    exported = to_pytorch(without_data, folder)
    names: dict[str, type[torch.nn.Module]] = {}
    exec(compile(exported.source, "export.py", "exec"), names)
    torch.manual_seed(0)
    twin = names["Model"]().double().train(training)
    network = Network(made.graph, 0).to(torch.float64).train(training)
    tensors = dict(twin.named_parameters())
    for number, path in exported.modules.items():
        for name in made.graph.nodes[number].layer.tensors():
            getattr(network.modules[number], name).copy_(tensors[f"{path}.{name}"].detach())
    y, theirs = network.forward(x), twin(x)
    assert y.isfinite().all()
    torch.testing.assert_close(y, theirs.detach(), rtol=0, atol=1e-12)
    dy = torch.randn_like(y)
    network.accumulate(dy)
    theirs.backward(dy)
    for number, path in exported.modules.items():
        for name in made.graph.nodes[number].layer.tensors():
            ours, wanted = (
                getattr(network.modules[number], f"{name}_grad"),
                tensors[f"{path}.{name}"],
            )
            torch.testing.assert_close(ours, wanted.grad, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("compiler")
def test_the_native_engine_heeds_the_lengths() -> None:
    made = program(NET, 7)
    assert made.loss
    assert made.optimizer
    gradients = []
    for name in ("native", "tensor"):
        network = Network(made.graph, 0)
        network.to(torch.float64)
        optimizer = made.optimizer.over(network, made.optimizer.values)
        engine = choose(name, made, network, made.loss, optimizer)
        assert engine.name == name
        batches = Batches(samples(7), torch.zeros(4, 2, dtype=torch.float64), 4, 0)
        engine.gradients(batches.batch(Cursor()))
        gradients.append(network.gradients)
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)
