"""A list of optimizers: each has weights of its own, as groups of parameters have in torch."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile

TEXT = """
encoder = Linear(2, 3) -> ReLU -> Linear(3, 4)
head = Linear(4, 2)
net = encoder -> ReLU -> head
optimizer = {optimizer}
"""


def program(optimizer: str, *overrides: str) -> Program:
    text = TEXT.format(optimizer=optimizer)
    return compile_source(SourceFile("a.net", text), [*overrides]).require()


def made(optimizer: str) -> tuple[Network, SeveralOptimizers]:
    compiled = program(optimizer)
    assert compiled.optimizer
    network = Network(compiled.graph, 0)
    network.to(torch.float64)
    found = compiled.optimizer.anew(network)
    assert isinstance(found, SeveralOptimizers)
    return network, found


def twins(network: Network) -> dict[str, Tensor]:
    return {n: one.clone().requires_grad_() for n, one in network.named_tensors().items()}


def assert_alike(
    network: Network, ours: Optimizer, weights: dict[str, Tensor], theirs: Sequence[object]
) -> None:
    for step in range(20):
        network.gradients.normal_(generator=torch.Generator().manual_seed(step))
        at = 0
        for one in weights.values():
            one.grad = network.gradients[at : at + one.numel()].view(one.shape).clone()
            at += one.numel()
        ours.step()
        for other in theirs:
            assert isinstance(other, torch.optim.Optimizer)
            other.step()
    for name, tensor in network.named_tensors().items():
        torch.testing.assert_close(tensor, weights[name].detach(), rtol=1e-12, atol=1e-12)


def test_each_optimizer_moves_the_weights_of_its_part_as_torch_does() -> None:
    network, ours = made("[AdamW(1e-2), SGD(0.1, momentum=0.9, on=head)]")
    weights = twins(network)
    body, head = [*weights.values()][:4], [*weights.values()][4:]
    theirs = [torch.optim.AdamW(body, lr=1e-2), torch.optim.SGD(head, lr=0.1, momentum=0.9)]
    assert_alike(network, ours, weights, theirs)
    assert ours.state == ["m[0]", "v[0]", "velocity[1]"]
    assert [len(one) for one in ours.vectors()] == [25, 25, 10]


def test_weights_that_lie_apart_are_moved_and_the_last_that_names_one_takes_it() -> None:
    network, ours = made(
        '[Adam(1e-2), SGD(0.1, on=head), RMSprop(only="biases"),'
        ' Adagrad(on=encoder, only="matrices")]'
    )
    weights = twins(network)
    biases = [one for name, one in weights.items() if "bias" in name]
    theirs = [
        torch.optim.SGD([weights["linear3.weight"]], lr=0.1),
        torch.optim.RMSprop(biases),
        torch.optim.Adagrad([weights["linear1.weight"], weights["linear2.weight"]]),
    ]
    assert_alike(network, ours, weights, theirs)
    assert [len(one) for one in ours.vectors()] == [0, 0, 9, 18]


def test_biases_spared_in_one_optimizer_decay_in_another() -> None:
    network, ours = made(
        "[SGD(0.1, weight_decay=0.5), SGD(0.1, weight_decay=0.5, decay_biases=false, on=head)]"
    )
    network.parameters.fill_(1.0)
    ours.step()
    tensors = network.named_tensors()
    still = [name for name, one in tensors.items() if one.eq(1).all()]
    assert still == ["linear3.bias"]


def test_a_step_may_have_other_values_for_one_of_them() -> None:
    network, ours = made("[SGD(0.5), SGD(0.25, on=head)]")
    assert ours.scaled(0.5) == {"lr": 0.25, "[1].lr": 0.125}
    network.parameters.zero_()
    network.gradients.fill_(1.0)
    ours.step_with(ours.scaled(0.0))
    assert not network.parameters.any()
    ours.step_with({"[1].lr": 1.0})
    assert network.parameters.unique().tolist() == [-1.0, -0.5]
    assert ours.steps == 2
    for wrong in ({"[2].lr": 1.0}, {"[1].rate": 1.0}, {"rate": 1.0}):
        with pytest.raises(TypeError, match="has no step with"):
            ours.step_with(wrong)


def test_the_command_line_changes_the_first_of_a_list() -> None:
    found = program("[SGD(0.5), SGD(0.25, on=head)]", "optimizer.lr=0.125").optimizer
    assert isinstance(found, SeveralOptimizers)
    assert [one.values["lr"] for one in found.optimizers] == [0.125, 0.25]
    assert repr(found).startswith("[SGD(lr=0.125, ")


def of_members(optimizer: str) -> tuple[Network, Optimizer]:
    compiled = compile_source(SourceFile("a.net", OF_MEMBERS.format(optimizer=optimizer))).require()
    assert compiled.optimizer
    network = Network(compiled.graph, 0)
    network.gradients.normal_(generator=torch.Generator().manual_seed(0))
    return network, compiled.optimizer.anew(network)


OF_MEMBERS = """
net = Linear(2, 5) -> LayerNorm([5]) -> Linear(5, 2)
data = Disc(train=8)
loss = MSE
members = 4
optimizer = {optimizer}
"""


def test_what_is_a_matrix_is_said_by_a_weight_and_not_by_its_shape() -> None:
    """The factors and biases of members are vectors, and each has a last matrix of its own."""
    network, ours = of_members('[SGD(1.0), SGD(2.0, only="matrices")]')
    before, gradients = network.parameters.clone(), network.gradients.clone()
    ours.step()
    moved, at = (before - network.parameters) / gradients, 0
    twice = set[str]()
    for one in network.placed_weights():
        if moved[at : at + one.weight.size].gt(1.5).all():
            twice.add(one.path)
        at += one.weight.size
    assert twice == {"linear1.weight", "linear2.weight"}


def test_muon_makes_each_matrix_of_a_stack_orthogonal_and_no_factor() -> None:
    network, ours = of_members("Muon(1.0, weight_decay=0.0, ns_steps=20, adam_lr=1e-3)")
    before = {name: one.clone() for name, one in network.named_tensors().items()}
    ours.step()
    moves = {name: before[name] - one for name, one in network.named_tensors().items()}
    for name, move in moves.items():
        if name.startswith("linear") and name.endswith("weight"):
            sizes = torch.linalg.svdvals(move)
            assert sizes.min() > 0.5, name
            assert sizes.max() < 2.5, name
        else:
            assert move.abs().max() == pytest.approx(1e-3, rel=1e-2), name
