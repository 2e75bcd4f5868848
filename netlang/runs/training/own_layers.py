"""Layers of one's own are tried before a training: whether they keep to what layers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.catalogue.modules import DrawRequest, Layer
from netlang.catalogue.own import is_own, place_of, said, where
from netlang.catalogue.randomness import generator
from netlang.compiler.ir import Node, Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.diagnostic import Label
from netlang.language.diagnostics.messages.plugins import OwnLayerFails
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_SAMPLES = 3


def try_own_layers(program: Program) -> None:
    """Run each layer of one's own forwards and backwards, on random numbers of its shape.

    Raises NetError where one fails, or gives something of another shape than it says. Gradients are
    what ``netlang gradcheck`` looks at.
    """
    for node in program.graph.nodes:
        if is_own(type(node.layer)) and not node.shares:
            _try(node, program.seed)


def _try(node: Node, seed: int) -> None:
    source = generator(seed, "trial of own layers")
    layer: Layer = type(node.layer).declared(node.layer.values)
    try:
        layer.make_tensors(source)
        x = [_random(one, source) for one in node.takes]
        _draw(layer, node)
        y = layer.forward(*x)
        _check(node, "forward", y, (_SAMPLES, *node.shape.sizes))
        dx = layer.backward(torch.randn(y.shape, generator=source))
    except NetError:
        raise
    except Exception as error:
        inside = Label.at(place_of(error), said(error))
        what = "fails when it is run" if inside else f"fails when it is run: {said(error)}"
        help = "mend its class: `netlang gradcheck` says more as soon as it runs"
        raise NetError(_failure(node, what, help, inside)) from error
    for given, taken in zip(dx if len(x) > 1 else (dx,), x, strict=True):
        if taken.is_floating_point():
            _check(node, "backward", given, tuple(taken.shape))


def _random(shape: Shape, source: torch.Generator) -> Tensor:
    sizes = _SAMPLES, *shape.sizes
    if isinstance(tokens := shape.vocabulary, int):
        return torch.randint(tokens, sizes, generator=source)
    return torch.randn(sizes, generator=source)


def _draw(layer: Layer, node: Node) -> None:
    if layer.draws:
        numbers = torch.arange(_SAMPLES)
        shape = layer.drawn(*node.takes)
        request = DrawRequest(0, 1, 0, numbers, _SAMPLES, shape, torch.get_default_dtype())
        layer.draw(request.of_members(node.members))


def _check(node: Node, method: str, found: Any, expected: tuple[int, ...]) -> None:
    """Raises NetError unless ``found`` is a tensor of the ``expected`` shape, batch included."""
    if isinstance(found, torch.Tensor) and found.shape == expected:
        return
    wanted = ["N", *expected[1:]]
    says = "`infer` says" if method == "forward" else "its input has"
    if isinstance(found, torch.Tensor):
        what = f"gives {[*found.shape]} for {_SAMPLES} samples by its `{method}`"
    else:
        what = f"gives {type(found).__name__} and no tensor by its `{method}`"
    help = (
        "a layer that changes shapes says so in `infer(self, x)`"
        if method == "forward"
        else ("`backward` gives the loss's gradient at the input, of the input's shape")
    )
    shown = ", ".join(map(str, wanted))
    raise NetError(_failure(node, f"{what}, and {says} [{shown}]", help))


def _failure(node: Node, what: str, help: str, inside: Label | None = None) -> OwnLayerFails:
    inside = inside or Label.at(where(type(node.layer)), "its class")
    return OwnLayerFails(node.origin.span, node.layer.name, what, help, inside)
