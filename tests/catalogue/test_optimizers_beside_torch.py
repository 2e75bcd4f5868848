"""Optimizers against torch's own, over a hundred steps of the same gradients."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.layers import Conv1d, Flatten, Linear, ReLU
from netlang.catalogue.modules import Sequential
from netlang.catalogue.optimizers import LBFGS, Muon, Optimizer

STEPS = 100


def drawn(draw: random.Random, name: str) -> dict[str, Any]:
    """Random arguments of an optimizer, of which each is its default now and then."""
    lr = 10.0 ** draw.uniform(-4, -1)
    beta1, beta2 = draw.choice([0.0, 0.5, 0.9, 0.99]), draw.choice([0.0, 0.5, 0.95, 0.999])
    eps, decay = 10.0 ** draw.uniform(-10, -3), draw.choice([0.0, 0.0, 0.01, 0.1])
    momentum = draw.choice([0.0, 0.5, 0.9])
    means = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": decay}
    decoupled = {"decoupled_weight_decay": draw.random() < 0.5}
    alpha = draw.choice([0.0, 0.9, 0.99])
    centered = alpha > 0 and draw.random() < 0.5  # a deviation of nothing is NaN in torch
    return {
        "SGD": {"lr": lr, "momentum": momentum, "weight_decay": decay}
        | draw.choice([{}, {"dampening": 0.3}, {"nesterov": True} if momentum else {}]),
        "Adam": means | {"amsgrad": draw.random() < 0.5},
        "AdamW": means | {"amsgrad": draw.random() < 0.5},
        "NAdam": means | decoupled | {"momentum_decay": draw.choice([0.0, 4e-3, 0.5, 20.0])},
        "RAdam": means | decoupled,
        "RMSprop": {"lr": lr, "alpha": alpha, "eps": eps}
        | {"weight_decay": decay, "momentum": momentum, "centered": centered},
        "Adagrad": {"lr": lr, "lr_decay": draw.choice([0.0, 0.1]), "weight_decay": decay}
        | {"eps": eps, "initial_accumulator_value": draw.choice([0.0, 0.1])},
        "Adadelta": {"lr": lr * 100, "rho": draw.choice([0.0, 0.9, 0.95]), "eps": eps}
        | {"weight_decay": decay},
    }[name]


def gradients(draw: random.Random, size: int) -> Iterator[Tensor]:
    """Steps of a kind: random, of all sizes, sparse, constant, or zeros at first."""
    kind = draw.choice(["normal", "sizes", "sparse", "constant", "late", "zero"])
    source = torch.Generator().manual_seed(draw.randrange(1 << 30))
    constant = torch.randn(size, generator=source, dtype=torch.float64)
    for step in range(STEPS):
        normal = torch.randn(size, generator=source, dtype=torch.float64)
        keep = torch.rand(size, generator=source) < 0.1
        yield {
            "normal": normal,
            "sizes": normal * 10.0 ** draw.uniform(-12, 6),
            "sparse": normal * keep,
            "constant": constant,
            "late": normal * (step > 50),
            "zero": torch.zeros_like(normal),
        }[kind]


def in_torch(name: str, values: Mapping[str, Any], weights: list[Tensor]) -> torch.optim.Optimizer:
    given = {key: value for key, value in values.items() if key not in ("beta1", "beta2")}
    if "beta1" in values:
        given["betas"] = values["beta1"], values["beta2"]
    made: torch.optim.Optimizer = getattr(torch.optim, name)(weights, **given)
    return made


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


APART = ("Muon", "LBFGS")  # whose steps ask for more than a vector of gradients
NAMES = [one.name for one in registry.items("optimizer") if hasattr(torch.optim, one.name)]


@pytest.mark.parametrize("name", [one for one in NAMES if one not in APART])
def test_a_hundred_steps_are_those_of_torch(name: str) -> None:
    item: Any = registry.ITEMS[name]
    draw = random.Random(name)
    for case in range(12):
        torch.set_default_dtype((torch.float32, torch.float64)[case % 2])  # of NAdam's product
        values = drawn(draw, name)
        model = Sequential([Linear(3, 4)]).to(torch.float64)
        twin = model.parameters.clone().requires_grad_()
        optimizer: Optimizer = item(model, **values)
        reference = in_torch(name, values, [twin])
        for gradient in gradients(draw, 16):
            model.gradients.copy_(gradient)
            twin.grad = gradient.clone()
            optimizer.step()
            reference.step()
            apart = (model.parameters - twin).abs() / twin.abs().clamp_min(1)
            assert apart.max() < 1e-9, (name, values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"lr": 0.02, "weight_decay": 0.0, "nesterov": False, "ns_steps": 3},
        {"adjust_lr_fn": "match_rms_adamw", "momentum": 0.5},
    ],
    ids=str,
)
def test_muon_is_torchs_for_matrices_and_adamw_for_the_rest(values: dict[str, Any]) -> None:
    model = Sequential([Conv1d(2, 3, 2), Flatten(), Linear(9, 4), ReLU(), Linear(4, 5)])
    twins = {name: one.clone().requires_grad_() for name, one in model.named_tensors().items()}
    matrices = [one for one in twins.values() if one.ndim == 2]
    others = [one for one in twins.values() if one.ndim != 2]
    ours, decay = Muon(model, **values), values.get("weight_decay", 0.1)
    theirs = (
        torch.optim.Muon(matrices, **values),
        torch.optim.AdamW(others, lr=3e-4, weight_decay=decay),
    )
    for step in range(STEPS):
        model.gradients.normal_(generator=torch.Generator().manual_seed(step))
        if step == 50:
            model.gradients.zero_()
        gradients = torch.split(model.gradients, [one.numel() for one in twins.values()])
        for twin, gradient in zip(twins.values(), gradients, strict=True):
            twin.grad = gradient.view(twin.shape).clone()
        ours.step()
        for reference in theirs:
            reference.step()
    for name, tensor in model.named_tensors().items():
        torch.testing.assert_close(tensor, twins[name].detach(), rtol=0, atol=1e-9)


WOLFE = {"line_search_fn": "strong_wolfe"}
_x, _t = (torch.randn(40, n, generator=torch.Generator().manual_seed(0)).double() for n in (5, 1))


def quadratic(w: Tensor) -> Tensor:
    return (torch.linspace(0.1, 9, len(w)) * w.square()).sum() - w.sum()


def logistic(w: Tensor) -> Tensor:
    y = _x @ w[:5].unsqueeze(1) + w[5]
    return (F.softplus(y) - (_t > 0) * y).mean() + 1e-3 * w.square().sum()


def network(w: Tensor) -> Tensor:
    hidden = torch.tanh(_x @ w[:25].view(5, 5) + w[25:30])
    return (hidden @ w[30:35].unsqueeze(1) + w[35] - _t).square().mean()


CONVEX = [
    {},
    {"lr": 0.1, "history_size": 1, "max_iter": 2, "tolerance_change": 1e-4},
    WOLFE,
    WOLFE | {"max_iter": 3, "history_size": 2, "lr": 0.3},
    WOLFE | {"max_iter": 2, "tolerance_grad": 0.0, "tolerance_change": 0.0},
    WOLFE | {"lr": 100.0, "tolerance_grad": 1e-3},
]
CURVED = [
    {},
    {"lr": 0.5, "history_size": 3, "max_iter": 5},
    WOLFE,
    WOLFE | {"max_eval": 3, "tolerance_change": 0.0},
]
LBFGS_CASES = [
    *(pytest.param(quadratic, 41, values, id=f"quadratic {values}") for values in CONVEX),
    *(
        pytest.param(loss, size, values, id=f"{loss.__name__} {values}", marks=pytest.mark.slow)
        for loss, size, several in ((logistic, 6, CONVEX), (network, 36, CURVED))
        for values in several
    ),
]


@pytest.mark.parametrize(("loss", "size", "values"), LBFGS_CASES)
def test_lbfgs_looks_at_the_loss_where_torch_does(
    loss: Callable[[Tensor], Tensor], size: int, values: dict[str, Any]
) -> None:
    """To the same bits, as far as dot products of the same numbers have them."""
    model = Linear(size - 1, 1)
    model.parameters.normal_(0, 0.5, generator=torch.Generator().manual_seed(1))
    twin = model.parameters.clone().requires_grad_()
    seen: dict[str, list[float]] = {"ours": [], "theirs": []}

    def evaluate() -> float:
        w = model.parameters.clone().requires_grad_()
        value = loss(w)
        (gradient,) = torch.autograd.grad(value, w)
        model.gradients.copy_(gradient)
        seen["ours"].append(value.item())
        return value.item()

    def closure() -> Tensor:
        reference.zero_grad()
        value = loss(twin)
        value.backward()  # type: ignore[no-untyped-call]
        seen["theirs"].append(value.item())
        return value

    ours, reference = LBFGS(model, **values), torch.optim.LBFGS([twin], **values)
    ours.evaluate = evaluate
    for _ in range(STEPS):
        ours.step()
        reference.step(closure)
        torch.testing.assert_close(model.parameters, twin.detach(), rtol=0, atol=1e-12)
    assert len(seen["ours"]) == len(seen["theirs"])
    assert seen["ours"] == pytest.approx(seen["theirs"], abs=1e-12)
