"""How weights begin: the moments and the bounds of each distribution, and what is orthogonal."""

from __future__ import annotations

import math

import pytest
import torch

from netlang.catalogue.layers.initial import DRAWN_BIASES, INITS, fill, fill_bias

FAN_IN, FAN_OUT = 300, 200
XAVIER = math.sqrt(2 / (FAN_IN + FAN_OUT))
# The standard deviation of each, and the fourth moment in units of it: 3 of a normal distribution,
# 1.8 of a uniform one.
MOMENTS = {
    "xavier": (XAVIER, 3.0),
    "xavier_uniform": (XAVIER, 1.8),
    "kaiming": (math.sqrt(2 / FAN_IN), 3.0),
    "kaiming_uniform": (math.sqrt(2 / FAN_IN), 1.8),
    "lecun": (math.sqrt(1 / FAN_IN), 3.0),
    "normal": (1.0, 3.0),
    "uniform": (math.sqrt(1 / FAN_IN) / math.sqrt(3), 1.8),
}


def filled(init: str, *shape: int, seed: int = 0) -> torch.Tensor:
    values = torch.full(shape, math.nan, dtype=torch.float64)
    fill(values, init, FAN_IN, FAN_OUT, torch.Generator().manual_seed(seed))
    return values


def test_every_distribution_is_tried() -> None:
    assert {*MOMENTS, "orthogonal", "zero"} == set(INITS)


@pytest.mark.parametrize("init", MOMENTS)
def test_weights_have_the_moments_of_their_distribution(init: str) -> None:
    deviation, fourth = MOMENTS[init]
    scaled = filled(init, FAN_OUT, FAN_IN) / deviation
    assert abs(scaled.mean().item()) < 0.02
    assert scaled.square().mean().item() == pytest.approx(1, abs=0.03)
    assert scaled.pow(4).mean().item() == pytest.approx(fourth, abs=0.2)
    if fourth == 1.8:
        assert scaled.abs().max().item() <= math.sqrt(3)


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (4, 4), (6, 2, 3, 3), (1, 5), (5, 1)], ids=str)
def test_orthogonal_rows_or_columns_have_length_1_and_right_angles(shape: tuple[int, ...]) -> None:
    weight = filled("orthogonal", *shape).flatten(1)
    rows, columns = weight.shape
    product = weight @ weight.t() if rows <= columns else weight.t() @ weight
    torch.testing.assert_close(product, torch.eye(min(rows, columns), dtype=torch.float64))


def test_orthogonal_matrices_have_no_direction_of_their_own() -> None:
    drawn = torch.stack([filled("orthogonal", 3, 3, seed=seed) for seed in range(400)])
    assert drawn.mean(0).abs().max() < 0.12  # of deviation 1/sqrt(3 * 400) each


@pytest.mark.parametrize("init", INITS)
def test_a_seed_gives_the_same_numbers_again_and_another_seed_others(init: str) -> None:
    assert torch.equal(filled(init, 4, 6), filled(init, 4, 6))
    assert torch.equal(filled(init, 4, 6), filled(init, 4, 6, seed=1)) == (init == "zero")


@pytest.mark.parametrize("init", INITS)
def test_biases_are_0_unless_weights_of_that_kind_have_drawn_ones(init: str) -> None:
    bias = torch.full((50,), math.nan)
    fill_bias(bias, init, FAN_IN, FAN_OUT, torch.Generator().manual_seed(0))
    assert bias.isfinite().all()
    assert bool(bias.any()) == (init in DRAWN_BIASES)


@pytest.mark.parametrize("init", INITS)
def test_weights_may_begin_without_their_numbers(init: str) -> None:
    values = torch.empty(4, 6, device="meta")
    fill(values, init, 6, 4, torch.Generator())
    assert values.shape == (4, 6)
