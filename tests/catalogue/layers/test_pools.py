"""Pools, enlarged pictures and borders of many geometries: each equals torch's."""

from __future__ import annotations

import itertools
import re

import pytest
import torch
from torch import Tensor, nn

from netlang.catalogue.layers import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    GlobalAvgPool,
    MaxPool1d,
    MaxPool2d,
    Pad,
    Upsample,
)
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError, Unknown
from tests.catalogue.layers.test_convolutions import worst
from tests.together import together

SIZES = (2, 3, 8, 7)
GEOMETRIES = [
    (kernel, stride, padding, ceil)
    for kernel, stride, ceil in itertools.product((1, 2, 3, 4), (None, 1, 2, 3), (False, True))
    for padding in range(kernel // 2 + 1)
]
geometries = together(("kernel", "stride", "padding", "ceil"), GEOMETRIES)


def pictures(*sizes: int) -> Tensor:
    torch.manual_seed(0)
    return torch.randn(*(sizes or SIZES), dtype=torch.float64)


@geometries
def test_a_maximum_of_any_geometry_equals_torchs(
    kernel: int, stride: int | None, padding: int, ceil: bool
) -> None:
    for dilation in (1, 2):
        layer = MaxPool2d([kernel, 2], stride, [padding, 1], dilation, ceil)
        assert worst(layer, pictures()) == 0
        assert worst(MaxPool1d(kernel, stride, padding, dilation, ceil), pictures(2, 3, 9)) == 0


@geometries
@pytest.mark.parametrize("counted", [False, True])
def test_a_mean_of_any_geometry_equals_torchs(
    kernel: int, stride: int | None, padding: int, ceil: bool, counted: bool
) -> None:
    layer = AvgPool2d([kernel, 2], stride, [padding, 1], ceil, counted)
    assert worst(layer, pictures()) < 1e-14
    assert worst(AvgPool1d(kernel, stride, padding, ceil, counted), pictures(2, 3, 9)) < 1e-14


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, (2, 9), (8, 7)], ids=str)
def test_means_of_evenly_spread_windows_equal_torchs(size: int | tuple[int, int]) -> None:
    assert worst(AdaptiveAvgPool2d(size), pictures()) < 1e-14


def test_the_mean_of_a_channel_takes_sequences_and_pictures() -> None:
    for x in (pictures(), pictures(2, 3, 5), pictures(2, 3, 2, 3, 4)):
        assert worst(GlobalAvgPool(), x) < 1e-14


@pytest.mark.parametrize("size", [1, 2, 5, 8, 13, 19, (16, 14), (3, 21)], ids=str)
@pytest.mark.parametrize(("smooth", "corners"), [(False, False), (True, False), (True, True)])
def test_a_picture_of_another_size_equals_torchs(
    size: int | tuple[int, int], smooth: bool, corners: bool
) -> None:
    layer = Upsample(size, mode="bilinear" if smooth else "nearest", align_corners=corners)
    assert worst(layer, pictures()) < 1e-13
    if isinstance(size, int):
        layer = Upsample(size, mode="linear" if smooth else "nearest", align_corners=corners)
        assert worst(layer, pictures(2, 3, 6)) < 1e-13


@pytest.mark.parametrize("factor", [0.4, 1, 1.5, 2, 2.6, 3, (2, 3), (0.7, 1.3)], ids=str)
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("corners", [False, True])
def test_a_picture_some_times_as_large_equals_torchs(
    factor: float | tuple[float, float], mode: str, corners: bool
) -> None:
    corners = corners and mode == "bilinear"
    layer = Upsample(scale_factor=factor, mode=mode, align_corners=corners)
    assert worst(layer, pictures()) < 1e-13


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("factor", [1.1, 1.3, 2.1, 2.3, (1.2, 2.4)], ids=str)
@pytest.mark.parametrize("mode", ["nearest", "linear", "bilinear"])
def test_a_factor_that_rounds_to_the_same_size_or_the_double_equals_torchs(
    size: int, factor: float | tuple[float, float], mode: str
) -> None:
    layer = Upsample(scale_factor=factor, mode=mode)
    if mode != "linear":
        assert worst(layer, pictures(2, 3, size, size)) < 1e-13
    elif not isinstance(factor, tuple):
        assert worst(layer, pictures(2, 3, size)) < 1e-13
    if mode == "nearest" and not isinstance(factor, tuple):
        x = pictures(2, 3, size)  # torch's gradients are not those of its outputs here
        assert torch.equal(layer.forward(x), nn.Upsample(scale_factor=factor)(x))


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_the_nearest_number_is_the_one_that_torch_takes(kind: torch.dtype) -> None:
    for size in (1, 2, 3, 7, 39):
        x = torch.arange(size, dtype=kind).view(1, 1, size)
        for count in (1, 2, 5, 82, 94, 123):
            assert torch.equal(Upsample(count)(x), nn.Upsample(count)(x))
        for factor in (0.7, 1.3, 2.3, 2.6, 2.7, 3.7):
            if size * factor >= 1:
                y = Upsample(scale_factor=factor)(x)
                assert torch.equal(y, nn.Upsample(scale_factor=factor)(x))


@pytest.mark.parametrize("padding", [0, 1, (1, 2), (3, 0, 1, 2)], ids=str)
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_borders_equal_torchs(padding: int | tuple[int, ...], mode: str) -> None:
    layer = Pad(padding, mode=mode, value=0.5)
    assert worst(layer, pictures()) < 1e-14
    if len(layer.borders(1)) == 1:
        assert worst(layer, pictures(2, 3, 5)) < 1e-14


