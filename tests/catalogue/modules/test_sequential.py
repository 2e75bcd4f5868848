"""Sequential: one flat vector for all weights, and everything that has to reach its layers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch

from netlang.catalogue.layers import Add, BatchNorm, Dropout, Linear, ReLU, Slice, Softmax, Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer, Module, Sequential
from netlang.catalogue.optimizers import SGD, Adam, Optimizer
from netlang.language.shapes import Shape


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def weights(*modules: Module) -> list[torch.Tensor]:
    return [weight for module in modules for weight, _ in module.param()]


def test_weights_keep_their_values_and_move_into_one_vector() -> None:
    layers = [Linear(2, 3), ReLU(), Linear(3, 1)]
    before = [weight.clone() for weight in weights(*layers)]
    model = Sequential(layers)
    assert all(torch.equal(a, b) for a, b in zip(weights(*layers), before, strict=True))
    assert torch.equal(model.parameters, torch.cat([weight.flatten() for weight in before]))
    assert model.size == len(model.parameters) == len(model.gradients) == 2 * 3 + 3 + 3 + 1
    model.parameters.fill_(5.0)
    model.gradients.fill_(6.0)
    assert all((weight == 5).all() for weight in weights(*layers))
    assert all((gradient == 6).all() for layer in layers for _, gradient in layer.param())


def test_gradients_gathered_before_packing_are_kept() -> None:
    layer = Linear(2, 3)
    layer.gradients.fill_(4.0)
    assert (Sequential([layer]).gradients == 4).all()


def test_param_gathers_the_pairs_of_all_modules_in_order() -> None:
    first, second = Linear(2, 3), Linear(3, 1)
    pairs = Sequential([first, ReLU(), second]).param()
    expected = [*first.param(), *second.param()]
    assert len(pairs) == 4
    for (weight, gradient), (own, own_gradient) in zip(pairs, expected, strict=True):
        assert weight is own
        assert gradient is own_gradient


def test_forward_and_backward_are_those_of_its_modules_one_by_one() -> None:
    model = Sequential([Linear(2, 3), Tanh(), Linear(3, 1)])
    twins: list[Layer] = [Linear(2, 3), Tanh(), Linear(3, 1)]
    for twin, layer in zip(twins, model.layers(), strict=True):
        twin.parameters.copy_(layer.parameters)
    x, dy = torch.randn(5, 2), torch.randn(5, 1)
    y = x
    for twin in twins:
        y = twin.forward(y)
    assert torch.equal(model.forward(x), y)
    assert torch.equal(model(x), y)
    dx = dy
    for twin in reversed(twins):
        dx = twin.backward(dx)
    assert torch.equal(model.backward(dy), dx)
    assert torch.equal(model.gradients, torch.cat([twin.gradients for twin in twins]))


@pytest.mark.parametrize(
    "design",
    [
        lambda: [Linear(2, 3), Tanh(), Linear(3, 1), Tanh()],
        lambda: [Tanh(), Tanh(), Linear(2, 1)],
        lambda: [Sequential([Tanh(), Linear(2, 3)]), Tanh(), Sequential([Linear(3, 1)])],
        lambda: [Sequential([Tanh()]), Sequential([Linear(2, 1), Tanh()])],
    ],
)
def test_accumulate_adds_the_gradients_that_backward_adds(
    design: Callable[[], list[Module]],
) -> None:
    model = Sequential(design())
    x, dy = torch.randn(5, 2), torch.randn(5, 1)
    model.forward(x)
    model.backward(dy)
    expected = model.gradients.clone()
    assert expected.any()
    model.zero_grad()
    model.forward(x)
    model.accumulate(dy)
    assert torch.equal(model.gradients, expected)


def test_accumulate_without_weights_has_nothing_to_do() -> None:
    model = Sequential([ReLU(), Tanh()])
    x = torch.randn(5, 2)
    model.forward(x)
    model.accumulate(torch.ones_like(x))
    assert model.gradients.tolist() == []


def test_zero_grad_reaches_every_layer() -> None:
    model = Sequential([Linear(2, 3), Sequential([Linear(3, 1)])])
    model.gradients.fill_(1.0)
    model.zero_grad()
    assert not any(gradient.any() for _, gradient in model.param())


def test_a_nested_sequential_shares_the_outer_one_s_vectors() -> None:
    inner = Sequential([Linear(3, 3), ReLU()])
    layers = [Linear(2, 3), inner, Linear(3, 1)]
    before = torch.cat([weight.flatten() for weight in weights(*layers)])
    model = Sequential(layers)
    assert torch.equal(model.parameters, before)
    model.parameters.zero_()
    assert not inner.parameters.any()
    inner.gradients.fill_(3.0)
    assert (model.gradients == 3).sum() == inner.size == 12
    assert [layer.name for layer in model.layers()] == ["Linear", "Linear", "ReLU", "Linear"]


def test_nesting_changes_no_number() -> None:
    flat: list[Module] = [Linear(2, 3), Tanh(), Linear(3, 1)]
    nested: list[Module] = [Linear(2, 3), Tanh(), Linear(3, 1)]
    one = Sequential(flat)
    other = Sequential([nested[0], Sequential([nested[1], Sequential([nested[2]])])])
    other.parameters.copy_(one.parameters)
    x, dy = torch.randn(5, 2), torch.randn(5, 1)
    assert torch.equal(one.forward(x), other.forward(x))
    assert torch.equal(one.backward(dy), other.backward(dy))
    assert torch.equal(one.gradients, other.gradients)


def test_a_layer_that_stands_in_it_twice_is_refused() -> None:
    layer = Linear(2, 2)
    with pytest.raises(ValueError, match="twice"):
        Sequential([layer, ReLU(), layer])


def test_a_layer_that_stands_in_it_twice_through_a_nested_one_is_refused() -> None:
    layer = ReLU()
    with pytest.raises(ValueError, match="twice"):
        Sequential([layer, Sequential([Linear(2, 2), layer])])


def test_an_empty_one_is_the_identity() -> None:
    model, x = Sequential([]), torch.randn(2, 3)
    assert torch.equal(model.forward(x), x)
    assert torch.equal(model.backward(x), x)
    assert model.size == 0
    assert model.param() == []


def test_train_and_eval_reach_every_layer_and_give_the_model_back() -> None:
    dropout, deep = Dropout(0.5), Dropout(0.5)
    model = Sequential([dropout, Sequential([deep, Sequential([ReLU()])])])
    assert all(layer.training for layer in model.layers())
    assert model.eval() is model
    assert not any(layer.training for layer in model.layers())
    x = torch.ones(50, 4)
    assert torch.equal(model.forward(x), x)
    assert model.train() is model
    assert all(layer.training for layer in model.layers())
    assert (model.forward(x) == 0).any()


class Noise(Module):
    """A module of one's own that has no layers, and does nothing unless it is trained."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.rand_like(x) if self.training else x

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return dy


