"""Linear: how its weights begin, the shapes that it takes, and what it says of itself."""

from __future__ import annotations

import math

import pytest
import torch

from netlang.catalogue.layers import Linear
from netlang.catalogue.layers.initial import INITS
from netlang.catalogue.modules import Statistic, Weight
from netlang.language.shapes import Shape, ShapeError


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("init", "deviation"), [("xavier", math.sqrt(2) / math.sqrt(300 + 200)), ("normal", 1.0)]
)
def test_initial_weights_and_biases_are_normal_with_the_deviation_documented(
    init: str, deviation: float, seed: int
) -> None:
    torch.manual_seed(seed)
    layer = Linear(300, 200, init=init)
    scaled = layer.weight.double() / deviation
    count = scaled.numel()
    assert abs(scaled.mean().item()) < 5 / math.sqrt(count)
    assert abs(scaled.square().mean().item() - 1) < 5 * math.sqrt(2 / count)
    # A normal fourth moment is 3, a uniform one 1.8; its estimate deviates by sqrt(96 / count).
    assert abs(scaled.pow(4).mean().item() - 3) < 5 * math.sqrt(96 / count)
    biases = torch.cat([Linear(300, 200, init=init).bias for _ in range(50)]).double() / deviation
    assert abs(biases.mean().item()) < 5 / math.sqrt(len(biases))
    assert abs(biases.square().mean().item() - 1) < 5 * math.sqrt(2 / len(biases))


def test_xavier_is_the_default() -> None:
    torch.manual_seed(0)
    default = Linear(3, 4)
    torch.manual_seed(0)
    assert torch.equal(default.parameters, Linear(3, 4, init="xavier").parameters)


def test_zero_weights_are_all_zero() -> None:
    layer = Linear(3, 4, init="zero")
    assert layer.parameters.tolist() == [0.0] * 16


def test_initial_weights_depend_on_torch_s_seed_and_on_nothing_else() -> None:
    torch.manual_seed(7)
    one = Linear(3, 4)
    torch.manual_seed(7)
    same, next_one = Linear(3, 4), Linear(3, 4)
    assert torch.equal(one.parameters, same.parameters)
    assert not torch.equal(one.parameters, next_one.parameters)


def test_gradients_begin_at_zero() -> None:
    assert Linear(3, 4).gradients.tolist() == [0.0] * 16


@pytest.mark.parametrize("shape", [(5, 3), (1, 3), (0, 3), (5, 2, 3), (5, 2, 4, 3)], ids=str)
def test_leading_dimensions_are_a_batch_of_rows(shape: tuple[int, ...]) -> None:
    layer, rows = Linear(3, 4).to(torch.float64), Linear(3, 4).to(torch.float64)
    rows.parameters.copy_(layer.parameters)
    x = torch.randn(shape, dtype=torch.float64)
    dy = torch.randn(*shape[:-1], 4, dtype=torch.float64)
    y = layer.forward(x)
    assert y.shape == dy.shape
    assert torch.equal(y.reshape(-1, 4), rows.forward(x.reshape(-1, 3)))
    dx = layer.backward(dy)
    assert dx.shape == x.shape
    assert torch.equal(dx.reshape(-1, 3), rows.backward(dy.reshape(-1, 4)))
    assert torch.equal(layer.gradients, rows.gradients)


