"""Layers that make pictures and sequences larger: between their numbers, or around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.along_axes import AlongAxes, Sources, copies, interpolated
from netlang.catalogue.layers.windowed import check_counts, of_pictures, per_axis
from netlang.catalogue.modules import Window
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Upsample(AlongAxes, known_as=("UpSampling2D", "UpSampling1D", "Resize", "Interpolate")):
    """The picture with more numbers: copies of the nearest one, or what lies in between.

    ``"bilinear"`` goes in a straight line from number to number, along one axis and then along the
    other. Each number lies in the middle of its share of the picture; with ``align_corners``, those
    at the corners lie there.

    Shape: [N, C, H, W] -> [N, C, scale_factor·H, scale_factor·W], or [N, C, *output_size];
    sequences [N, C, L] likewise.  Source: Odena et al. 2016; the chain rule.
    """

    scale_factor: int | tuple[int, ...] = arg(
        default=2,
        at_least=1,
        doc="how many times larger each axis becomes, if `output_size` does not say it",
        known_as=("factor", "scale"),
    )
    output_size: int | tuple[int, ...] | None = arg(
        default=None, at_least=1, doc="the size that each axis gets", known_as=("size",)
    )
    mode: str = arg(
        default="nearest",
        choices=("nearest", "bilinear"),
        doc="where new numbers come from",
        known_as=("interpolation",),
    )
    align_corners: bool = arg(
        default=False, doc="whether `bilinear` keeps the numbers at the corners where they are"
    )

    examples = (
        ("Upsample(2)", (2, 2, 3)),
        ("Upsample([2, 3])", (1, 2, 2)),
        ("Upsample(3)", (2, 4)),
        ("Upsample(output_size=[4, 3])", (1, 3, 5)),
        ('Upsample(2, mode="bilinear")', (2, 3, 2)),
        ('Upsample(output_size=5, mode="bilinear", align_corners=true)', (1, 3, 4)),
    )

    def infer(self, x: Shape) -> Shape:
        if len(x.sample) not in (2, 3):
            reason = f"takes pictures [N, C, H, W] or sequences [N, C, L], and its input is {x}"
            help = "put `Unflatten([C, H, W]) ->` in front, with the sizes of the pictures"
            raise ShapeError(of_pictures(2), reason=reason, help=help)
        check_counts(x, self, len(x.sample) - 1)
        if self.align_corners and self.mode == "nearest":
            reason = "has `align_corners`, and only `bilinear` lies between the corners"
            raise ShapeError(x, reason=reason, help='add `mode="bilinear"`, or leave it out')
        axes = len(x.sample) - 1
        if self.output_size is not None:
            return Shape.of(x.dim(0), *per_axis(self, "output_size", axes))
        factors = enumerate(per_axis(self, "scale_factor", axes), 1)
        return Shape.of(x.dim(0), *(_times(x.dim(at), factor) for at, factor in factors))

    def solve(self, y: Shape, *x: Shape) -> None:
        axes = len(y.sample) - 1
        if self.output_size is None:
            for at, factor in enumerate(per_axis(self, "scale_factor", axes), 1):
                size = y.dim(at)
                if isinstance(size, int) and size >= factor:
                    unify(x[0].dim(at), size // factor)

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        kernel = 1 if self.mode == "nearest" else 2
        sizes = x[0].sizes[1:]
        each = zip(sizes, self._sizes(sizes), strict=True)
        return tuple(Window(kernel, size, finer=count) for size, count in each)

    def macs(self, x: Shape) -> int:
        """Each number in between is made of two, along each axis."""
        return 0 if self.mode == "nearest" else self.infer(x).size * 2 ** (len(x.sample) - 1)

    def sources(self, x: Sequence[int]) -> list[Sources]:
        each = zip(x[1:], self._sizes(x[1:]), strict=True)
        return [self._along(size, count) for size, count in each]

    def _sizes(self, x: Sequence[int]) -> tuple[int, ...]:
        """What axes of the sizes ``x`` become."""
        if self.output_size is not None:
            return per_axis(self, "output_size", len(x))
        factors = per_axis(self, "scale_factor", len(x))
        return tuple(size * factor for size, factor in zip(x, factors, strict=True))

    def _along(self, size: int, count: int) -> Sources:
        """What ``count`` outputs are made of, by where on an axis of ``size`` inputs each lies."""
        outputs = torch.arange(count, device="cpu")
        if self.mode == "nearest":
            return copies(outputs * size // count)
        if self.align_corners:
            return interpolated(outputs.double() * ((size - 1) / max(1, count - 1)), size)
        places = (outputs.double() + 0.5) * (size / count) - 0.5
        return interpolated(places.clamp(0, size - 1), size)


class Pad(
    AlongAxes,
    known_as=("ZeroPadding2D", "ZeroPad2d", "ConstantPad2d", "ReflectionPad2d", "ReplicationPad2d"),
):
    """The input with borders around it.

    ``"constant"`` makes them of ``value``, ``"reflect"`` of what lies within, as a mirror in the
    outermost row shows it, ``"replicate"`` of copies of that row.

    Shape: [N, C, H, W] -> [N, C, H + top + bottom, W + left + right]; sequences [N, C, L] likewise.
    Source: the chain rule; a number gets the gradients of all its copies.
    """

    padding: int | tuple[int, ...] = arg(
        at_least=0,
        doc="the width of the borders, or `[left, right, top, bottom]`; of the last axis alone by "
        "two numbers",
        known_as=("pad", "pad_width"),
    )
    mode: str = arg(
        default="constant",
        choices=("constant", "reflect", "replicate"),
        doc="what the borders are made of",
    )
    value: float = arg(
        default=0.0, doc="what a constant border is made of", known_as=("constant_values",)
    )

    examples = (
        ("Pad(1)", (2, 2, 3)),
        ("Pad([1, 0, 2, 1], value=0.5)", (1, 2, 3)),
        ("Pad([2, 1])", (4,)),
        ('Pad(1, mode="reflect")', (1, 2, 3)),
        ('Pad([2, 0], mode="reflect")', (2, 2, 3)),
        ('Pad([1, 2, 0, 1], mode="replicate")', (1, 2, 3)),
    )

    def infer(self, x: Shape) -> Shape:
        axes = len(x.sample) - 1
        if isinstance(self.padding, tuple) and len(self.padding) not in (2, 4):
            reason = f"takes one number for `padding`, 2 or 4, and gets {len(self.padding)}"
            raise ShapeError(x, reason=reason, help="write `[left, right, top, bottom]`")

        borders = self.borders(axes)
        if len(borders) > max(1, axes):
            reason = f"has a `padding` for {len(borders)} axes, and its input is {x}"
            raise ShapeError(
                x, reason=reason, help="write two numbers for each axis, the last first"
            )
        sizes = list(x.sample)
        for at, (before, after) in enumerate(borders, len(sizes) - len(borders)):
            size = x.dim(at)
            if self.mode == "reflect" and isinstance(size, int) and max(before, after) >= size:
                reason = (
                    f"mirrors {max(before, after)} numbers, and an axis of its input has {size}"
                )
                help = "take a smaller `padding`: the outermost number is not mirrored"
                raise ShapeError(x, reason=reason, help=help)
            if before or after:
                sizes[at] = size + before + after if isinstance(size, int) else Unknown()
        return Shape(tuple(sizes))

    def borders(self, axes: int) -> list[tuple[int, int]]:
        """The borders before and behind each of the last axes, of ``axes`` behind the channels."""
        if isinstance(self.padding, int):
            return [(self.padding, self.padding)] * max(1, axes)
        pairs = zip(self.padding[::2], self.padding[1::2], strict=True)
        return [*pairs][::-1]

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        return (Window(1),) * (len(x[0].sample) - 1)

    def forward(self, x: Tensor) -> Tensor:
        if self.mode != "constant":
            return super().forward(x)
        borders = self.borders(x.dim() - 2)
        self.saved = x.shape
        return torch.constant_pad_nd(x, [n for pair in reversed(borders) for n in pair], self.value)

    def backward(self, dy: Tensor) -> Tensor:
        if self.mode != "constant":
            return super().backward(dy)
        borders = self.borders(dy.dim() - 2)
        for at, (before, _) in enumerate(borders, dy.dim() - len(borders)):
            dy = dy.narrow(at, before, self.saved[at])
        return dy

    def sources(self, x: Sequence[int]) -> list[Sources]:
        borders = self.borders(len(x) - 1)
        each = zip(borders, x[-len(borders) :], strict=True)
        return [copies(self._places(*ends, size)) for ends, size in each]

    def _places(self, before: int, after: int, size: int) -> Tensor:
        """The input that each output is a copy of.  Shape: [outputs]."""
        places, last = torch.arange(-before, size + after, device="cpu"), size - 1
        if self.mode == "replicate":
            return places.clamp(0, last)
        return last - (last - places.abs()).abs()


def _times(size: Dim, factor: int) -> Dim:
    if factor == 1:
        return size
    return size * factor if isinstance(size, int) else Unknown()