def test_train_and_eval_reach_modules_that_are_no_layers() -> None:
    noise, inner = Noise(), Sequential([ReLU()])
    model = Sequential([Linear(2, 2), inner, Sequential([noise])])
    model.eval()
    assert not any(module.training for module in (noise, inner, model.modules[2]))
    x = torch.ones(3, 2)
    assert torch.equal(model.forward(x), model.forward(x))
    model.train()
    assert noise.training
    assert inner.training


def test_moving_to_float64_reaches_every_layer_and_keeps_weights_shared() -> None:
    model = Sequential([Linear(2, 3), Sequential([Linear(3, 1)])])
    before = model.parameters.clone()
    assert model.to(torch.float64) is model
    assert torch.equal(model.parameters.float(), before)
    pairs = model.param()
    assert all(w.dtype == g.dtype == torch.float64 for w, g in pairs)
    assert model.forward(torch.randn(5, 2, dtype=torch.float64)).dtype == torch.float64
    model.parameters.zero_()
    assert not any(weight.any() for weight, _ in pairs)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_an_optimizer_built_before_or_after_a_move_takes_the_same_steps(
    optimizer: type[Optimizer],
) -> None:
    def trained(early: bool) -> torch.Tensor:
        torch.manual_seed(0)
        model = Sequential([Linear(2, 3), Tanh(), Linear(3, 1)])
        optimise = optimizer(model, lr=0.1) if early else None
        model.to(torch.float64)
        optimise = optimise or optimizer(model, lr=0.1)
        x, t = torch.randn(5, 2, dtype=torch.float64), torch.ones(5, 1, dtype=torch.float64)
        loss = MSE()
        for _ in range(3):
            optimise.zero_grad()
            loss.forward(model.forward(x), t)
            model.backward(loss.backward())
            optimise.step()
        return model.parameters

    assert torch.equal(trained(early=True), trained(early=False))