LAYERS = [
    MaxPool2d(3, stride=2, padding=1),
    AvgPool2d(2),
    AdaptiveAvgPool2d(2),
    GlobalAvgPool(),
    Upsample(scale_factor=2, mode="bilinear"),
    Pad(1, mode="reflect"),
]
each = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)


@each
def test_shapes_follow_without_numbers(layer: Layer) -> None:
    y = layer.forward(torch.empty(2, 3, 5, 4, device="meta"))
    assert y.shape[1:] == layer.infer(Shape.of(3, 5, 4)).sizes
    assert layer.backward(y).shape == (2, 3, 5, 4)


@each
def test_large_numbers_in_any_order_in_memory_stay_finite(layer: Layer) -> None:
    x = 1e4 * torch.randn(4, 5, 2, 3).permute(2, 3, 1, 0)
    y = layer.forward(x)
    dy = 1e4 * torch.ones(*reversed(y.shape)).permute(*reversed(range(y.dim())))
    assert y.isfinite().all()
    assert torch.allclose(layer.backward(dy), layer.backward(dy.contiguous()))


@pytest.mark.parametrize(
    ("layer", "x", "said"),
    [
        (MaxPool2d(5), (2, 3, 3), "has a kernel of 5 x 5, and its input is 3 x 3"),
        (AvgPool2d(2, padding=2), (2, 8, 8), "has a padding of 2 x 2, more than half of its ke"),
        (MaxPool2d(2), (8, 8), r"takes pictures \[N, C, H, W\], and its input is \[N, 8, 8\]"),
        (GlobalAvgPool(), (8,), r"takes pictures \[N, C, H, W\], and its input is \[N, 8\]"),
        (AdaptiveAvgPool2d(2), (8,), r"takes pictures .* its input is \[N, 8\]"),
        (Upsample(2), (8,), r"takes pictures .* or sequences .* its input is \[N, 8\]"),
        (Upsample([2, 2]), (3, 8), "takes one number for `size`, and gets 2"),
        (Upsample(scale_factor=(2, 2)), (3, 8), "takes one number for `scale_factor`, and gets 2"),
        (Upsample(), (3, 8), "has no size to make"),
        (Upsample(8, 2), (3, 8), "has both a `size` and a `scale_factor`"),
        (Upsample(8, mode="bilinear"), (3, 8), 'has `mode="bilinear"` for a sequence'),
        (Upsample(8, mode="linear"), (3, 8, 8), 'has `mode="linear"` for a picture'),
        (Upsample(scale_factor=0.1), (3, 8, 8), "leaves nothing of 8 x 8: its output would be 0"),
        (Pad(3, mode="reflect"), (1, 3, 8), "mirrors 3 numbers, and an axis of its input has 3"),
        (Pad(4, mode="circular"), (1, 3, 8), "takes 4 numbers from the other end, and an axis of"),
        (Pad([1, 1, 1]), (1, 3, 8), "takes one number for `padding`, 2 or 4, and gets 3"),
        (Pad([1, 1, 1, 1]), (8,), r"has a `padding` for 2 axes, and its input is \[N, 8\]"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_said_in_words(layer: Layer, x: tuple[int, ...], said: str) -> None:
    with pytest.raises(ShapeError) as error:
        layer.infer(Shape(x))
    assert re.search(said, error.value.reason)
    assert error.value.help


def test_an_enlarged_picture_tells_the_size_of_the_smaller_one() -> None:
    x = Shape.of(1, Unknown(), Unknown())
    Upsample(scale_factor=(2, 3)).solve(Shape.of(1, 8, 6), x)
    assert x.sizes == (1, 4, 2)
    for size in range(1, 30):
        for factor in (1.0, 1.2, 1.4, 1.5, 2.6, 3.7):
            layer, x = Upsample(scale_factor=factor), Shape.of(1, Unknown())
            layer.solve(layer.infer(Shape.of(1, size)), x)
            assert x.sizes == (1, size)


def test_a_maximum_passes_no_number_that_is_not_there_on() -> None:
    layer = MaxPool2d(3, stride=2, padding=1)
    assert layer.forward(torch.full((1, 1, 3, 3), -5.0)).max() == -5


@pytest.mark.parametrize(
    ("layer", "torchs"),
    [
        (AvgPool2d(2), nn.AvgPool2d(2)),
        (AdaptiveAvgPool2d(2), nn.AdaptiveAvgPool2d(2)),
        (Upsample(scale_factor=2), nn.Upsample(scale_factor=2)),
        (Upsample(scale_factor=2, mode="bilinear"), nn.Upsample(scale_factor=2, mode="bilinear")),
        (Pad(1, mode="reflect"), nn.ReflectionPad2d(1)),
        (Pad(1, mode="replicate"), nn.ReplicationPad2d(1)),
        (Pad(1, mode="circular"), nn.CircularPad2d(1)),
    ],
    ids=repr,
)
def test_an_infinite_number_is_in_those_outputs_alone_that_see_it(
    layer: Layer, torchs: nn.Module
) -> None:
    x = pictures(1, 1, 4, 4)
    x[0, 0, 0, 0] = torch.inf
    assert torch.equal(layer.forward(x).isfinite(), torchs(x).isfinite())


@pytest.mark.parametrize(
    "layer", [AvgPool1d(2), Upsample(scale_factor=2), Pad([3, 3], mode="reflect")]
)
def test_a_sequence_of_a_million_steps_takes_no_matrix_of_them(layer: Layer) -> None:
    x = pictures(1, 1, 10**6)
    y = layer.forward(x)
    dx = layer.backward(torch.ones_like(y))  # the shares of an output's inputs are 1 together
    assert dx.sum().item() == pytest.approx(y.numel())
