"""Layers of one's own are tried before a training: whether they keep to what layers are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.modules import DrawRequest, Layer
from netlang.catalogue.own import is_own, place_of, where
from netlang.catalogue.plugin_files import said
from netlang.catalogue.randomness import generator
from netlang.compiler.ir import Node, Program
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.diagnostic import Label
from netlang.language.diagnostics.messages.plugins import OwnGradientDoubtful, OwnLayerFails
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_SAMPLES = 3
_LOOKED_AT = 6  # numbers of each input
_STEP = 1e-5  # in float64
_FAR = 1e-2  # relative: a wrong formula is further off, and a right one by rounding alone


def try_own_layers(program: Program) -> tuple[Diagnostic, ...]:
    """Run each layer of one's own forwards and backwards, on random numbers of its shape, and hold
    a few of its gradients against differences: the warnings of those that disagree.

    Raises NetError where one fails, gives something of another shape than it says, or keeps numbers
    that nobody could train or save.
    """
    nodes = [one for one in program.graph.nodes if is_own(type(one.layer)) and not one.shares]
    found = [_try(node, program.seed) for node in nodes]
    return tuple(one for one in found if one)


def _try(node: Node, seed: int) -> Diagnostic | None:
    source = generator(seed, "trial of own layers")
    try:
        layer, x = _made(node, seed), [_random(one, source) for one in node.takes]
        y = layer.forward(*x)
        _check(node, "forward", y, (_SAMPLES, *node.shape.sizes))
        dy = torch.randn(y.shape, generator=source)
        dx = layer.backward(dy.clone())
        again = _made(node, seed).forward(*x)
    except NetError:
        raise
    except Exception as error:
        inside = Label.at(place_of(error), said(error))
        what = "fails when it is run" if inside else f"fails when it is run: {said(error)}"
        help = "mend its class: `netlang gradcheck` says more as soon as it runs"
        raise NetError(_failure(node, what, help, inside)) from error
    gradients = [*zip(dx if len(x) > 1 else (dx,), x, strict=True)]
    for given, taken in gradients:
        if taken.is_floating_point():
            _check(node, "backward", given, tuple(taken.shape))
    own = [name for name, one in vars(layer).items() if type(one).__name__ == "Parameter"]
    if own or not torch.equal(y, again):
        what = f"keeps a weight, `{own[0]}`," if own else "keeps numbers"
        help = "declare it in `tensors(self)`, as CONTRIBUTING.md says: `Weight(shape, initial)`"
        raise NetError(_failure(node, f"{what} that nothing trains and no file keeps", help))
    return _doubt(node, seed, x, dy, gradients)


def _made(node: Node, seed: int) -> Layer:
    """The node's layer, with the weights and the draws of a seed."""
    layer: Layer = type(node.layer).declared(node.layer.values)
    layer.make_tensors(generator(seed, "weights of a trial"))
    if layer.draws:
        numbers, shape = torch.arange(_SAMPLES), layer.drawn(*node.takes)
        request = DrawRequest(seed, 1, 0, numbers, _SAMPLES, shape, torch.get_default_dtype())
        layer.draw(request.of_members(node.members))
    return layer


def _doubt(
    node: Node,
    seed: int,
    x: Sequence[Tensor],
    dy: Tensor,
    gradients: Sequence[tuple[Tensor, Tensor]],
) -> Diagnostic | None:
    """A warning where one of a few numbers of a gradient is far from its difference, on both sides
    of the number; None where all agree, or where the inputs are tokens.
    """
    for number, (gradient, taken) in enumerate(gradients):
        if not taken.is_floating_point():
            continue
        for index in range(min(_LOOKED_AT, taken.numel())):
            found = float(gradient.flatten()[index])
            sides = [_slope(node, seed, x, dy, number, index, step) for step in (_STEP, -_STEP)]
            scale = max(1e-2, abs(found), *map(abs, sides))
            if all(abs(found - side) > _FAR * scale for side in sides):
                slope = sum(sides) / 2
                what = f"it gives {found:.3g} at an input, where differences give {slope:.3g}"
                inside = Label.at(where(type(node.layer)), "its class")
                return OwnGradientDoubtful(node.origin.span, node.layer.name, what, inside)
    return None


def _slope(
    node: Node, seed: int, x: Sequence[Tensor], dy: Tensor, number: int, index: int, step: float
) -> float:
    """How the sum of dy times the outputs changes with one number of one input, per step."""
    ends = []
    for by in (0.0, step):
        moved = [one.double().clone() if one.is_floating_point() else one for one in x]
        moved[number].view(-1)[index] += by
        y = _made(node, seed).to(torch.float64).forward(*moved)
        ends.append(float((dy.double() * y).sum()))
    return (ends[1] - ends[0]) / step


def _random(shape: Shape, source: torch.Generator) -> Tensor:
    sizes = _SAMPLES, *shape.sizes
    if isinstance(tokens := shape.vocabulary, int):
        return torch.randint(tokens, sizes, generator=source)
    return torch.randn(sizes, generator=source)


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
