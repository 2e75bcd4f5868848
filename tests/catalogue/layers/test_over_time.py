"""Reductions over time leave out what is behind the ends of sequences."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.layers import Last, Max, Mean
from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.language.shapes import Shape

LENGTHS = torch.tensor([3, 5, 1])
KINDS = pytest.mark.parametrize("kind", [Mean, Max, Last], ids=lambda kind: kind.name)


@KINDS
@pytest.mark.parametrize("sample", [(7,), (7, 2), (7, 2, 3)], ids=str)
def test_a_sequence_that_ends_is_as_if_it_were_alone(
    kind: type[Mean], sample: tuple[int, ...]
) -> None:
    layer, alone = kind().to(torch.float64), kind().to(torch.float64)
    x = torch.randn(3, *sample, dtype=torch.float64)
    y = layer.forward(x, LENGTHS.double())
    dy = torch.randn_like(y)
    dx, none = layer.backward(dy)
    assert none is None
    for row, length in enumerate(LENGTHS):
        assert torch.equal(y[row], alone.forward(x[row : row + 1, :length])[0])
        assert torch.equal(dx[row, :length], alone.backward(dy[row : row + 1])[0])
        assert not dx[row, length:].any()


@KINDS
def test_a_dimension_that_is_counted_from_the_end_may_be_time(kind: type[Mean]) -> None:
    x = torch.randn(3, 7, 2, dtype=torch.float64)
    of_time, of_features = kind(-2), kind(-1)
    assert of_time.honours_lengths(Shape.of(7, 2))
    assert not of_features.honours_lengths(Shape.of(7, 2))
    assert of_features.honours_lengths(Shape.of(7))
    assert torch.equal(of_time.forward(x, LENGTHS), kind(1).forward(x, LENGTHS))
    assert torch.equal(of_features.forward(x), kind(2).forward(x))
    dy = torch.randn(3, 2, dtype=torch.float64)
    dx, none = of_time.backward(dy)
    assert none is None
    assert not dx[2, 1:].any()


def test_a_maximum_is_found_below_zero() -> None:
    x = torch.full((1, 3, 2), -5.0)
    assert Max().forward(x, torch.tensor([2])).tolist() == [[-5, -5]]


def test_lengths_are_found_by_what_is_no_number_and_that_is_filled() -> None:
    x = torch.tensor([[[1.0, 0.0], [0.0, 2.0]], [[3.0, 4.0], [torch.nan, torch.nan]]])
    lengths, fill = Lengths.declared({}), FillPadding.declared({})
    assert lengths.forward(x).tolist() == [2, 1]
    assert lengths.forward(x[..., 0]).tolist() == [2, 1]
    assert fill.forward(x).tolist() == [[[1, 0], [0, 2]], [[3, 4], [0, 0]]]
    assert fill.backward(torch.ones_like(x)).tolist() == [[[1, 1], [1, 1]], [[1, 1], [0, 0]]]


def test_shapes_say_what_is_left_of_padding() -> None:
    padded = Shape((7, 2), padded=True)
    assert str(padded) == "[N, 7, 2] with padding"
    assert str(Shape((7,), 65, True)) == "[N, 7] of 65 tokens with padding"
    assert not Mean().infer(padded).padded
    assert Mean(dim=2).infer(padded).padded
    assert padded.with_last(3).padded
    assert padded.with_dim(1, 3).padded
    assert not padded.with_dim(0, 3).padded
    assert not padded.with_dim(-2, 3).padded
    assert not Shape((7,), padded=True).with_last(3).padded
