"""Augmentations that move what is in a sample to other places, and its targets with it.

An exported file has copies of the functions, so they use nothing but each other, math and torch.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.augment.augmentation import (
    Augmentation,
    Draws,
    Remark,
    Seen,
    about,
    has_places,
    is_picture,
)
from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.losses import Loss
from netlang.catalogue.targets import NO_CLASS
from netlang.language.diagnostics.wording import counted
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_LEAST = 4  # rows of what may be a picture

_P: Any = arg(default=0.5, at_least=0.0, at_most=1.0, doc="probability", known_as=("prob",))
_MODE: Any = arg(
    default="constant",
    choices=("constant", "reflect", "replicate", "circular"),
    doc="what comes in at the edges: `fill`, a mirror, copies of the edge, or the other end",
    known_as=("padding_mode", "fill_mode"),
)
_FILL: Any = arg(
    default=0.0,
    doc="the number that comes in at the edges, in the data's own units",
    known_as=("fill_value", "value", "cval"),
)


class Moving(Augmentation, abstract=True):
    """Moves what is in a sample to other places. Targets that are told for each place of a picture
    move as it does.
    """

    def apply(self, seen: Seen, draws: Draws) -> Seen:
        data = draws.data
        fill = data.as_inputs(getattr(self, "fill", 0.0)).to(seen.inputs)
        inputs = self.moved(seen.inputs, draws, fill)
        if not data.targets_move:
            return seen.replace(inputs=inputs)
        targets = seen.targets
        if targets.is_floating_point():
            targets = self.moved(targets, draws, fill)
        else:
            numbers = self.moved(targets.to(inputs.dtype), draws, float(NO_CLASS), exact=True)
            targets = numbers.to(targets.dtype)
        mixed = None if seen.mixed is None else self.moved(seen.mixed, draws, fill)
        return Seen(inputs, targets, mixed)

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        return self.moved(x, draws, draws.data.as_inputs(getattr(self, "fill", 0.0)).to(x))

    @abstractmethod
    def moved(self, x: Tensor, draws: Draws, fill: Tensor | float, exact: bool = False) -> Tensor:
        """The numbers in their new places; where an ``exact`` one is needed, none that lies between
        others. ``fill`` comes in at the edges.
        """

    def remark(
        self, found: Description, losses: Sequence[Loss], data: DataSet | None
    ) -> Remark | None:
        if not is_picture(found):
            help = "leave it out"
            side = math.isqrt(found.input.size)
            if (
                data
                and "shape" in data.values
                and side >= _LEAST
                and [side * side] == [*found.input.sizes]
            ):
                help = f"let the data make pictures of the rows, by `shape=[1, {side}, {side}]`"
            return Remark(f"moves what is in a picture, and {about(found)}", help)
        return self._of_targets(found, losses)

    def _of_targets(self, found: Description, losses: Sequence[Loss]) -> Remark | None:
        """What speaks against it where targets move, too, if they can."""
        mode = getattr(self, "mode", "")
        if mode != "constant" or not has_places(found):
            return None
        if found.classes is not None and all(one.skips for one in losses):
            return None
        if found.target_shape == found.input.sizes and found.classes is None:
            return None
        what = "nothing says what is to be told of the places that come in at the edges"
        return Remark(f"moves the targets, too, and {what}", 'write `mode="reflect"`', True)


class Flip(
    Moving,
    known_as=("RandomHorizontalFlip", "HorizontalFlip", "RandomVerticalFlip", "VerticalFlip"),
    like=("RandomFlip", "Mirror"),
    elsewhere={"RandomVerticalFlip": {"dim": "-2"}, "VerticalFlip": {"dim": "-2"}},
):
    """With probability p, the other way round along a dimension: a picture as in a mirror, or with
    `dim=-2` upside down.
    """

    p: float = _P
    dim: int = arg(
        default=-1,
        doc="the dimension along which it is turned, counted as torch does",
        known_as=("axis",),
    )

    examples = (("Flip", (1, 3, 4)), ("Flip(dim=-2)", (4, 3)), ("Flip(p=1, dim=2)", (2, 3, 3)))

    def moved(self, x: Tensor, draws: Draws, fill: Tensor | float, exact: bool = False) -> Tensor:
        return flipped(x, draws.uniform("flip") < self.p, from_the_end(self.dim, draws))

    def remark(
        self, found: Description, losses: Sequence[Loss], data: DataSet | None
    ) -> Remark | None:
        return super().remark(found, losses, data) or _of_dims((self.dim,), found)


class Crop(
    Moving,
    like=("RandomCrop", "RandomTranslation", "RandomResizedCrop", "PadIfNeeded"),
):
    """A window of the picture's own size, anywhere in the picture with a border of ``padding``
    around it: all is moved by as much, up or down and to a side.

    Source: He et al. 2015, whose pictures of 32 x 32 have a border of 4.
    """

    padding: int = arg(default=4, at_least=1, doc="the width of the border", known_as=("pad",))
    mode: str = _MODE
    fill: float = _FILL

    examples = (
        ("Crop(1)", (1, 3, 4)),
        ("Crop(2, fill=1)", (2, 5, 5)),
        ('Crop(2, mode="reflect")', (4, 4)),
    )

    def moved(self, x: Tensor, draws: Draws, fill: Tensor | float, exact: bool = False) -> Tensor:
        for dim in (-2, -1):
            by = draws.below(f"dimension {dim}", 2 * self.padding + 1) - self.padding
            x = shifted(x, by, dim, self.mode, fill)
        return x

    def remark(
        self, found: Description, losses: Sequence[Loss], data: DataSet | None
    ) -> Remark | None:
        wrong = super().remark(found, losses, data)
        return wrong or _too_far(self.padding, found.input.sizes[-2:], "a smaller `padding`")


class Shift(Moving, like=("TimeShift", "RandomShift", "Roll")):
    """Moved along a dimension by a number of places, up to ``by`` in either direction: a sequence
    begins earlier or later.
    """

    by: Size = arg(doc="the most places", known_as=("shift", "max_shift"))
    dim: int = arg(
        default=1,
        doc="the dimension along which it is moved, counted as torch does: 1 is a sample's first",
        known_as=("axis",),
    )
    mode: str = _MODE
    fill: float = _FILL

    examples = (
        ("Shift(2)", (5, 3)),
        ("Shift(1, dim=2)", (2, 4)),
        ('Shift(3, dim=-1, mode="circular")', (1, 4, 4)),
    )

    def moved(self, x: Tensor, draws: Draws, fill: Tensor | float, exact: bool = False) -> Tensor:
        by = draws.below("by", 2 * self.by + 1) - self.by
        return shifted(x, by, from_the_end(self.dim, draws), self.mode, fill)

    def remark(
        self, found: Description, losses: Sequence[Loss], data: DataSet | None
    ) -> Remark | None:
        sizes = found.input.sizes
        if not is_picture(found) and (
            found.columns or found.input.vocabulary is not None or found.inputs
        ):
            help = "leave it out: it is for pictures and sequences"
            return Remark(f"moves what is in a sequence, and {about(found)}", help)
        if found.input.padded:
            help = "leave it out: how long each of them is would no longer be right"
            return Remark(f"moves sequences, and {about(found)}", help)
        if wrong := self._of_targets(found, losses) or _of_dims((self.dim,), found):
            return wrong
        at = self.dim - 1 if self.dim > 0 else self.dim
        return _too_far(self.by, [sizes[at]], "a smaller `by`, or another `dim`")


class Rotate(Moving, like=("RandomRotation", "Rotation", "RandomAffine", "Affine")):
    """A picture turned about its middle, by an angle of up to so many ``degrees`` in either
    direction. Numbers lie between those of the four pixels around them.

    Source: bilinear interpolation.
    """

    degrees: float = arg(
        default=10.0,
        above=0.0,
        at_most=180.0,
        doc="the largest angle",
        known_as=("angle", "max_angle", "limit"),
    )
    mode: str = _MODE
    fill: float = _FILL

    examples = (
        ("Rotate(15)", (1, 5, 5)),
        ('Rotate(180, mode="replicate")', (2, 3, 5)),
        ('Rotate(30, mode="reflect")', (4, 4)),
    )

    def moved(self, x: Tensor, draws: Draws, fill: Tensor | float, exact: bool = False) -> Tensor:
        angle = draws.symmetric("angle", math.radians(self.degrees))
        return turned(x, angle, torch.ones_like(angle), self.mode, fill, exact)

    def remark(
        self, found: Description, losses: Sequence[Loss], data: DataSet | None
    ) -> Remark | None:
        return super().remark(found, losses, data) or _not_circular(self.mode)


class Zoom(Moving, known_as=("RandomZoom",), like=("RandomScale", "ScaleJitter", "Rescale")):
    """A picture enlarged about its middle by a factor between 1 - by and 1 + by, or made smaller.

    Source: bilinear interpolation.
    """

    by: float = arg(
        default=0.1,
        above=0.0,
        below=1.0,
        doc="how far the factor is from 1, at most",
        known_as=("factor", "scale", "height_factor"),
    )
    mode: str = _MODE
    fill: float = _FILL

    examples = (("Zoom(0.5)", (1, 4, 5)), ('Zoom(0.2, mode="reflect")', (2, 3, 3)))

    def moved(self, x: Tensor, draws: Draws, fill: Tensor | float, exact: bool = False) -> Tensor:
        factor = 1 + draws.symmetric("factor", self.by)
        return turned(x, torch.zeros_like(factor), factor, self.mode, fill, exact)

    def remark(
        self, found: Description, losses: Sequence[Loss], data: DataSet | None
    ) -> Remark | None:
        return super().remark(found, losses, data) or _not_circular(self.mode)


def _of_dims(dims: Sequence[int], found: Description) -> Remark | None:
    """What speaks against moving along these dimensions, counted as torch does."""
    rank = len(found.input.sizes)
    for dim in dims:
        at = dim if dim > 0 else dim + rank + 1
        if not 1 <= at <= rank:
            those = f"dimensions 1 to {rank}" if rank > 1 else "dimension 1 alone"
            return Remark(
                f"moves along dimension {dim}, and a sample has {those}",
                "write `dim=-1`, the last one",
            )
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


def _not_circular(mode: str) -> Remark | None:
    if mode != "circular":
        return None
    reason = 'has `mode="circular"`, and what is turned or enlarged does not go round'
    return Remark(reason, 'write `mode="reflect"`')


def from_the_end(dim: int, draws: Draws) -> int:
    """The dimension counted from the last one, -1, so that targets have it, too."""
    return dim if dim < 0 else dim - len(draws.data.description.input.sizes) - 1


def flipped(x: torch.Tensor, flips: torch.Tensor, dim: int) -> torch.Tensor:
    """Those samples that ``flips`` says the other way round along a dimension.

    Shape: [N, *], [N] bool -> [N, *].
    """
    return torch.where(flips.view(-1, *[1] * (x.dim() - 1)), x.flip(dim), x)


def shifted(
    x: torch.Tensor,
    by: torch.Tensor,
    dim: int,
    mode: str,
    fill: torch.Tensor | float,
) -> torch.Tensor:
    """Each sample moved along a dimension ``by`` a number of places of its own, fewer than it has.

    Shape: [N, *], [N] int64 -> [N, *].
    """
    size = x.shape[dim]
    at = torch.arange(size, device=x.device) + by.view(-1, 1)
    within = (at >= 0) & (at < size)
    if mode == "reflect":
        at = size - 1 - (size - 1 - at.abs()).abs()
    elif mode == "circular":
        at = at % size
    at = at.clamp(0, size - 1)
    shape = [len(x)] + [1] * (x.dim() - 1)
    shape[dim] = size
    moved = x.gather(dim, at.view(shape).expand_as(x))
    if mode != "constant":
        return moved
    return torch.where(within.view(shape), moved, torch.as_tensor(fill).to(x))


def turned(
    x: torch.Tensor,
    angle: torch.Tensor,
    factor: torch.Tensor,
    mode: str,
    fill: torch.Tensor | float,
    exact: bool,
) -> torch.Tensor:
    """Each picture turned about its middle by an angle, in radians, and enlarged by a factor.

    Shape: [N, C, H, W] or [N, H, W], [N] each -> that of x.
    """
    rows, columns = x.shape[-2:]
    down = torch.arange(rows).view(1, -1, 1).to(x) - (rows - 1) / 2
    right = torch.arange(columns).to(x) - (columns - 1) / 2
    cosine = (torch.cos(angle) / factor).view(-1, 1, 1)
    sine = (torch.sin(angle) / factor).view(-1, 1, 1)
    # From where in the picture each pixel comes, in halves of its sides.
    across = (cosine * right - sine * down) / max((columns - 1) / 2, 0.5)
    along = (sine * right + cosine * down) / max((rows - 1) / 2, 0.5)
    borders = {"constant": 0, "replicate": 1, "reflect": 2}[mode]
    fill = torch.as_tensor(fill).to(x)
    pictures = x - fill if mode == "constant" else x
    pictures = pictures.reshape(len(x), -1, rows, columns)
    places = torch.stack([across, along], -1)
    found = torch.grid_sampler_2d(pictures, places, int(exact), borders, True)
    return (found.view_as(x) + fill) if mode == "constant" else found.view_as(x)
