"""From equal weights, and with the same dropout masks, the paper's models follow torch.nn and
torch.optim step by step.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from netlang.catalogue.layers import Dropout
from netlang.catalogue.losses import encode
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.syntax import read
from tests.paths import MODELS

STEPS = 200


class Masked(nn.Module):
    """Dropout by a mask that somebody else has drawn."""

    mask: Tensor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.mask


def cross_entropy(y: Tensor, t: Tensor) -> Tensor:
    return -(t * (y + 1e-2).log() + (1 - t) * (1 - y + 1e-2).log()).sum(1).mean()


TWINS: dict[str, Callable[[], tuple[nn.Sequential, Callable[..., Tensor], type, float]]] = {
    "model1": lambda: (
        nn.Sequential(
            *(nn.Linear(2, 25), nn.ReLU(), nn.Linear(25, 25), Masked(), nn.ReLU()),
            *(nn.Linear(25, 25), nn.ReLU(), nn.Linear(25, 2), nn.Tanh()),
        ),
        nn.MSELoss(reduction="sum"),
        torch.optim.SGD,
        1e-3,
    ),
    "model2": lambda: (
        nn.Sequential(
            *(nn.Linear(2, 25), nn.ReLU(), nn.Linear(25, 25), Masked(), nn.ELU()),
            *(nn.Linear(25, 25), Masked(), nn.ReLU(), nn.Linear(25, 2), nn.Softmax(-1)),
        ),
        cross_entropy,
        torch.optim.Adam,
        1e-3,
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_200_steps_stay_with_torch_to_1e_9(name: str) -> None:
    program = compile_source(read(str(MODELS / f"{name}.net")), to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    network = Network(program.graph, program.seed).to(torch.float64)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    twin, criterion, twin_optimizer, lr = TWINS[name]()
    twin = twin.double()
    pairs = list(zip([weight for weight, _ in network.param()], twin.parameters(), strict=True))
    with torch.no_grad():
        for ours, theirs in pairs:
            theirs.copy_(ours)
    stepper = twin_optimizer(twin.parameters(), lr=lr)
    dropouts = [layer for layer in network.modules if isinstance(layer, Dropout)]
    masked = [layer for layer in twin if isinstance(layer, Masked)]

    train = program.data.load(0).train
    inputs = train.inputs.double()
    targets = encode(train.targets, 2, torch.float64)
    draw = torch.Generator().manual_seed(0)
    for step in range(STEPS):
        rows = torch.randint(len(inputs), (program.batch_size,), generator=draw)
        x, t = inputs[rows], targets[rows]
        for ours, theirs in zip(dropouts, masked, strict=True):
            mask = torch.randint(2, (program.batch_size, 25), generator=draw).double() * 2
            ours.masks, theirs.mask = iter([mask]), mask

        optimizer.zero_grad()
        loss = program.loss.forward(network.forward(x), t)
        network.backward(program.loss.backward())
        optimizer.step()

        stepper.zero_grad()
        twin_loss = criterion(twin(x), t)
        twin_loss.backward()
        stepper.step()

        assert abs(loss.item() - twin_loss.item()) < 1e-9, step
        for ours, theirs in pairs:
            assert (ours - theirs).abs().max() < 1e-9, step


def test_the_twins_really_move() -> None:
    """Two hundred equal steps of nothing would agree as well."""
    for make in TWINS.values():
        twin, criterion, optimizer, lr = make()
        before = [weight.clone() for weight in twin.parameters()]
        for layer in twin:
            if isinstance(layer, Masked):
                layer.mask = torch.ones(25)
        stepper = optimizer(twin.parameters(), lr=lr)
        criterion(twin(torch.randn(4, 2)), torch.eye(2).repeat(2, 1)).backward()
        stepper.step()
        assert any(not torch.equal(a, b) for a, b in zip(before, twin.parameters(), strict=True))
