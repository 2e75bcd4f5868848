"""Convolutions of many geometries: each equals torch's, forwards and backwards, and says in words
what it cannot take.
"""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from netlang.catalogue.layers import Conv1d, Conv2d, ConvTranspose2d
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError, Unknown, solved
from tests.catalogue.layers.oracles import ORACLES
from tests.catalogue.layers.test_conformance import relative
from tests.together import together

GEOMETRIES = list(itertools.product((1, 2, 3), (1, 2), (0, 1, 2), (1, 2), (1, 2)))
geometries = together(("kernel", "stride", "padding", "dilation", "groups"), GEOMETRIES)


def worst(layer: Layer, x: Tensor) -> float:
    """The largest relative difference to torch's outputs and to autograd's gradients."""
    layer.to(x.dtype)
    for weight, _ in layer.param():
        weight.normal_()
    layer.zero_grad()
    y = layer.forward(x)
    assert y.shape[1:] == layer.infer(Shape(tuple(x.shape[1:]))).sizes
    dy = torch.randn_like(y)
    found = [y, layer.backward(dy), *(gradient for _, gradient in layer.param())]
    twin_x, weights = x.clone().requires_grad_(), layer.declared_weights()
    twins = {name: getattr(layer, name).clone().requires_grad_() for name in weights}
    vars(layer).update(twins)
    twin_y = ORACLES[layer.name](layer, twin_x)
    theirs = torch.autograd.grad(twin_y, [twin_x, *twins.values()], dy)
    return max(map(relative, found, (twin_y.detach(), *theirs)))


@geometries
def test_a_convolution_of_any_geometry_equals_torchs(
    kernel: int, stride: int, padding: int, dilation: int, groups: int
) -> None:
    torch.manual_seed(0)
    options = {"dilation": dilation, "groups": groups, "bias": groups == 1}
    layer = Conv2d(4, 6, [kernel, 3], [stride, 2], [padding, 1], **options)
    assert worst(layer, torch.randn(2, 4, 8, 7, dtype=torch.float64)) < 1e-12
    row = Conv1d(2, 4, kernel, stride, padding, **options)
    assert worst(row, torch.randn(3, 2, 9, dtype=torch.float64)) < 1e-12


@geometries
def test_a_kernel_for_each_channel_by_itself_equals_torchs(
    kernel: int, stride: int, padding: int, dilation: int, groups: int
) -> None:
    torch.manual_seed(0)
    layer = Conv2d(3, 3 * groups, [kernel, 3], [stride, 2], [padding, 1], dilation, groups=3)
    assert worst(layer, torch.randn(2, 3, 8, 7, dtype=torch.float64)) < 1e-12


@geometries
def test_a_transposed_convolution_of_any_geometry_equals_torchs(
    kernel: int, stride: int, padding: int, dilation: int, groups: int
) -> None:
    torch.manual_seed(0)
    layer = ConvTranspose2d(
        4,
        6,
        [kernel + 1, 3],
        stride=[stride, 2],
        padding=[padding, 1],
        dilation=dilation,
        groups=groups,
        output_padding=[max(stride, dilation) - 1, 0],
        bias=groups == 1,
    )
    assert worst(layer, torch.randn(2, 4, 6, 5, dtype=torch.float64)) < 1e-12


@pytest.mark.parametrize("kernel", [2, 4, (2, 3)])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_an_even_kernel_keeps_a_size_as_torchs_does(
    kernel: int | tuple[int, ...], dilation: int
) -> None:
    torch.manual_seed(0)
    layer = Conv2d(2, 3, kernel, padding="same", dilation=dilation)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch copies the input, and says so once
        assert worst(layer, torch.randn(2, 2, 5, 4, dtype=torch.float64)) < 1e-12
    assert layer.forward(torch.ones(1, 2, 5, 4, dtype=torch.float64)).shape == (1, 3, 5, 4)


LAYERS: list[Callable[[], Layer]] = [
    lambda: Conv2d(2, 4, 3, stride=2, padding=1, groups=2),
    lambda: ConvTranspose2d(2, 4, 3, stride=2, output_padding=1),
]
each = pytest.mark.parametrize("make", LAYERS)


@each
def test_a_batch_of_one_equals_that_sample_among_others(make: Callable[[], Layer]) -> None:
    layer, x = make().to(torch.float64), torch.randn(3, 2, 5, 5, dtype=torch.float64)
    assert relative(layer.forward(x[1:2]), layer.forward(x)[1:2]) < 1e-12
    assert layer.backward(layer.forward(x[1:2])).shape == (1, 2, 5, 5)


@each
def test_numbers_may_lie_in_any_order_in_memory(make: Callable[[], Layer]) -> None:
    layer, x = make(), torch.randn(2, 2, 5, 6)
    turned = x.permute(2, 3, 0, 1).contiguous().permute(2, 3, 0, 1)
    found = []
    for one in (x, turned):
        layer.zero_grad()
        y = layer.forward(one)
        dy = y if one is x else y.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0)
        found.append([y, layer.backward(dy), layer.gradients.clone()])
    assert all(relative(a, b) < 1e-5 for a, b in zip(*found, strict=True))


@each
def test_shapes_follow_without_numbers(make: Callable[[], Layer]) -> None:
    layer = make().to("meta")
    y = layer.forward(torch.empty(3, 2, 5, 5, device="meta"))
    assert layer.backward(y).shape == (3, 2, 5, 5)
    assert y.shape[1:] == layer.infer(Shape.of(2, 5, 5)).sizes


