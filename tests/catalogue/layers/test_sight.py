"""What each layer says that its outputs see is what they depend on, when its inputs are changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from netlang.catalogue.modules import Layer
from tests.catalogue.layers.test_conformance import (
    Samples,
    build,
    inputs,
    layer_of,
    layers,
    shape_of,
)

CHANGES = (0.3, -0.3, 3.0, -3.0, 40.0, -40.0)


def changed(layer: Layer, x: list[Tensor], source: int, dim: int, place: int) -> Tensor:
    """Which outputs change with what stands at a place along a dimension of an input.

    Shape: that of a sample of the output, bool.
    """
    y = layer.forward(*x)
    found = torch.zeros(y.shape[1:], dtype=torch.bool)
    for change in (*CHANGES, None):
        other = x[source].clone()
        at = other.select(dim + 1, place)
        at.copy_(torch.randn_like(at) if change is None else at + change)
        moved = layer.forward(*x[:source], other, *x[source + 1 :])
        found |= (moved != y).any(0)
    return found


def changed_tokens(layer: Layer, x: Tensor, dim: int, place: int) -> Tensor:
    y, other = layer.forward(x), x.clone()
    at = other.select(dim + 1, place)
    at.copy_((at + 1) % (x.max() + 1))
    return (layer.forward(other) != y).any(0)


def dependences(layer: Layer, samples: Samples, source: int, dim: int) -> Iterator[Tensor]:
    x, shape = inputs(samples), shape_of(samples[source])
    for place in range(shape.sizes[dim]):
        if shape.tokens is None:
            yield changed(layer, x, source, dim, place)
        else:
            yield changed_tokens(layer, x[0], dim, place)


@layers
def test_outputs_depend_on_what_they_see(item: type[Layer], text: str, samples: Samples) -> None:
    torch.manual_seed(0)
    layer, shapes = layer_of(text, samples).eval(), [*map(shape_of, samples)]
    layer.parameters.normal_()  # as some are 0 at the beginning
    for source, shape in enumerate(shapes):
        for dim, size in enumerate(shape.sizes):
            sight = layer.sight(dim, *shapes, source=source)
            seen = torch.stack([*dependences(layer, samples, source, dim)])  # [places, *output]
            if sight is None:
                continue
            if sight.dim is None:
                assert seen.reshape(size, -1).any(1).all() or layer.name in ("Last", "Select")
                continue
            along = seen.movedim(sight.dim + 1, 1)
            along = along.reshape(*along.shape[:2], -1).any(2).t()  # [output places, places]
            if sight.places is None:
                sees = torch.eye(size, dtype=torch.bool)
                assert len(along) == size
            else:
                sees = torch.zeros(along.shape, dtype=torch.bool)
                for row, places in zip(sees, sight.places, strict=True):
                    row[[*places]] = True
            assert (sees | ~along).all()
            ends = [(one * torch.arange(1, size + 1)).amax(1) for one in (sees, along)]
            assert torch.equal(*ends)


@layers
def test_layers_that_are_alike_at_all_steps_give_the_same_in_another_order(
    item: type[Layer], text: str, samples: Samples
) -> None:
    torch.manual_seed(0)
    layer, shapes = layer_of(text, samples).eval(), [*map(shape_of, samples)]
    are_sequences = all(len(one.sample) > (one.tokens is None) for one in shapes)
    if not (layer.alike and are_sequences):
        return
    layer.parameters.normal_()
    x = inputs(samples)
    y, turned = layer.forward(*x), layer.forward(*(one.flip(1) for one in x))
    assert torch.allclose(y.flip(1), turned)


@pytest.mark.parametrize("dim", [1, -2])
@pytest.mark.parametrize("text", ["GLU(dim=DIM)", "Scale(2, dim=DIM)", "Concat(dim=DIM)"])
def test_a_layer_that_goes_along_the_steps_is_not_alike_at_all_of_them(text: str, dim: int) -> None:
    layer = build(text.replace("DIM", str(dim)))
    assert isinstance(layer, Layer)
    assert not layer.alike
