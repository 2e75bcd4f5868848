"""The augmentations in PyTorch: the same functions, with numbers from torch's own generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.augment import (
    Brightness,
    Contrast,
    Crop,
    CutMix,
    Cutout,
    DropFeatures,
    Flip,
    Mixing,
    Mixup,
    Moving,
    Noise,
    Rotate,
    Shift,
    Windows,
    Zoom,
)
from netlang.catalogue.augment.augmentation import has_places
from netlang.catalogue.augment.moves import flipped, shifted, turned
from netlang.catalogue.augment.moving import Edged, Turning
from netlang.catalogue.augment.numbers import are_numbers, stretches
from netlang.catalogue.augment.windows import later
from netlang.catalogue.data import Text
from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.ir import Program
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchAugmentation, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers

if TYPE_CHECKING:
    from torch import Tensor


def _moving(
    program: Program,
    item: Moving,
    move: Callable[..., Tensor],
    drawn: Sequence[str],
    *calls: str,
    edge: str = "",
) -> TorchAugmentation:
    """Lines of what is ``drawn``, and of calls of ``move``, one after the other, for pictures
    ``{x}``, where ``{edge}`` comes in at the edges. Targets of pixels move, too.

    Raises Unsupported where these are mixtures besides.
    """
    found, uses = program.description, (TorchDefinition.of(move),)
    of_inputs = [f"inputs = {call.format(x='inputs', edge=edge, exact=False)}" for call in calls]
    if found is None or not has_places(found):
        return TorchAugmentation([*drawn, *of_inputs], uses)
    if any(one.mixes for one in program.augment):
        mixed = "targets that are moved and mixed have no counterpart in PyTorch yet"
        raise Unsupported(f"{item.name}: {mixed}")
    x, end, exact = "targets", "", found.classes is not None
    if exact:
        edge = str(NO_CLASS)
    if exact and isinstance(item, Turning):  # between pixels there are no classes
        x, edge, end = "targets.to(inputs.dtype)", str(float(NO_CLASS)), ".to(targets.dtype)"
    of_targets = [f"targets = {call.format(x=x, edge=edge, exact=exact)}{end}" for call in calls]
    return TorchAugmentation([*drawn, *of_inputs, *of_targets], uses)


def _edged(
    program: Program,
    item: Edged,
    move: Callable[..., Tensor],
    drawn: Sequence[str],
    *calls: str,
) -> TorchAugmentation:
    """``_moving`` beyond the edges of pictures, where something comes in."""
    edge, uses = _filled(program, item.fill, item.mode)
    found = _moving(program, item, move, drawn, *calls, edge=edge)
    return found.replace(uses=(*found.uses, *uses))


def _filled(program: Program, number: float, mode: str) -> tuple[str, tuple[TorchDefinition, ...]]:
    """What comes in at the edges, as text, and what that uses."""
    if mode != "constant" or program.data is None or not program.data.standardizes:
        return repr(number), ()
    return f"as_inputs({number!r})", (AS_INPUTS,)


def _from_the_end(dim: int, program: Program) -> int:
    """The dimension counted from the last one, so that targets have it, too."""
    return dim if dim < 0 else dim - len(program.graph.input.sizes) - 1


def _column(program: Program) -> str:
    """The shape in which numbers of samples are computed with inputs."""
    ones = ["1"] * len(program.graph.input.sizes)
    return f"view({', '.join(['-1', *ones])})"


@lowers(Flip)
def flip(item: Flip, program: Program) -> TorchAugmentation:
    drawn = [f"flips = torch.rand(len(inputs)) < {item.p!r}"]
    call = f"flipped({{x}}, flips, {_from_the_end(item.dim, program)})"
    return _moving(program, item, flipped, drawn, call)


@lowers(Crop)
def crop(item: Crop, program: Program) -> TorchAugmentation:
    by = f"torch.randint({-item.padding}, {item.padding + 1}, (2, len(inputs)))"
    calls = (_shift(item, "down", -2), _shift(item, "right", -1))
    return _edged(program, item, shifted, [f"down, right = {by}"], *calls)


@lowers(Shift)
def shift(item: Shift, program: Program) -> TorchAugmentation:
    drawn = [f"by = torch.randint({-item.by}, {item.by + 1}, (len(inputs),))"]
    call = _shift(item, "by", _from_the_end(item.dim, program))
    return _edged(program, item, shifted, drawn, call)


def _shift(item: Edged, by: str, dim: int) -> str:
    return f"shifted({{x}}, {by}, {dim}, {literal(item.mode)}, {{edge}})"


@lowers(Rotate)
def rotate(item: Rotate, program: Program) -> TorchAugmentation:
    most = math.radians(item.degrees)
    angle = f"angle = {most!r} * (2 * torch.rand(len(inputs)) - 1)"
    drawn = [angle, "one = torch.ones_like(angle)"]
    return _edged(program, item, turned, drawn, _turn(item, "angle", "one"))


@lowers(Zoom)
def zoom(item: Zoom, program: Program) -> TorchAugmentation:
    factor = f"factor = 1 + {item.by!r} * (2 * torch.rand(len(inputs)) - 1)"
    drawn = [factor, "zero = torch.zeros_like(factor)"]
    return _edged(program, item, turned, drawn, _turn(item, "zero", "factor"))


def _turn(item: Edged, angle: str, factor: str) -> str:
    return f"turned({{x}}, {angle}, {factor}, {literal(item.mode)}, {{edge}}, {{exact}})"


@lowers(Windows)
def windows(item: Windows, program: Program) -> TorchAugmentation:
    assert isinstance(program.data, Text)
    if len(program.augment) > 1:
        raise Unsupported("Windows among others has no counterpart in PyTorch yet")
    stride = program.data.stride_in("train")
    lines = (
        "after = (order + 1).clamp(max=len(x) - 1)",
        f"by = torch.randint({stride}, (len(order),)) * (order < len(x) - 1)",
        f"inputs = later(inputs, x[after][:, -{stride}:], by)",
        f"targets = later(targets, t[after][:, -{stride}:], by)",
    )
    return TorchAugmentation(lines, (TorchDefinition.of(later),))


@lowers(Brightness)
def brightness(item: Brightness, program: Program) -> TorchAugmentation:
    black, uses = _filled(program, 0.0, "constant")
    lines = (
        f"factor = 1 + {item.by!r} * (2 * torch.rand(len(inputs)) - 1)",
        f"black = {black}.to(inputs.dtype)" if uses else f"black = {black}",
        f"inputs = black + factor.{_column(program)} * (inputs - black)",
    )
    return TorchAugmentation(lines, uses)


@lowers(Contrast)
def contrast(item: Contrast, program: Program) -> TorchAugmentation:
    return TorchAugmentation(
        (
            f"factor = 1 + {item.by!r} * (2 * torch.rand(len(inputs)) - 1)",
            "mean = inputs.mean((-2, -1), keepdim=True)",
            f"inputs = mean + factor.{_column(program)} * (inputs - mean)",
        )
    )


@lowers(Noise)
def noise(item: Noise, program: Program) -> TorchAugmentation:
    drawn = f"{item.std!r} * torch.randn_like(inputs)"
    numbers = are_numbers(program.description) if program.description else []
    if all(numbers):
        return TorchAugmentation((f"inputs = inputs + {drawn}",))
    lines = (
        f"numbers = inputs.new_tensor({literal(numbers)})",
        f"inputs = inputs + numbers * {drawn}",
    )
    return TorchAugmentation(lines)


@lowers(Cutout)
def cutout(item: Cutout, program: Program) -> TorchAugmentation:
    lines = [f"hidden = (torch.rand(len(inputs)) < {item.p!r}).{_column(program)}"]
    for dim in (-2, -1) if item.dim is None else (item.dim,):
        first = f"torch.randint(inputs.shape[{dim}], (len(inputs),)) - {item.size // 2}"
        lines += [
            f"first = {first}",
            f"hidden = hidden & stretches(inputs, first, {item.size}, {dim})",
        ]
    lines.append("inputs = torch.where(hidden & ~inputs.isnan(), means(x), inputs)")
    return TorchAugmentation(lines, (TorchDefinition.of(stretches), _means(program)))


@lowers(DropFeatures)
def drop_features(item: DropFeatures, program: Program) -> TorchAugmentation:
    columns = program.description.columns if program.description else ()
    widths = [width for _, _, width in columns] or [1] * program.graph.input.sizes[0]
    instead = "means(x)"
    numbers = are_numbers(program.description) if program.description else []
    if not all(numbers):
        instead += f" * inputs.new_tensor({literal(numbers)})"
    hidden = f"torch.rand(len(inputs), {len(widths)}) < {item.p!r}"
    if any(width > 1 for width in widths):
        hidden = f"({hidden}).repeat_interleave(torch.tensor({literal(widths)}), 1)"
    lines = f"hidden = {hidden}", f"inputs = torch.where(hidden, {instead}, inputs)"
    return TorchAugmentation(lines, (_means(program),))


@lowers(Mixup)
def mixup(item: Mixup, program: Program) -> TorchAugmentation:
    lines = (
        f"share = drawn_shares(len(order), {item.alpha!r}).to(inputs.dtype)",
        f"by = share.{_column(program)}",
        "inputs = by * inputs + (1 - by) * others",
    )
    return _mixing(program, item, lines)


@lowers(CutMix)
def cutmix(item: CutMix, program: Program) -> TorchAugmentation:
    lines = (
        f"side = (1 - drawn_shares(len(order), {item.alpha!r})).sqrt()",
        "box = boxes(inputs, side)",
        "inputs = torch.where(box, others, inputs)",
        "area = box.flatten(1).sum(1) / (inputs.shape[-2] * inputs.shape[-1])",
        "share = 1 - area.to(inputs.dtype)",
    )
    return _mixing(program, item, lines, TorchDefinition.of(stretches), _BOXES)


def _mixing(
    program: Program, item: Mixing, lines: Sequence[str], *uses: TorchDefinition
) -> TorchAugmentation:
    mixed = f"targets = mixed(targets, of_others, share, {program.graph.output.sizes[-1]})"
    return TorchAugmentation((*lines, mixed), (*uses, _SHARES, _MIXED))


def _means(program: Program) -> TorchDefinition:
    """The definition of ``means``."""
    shape = program.graph.input
    if shape.padded:
        return TorchDefinition(_MEANS.format("x.nanmean((0, 1))"), _CACHE)
    rank = len(shape.sizes)
    dims = [dim for dim in range(rank + 1) if dim != 1 or rank == 2]
    text = f"x.mean({literal(dims)}, keepdim=True)[0]"
    return TorchDefinition(_MEANS.format(text), _CACHE)


_CACHE = ("from functools import cache",)

_MEANS = '''\
@cache
def means(x):
    """The mean of each feature or channel of the training samples."""
    return {}
'''

AS_INPUTS = TorchDefinition(
    '''\
SCALING = 0.0, 1.0  # shift and scale of inputs: load_data learns them


def as_inputs(number):
    """The input that a number of the data becomes."""
    shift, scale = SCALING
    return (number - shift) / scale
'''
)

_SHARES = TorchDefinition(
    '''\
def drawn_shares(count, alpha):
    """How much of each of two samples is the first one's, at least a half."""
    alpha = torch.tensor(alpha, dtype=torch.float64)
    share = torch.distributions.Beta(alpha, alpha).sample((count,))
    return torch.maximum(share, 1 - share)
'''
)

_MIXED = TorchDefinition(
    '''\
def mixed(t, other, share, outputs):
    """A share of each target, and the rest of another one; class numbers become one-hot."""
    if not t.is_floating_point() and outputs > 1:
        t = F.one_hot(t, outputs)
    if not other.is_floating_point() and outputs > 1:
        other = F.one_hot(other, outputs)
    if t.dim() == 1:
        t = t.unsqueeze(1)
    if other.dim() == 1:
        other = other.unsqueeze(1)
    share = share.view(-1, *[1] * (t.dim() - 1))
    return share * t + (1 - share) * other
'''
)

_BOXES = TorchDefinition(
    '''\
def boxes(x, side):
    """Where a box of each picture lies, whose sides are such a part of the picture's."""
    box = torch.ones(1, dtype=torch.bool)
    for dim in (-2, -1):
        size = x.shape[dim]
        length = (side * size).long()
        first = torch.randint(size, (len(x),)) - length // 2
        last = (first + length).clamp(max=size)
        first = first.clamp(min=0)
        box = box & stretches(x, first, last - first, dim)
    return box
'''
)
