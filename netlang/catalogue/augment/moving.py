"""Augmentations that move what is in a sample to other places, and its targets with it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.augment.augmentation import (
    Augmentation,
    Draws,
    Given,
    Remark,
    Seen,
    about,
    has_places,
    is_picture,
)
from netlang.catalogue.augment.moves import flipped, shifted, turned
from netlang.catalogue.data import Description
from netlang.catalogue.targets import NO_CLASS
from netlang.language.diagnostics.wording import counted
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_LEAST = 4  # rows of what may be a picture


class Moving(Augmentation, abstract=True):
    """Moves what is in a sample to other places. Targets that are told for each place of a picture
    move as it does.
    """

    def apply(self, seen: Seen, draws: Draws) -> Seen:
        inputs, targets, mixed = seen.inputs, seen.targets, seen.mixed
        moved, edge = self.forward(inputs, draws), self.edge(draws).to(inputs)
        if not draws.data.targets_move:
            return seen.replace(inputs=moved)
        if targets.is_floating_point():
            targets = self.moved(targets, draws, edge)
        else:
            numbers, none = targets.to(inputs.dtype), torch.tensor(float(NO_CLASS))
            targets = self.moved(numbers, draws, none, exact=True).to(targets.dtype)
        return Seen(moved, targets, None if mixed is None else self.moved(mixed, draws, edge))

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        return self.moved(x, draws, self.edge(draws).to(x))

    def edge(self, draws: Draws) -> Tensor:
        """The inputs that come in at the edges, if any do."""
        return torch.zeros(1)

    @abstractmethod
    def moved(self, x: Tensor, draws: Draws, edge: Tensor, exact: bool = False) -> Tensor:
        """The numbers in their new places; where an ``exact`` one is needed, none that lies between
        others.
        """

    def remark(self, given: Given) -> Remark | None:
        found = given.found
        if is_picture(found):
            return None
        side, help = math.isqrt(found.input.size), "leave it out"
        is_square = side >= _LEAST and (side * side,) == found.input.sizes
        if is_square and given.data and "shape" in given.data.values:
            help = f"let the data make pictures of the rows, by `shape=[1, {side}, {side}]`"
        return Remark(f"moves what is in a picture, and {about(found)}", help)


class Edged(Moving, abstract=True):
    """Moves a picture beyond its edges, so that something comes in on the other side."""

    mode: str = arg(
        default="constant",
        choices=("constant", "reflect", "replicate", "circular"),
        doc="what comes in at the edges: `fill`, a mirror, copies of the edge, or the other end",
        known_as=("padding_mode", "fill_mode"),
    )
    fill: float = arg(
        default=0.0,
        doc="the number that comes in at the edges, in the data's own units",
        known_as=("fill_value", "value", "cval"),
    )

    def edge(self, draws: Draws) -> Tensor:
        return draws.data.as_inputs(self.fill)

    def remark(self, given: Given) -> Remark | None:
        return super().remark(given) or self.of_targets(given)

    def of_targets(self, given: Given) -> Remark | None:
        """What speaks against it where targets move, too, if they can."""
        found = given.found
        if self.mode != "constant" or not has_places(found):
            return None
        if found.classes is not None and all(one.skips for one in given.losses):
            return None
        if found.target_shape == found.input.sizes and found.classes is None:
            return None
        what = "nothing says what is to be told of the places that come in at the edges"
        return Remark(f"moves the targets, too, and {what}", 'write `mode="reflect"`', True)


class Turning(Edged, abstract=True):
    """Turns a picture about its middle, or enlarges it. Numbers lie between those of the four
    pixels around them.

    Source: bilinear interpolation.
    """

    def remark(self, given: Given) -> Remark | None:
        if self.mode != "circular":
            return super().remark(given)
        reason = 'has `mode="circular"`, and what is turned or enlarged does not go round'
        return super().remark(given) or Remark(reason, 'write `mode="reflect"`')


class Flip(
    Moving,
    known_as=("RandomHorizontalFlip", "HorizontalFlip", "RandomVerticalFlip", "VerticalFlip"),
    like=("RandomFlip", "Mirror"),
    elsewhere={"RandomVerticalFlip": {"dim": "-2"}, "VerticalFlip": {"dim": "-2"}},
):
    """With probability p, the other way round along a dimension: a picture as in a mirror, or with
    `dim=-2` upside down.
    """

    p: float = arg(default=0.5, at_least=0.0, at_most=1.0, doc="probability", known_as=("prob",))
    dim: int = arg(
        default=-1,
        doc="the dimension along which it is turned, counted as torch does",
        known_as=("axis",),
    )

    examples = (("Flip", (1, 3, 4)), ("Flip(dim=-2)", (4, 3)), ("Flip(p=1, dim=2)", (2, 3, 3)))

    def moved(self, x: Tensor, draws: Draws, edge: Tensor, exact: bool = False) -> Tensor:
        return flipped(x, draws.uniform("flip") < self.p, from_the_end(self.dim, draws))

    def remark(self, given: Given) -> Remark | None:
        return super().remark(given) or _of_dim(self.dim, given.found)


class Crop(
    Edged,
    like=("RandomCrop", "RandomTranslation", "RandomResizedCrop", "PadIfNeeded"),
):
    """A window of the picture's own size, anywhere in the picture with a border of ``padding``
    around it: all is moved by as much, up or down and to a side.

    Source: He et al. 2015, whose pictures of 32 x 32 have a border of 4.
    """

    argument_order = ("padding",)
    padding: int = arg(default=4, at_least=1, doc="the width of the border", known_as=("pad",))

    examples = (
        ("Crop(1)", (1, 3, 4)),
        ("Crop(2, fill=1)", (2, 5, 5)),
        ('Crop(2, mode="reflect")', (4, 4)),
    )

    def moved(self, x: Tensor, draws: Draws, edge: Tensor, exact: bool = False) -> Tensor:
        for dim in (-2, -1):
            by = draws.below(f"dimension {dim}", 2 * self.padding + 1) - self.padding
            x = shifted(x, by, dim, self.mode, edge)
        return x

    def remark(self, given: Given) -> Remark | None:
        sizes = given.found.input.sizes[-2:]
        return super().remark(given) or _too_far(self.padding, sizes, "a smaller `padding`")


class Shift(Edged, like=("TimeShift", "RandomShift", "Roll")):
    """Moved along a dimension by a number of places, up to ``by`` in either direction: a sequence
    begins earlier or later.
    """

    argument_order = "by", "dim"
    by: Size = arg(default=1, doc="the most places", known_as=("shift", "max_shift"))
    dim: int = arg(
        default=1,
        doc="the dimension along which it is moved, counted as torch does: 1 is a sample's first",
        known_as=("axis",),
    )

    examples = (
        ("Shift(2)", (5, 3)),
        ("Shift(1, dim=2)", (2, 4)),
        ('Shift(3, dim=-1, mode="circular")', (1, 4, 4)),
    )

    def moved(self, x: Tensor, draws: Draws, edge: Tensor, exact: bool = False) -> Tensor:
        by = draws.below("by", 2 * self.by + 1) - self.by
        return shifted(x, by, from_the_end(self.dim, draws), self.mode, edge)

    def remark(self, given: Given) -> Remark | None:
        found = given.found
        sizes, is_other = found.input.sizes, found.columns or found.inputs
        if is_other or found.input.vocabulary is not None:
            help = "leave it out: it is for pictures and sequences"
            return Remark(f"moves what is in a sequence, and {about(found)}", help)
        if found.input.padded:
            help = "leave it out: how long each of them is would no longer be right"
            return Remark(f"moves sequences, and {about(found)}", help)
        if wrong := self.of_targets(given) or _of_dim(self.dim, found):
            return wrong
        at = self.dim - 1 if self.dim > 0 else self.dim
        return _too_far(self.by, [sizes[at]], "a smaller `by`, or another `dim`")


def _of_turns(degrees: float) -> str | None:
    """What to write for an angle that nobody can see."""
    if degrees >= 1:
        return None
    return f"an angle is in degrees: for {degrees:g} of a turn, write `{360 * degrees:g}`"


class Rotate(Turning, like=("RandomRotation", "Rotation", "RandomAffine")):
    """A picture turned about its middle, by an angle of up to so many ``degrees`` in either
    direction. Numbers lie between those of the four pixels around them.

    Source: bilinear interpolation.
    """

    argument_order = ("degrees",)
    degrees: float = arg(
        default=10.0,
        above=0.0,
        at_most=180.0,
        doc="the largest angle",
        doubt=_of_turns,
        known_as=("angle", "max_angle", "limit"),
    )

    examples = (
        ("Rotate(15)", (1, 5, 5)),
        ('Rotate(180, mode="replicate")', (2, 3, 5)),
        ('Rotate(30, mode="reflect")', (4, 4)),
    )

    def moved(self, x: Tensor, draws: Draws, edge: Tensor, exact: bool = False) -> Tensor:
        angle = draws.symmetric("angle", math.radians(self.degrees))
        return turned(x, angle, torch.ones_like(angle), self.mode, edge, exact)


class Zoom(Turning, known_as=("RandomZoom",), like=("RandomScale", "ScaleJitter", "Rescale")):
    """A picture enlarged about its middle by a factor between 1 - by and 1 + by, or made smaller.

    Source: bilinear interpolation.
    """

    argument_order = ("by",)
    by: float = arg(
        default=0.1,
        above=0.0,
        below=1.0,
        doc="how far the factor is from 1, at most",
        known_as=("factor", "height_factor"),
        like=("scale",),
    )

    examples = (("Zoom(0.5)", (1, 4, 5)), ('Zoom(0.2, mode="reflect")', (2, 3, 3)))

    def moved(self, x: Tensor, draws: Draws, edge: Tensor, exact: bool = False) -> Tensor:
        factor = 1 + draws.symmetric("factor", self.by)
        return turned(x, torch.zeros_like(factor), factor, self.mode, edge, exact)


def _of_dim(dim: int, found: Description) -> Remark | None:
    """What speaks against moving along a dimension, counted as torch does."""
    rank = len(found.input.sizes)
    at = dim if dim > 0 else dim + rank + 1
    if not 1 <= at <= rank:
        those = f"dimensions 1 to {rank}" if rank > 1 else "dimension 1 alone"
        reason = f"moves along dimension {dim}, and a sample has {those}"
        return Remark(reason, "write `dim=-1`, the last one")
    if at == 1 and rank == 3:
        help = "write `dim=-1` for columns, `dim=-2` for rows"
        return Remark(f"moves along dimension {dim}, the channels of a picture", help)
    return None


def _too_far(by: int, sizes: Sequence[int], help: str) -> Remark | None:
    """What speaks against moving by so many places where there are ``sizes`` of them."""
    least = min(sizes)
    if by < least:
        return None
    return Remark(
        f"moves by up to {by}, and a sample has {counted(least, 'place')} there", f"take {help}"
    )


def from_the_end(dim: int, draws: Draws) -> int:
    """The dimension counted from the last one, -1, so that targets have it, too."""
    return dim if dim < 0 else dim - len(draws.data.description.input.sizes) - 1
