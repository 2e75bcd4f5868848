"""Large, small and equal numbers: results and gradients are numbers where those of torch are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape
from tests.catalogue.layers.oracles import ORACLES
from tests.catalogue.layers.test_conformance import (
    LAYERS,
    ROWS,
    Samples,
    backward,
    layer_of,
    relative,
    shape_of,
)
from tests.together import together

# Numbers of which inputs are made, and whether they are exact enough in float64 to be compared.
NUMBERS = {
    "zeros": ((0.0, -0.0), True),
    "tiny": ((1e-30, -1e-30), True),
    "equal": ((1e4,), True),
    "large": ((1e4, -1e4, 1.0, 0.0), True),
    "huge": ((1e30, -1e30, 1.0, 0.0), False),
    "infinite": ((torch.inf, 1.0, -2.0), False),
    "infinite below": ((-torch.inf, 1.0, -2.0), False),
}
# The oracle divides e by Σ e, where torch's own softmax of an infinite number is NaN, as ours is.
NO_NUMBERS = {("Softmax", "infinite")}
# Keys that are all equal have a gradient of 0, of which autograd has the rounding of large numbers.
INEXACT = {("Attention", "equal")}


@pytest.fixture(params=[torch.float32, torch.float64], ids=str)
def dtype(request: pytest.FixtureRequest) -> Iterator[torch.dtype]:
    """The type of all numbers, also of those that an oracle makes."""
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(torch.float32)


def inputs(samples: Samples, numbers: tuple[float, ...], dtype: torch.dtype) -> list[Tensor]:
    return [_input(shape_of(sample), numbers).to(dtype) for sample in samples]


def _input(shape: Shape, numbers: tuple[float, ...]) -> Tensor:
    if isinstance(tokens := shape.vocabulary, int):
        return torch.randint(tokens, (ROWS, *shape.sizes))
    drawn = torch.randint(len(numbers), (ROWS, *shape.sizes))
    return torch.tensor(numbers, dtype=torch.float64)[drawn]


@pytest.mark.parametrize("named", NUMBERS)
@together(("item", "text", "samples"), LAYERS)
def test_numbers_of_any_size_give_numbers_where_torchs_do(
    item: type[Layer], text: str, samples: Samples, named: str, dtype: torch.dtype
) -> None:
    if "rotary" in text and dtype == torch.float32:
        pytest.skip("the oracle turns numbers of 64 bits")
    torch.manual_seed(0)
    numbers, exact = NUMBERS[named]
    layer = layer_of(text, samples).to(dtype).eval()
    x = inputs(samples, numbers, dtype)
    y = layer.forward(*x)
    dy = torch.rand_like(y) + 0.5
    ours = [y, *backward(layer, dy), *(gradient.clone() for _, gradient in layer.param())]

    twins = [one.clone().requires_grad_() for one in x]
    weights = [weight.clone().requires_grad_() for weight, _ in layer.param()]
    vars(layer).update(zip(layer.declared_weights(), weights, strict=True))
    twin_y = ORACLES[item.name](layer, *twins)
    given = {"allow_unused": True, "materialize_grads": True}
    theirs = torch.autograd.grad(twin_y, [*twins, *weights], dy, **given)
    for one, other in zip(ours, [twin_y.detach(), *theirs], strict=True):
        if one is None:
            continue
        known = other.isfinite()
        assert one[known].isfinite().all() or (item.name, named) in NO_NUMBERS
        if exact and dtype == torch.float64 and (item.name, named) not in INEXACT:
            assert relative(one[known], other[known]) < 1e-7
