"""Windows of any geometry: each equals torch's, and what torch refuses is refused in words."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netlang.catalogue.layers import (
    AvgPool1d,
    AvgPool2d,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    MaxPool1d,
    MaxPool2d,
)
from netlang.catalogue.layers.windowed import Windowed
from netlang.language.shapes import Shape, ShapeError
from tests.catalogue.layers.test_conformance import relative

pytestmark = pytest.mark.slow  # as it tries hundreds

KINDS = Conv1d, Conv2d, ConvTranspose2d, MaxPool1d, MaxPool2d, AvgPool1d, AvgPool2d
COUNT = 300  # geometries of each kind


def drawn(kind: type[Windowed], draw: random.Random) -> dict[str, Any]:
    """Arguments, most of which torch takes, too."""

    def each(least: int, most: int) -> Any:
        numbers = [draw.randint(least, most) for _ in range(kind.axes)]
        return numbers[0] if kind.axes == 1 or draw.random() < 0.3 else tuple(numbers)

    given: dict[str, Any] = {"kernel_size": each(1, 4), "stride": each(1, 3), "padding": each(0, 2)}
    names = {one.name for one in kind.arguments}
    if "in_channels" in names:
        groups = draw.choice((1, 1, 2))
        channels = {"in_channels": 2 * groups, "out_channels": draw.choice((2, 4)) * groups}
        given |= {**channels, "groups": groups, "bias": draw.random() < 0.5}
    if "dilation" in names:
        given["dilation"] = each(1, 3)
    if "output_padding" in names:
        given["output_padding"] = each(0, 2)
    for name in ("ceil_mode", "count_include_pad"):
        if name in names:
            given[name] = draw.random() < 0.5
    return given


def passes(layer: Any, x: Tensor, dy: Tensor | None) -> list[Tensor]:
    """The output, and the gradients at the input and at the weights, of torch's layer."""
    x = x.requires_grad_()
    y = layer(x)
    y.backward(torch.ones_like(y) if dy is None else dy)
    assert x.grad is not None
    return [y.detach(), x.grad, *(one.grad for one in layer.parameters())]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_any_geometry_equals_torchs_or_is_refused_as_by_torch(kind: type[Windowed]) -> None:
    draw, taken = random.Random(kind.name), 0
    for number in range(COUNT):
        torch.manual_seed(number)
        given = drawn(kind, draw)
        sizes = [draw.randint(1, 9) for _ in range(kind.axes)]
        channels = given.get("in_channels", 2)
        x = torch.randn(2, channels, *sizes, dtype=torch.float64)
        twin = getattr(nn, kind.name)(**given).double()
        try:
            y = twin(x)
            taken += 1
        except RuntimeError:
            y = None
        if y is None or y.isinf().any():  # a maximum of padding alone, whose gradient is nowhere
            with pytest.raises(ShapeError) as refused:
                kind.declared(given).infer(Shape(tuple(x.shape[1:])))
            assert refused.value.reason, (given, sizes)
            continue
        layer = kind(**given).to(torch.float64)
        assert layer.infer(Shape(tuple(x.shape[1:]))).sizes == y.shape[1:], (given, sizes)
        for (weight, _), theirs in zip(layer.param(), twin.parameters(), strict=True):
            weight.copy_(theirs.detach())
        dy = torch.randn_like(y)
        ours = [layer.forward(x), layer.backward(dy), *(one for _, one in layer.param())]
        for one, other in zip(ours, passes(twin, x, dy), strict=True):
            assert relative(one, other) < 1e-12, (given, sizes)
    assert taken > COUNT / 4
