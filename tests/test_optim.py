"""Optimizers against torch's own, on the same gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from netlang import SGD, Adam, Linear, Sequential
from netlang.optim import Optimizer

CASES = {
    "SGD": (lambda model: SGD(model, lr=0.1), lambda w: torch.optim.SGD(w, lr=0.1)),
    "Adam": (lambda model: Adam(model), lambda w: torch.optim.Adam(w, lr=1e-3)),
    "Adam with other decays": (
        lambda model: Adam(model, lr=0.05, beta1=0.5, beta2=0.9, eps=1e-4),
        lambda w: torch.optim.Adam(w, lr=0.05, betas=(0.5, 0.9), eps=1e-4),
    ),
    "Adam without a mean": (
        lambda model: Adam(model, beta1=0.0),
        lambda w: torch.optim.Adam(w, betas=(0.0, 0.999)),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_fifty_steps_agree_with_torch(
    case: str,
) -> None:
    ours, theirs = CASES[case]
    model = Sequential([Linear(3, 4)]).to(torch.float64)
    twin = model.parameters.clone().requires_grad_()
    optimizer: Optimizer = ours(model)
    reference: torch.optim.Optimizer = theirs([twin])
    for step in range(50):
        gradient = torch.randn(16, dtype=torch.float64) * 10.0 ** (step % 5 - 3)
        model.gradients.copy_(gradient)
        twin.grad = gradient.clone()
        optimizer.step()
        reference.step()
        assert (model.parameters - twin).abs().max() < 1e-12


@pytest.mark.parametrize("make", [SGD, Adam])
def test_zero_grad_clears_the_models_gradients(make: Callable[..., Optimizer]) -> None:
    model = Sequential([Linear(2, 2)])
    model.gradients.fill_(1.0)
    make(model).zero_grad()
    assert not model.gradients.any()


@pytest.mark.parametrize("make", [SGD, Adam])
def test_an_optimizer_follows_a_model_that_is_packed_after_it_was_made(
    make: Callable[..., Optimizer],
) -> None:
    inner = Sequential([Linear(2, 2)])
    optimizer = make(inner, lr=0.5)
    outer = Sequential([inner, Linear(2, 1)])
    before = outer.parameters.clone()
    inner.gradients.fill_(1.0)
    optimizer.step()
    assert (outer.parameters[:6] != before[:6]).all()
    assert torch.equal(outer.parameters[6:], before[6:])