def test_inputs_that_are_not_contiguous_give_what_their_copies_give() -> None:
    layer = Linear(3, 4).to(torch.float64)
    x = torch.randn(3, 2, 5, dtype=torch.float64).transpose(0, 2)
    dy = torch.randn(4, 2, 5, dtype=torch.float64).transpose(0, 2)
    y, dx = layer.forward(x), layer.backward(dy)
    gradients = layer.gradients.clone()
    layer.zero_grad()
    torch.testing.assert_close(y, layer.forward(x.contiguous()), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(dx, layer.backward(dy.contiguous()), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(gradients, layer.gradients, rtol=1e-12, atol=1e-12)


def test_batches_of_different_sizes_may_follow_each_other() -> None:
    layer = Linear(3, 4)
    for rows in (5, 2, 5, 1):
        x, dy = torch.randn(rows, 3), torch.randn(rows, 4)
        layer.zero_grad()
        assert layer.forward(x).shape == (rows, 4)
        assert layer.backward(dy).shape == (rows, 3)
        torch.testing.assert_close(layer.weight_grad, dy.t() @ x)
        torch.testing.assert_close(layer.bias_grad, dy.sum(0))


def test_an_output_gradient_may_be_passed_again_with_other_numbers_in_it() -> None:
    layer = Linear(3, 4)
    x, dy = torch.randn(5, 3), torch.empty(5, 4)
    for scale in (1.0, 2.0, 3.0):
        dy.fill_(scale)
        layer.zero_grad()
        layer.forward(x)
        layer.backward(dy)
        torch.testing.assert_close(layer.weight_grad, dy.t() @ x)
        torch.testing.assert_close(layer.bias_grad, torch.full((4,), 5 * scale))


def test_its_shapes_are_known_without_a_tensor() -> None:
    layer = Linear.declared({"in_features": 3, "out_features": 4})
    assert layer.input_shape() == Shape.of(3)
    assert layer.infer(Shape.of(3)) == Shape.of(4)
    assert layer.infer(Shape.of(5, 3)) == Shape.of(5, 4)
    assert layer.size == 3 * 4 + 4
    assert layer.macs(Shape.of(3)) == 12
    assert layer.macs(Shape.of(5, 3)) == 60
    assert not hasattr(layer, "parameters")


@pytest.mark.parametrize(
    ("got", "takes"), [((4,), (3,)), ((), (3,)), ((3, 1), (3, 3)), ((5, 4), (5, 3))]
)
def test_a_mismatch_says_what_would_fit_and_which_argument_to_change(
    got: tuple[int, ...], takes: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError) as raised:
        Linear(3, 4).infer(Shape(got))
    assert raised.value.takes == Shape(takes)
    assert raised.value.argument == "in_features"
    assert raised.value.size == Shape(got).last


def test_weights_are_called_weight_and_bias() -> None:
    layer = Linear(3, 4)
    (weight, weight_grad), (bias, bias_grad) = layer.param()
    assert (weight.shape, bias.shape) == ((4, 3), (4,))
    assert weight is layer.weight
    assert weight_grad is layer.weight_grad
    assert bias is layer.bias
    assert bias_grad is layer.bias_grad


def test_moving_to_another_dtype_keeps_values_and_the_way_it_computes() -> None:
    layer = Linear(3, 4)
    before = layer.parameters.clone()
    x = torch.randn(5, 3)
    y = layer.forward(x)
    assert layer.to(torch.float64) is layer
    assert layer.weight.dtype == layer.weight_grad.dtype == torch.float64
    assert torch.equal(layer.parameters.float(), before)
    moved = layer.forward(x.double())
    assert moved.dtype == torch.float64
    torch.testing.assert_close(moved.float(), y)


class Scaled(Linear, abstract=True):
    """A Linear with further tensors, one of which comes before its own."""

    def tensors(self) -> dict[str, Weight | Statistic]:  # type: ignore[override]
        scale = Weight((self.out_features,), lambda values, _: values.fill_(1.0))
        return {"scale": scale, **super().tensors(), "calls": Statistic((1,), 3.0)}


class Reversed(Linear, abstract=True):
    """A Linear both of whose tensors begin otherwise."""

    def tensors(self) -> dict[str, Weight]:
        def fill(values: torch.Tensor, _: torch.Generator) -> None:
            values.fill_(-1.0)

        return {name: Weight(one.shape, fill) for name, one in super().tensors().items()}


def test_a_subclass_fills_its_further_tensors_as_they_declare_and_the_others_alike() -> None:
    torch.manual_seed(7)
    plain, after = Linear(5, 6), torch.rand(1)
    torch.manual_seed(7)
    layer = Scaled(5, 6)
    assert torch.equal(torch.rand(1), after)  # no other numbers were drawn
    assert torch.equal(layer.weight, plain.weight)
    assert torch.equal(layer.bias, plain.bias)
    assert layer.named_tensors()["scaled1.scale"].tolist() == [1.0] * 6
    assert layer.statistics.tolist() == [3.0]


def test_a_subclass_may_fill_all_weights_in_its_own_manner() -> None:
    assert Reversed(2, 3).parameters.tolist() == [-1.0] * 9


def test_uniform_weights_and_biases_begin_as_those_of_torch_s_own_layer() -> None:
    layer, bound = Linear(300, 200, init="uniform"), 1 / math.sqrt(300)
    for one in (layer.weight, layer.bias):
        assert 0.95 * bound < one.abs().max().item() <= bound


def test_without_a_bias_there_is_none() -> None:
    layer = Linear(3, 4, bias=False).to(torch.float64)
    assert [*layer.named_tensors()] == ["linear1.weight"]
    assert layer.size == len(layer.parameters) == 12
    x = torch.randn(5, 3, dtype=torch.float64)
    assert torch.equal(layer.forward(x), x @ layer.weight.t())
    shown = 'Linear(in_features=3, out_features=4, init="xavier", bias=false, tied=none)'
    assert repr(layer) == shown


@pytest.mark.parametrize("init", INITS)
def test_without_a_bias_the_weights_begin_as_they_do_with_one(init: str) -> None:
    weights = []
    for bias in (True, False):
        torch.manual_seed(0)
        weights.append(Linear(32, 20, init=init, bias=bias).weight)
    assert torch.equal(*weights)
