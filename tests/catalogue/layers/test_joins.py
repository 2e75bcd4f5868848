"""Mul takes a dimension of 1 as a factor of all, and no other join does."""

from __future__ import annotations

import math

import pytest
import torch

from netlang.catalogue.layers import Add, Mul
from netlang.catalogue.losses import MSE
from netlang.compiler.passes import compile_source
from netlang.language.shapes import Shape, ShapeError, Unknown
from netlang.language.source import SourceFile
from tests.engine.agreement import apart

SHAPES = [
    [(2, 3, 2), (2, 1, 1)],
    [(2, 1, 1), (2, 3, 2)],
    [(1, 3), (2, 3), (2, 1)],
    [(1, 3), (2, 1)],
]


@pytest.mark.parametrize("samples", SHAPES, ids=str)
def test_a_factor_of_all_gets_the_sum_of_their_gradients(samples: list[tuple[int, ...]]) -> None:
    torch.manual_seed(0)
    x = [torch.randn(4, *sample, dtype=torch.float64).requires_grad_() for sample in samples]
    expected = math.prod(x[1:], start=x[0])
    layer, plain = Mul(), [one.detach() for one in x]
    y = layer.forward(*plain)
    assert y.shape == (4, *layer.infer(*map(Shape, samples)).sizes)
    assert torch.equal(y, expected.detach())
    dy = torch.randn_like(y)
    for ours, theirs in zip(layer.backward(dy), torch.autograd.grad(expected, x, dy), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_size_that_is_not_known_is_that_of_the_others() -> None:
    hole = Unknown()
    assert Mul().infer(Shape.of(4, hole), Shape.of(1, 3)) == Shape.of(4, 3)
    assert Shape.of(hole) == Shape.of(3)


@pytest.mark.parametrize("samples", [[(4,), (1,)], [(2, 3), (2, 2)], [(2, 3), (3,)]], ids=str)
def test_other_shapes_are_refused(samples: list[tuple[int, ...]]) -> None:
    with pytest.raises(ShapeError):
        Mul().infer(*map(Shape, samples))


def test_add_takes_one_shape() -> None:
    with pytest.raises(ShapeError):
        Add().infer(Shape.of(2, 3), Shape.of(2, 1))


@pytest.mark.usefixtures("compiler")
def test_a_factor_of_all_agrees_in_c() -> None:
    text = "net = [Identity, Linear(3, 1)] -> Mul\ninput = [2, 3]\n"
    graph = compile_source(SourceFile("a.net", text)).require().graph
    assert graph.output == Shape.of(2, 3)
    assert apart(graph, MSE()) < 1e-9
