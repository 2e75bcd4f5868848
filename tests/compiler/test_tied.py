"""A layer that is tied to another has its weight: in the graph, in training, in what is written."""

from __future__ import annotations

import copy

import torch
from torch.nn import functional

from netlang.compiler.ir import Program, print_program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from tests.lowering.pytorch.written import weights, written

TEXT = """\
input = [4]
shared table = Embedding(7, 3)
net = table -> Tanh -> Linear(_, _, bias=false, tied=table)
"""


def program(text: str = TEXT, *overrides: str) -> Program:
    return compile_source(SourceFile("a.net", text), overrides).require()


def test_it_has_the_sizes_of_the_weight_and_none_of_its_own() -> None:
    graph = program().graph
    assert graph.output.sizes == (4, 7)
    assert graph.weights == 21
    assert [*graph.tensors] == ["embedding1.weight"]
    assert "tied=table} weights of %1" in print_program(program())


def test_the_sizes_of_a_tied_layer_are_found_from_either() -> None:
    text = TEXT.replace("(7, 3)", "(_, 3)").replace("(_, _,", "(_, 7,")
    assert program(text).graph.tensors["embedding1.weight"].shape == (7, 3)


def test_the_gradients_of_all_its_uses_add_up() -> None:
    torch.manual_seed(0)
    network = Network(program().graph, seed=0).to(torch.float64)
    x = torch.randint(7, (5, 4)).double()
    y = network.forward(x)
    dy = torch.randn_like(y)
    network.zero_grad()
    network.accumulate(dy)

    weight = network.parameters.view(7, 3).clone().requires_grad_()
    expected = torch.tanh(functional.embedding(x.long(), weight)) @ weight.t()
    (gradient,) = torch.autograd.grad(expected, weight, dy)
    assert torch.allclose(y, expected)
    assert torch.allclose(network.gradients.view(7, 3), gradient, atol=1e-12)


def test_a_copy_of_a_network_keeps_it_tied() -> None:
    network = copy.deepcopy(Network(program().graph, seed=0))
    network.parameters.fill_(2.0)
    first, *_, last = network.layers()
    assert torch.equal(first.weight, last.weight)
    assert last.weight.eq(2.0).all()


def test_all_uses_of_a_tied_layer_have_the_one_weight() -> None:
    text = """\
shared s = Linear(3, 3, bias=false)
shared head = Linear(3, 3, bias=false, tied=s) -> ReLU
block out(of) = Linear(3, _, bias=false, tied=of)
net = s -> head -> head -> out(s)
"""
    graph = program(text).graph
    shares = [node.shares for node in graph.layers if node.layer.name == "Linear"]
    assert shares == [None, 1, 1, 1]
    assert graph.weights == 9
    assert "tied=s}" in print_program(program(text))


def test_a_weight_that_is_frozen_stays_so_wherever_it_is_used() -> None:
    net = "table -> Linear(_, _, tied=table, bias=false) -> Linear(7, 2)"
    graph = program(TEXT + "freeze = [table]\n", f"net={net}").graph
    assert [node.name for node in graph.nodes if node.frozen] == ["embedding1", "linear1"]


def test_an_export_gives_both_one_parameter() -> None:
    exported, code = written(program())
    model = code.Model()
    assert len([*model.parameters()]) == 1
    assert "self.linear1.weight = self.embedding1.weight" in exported.source

    network = Network(program().graph, seed=0)
    pairs = [*weights(network, exported, model)]
    x = torch.randint(7, (5, 4)).float()
    y, theirs = network.forward(x), model(x)
    assert torch.allclose(y, theirs)
    network.zero_grad()
    network.backward(torch.ones_like(y))
    theirs.sum().backward()
    for ours, weight in pairs:
        assert torch.allclose(ours, weight.grad, atol=1e-6)