@each
def test_large_inputs_have_finite_gradients(make: Callable[[], Layer]) -> None:
    layer = make()
    y = layer.forward(torch.full((2, 2, 5, 5), 1e4))
    assert layer.backward(y).isfinite().all()
    assert layer.gradients.isfinite().all()


def test_the_first_layer_finds_the_same_gradients_without_its_inputs() -> None:
    layer, x = Conv2d(2, 3, 3), torch.randn(2, 2, 6, 6)
    dy = torch.randn_like(layer.forward(x))
    layer.backward(dy)
    whole = layer.gradients.clone()
    layer.zero_grad()
    layer.accumulate(dy)
    assert torch.equal(layer.gradients, whole)


class Largest(TorchDispatchMode):
    """Notes how many numbers the largest tensor has that is made."""

    numbers = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor):
            self.numbers = max(self.numbers, made.numel())
        return made


@pytest.mark.parametrize("kernel", [1, 2, 3])
def test_many_samples_of_many_channels_take_no_kernel_each(kernel: int) -> None:
    layer, x = Conv2d(64, 128, kernel, stride=kernel), torch.randn(32, 64, kernel, kernel)
    dy = torch.randn_like(layer.forward(x))
    with Largest() as largest:
        layer.accumulate(dy)
    assert largest.numbers <= max(x.numel(), layer.weight.numel())


def test_weights_begin_with_as_much_variance_as_relus_need() -> None:
    torch.manual_seed(0)
    layer = Conv2d(16, 200, 5, groups=2)
    assert layer.weight.std().item() == pytest.approx((2 / (8 * 25)) ** 0.5, rel=0.02)
    assert not layer.bias.any()


def test_multiply_adds_are_those_of_every_kernel_in_every_place() -> None:
    assert Conv2d(4, 6, 3, stride=2, groups=2).macs(Shape.of(4, 9, 7)) == 4 * 3 * 6 * 2 * 9
    assert ConvTranspose2d(4, 6, 2, stride=2).macs(Shape.of(4, 3, 5)) == 15 * 4 * 6 * 4


@pytest.mark.parametrize(
    ("layer", "x", "said"),
    [
        (Conv2d(1, 2, 5), (1, 3, 3), "has a kernel of 5 x 5, and its input is 3 x 3"),
        (
            Conv2d(1, 2, 3, padding=1, dilation=4),
            (1, 5, 6),
            "has a kernel of 3 x 3, which spans 9 x 9, and its input is 5 x 6 plus padding",
        ),
        (Conv1d(1, 2, 5), (1, 3), "has a kernel of 5, and its input is 3"),
        (Conv2d(4, 6, 3, groups=4), (4, 8, 8), "has 4 groups, which do not divide 6 output"),
        (Conv2d(1, 2, 3), (64,), r"takes pictures \[N, C, H, W\], and its input is \[N, 64\]"),
        (Conv1d(1, 2, 3), (1, 8, 8), r"takes sequences \[N, C, L\], and its input is \[N, 1, 8"),
        (Conv2d(3, 2, 3), (8, 8, 3), "and the channels of its input .* are the last dimension"),
        (Conv2d(1, 2, 3, stride=2, padding="same"), (1, 8, 8), "and a stride of 2 x 2"),
        (
            ConvTranspose2d(1, 2, 3, output_padding=1),
            (1, 4, 4),
            "has an `output_padding` of 1, and a stride of 1",
        ),
        (ConvTranspose2d(1, 2, 2, padding=2), (1, 2, 2), "its output would be -1 x -1"),
    ],
    ids=str,
)
def test_what_a_convolution_cannot_take_it_says(
    layer: Layer, x: tuple[int, ...], said: str
) -> None:
    with pytest.raises(ShapeError) as error:
        layer.infer(Shape(x))
    assert re.search(said, error.value.reason)
    assert error.value.help


def test_a_list_with_a_number_too_many_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="takes one number or 2 for 'kernel_size', not 3"):
        Conv2d(1, 2, [3, 3, 3])


def test_other_channels_are_a_matter_of_in_channels() -> None:
    with pytest.raises(ShapeError) as error:
        Conv2d(3, 2, 3).infer(Shape.of(4, 8, 8))
    assert error.value.argument == "in_channels"
    assert error.value.size == 4


def test_a_stride_of_one_tells_the_input_by_the_output() -> None:
    layer = Conv2d(1, 2, 3, padding=0)
    x = Shape.of(1, Unknown(), Unknown())
    y = layer.infer(x)
    assert len(y.unknowns) == 2
    layer.solve(Shape.of(2, 6, 7), x)
    assert x.sizes == (1, 8, 9)


def test_a_size_that_stays_is_known_to_stay() -> None:
    height = Unknown()
    y = Conv2d(1, 2, 3, padding=1).infer(Shape.of(1, height, 8))
    assert y.dim(1) is solved(height)


def test_a_transposed_convolution_tells_its_input_by_its_output() -> None:
    x = Shape.of(2, Unknown(), Unknown())
    ConvTranspose2d(2, 3, 2, stride=2).solve(Shape.of(3, 8, 6), x)
    assert x.sizes == (2, 4, 3)
