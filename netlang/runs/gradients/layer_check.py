"""A layer is checked alone, as the tests of a layer of one's own do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.modules import DrawRequest, Layer
from netlang.catalogue.randomness import generator
from netlang.language.diagnostics.wording import type_of
from netlang.language.shapes import Shape
from netlang.runs.gradients.differences import Differences, elements
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_LOOKED_AT = 64  # numbers of each tensor


def check_layer(
    layer: Layer, *shapes: Sequence[int], batch: int = 3, seed: int = 0, threshold: float = 1e-6
) -> None:
    """Raise AssertionError unless a layer does what it says, on random inputs of these shapes.

    Each shape is that of one sample at one of its inputs, ``(4,)`` or ``(3, 8, 8)``. What ``infer``
    says has to be the shape of the output, and what ``backward`` gives the gradient by central
    differences in float64, at the inputs and at the weights, up to ``threshold`` of the largest.
    Numbers at a kink, as ReLU has at 0, are left out. Two calls of ``backward`` have to add their
    gradients at the weights.

    >>> import netlang
    >>> netlang.check_layer(netlang.Softplus(), (4,))
    """
    if not isinstance(layer, Layer):
        help = "a layer and the shape of a sample: `check_layer(Swish(beta=2), (4,))`"
        raise TypeError(f"check_layer takes {help}, not {type_of(layer)}")
    if not shapes or not all(isinstance(one, Sequence) for one in shapes):
        raise TypeError(f"check_layer({layer!r}, ...) takes the shape of a sample, such as `(4,)`")
    source = generator(seed, "check of a layer")
    layer, twin = (type(layer).declared(layer.values) for _ in range(2))
    made = [Shape.of(*shape) for shape in shapes]
    inferred = layer.infer(*made)
    for one in (layer, twin):
        one.make_tensors(generator(seed, "weights of a check"))
        one.to(torch.float64).train()
    x = [torch.randn(batch, *shape, generator=source, dtype=torch.float64) for shape in shapes]
    statistics = layer.statistics.clone()

    def outputs(of: Layer = layer) -> Tensor:
        of.statistics.copy_(statistics)
        if of.draws:
            numbers = torch.arange(batch)
            of.draw(DrawRequest(seed, 1, 0, numbers, batch, of.drawn(*made), torch.float64))
        return of.forward(*x)

    with torch.inference_mode():
        y = outputs()
        assert isinstance(y, torch.Tensor), f"{layer!r}: forward gives {y!r}"
        said = batch, *inferred.sizes
        assert tuple(y.shape) == said, (
            f"{layer!r}: forward gives {[*y.shape]}, and infer says {[*said]}"
        )
        own = [name for name, one in vars(layer).items() if type(one).__name__ == "Parameter"]
        strays = f"{layer!r}: it keeps numbers beside tensors(), which nothing trains or saves"
        assert not own, strays
        assert torch.equal(y, outputs(twin)), strays
        dy = torch.randn(y.shape, generator=source, dtype=torch.float64)
        layer.gradients.zero_()
        dx = layer.backward(dy.clone())
        once = layer.gradients.clone()
        pairs = [
            (
                f"the gradient at input {number}" if len(x) > 1 else "the gradient at the input",
                *pair,
            )
            for number, pair in enumerate(zip(x, dx if len(x) > 1 else (dx,), strict=True), 1)
        ]
        for name, values, gradient in pairs:
            assert isinstance(gradient, torch.Tensor), f"{layer!r}: backward gives {gradient!r}"
            assert gradient.shape == values.shape, (
                f"{layer!r}: {name} is {[*gradient.shape]}, and the input {[*values.shape]}"
            )
        pairs += [
            (f"{name}_grad", getattr(layer, name), getattr(layer, f"{name}_grad").clone())
            for name in layer.declared_weights()
        ]
        differences = Differences(outputs, dy)
        for name, values, gradient in pairs:
            _compare(
                f"{layer!r}: {name}", values.view(-1), gradient.flatten(), differences, threshold
            )
        outputs()
        layer.backward(dy.clone())
        assert torch.allclose(layer.gradients, 2 * once, rtol=1e-9, atol=1e-12), (
            f"{layer!r}: backward has to add to the gradients of its weights, not to set them"
        )


def _compare(
    what: str, values: Tensor, gradient: Tensor, differences: Differences, threshold: float
) -> None:
    chosen = elements(gradient, _LOOKED_AT, generator(0, "elements"))
    largest = max([1e-12, *(abs(float(gradient[one])) for one in chosen)])
    slopes = [(one, differences.slope(values, one, largest)) for one in chosen]
    known = [(one, slope.value) for one, slope in slopes if not slope.at_kink]
    largest = max([largest, *(abs(value) for _, value in known)])
    for index, value in known:
        found = float(gradient[index])
        assert abs(found - value) <= threshold * largest, (
            f"{what}[{index}] is {found:.9g}, and central differences say {value:.9g}"
        )