def test_an_optimizer_of_one_layer_still_moves_it_after_it_is_packed() -> None:
    layer = Linear(2, 3)
    optimizer = SGD(layer, lr=1.0)
    model = Sequential([layer])
    model.gradients.fill_(1.0)
    before = model.parameters.clone()
    optimizer.step()
    assert torch.equal(model.parameters, before - 1)


def test_it_is_shown_with_its_modules() -> None:
    model = Sequential([Linear(2, 3), Sequential([ReLU()])])
    linear = 'Linear(in_features=2, out_features=3, init="xavier", bias=true, tied=none)'
    assert repr(model) == f"Sequential([{linear}, Sequential([ReLU()])])"


def test_a_list_changed_after_building_leaves_the_model_as_it_was() -> None:
    design: list[Module] = [Linear(2, 3)]
    model = Sequential(design)
    design.append(ReLU())
    assert len(list(model.layers())) == 1


def test_its_modules_are_fixed_as_a_later_one_would_be_in_no_vector() -> None:
    assert isinstance(Sequential([Linear(2, 3)]).modules, tuple)


class Residual(Module):
    """y = x + f(x), a module of one's own."""

    def __init__(self) -> None:
        self.modules = [Linear(2, 4), Tanh(), Linear(4, 2)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x
        for module in self.modules:
            y = module.forward(y)
        return x + y

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        dx = dy
        for module in reversed(self.modules):
            dx = module.backward(dx)
        return dy + dx


def test_a_module_of_ones_own_trains_alone_and_within_others() -> None:
    x = torch.ones(1, 2)
    for model in (Residual(), Sequential([Residual(), Linear(2, 2)])):
        optimizer = SGD(model, lr=0.1)
        losses = []
        for _ in range(2):
            model.zero_grad()
            losses.append(MSE().forward(y := model.forward(x), x + 1).item())
            model.backward(MSE().gradient(y, x + 1))
            optimizer.step()
        assert losses[1] < losses[0]
        assert model.size == len(model.parameters) == sum(w.numel() for w in weights(model))
        assert all(not weight.isnan().any() for weight in weights(model.to(torch.float64)))


def test_a_module_of_ones_own_that_lists_no_modules_says_so() -> None:
    class Forgetful(Residual):
        def __init__(self) -> None:
            self.first = Linear(2, 2)

    for make in (SGD, Sequential):
        with pytest.raises(TypeError, match="Forgetful has to list what it is made of in `modul"):
            make(Forgetful()).zero_grad()


def test_a_module_of_ones_own_keeps_values_and_fixes_its_modules_when_first_asked() -> None:
    module = Residual()
    before = [weight.clone() for weight in weights(*module.modules)]
    module.parameters.add_(1)
    assert all(torch.equal(a, b + 1) for a, b in zip(weights(module), before, strict=True))
    assert isinstance(module.modules, tuple)
    module.gradients.fill_(1)
    assert all((gradient == 1).all() for _, gradient in module.param())


def test_a_model_as_python_code_trains_to_a_loss_near_zero() -> None:
    torch.manual_seed(0)
    model, loss = Sequential([Linear(1, 8), Tanh(), Linear(8, 1)]), MSE()
    optimizer = Adam(model, lr=0.02)
    x = torch.linspace(-1, 1, 32).unsqueeze(1)
    t = x.square()
    first = loss(model(x), t).item()
    for _ in range(300):
        optimizer.zero_grad()
        loss.forward(model.forward(x), t)
        model.backward(loss.backward())
        optimizer.step()
    assert loss(model(x), t).item() < 0.01 * first


LINEAR_4_2 = 'Linear(in_features=4, out_features=2, init="xavier", bias=true, tied=none)'
MISMATCHES: list[tuple[Callable[[], list[Module]], str]] = [
    (lambda: [Linear(2, 3), Linear(4, 2)], f"{LINEAR_4_2} takes shape [N, 4], and Linear("),
    (lambda: [Tanh(), Linear(2, 3), ReLU(), Linear(4, 2)], "and ReLU() before it gives [N, 3]"),
    (lambda: [Linear(2, 3), Sequential([ReLU(), Linear(4, 2)])], "ReLU() before it gives [N, 3]"),
    (lambda: [Sequential([Linear(2, 3)]), Dropout(0.5), Linear(4, 2)], "before it gives [N, 3]"),
    (
        lambda: [Softmax(), Linear(2, 3), Softmax(), Linear(2, 2)],
        "takes shape [N, 2], and Softmax(",
    ),
]


@pytest.mark.parametrize(("design", "said"), MISMATCHES)
def test_layers_that_do_not_fit_each_other_are_told_when_it_is_made(
    design: Callable[[], list[Module]], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Sequential(design())


def test_layers_that_fit_for_some_input_are_taken() -> None:
    wide = Sequential([Linear(2, 3), Slice(2, 2), Linear(3, 2), Slice(1, 1, dim=2)])
    assert wide.forward(torch.ones(5, 4, 2)).shape == (5, 2, 1)
    deep = Sequential([Slice(0, 1, dim=7), Softmax()])
    assert deep.forward(torch.ones(1, 1, 1, 1, 1, 1, 1, 2)).shape == (1,) * 8


def test_a_module_of_ones_own_between_layers_may_give_any_shape() -> None:
    class Halves(Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, :2]

    class Own(Layer):
        def infer(self, x: Shape) -> Shape:
            return x.with_last(x.size // 2)  # which an unknown size does not have

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, : x.shape[1] // 2]

        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            raise NotImplementedError

    x = torch.ones(5, 2)
    assert Sequential([Linear(2, 4), Own(), Linear(2, 3)]).forward(x).shape == (5, 3)
    assert Sequential([Own(), Linear(2, 3)]).forward(torch.ones(5, 4)).shape == (5, 3)
    assert Sequential([Linear(2, 4), Halves([]), Linear(2, 3)]).forward(x).shape == (5, 3)


def test_a_join_in_it_is_refused() -> None:
    with pytest.raises(TypeError, match=r"passes on one value, and Add\(\) takes several"):
        Sequential([Linear(2, 3), Add()])


def test_its_layers_say_what_they_take_and_that_backward_comes_after_forward() -> None:
    model = Sequential([Linear(2, 3), Tanh()])
    for method in (model.backward, model.accumulate):
        with pytest.raises(RuntimeError, match=r"Tanh\(\): call forward before backward"):
            method(torch.ones(5, 3))
    with pytest.raises(ValueError, match=r"Linear\(.* takes shape \[N, 2\], not \[5, 3\]"):
        model.forward(torch.ones(5, 3))
    model.forward(torch.ones(5, 2))
    with pytest.raises(ValueError, match=r"Tanh\(\).* of shape \[5, 3\], not \[5, 2\]"):
        model.backward(torch.ones(5, 2))
    # gone back through by hand, after forward passes of several shapes
    for rows in (4, 5, 4):
        dy = model.forward(torch.ones(rows, 2))
        for layer in reversed(model.modules):
            dy = layer.backward(dy)
        assert dy.shape == (rows, 2)


def test_a_layer_of_torch_is_named_as_one() -> None:
    with pytest.raises(TypeError, match=r"takes netlang's modules, .* and not ReLU\(\) of torch$"):
        Sequential([Linear(2, 3), torch.nn.ReLU()])  # type: ignore[list-item]


def test_it_has_a_length_and_its_modules_by_index_and_in_order() -> None:
    layers = [Linear(2, 3), ReLU(), Linear(3, 1)]
    model = Sequential(layers)
    assert len(model) == 3
    assert [*model] == layers
    assert model[0] is layers[0]
    assert model[-1] is layers[2]


def test_a_slice_has_the_same_weights_wherever_they_are_changed() -> None:
    model = Sequential([Linear(2, 3), BatchNorm(3), Linear(3, 1), Tanh()])
    part, x = model[1:3], torch.randn(4, 3)
    assert isinstance(part, Sequential)
    assert part.size == 3 + 3 + 3 + 1
    assert torch.equal(part.parameters, model.parameters[9:19])
    part.backward(torch.ones_like(part(x)))
    assert torch.equal(part.gradients, model.gradients[9:19])
    assert part.gradients.abs().sum() > 0
    before = model.parameters.clone()
    SGD(part, lr=0.1).step()
    assert torch.equal(model.parameters[:9], before[:9])
    assert not torch.equal(model.parameters[9:], before[9:])
    assert torch.equal(part.statistics, model.statistics)
    assert torch.equal(model[1:](x), model[3](part(x)))


def test_a_wrong_index_is_told() -> None:
    model = Sequential([Linear(2, 3), Tanh()])
    with pytest.raises(IndexError, match="has 2 modules, and none at 2"):
        model[2]
    with pytest.raises(TypeError, match="a number from 0 on, or a slice, not a str"):
        model["linear1"]  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="no step"):
        model[::2]
