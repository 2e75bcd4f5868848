"""What all optimizers do alike: what they take, refuse, and leave as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from netlang import SGD, Adam, AdamW, Linear, ReLU, Sequential, Tanh
from netlang.catalogue import registry
from netlang.catalogue.optimizers import LBFGS, Optimizer, RMSprop

# Those that need no more than gradients; the others' steps are in test_optimizers_beside_torch.py.
OPTIMIZERS = [
    pytest.param(item, id=item.name)
    for item in registry.items("optimizer")
    if issubclass(item, Optimizer) and not item.needs_loss
]


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


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_an_optimizer_says_what_it_takes(make: Callable[..., Optimizer]) -> None:
    model = Linear(2, 2)
    for given in ((), (model.param(),), (model.parameters,), (0.1,)):
        with pytest.raises(TypeError, match="takes the model first"):
            make(*given)
    with pytest.raises(TypeError, match="takes the model first"):
        make(lr=0.1)
    for lr in ("fast", None, True, torch.tensor(0.1), float("nan"), float("inf")):
        with pytest.raises(TypeError, match="'lr' must be a number, above 0, not"):
            make(model, lr=lr)
    for lr in (-1, 0, -0.0):
        with pytest.raises(ValueError, match="'lr' must be a number, above 0, not"):
            make(model, lr=lr)
    with pytest.raises(
        ValueError, match=r"above 0, not 1e-50: 32-bit floats are 1.2e-38 to 3.4e\+38"
    ):
        make(model, lr=1e-50)
    for wrong in ("learning_rate", "Lr", "eta"):
        with pytest.raises(TypeError, match=f"no argument '{wrong}'; did you mean 'lr'"):
            make(model, **{wrong: 0.1})
    with pytest.raises(TypeError, match=r"no argument 'fused'$"):
        make(model, fused=True)


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_a_step_with_a_gradient_that_is_not_finite_says_whose_and_changes_nothing(
    make: Callable[..., Optimizer], wrong: float, dtype: torch.dtype
) -> None:
    model = Sequential([Linear(2, 3), ReLU(), Linear(3, 1)]).to(dtype)
    optimizer = make(model)
    model.gradients.fill_(1.0)
    optimizer.step()
    before = model.parameters.clone()
    model.gradients[-2:] = wrong  # the last weight, and the bias
    with pytest.raises(FloatingPointError, match=r"gradient of linear2\.weight is .* in 1 of its"):
        optimizer.step()
    assert torch.equal(model.parameters, before)
    model.gradients[-2:] = 1.0  # as if nothing had been
    optimizer.step()
    assert model.parameters.isfinite().all()


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_weight_of_16_bits_without_a_gradient_stays(
    make: Callable[..., Optimizer], dtype: torch.dtype
) -> None:
    model = Linear(2, 2).to(dtype)
    model.parameters[0] = 0.0
    before = model.parameters.clone()
    optimizer = make(model, lr=0.1, weight_decay=0.0)
    model.gradients[0] = 1.0
    for _ in range(2):
        optimizer.step()
    assert model.parameters[0] < before[0]
    assert torch.equal(model.parameters[1:], before[1:])


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_gradients_whose_sum_alone_is_not_finite_are_taken(make: Callable[..., Optimizer]) -> None:
    model = Linear(2, 2).to(torch.float16)
    model.gradients.fill_(6e4)
    optimizer = make(model, lr=1e-4)
    optimizer.step()
    assert optimizer.steps == 1


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_step_of_a_model_without_weights_changes_nothing(make: Callable[..., Optimizer]) -> None:
    model = Sequential([ReLU(), Tanh()])
    optimizer = make(model)
    for _ in range(2):
        optimizer.zero_grad()
        model.backward(torch.ones_like(model.forward(torch.ones(3, 2))))
        optimizer.step()
    assert model.parameters.shape == (0,)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_step_may_have_other_values_for_itself_alone(make: Callable[..., Optimizer]) -> None:
    models = [Sequential([Linear(2, 2)]) for _ in range(2)]
    models[1].parameters.copy_(models[0].parameters)
    for model in models:
        model.gradients.fill_(0.5)
    one, other = (make(model, lr=0.5) for model in models)
    one.step_with({"lr": 0.1})
    one.step()
    for lr in (0.1, 0.5):
        other.lr = lr
        other.step()
    assert torch.equal(models[0].parameters, models[1].parameters)
    with pytest.raises(TypeError, match="has no step with rate="):
        one.step_with({"rate": 0.1})
    for wrong in (-5.0, float("nan"), True, False):
        with pytest.raises((TypeError, ValueError), match="'lr' must be a number, above 0"):
            one.step_with({"lr": wrong})
    assert one.steps == 2


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_step_may_have_a_rate_of_0_which_changes_no_weight(
    make: Callable[..., Optimizer],
) -> None:
    model = Sequential([Linear(2, 2)])
    model.gradients.fill_(0.5)
    before = model.parameters.clone()
    optimizer = make(model, lr=0.5)
    optimizer.step_with(optimizer.scaled(0.0))
    assert torch.equal(model.parameters, before)


def test_a_step_has_a_0_for_a_rate_alone() -> None:
    adam = Adam(Linear(2, 2))
    with pytest.raises(ValueError, match="'eps' must be a number, above 0, not 0"):
        adam.step_with({"eps": 0.0})
    adam.step_with({"lr": 0.0, "beta1": 0.0})


def test_a_step_takes_up_no_part_that_the_optimizer_has_not() -> None:
    for optimizer, wrong in (
        (SGD(Linear(2, 2)), {"momentum": 0.9}),
        (SGD(Linear(2, 2), momentum=0.9), {"momentum": 0.0}),
        (RMSprop(Linear(2, 2)), {"weight_decay": 0.1}),
        (RMSprop(Linear(2, 2)), {"centered": True}),
    ):
        with pytest.raises(TypeError, match="has no step with"):
            optimizer.step_with(wrong)
    SGD(Linear(2, 2), momentum=0.9).step_with({"momentum": 0.8})


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_gradients_of_all_sizes_make_no_nan(
    make: Callable[..., Optimizer], dtype: torch.dtype
) -> None:
    options = [{}, *({name: True} for name in ("centered", "amsgrad") if hasattr(make, name))]
    for option in options:
        model = Linear(4, 4).to(dtype)
        optimizer = make(model, lr=1e-3, **option)
        for size in (1e30, 0.0, 1e-30, 1.0, -1e37, 1e-38, -1e30):
            model.gradients.fill_(size)
            optimizer.step()
        assert not model.parameters.isnan().any()


def test_biases_do_not_decay_where_a_file_says_so_and_frozen_weights_never() -> None:
    for values in ({"decay_biases": False}, {}):
        for item in (SGD, AdamW):
            model = Sequential([Linear(2, 2), Linear(2, 2)])
            model.modules[1].frozen = True
            model.parameters.fill_(1.0)
            optimizer = item(model, lr=0.5, weight_decay=0.5, **values)
            optimizer.step()
            decayed = [0.75] * 4 + [0.75 if not values else 1.0] * 2
            assert model.parameters.tolist() == decayed + [1.0] * 6


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32], ids=str)
def test_a_rate_too_large_for_the_dtype_is_the_largest_that_it_holds(dtype: torch.dtype) -> None:
    model = Linear(2, 2).to(dtype)
    model.parameters.zero_()
    model.gradients[0] = 0.5
    Adam(model, lr=3e38, beta2=0.0).step()  # m/√v is 1 - β₁
    assert model.parameters[0].item() == pytest.approx(-0.1 * torch.finfo(dtype).max, rel=1e-3)
    assert not model.parameters[1:].any()


def test_an_optimizer_that_needs_the_loss_says_so() -> None:
    with pytest.raises(RuntimeError, match="set `evaluate` to a function that sets the gradients"):
        LBFGS(Linear(2, 2)).step()
