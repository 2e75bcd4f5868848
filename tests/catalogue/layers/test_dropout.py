"""Dropout: its rate and scale, when it is the identity, and where its masks come from."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue.layers import Dropout, Dropout2d, DropPath
from netlang.catalogue.randomness import keep_mask
from netlang.language.shapes import Shape


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_share_p_is_zeroed_and_the_rest_scaled_by_one_over_one_minus_p(p: float) -> None:
    torch.manual_seed(0)
    count = 1000 * 100
    y = Dropout(p).forward(torch.ones(1000, 100, dtype=torch.float64))
    dropped = (y == 0).sum().item()
    assert abs(dropped - p * count) < 5 * math.sqrt(count * p * (1 - p))
    kept = y[y != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - p)), rtol=1e-14, atol=0)


def test_outputs_keep_the_inputs_mean() -> None:
    torch.manual_seed(0)
    y = Dropout(0.3).forward(torch.ones(1000, 1000, dtype=torch.float64))
    deviation = math.sqrt(0.3 / 0.7) / 1000
    assert abs(y.mean().item() - 1) < 5 * deviation


def test_backward_zeroes_and_scales_what_forward_did() -> None:
    layer = Dropout(0.5)
    mask = layer.forward(torch.ones(10, 20)).clone()
    dy = torch.randn(10, 20)
    assert torch.equal(layer.backward(dy), dy * mask)


@pytest.mark.parametrize("training", [True, False])
def test_p_zero_is_the_identity(training: bool) -> None:
    layer = Dropout(0).train(training)
    assert not layer.draws
    x, dy = torch.randn(3, 4), torch.randn(3, 4)
    assert torch.equal(layer.forward(x), x)
    assert torch.equal(layer.backward(dy), dy)


def test_it_is_the_identity_in_evaluation_and_drops_again_in_training() -> None:
    layer = Dropout(0.5)
    x, dy = torch.ones(100, 10), torch.ones(100, 10)
    layer.forward(x)
    layer.eval()
    assert torch.equal(layer.forward(x), x)
    assert torch.equal(layer.backward(dy), dy)
    layer.train()
    assert (layer.forward(x) == 0).any()
    assert (layer.backward(dy) == 0).any()


def test_masks_of_its_own_differ_from_call_to_call() -> None:
    layer = Dropout(0.5)
    x = torch.ones(20, 20)
    assert not torch.equal(layer.forward(x), layer.forward(x))


def test_masks_of_two_layers_differ() -> None:
    torch.manual_seed(0)
    x = torch.ones(20, 20)
    assert not torch.equal(Dropout(0.5).forward(x), Dropout(0.5).forward(x))


def test_masks_of_its_own_follow_from_torch_s_seed() -> None:
    x = torch.ones(20, 20)
    torch.manual_seed(3)
    layer = Dropout(0.5)
    first = [layer.forward(x) for _ in range(3)]
    torch.manual_seed(3)
    again = Dropout(0.5)
    assert all(torch.equal(y, again.forward(x)) for y in first)


def test_only_the_first_of_its_own_masks_draws_from_torch_s_generator() -> None:
    layer = Dropout(0.5)
    layer.forward(torch.ones(2, 2))
    state = torch.get_rng_state()
    layer.forward(torch.ones(2, 2))
    assert torch.equal(torch.get_rng_state(), state)


def test_masks_given_are_taken_one_a_call_and_as_they_are() -> None:
    layer = Dropout(0.5)
    masks = [torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]])]
    layer.masks = iter(masks)
    x = torch.tensor([[3.0, 5.0]])
    assert layer.forward(x).tolist() == [[6, 0]]
    assert layer.forward(x).tolist() == [[0, 10]]
    assert layer.backward(torch.ones(1, 2)).tolist() == [[0, 2]]


def test_masks_given_are_not_taken_in_evaluation() -> None:
    layer = Dropout(0.5).eval()
    layer.masks = iter([torch.zeros(1, 2)])
    layer.forward(torch.ones(1, 2))
    assert layer.train().forward(torch.ones(1, 2)).tolist() == [[0, 0]]


@pytest.mark.parametrize("shape", [(5,), (5, 2, 3), (0, 4)], ids=str)
def test_it_takes_any_shape_and_keeps_it(shape: tuple[int, ...]) -> None:
    layer = Dropout(0.5)
    x = torch.ones(shape)
    assert layer.forward(x).shape == shape
    assert layer.backward(x).shape == shape
    assert layer.infer(Shape(shape[1:])) == Shape(shape[1:])


@pytest.mark.parametrize("p", [1, 1.5, -0.1])
def test_p_is_a_probability_below_one(p: float) -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        Dropout(p)


def test_small_masks_of_its_own_are_drawn_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def counted(*arguments: Any) -> Tensor:
        calls.append(arguments)
        return keep_mask(*arguments)

    monkeypatch.setattr("netlang.catalogue.layers.dropout.keep_mask", counted)
    layer, x = Dropout(0.5), torch.ones(2, 25)
    masks = {tuple(layer.forward(x).flatten().tolist()) for _ in range(80)}
    assert len(masks) == 80
    assert len(calls) == 1
    assert layer.forward(x.double()).dtype == torch.float64
    assert layer.forward(x[:1]).shape == (1, 25)
    assert len(calls) == 3


@pytest.mark.parametrize("shape", [(50, 20, 3, 2), (50, 20, 4)], ids=str)
def test_whole_channels_are_dropped_together(shape: tuple[int, ...]) -> None:
    y = Dropout2d(0.5).forward(torch.ones(shape)).flatten(2)
    assert torch.equal(y, y[:, :, :1].expand_as(y))
    assert y.unique().tolist() == [0, 2]
    assert not torch.equal(y[0], y[1])


@pytest.mark.parametrize("shape", [(200, 6), (200, 2, 3, 2), (200,)], ids=str)
def test_whole_samples_are_dropped_together(shape: tuple[int, ...]) -> None:
    y = DropPath(0.5).forward(torch.ones(shape)).view(len(torch.ones(shape)), -1)
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert y.unique().tolist() == [0, 2]
