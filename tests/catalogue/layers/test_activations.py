"""Activations: their kinks, their extremes, and SeLU's two arguments."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from netlang.catalogue.layers import (
    CELU,
    ELU,
    GELU,
    GLU,
    HardSigmoid,
    HardSwish,
    HardTanh,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    SeLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError
from tests.together import together


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


# Those that take each number by itself, and torch's of the same arguments.
ALONE = {
    ReLU(): nn.ReLU(),
    ReLU6(): nn.ReLU6(),
    LeakyReLU(0.2): nn.LeakyReLU(0.2),
    PReLU(): nn.PReLU(),
    ELU(2): nn.ELU(2),
    CELU(2): nn.CELU(2),
    SeLU(): nn.ELU(),
    Softplus(): nn.Softplus(),
    Softplus(2, 3): nn.Softplus(2, 3),
    SiLU(): nn.SiLU(),
    GELU(): nn.GELU(),
    GELU("tanh"): nn.GELU("tanh"),
    Mish(): nn.Mish(),
    HardSwish(): nn.Hardswish(),
    Tanh(): nn.Tanh(),
    Sigmoid(): nn.Sigmoid(),
    Softsign(): nn.Softsign(),
    HardSigmoid(): nn.Hardsigmoid(),
    HardTanh(-1, 2): nn.Hardtanh(-1, 2),
}
EXTREMES = [-1e4, -1e3, -100.0, -1.0, 0.0, 1.0, 100.0, 1e3, 1e4]


def slope(layer: Layer, at: float) -> float:
    x = torch.tensor([[at]], dtype=torch.float64)
    layer.forward(x)
    return layer.backward(torch.ones_like(x)).item()


def value(layer: Layer, at: float) -> float:
    return layer.forward(torch.tensor([[at]], dtype=torch.float64)).item()


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_slope_of_relu_at_exactly_zero_is_zero(zero: float) -> None:
    assert slope(ReLU(), zero) == 0


@pytest.mark.parametrize(("x", "y", "dy_dx"), [(-2.0, 0.0, 0.0), (1e-300, 1e-300, 1.0), (2, 2, 1)])
def test_relu_keeps_what_is_positive_and_its_slope(x: float, y: float, dy_dx: float) -> None:
    assert value(ReLU(), x) == y
    assert slope(ReLU(), x) == dy_dx


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    "layer", [*ALONE, Softmax(), LogSoftmax(), SeLU(1.6732632, 1.0507010)], ids=repr
)
def test_values_and_slopes_stay_finite_for_large_inputs(layer: Layer, dtype: torch.dtype) -> None:
    rows = [[x, 0.0, -x] for x in EXTREMES]
    x = torch.tensor(rows, dtype=dtype)
    y = layer.to(dtype).forward(x)
    assert y.isfinite().all()
    for direction in (torch.ones_like(y), x / 1e4):
        assert layer.backward(direction).isfinite().all()


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 4e-6), (torch.float64, 1e-7)])
@together("layer", ALONE, ids=repr)
def test_values_and_slopes_are_those_of_torch_for_small_and_large_inputs(
    layer: Layer, dtype: torch.dtype, most: float
) -> None:
    corners = 0.0, 1.0, 1.5, 2.0, 3.0, 6.0, 20.0  # where pieces meet: torch has another slope there
    x = torch.tensor([*EXTREMES, *torch.linspace(-25, 25, 211).tolist()], dtype=dtype)
    x = x[[abs(one) not in corners for one in x.tolist()]].unsqueeze(1).requires_grad_()
    expected = ALONE[layer].to(dtype)(x)
    expected.sum().backward()
    y = layer.to(dtype).forward(x.detach())
    torch.testing.assert_close(y, expected.detach(), rtol=most, atol=most)
    torch.testing.assert_close(layer.backward(torch.ones_like(y)), x.grad, rtol=most, atol=most)


@pytest.mark.parametrize(
    ("layer", "largest"),
    [(Mish(), torch.inf), (HardSwish(), torch.inf), (ReLU(), torch.inf)]
    + [(layer, 1e300) for layer in (SiLU(), GELU(), GELU(approximate="tanh"))],
    ids=repr,
)
@pytest.mark.parametrize("x", [1e20, 1e30, torch.inf])
def test_the_slope_of_an_open_gate_is_1_for_any_number(
    layer: Layer, largest: float, x: float
) -> None:
    x = min(x, largest)
    assert slope(layer, x) == pytest.approx(1)


@pytest.mark.parametrize(
    ("layer", "rate"), [(ELU(2.0), 1.0), (CELU(2.0), 0.5), (SeLU(2.0), 1.0)], ids=repr
)
def test_the_slope_of_a_bent_rectifier_keeps_its_digits_far_out(layer: Layer, rate: float) -> None:
    x = torch.tensor([[-5.0, -20.0, -60.0]])
    layer.forward(x)
    steepness = 1 if isinstance(layer, CELU) else 2
    expected = steepness * (rate * x).exp()
    torch.testing.assert_close(layer.backward(torch.ones_like(x)), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("layer", "below"),
    [
        (LeakyReLU(1e9), 1e9),
        (LeakyReLU(-1e9), -1e9),
        (LeakyReLU(0.01), 0.01),
        (PReLU(init=1e9), 1e9),
        (ELU(1e-6), math.exp(-1) * 1e-6),
        (ELU(1e9), math.exp(-1) * 1e9),
        (SeLU(1e-6, 2.0), math.exp(-1) * 2e-6),
    ],
    ids=repr,
)
def test_the_slope_of_a_side_takes_no_digits_from_that_of_the_other(
    layer: Layer, below: float
) -> None:
    x = torch.tensor([[-1.0, 1.0]])
    layer.forward(x)
    above = layer.lam if isinstance(layer, SeLU) else 1.0
    slopes = layer.backward(torch.ones_like(x))
    torch.testing.assert_close(slopes, torch.tensor([[below, above]]), rtol=1e-6, atol=0)


def test_a_log_softmax_stays_exact_where_a_softmax_is_0() -> None:
    y = LogSoftmax().forward(torch.tensor([[1e4, 0.0, -1e4]]))
    assert y.tolist() == [[0.0, -1e4, -2e4]]


def test_a_softmax_goes_along_the_dimension_that_it_is_given() -> None:
    x = torch.randn(5, 2, 4, dtype=torch.float64)
    torch.testing.assert_close(Softmax(dim=1).forward(x).sum(1), torch.ones_like(x[:, 0]))


@pytest.mark.parametrize("layer", [Softmax(dim=3), LogSoftmax(dim=0), GLU(dim=3), GLU(dim=2)])
def test_a_dimension_that_a_sample_lacks_or_that_has_no_halves_is_refused(layer: Layer) -> None:
    with pytest.raises(ShapeError):
        layer.infer(Shape.of(4, 3))


def test_the_slopes_of_a_prelu_belong_to_channels() -> None:
    layer = PReLU(2)
    layer.weight.copy_(torch.tensor([0.5, 0.25]))
    assert layer.forward(torch.tensor([[[-4.0], [-4.0]]])).tolist() == [[[-2.0], [-1.0]]]
    with pytest.raises(ShapeError):
        layer.infer(Shape.of(3, 2))


@together("x", EXTREMES)
def test_tanh_and_sigmoid_are_those_of_the_math_library(x: float) -> None:
    assert value(Tanh(), x) == pytest.approx(math.tanh(x), rel=1e-14)
    # By tanh, as the plain formula overflows: 1/(1 + exp(-x)) = (1 + tanh(x/2)) / 2.
    assert value(Sigmoid(), x) == pytest.approx((1 + math.tanh(x / 2)) / 2, rel=1e-14, abs=1e-43)


def test_tanh_and_sigmoid_are_flat_far_out_and_steepest_at_zero() -> None:
    assert slope(Tanh(), 0.0) == 1
    assert slope(Sigmoid(), 0.0) == 0.25
    for far in (-1e4, 1e4):
        assert slope(Tanh(), far) == 0
        assert slope(Sigmoid(), far) == 0


def test_selu_with_the_paper_s_arguments_has_no_kink() -> None:
    assert value(SeLU(), 3.0) == 3
    assert value(SeLU(), -1.0) == pytest.approx(math.expm1(-1), rel=1e-15)
    assert value(SeLU(), -1e4) == -1
    assert slope(SeLU(), 0.0) == slope(SeLU(), 3.0) == 1
    assert slope(SeLU(), -1.0) == pytest.approx(math.exp(-1), rel=1e-15)


def test_selu_is_lam_times_x_on_one_side_and_lam_alpha_expm1_on_the_other() -> None:
    layer = SeLU(alpha=2.0, lam=3.0)
    assert value(layer, 5.0) == 15
    assert slope(layer, 5.0) == 3
    assert value(layer, -5.0) == pytest.approx(6 * math.expm1(-5), rel=1e-15)
    assert slope(layer, -5.0) == pytest.approx(6 * math.exp(-5), rel=1e-13)
    assert value(layer, 0.0) == 0
    assert slope(layer, 0.0) == 6  # at 0 the side of x <= 0 counts


def test_selu_keeps_small_negative_inputs_to_full_precision() -> None:
    assert value(SeLU(), -1e-12) == pytest.approx(-1e-12, rel=1e-11)


@pytest.mark.parametrize("arguments", [{"alpha": 0}, {"alpha": -1}, {"lam": 0}, {"lam": -0.5}])
def test_selu_takes_positive_arguments_only(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        SeLU(**arguments)


def test_a_self_normalising_selu_keeps_mean_zero_and_deviation_one() -> None:
    x = torch.randn(1_000_000, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    y = SeLU(alpha=1.6732632, lam=1.0507010).forward(x)
    assert abs(y.mean().item()) < 5e-3
    assert abs(y.std().item() - 1) < 5e-3


def test_softmax_rows_are_positive_and_sum_to_one() -> None:
    x = 10 * torch.randn(5, 2, 4, dtype=torch.float64)
    y = Softmax().forward(x)
    assert (y > 0).all()
    torch.testing.assert_close(y.sum(-1), torch.ones(5, 2, dtype=torch.float64))


def test_softmax_does_not_change_when_a_row_is_shifted() -> None:
    x = torch.randn(5, 4, dtype=torch.float64)
    shifted = Softmax().forward(x + torch.tensor([[1e4], [-1e4], [3.0], [0.0], [100.0]]))
    torch.testing.assert_close(shifted, Softmax().forward(x), rtol=1e-10, atol=0)


def test_softmax_gives_all_to_an_input_far_above_the_others() -> None:
    y = Softmax().forward(torch.tensor([[1e4, 0.0, -1e4]]))
    assert y.tolist() == [[1.0, 0.0, 0.0]]


def test_softmax_passes_no_gradient_on_along_a_shift_of_its_row() -> None:
    layer = Softmax()
    y = layer.forward(torch.randn(5, 4, dtype=torch.float64))
    assert layer.backward(torch.randn_like(y)).sum(-1).abs().max() < 1e-15
    assert layer.backward(torch.ones_like(y)).abs().max() < 1e-15


def test_softmax_has_no_dimension_to_go_over_in_a_sample_of_one_number() -> None:
    with pytest.raises(ShapeError):
        Softmax().infer(Shape.of())


@together("layer", ALONE, ids=repr)
@pytest.mark.parametrize("sample", [(), (4,), (2, 3)], ids=str)
def test_elementwise_layers_take_any_shape_and_keep_it(
    layer: Layer, sample: tuple[int, ...]
) -> None:
    layer.to(torch.float32)
    x = torch.randn(3, *sample)
    assert layer.infer(Shape(sample)) == Shape(sample)
    assert layer.forward(x).shape == x.shape
    assert layer.backward(torch.ones_like(x)).shape == x.shape
