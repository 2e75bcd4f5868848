"""Layers that make pictures and sequences larger: between their numbers, or around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.along_axes import AlongAxes, copies, interpolated
from netlang.catalogue.layers.sources import Sources
from netlang.catalogue.layers.windowed import by, check_counts, of_pictures, per_axis
from netlang.catalogue.modules import Layer, Sight, Window
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Upsample(AlongAxes, known_as=("Interpolate",), like=("Resize",)):
    """The picture with more numbers: copies of the nearest one, or what lies in between.

    ``"linear"`` goes in a straight line from number to number of a sequence; ``"bilinear"`` does so
    in a picture, along one axis and then along the other. Each number lies in the middle of its
    share of the picture; with ``align_corners``, those at the corners lie there.

    Shape: [N, C, H, W] -> [N, C, scale_factor·H, scale_factor·W], rounded down, or [N, C, *size];
    sequences [N, C, L] likewise.  Source: Odena et al. 2016; the chain rule.
    """

    output_size: int | tuple[int, ...] | None = arg(
        default=None,
        alias="size",
        at_least=1,
        doc="the size that each axis gets",
        known_as=("output_size",),
    )
    scale_factor: float | tuple[float, ...] | None = arg(
        default=None,
        above=0.0,
        doc="how many times larger each axis becomes, if `size` does not say it",
        known_as=("factor", "scale"),
    )
    mode: str = arg(
        default="nearest",
        choices=("nearest", "linear", "bilinear"),
        doc="where new numbers come from",
        known_as=("interpolation",),
    )
    align_corners: bool = arg(
        default=False,
        doc="whether `linear` and `bilinear` keep the numbers at the corners where they are",
    )

    examples = (
        ("Upsample([4, 3])", (1, 3, 5)),
        ("Upsample(scale_factor=2)", (2, 2, 3)),
        ("Upsample(scale_factor=[2, 1.5])", (1, 2, 3)),
        ("Upsample(scale_factor=2.6)", (2, 4)),
        ('Upsample(scale_factor=1.5, mode="linear")', (2, 5)),
        ('Upsample(scale_factor=2, mode="bilinear")', (2, 3, 2)),
        ('Upsample(5, mode="bilinear", align_corners=true)', (1, 3, 4)),
    )

    def infer(self, x: Shape) -> Shape:
        axes = len(x.sample) - 1
        if axes not in (1, 2):
            reason = f"takes pictures [N, C, H, W] or sequences [N, C, L], and its input is {x}"
            help = "put `Unflatten([C, H, W]) ->` in front, with the sizes of the pictures"
            raise ShapeError(of_pictures(2), reason=reason, help=help)
        check_counts(x, self, axes)
        if wrong := self._contradiction(axes):
            raise ShapeError(x, reason=wrong[0], help=wrong[1])
        if self.output_size is not None:
            return Shape.of(x.dim(0), *per_axis(self, "output_size", axes))
        factors = enumerate(per_axis(self, "scale_factor", axes), 1)
        sizes = [_times(x.dim(at), factor) for at, factor in factors]
        if 0 in sizes:
            reason = f"leaves nothing of {by(x.sample[1:])}: its output would be {by(sizes)}"
            raise ShapeError(x, reason=reason, help="make `scale_factor` larger")
        return Shape.of(x.dim(0), *sizes)

    def _contradiction(self, axes: int) -> tuple[str, str] | None:
        """What is wrong with the arguments for an input of so many axes, and what to do."""
        between = {1: "linear", 2: "bilinear"}[axes]
        if self.output_size is None and self.scale_factor is None:
            return (
                "has no size to make",
                "write `scale_factor=2`, or `size=` with that of each axis",
            )
        if self.output_size is not None and self.scale_factor is not None:
            return "has both a `size` and a `scale_factor`", "leave one of them out"
        if self.mode not in ("nearest", between):
            what = {1: "a sequence", 2: "a picture"}[axes]
            return f'has `mode="{self.mode}"` for {what}', f'write `mode="{between}"`'
        if self.align_corners and self.mode == "nearest":
            help = f'add `mode="{between}"`, or leave it out'
            return f"has `align_corners`, and only `{between}` lies between the corners", help
        return None

    def solve(self, y: Shape, *x: Shape) -> None:
        if self.output_size is not None or self.scale_factor is None:
            return
        for at, factor in enumerate(per_axis(self, "scale_factor", len(y.sample) - 1), 1):
            size = y.dim(at)
            if isinstance(size, int) and factor >= 1:  # no other size becomes that one
                found = int(size / factor)
                unify(x[0].dim(at), found + (int(found * factor) < size))

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        kernel = 1 if self.mode == "nearest" else 2
        sizes = x[0].sizes[1:]
        each = zip(sizes, self.infer(*x).sizes[1:], strict=True)
        return tuple(Window(kernel, size, finer=count) for size, count in each)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim == 0:
            return Sight(dim)
        size, step = x[0].sizes[dim], self.steps(x[0])[dim - 1]
        found = []
        for output in range(self.infer(*x).sizes[dim]):
            at = output * step
            if self.mode != "nearest" and not self.align_corners:
                at = min(max((output + 0.5) * step - 0.5, 0), size - 1)
            first = min(int(at), size - 1)
            is_between = self.mode != "nearest" and at > first
            found.append(range(first, min(first + 1 + is_between, size)))
        return Sight(dim, tuple(found))

    def macs(self, x: Shape) -> int:
        """Each number in between is made of two, along each axis."""
        return 0 if self.mode == "nearest" else self.infer(x).size * 2 ** (len(x.sample) - 1)

    def sources(self, x: Tensor) -> list[Sources]:
        shape = Shape(tuple(x.shape[1:]))
        each = zip(x.shape[2:], self.infer(shape).sizes[1:], self.steps(shape), strict=True)
        return [self._along(*one, x.dtype) for one in each]

    def steps(self, x: Shape) -> list[float]:
        """How far apart outputs lie along each axis, in inputs."""
        sizes, counts = x.sizes[1:], self.infer(x).sizes[1:]
        each = zip(sizes, counts, strict=True)
        if self.align_corners:
            return [(size - 1) / max(1, count - 1) for size, count in each]
        if self.output_size is not None:
            return [size / count for size, count in each]
        factors = per_axis(self, "scale_factor", len(sizes))
        return [
            size / count if self._comes_out_even(size, count, len(sizes)) else 1 / factor
            for (size, count), factor in zip(each, factors, strict=True)
        ]

    def _comes_out_even(self, size: int, count: int, axes: int) -> bool:
        """Whether torch takes ``count`` outputs of ``size`` inputs as they are, instead of the
        factor that they are rounded down from: 2 of 2 by 1.3, or 4 of 2 by 2.1.
        """
        if self.mode == "nearest":
            return axes == 2 and count in (size, 2 * size)
        return count == size

    def _along(self, size: int, count: int, step: float, dtype: torch.dtype) -> Sources:
        """What ``count`` outputs are made of, which lie a ``step`` apart on an axis of ``size``
        inputs.
        """
        outputs = torch.arange(count, device="cpu", dtype=torch.float64)
        if self.mode == "nearest":  # rounded as torch does it: else a twin may copy a neighbour
            kind = torch.promote_types(dtype, torch.float32)
            places = outputs.to(kind) * torch.tensor(step, dtype=kind, device="cpu")
            return copies(places.float().floor().long().clamp_max(size - 1))
        if self.align_corners:
            return interpolated(outputs * step, size)
        return interpolated(((outputs + 0.5) * step - 0.5).clamp(0, size - 1), size)


class Pad(
    Layer,
    known_as=(
        *("ZeroPadding1D", "ZeroPadding2D", "ZeroPad1d", "ZeroPad2d", "ConstantPad1d"),
        *("ConstantPad2d", "ReflectionPad1d", "ReflectionPad2d", "ReplicationPad1d"),
        *("ReplicationPad2d", "CircularPad1d", "CircularPad2d"),
    ),
    elsewhere={
        **{name: {"mode": '"reflect"'} for name in ("ReflectionPad1d", "ReflectionPad2d")},
        **{name: {"mode": '"replicate"'} for name in ("ReplicationPad1d", "ReplicationPad2d")},
        **{name: {"mode": '"circular"'} for name in ("CircularPad1d", "CircularPad2d")},
    },
):
    """The input with borders around it.

    ``"constant"`` makes them of ``value``, ``"reflect"`` of what lies within, as a mirror in the
    outermost row shows it, ``"replicate"`` of copies of that row, ``"circular"`` of what lies at
    the other end.

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
        choices=("constant", "reflect", "replicate", "circular"),
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
        ('Pad([2, 3, 1, 0], mode="circular")', (1, 2, 3)),
    )

    def infer(self, x: Shape) -> Shape:
        axes = len(x.sample) - 1
        if not x.sample:
            reason = "puts borders around rows of numbers, and a sample of its input is one number"
            raise ShapeError(x.of_rank(1), reason=reason, help="leave it out")
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
            if isinstance(size, int) and (wrong := self._too_wide(max(before, after), size)):
                reason = f"{wrong[0]}, and an axis of its input has {size}"
                raise ShapeError(x, reason=reason, help=f"take a smaller `padding`{wrong[1]}")
            if before or after:
                sizes[at] = size + before + after if isinstance(size, int) else Unknown()
        return Shape(tuple(sizes))

    def _too_wide(self, border: int, size: int) -> tuple[str, str] | None:
        """What is wrong with a ``border`` of an axis, and more about what to do."""
        if self.mode == "reflect" and border >= size:
            return f"mirrors {border} numbers", ": the outermost number is not mirrored"
        if self.mode == "circular" and border > size:
            return f"takes {border} numbers from the other end", ""
        return None

    def borders(self, axes: int) -> list[tuple[int, int]]:
        """The borders before and behind each of the last axes, of ``axes`` behind the channels."""
        if isinstance(self.padding, int):
            return [(self.padding, self.padding)] * max(1, axes)
        pairs = zip(self.padding[::2], self.padding[1::2], strict=True)
        return [*pairs][::-1]

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        return (Window(1),) * (len(x[0].sample) - 1)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        rank, size = len(x[0].sample), x[0].sizes[dim]
        borders = self.borders(rank - 1)
        if dim < rank - len(borders):
            return Sight(dim)
        before, after = borders[dim - rank]
        places = [self._inner(place, size) for place in range(-before, size + after)]
        return Sight(dim, tuple(range(0) if p is None else range(p, p + 1) for p in places))

    def _inner(self, place: int, size: int) -> int | None:
        """The place that a border shows at ``place``, which may be beyond the ends."""
        if self.mode == "reflect":
            return size - 1 - abs(size - 1 - abs(place))
        if self.mode == "replicate":
            return min(max(place, 0), size - 1)
        if self.mode == "circular":
            return place % size
        return place if 0 <= place < size else None

    def forward(self, x: Tensor) -> Tensor:
        borders = self.borders(x.dim() - 2)
        axes = range(-len(borders), 0)
        self.saved = [*zip(axes, borders, x.shape[axes.start :], strict=True)]
        widths = [width for border in reversed(borders) for width in border]
        y = torch.constant_pad_nd(x, widths, self.value)
        for axis, border, size in self.saved:
            for copy, inner in self._copied(y, axis, border, size):
                copy.copy_(inner.flip(self._mirrored(axis)))
        return y

    def backward(self, dy: Tensor) -> Tensor:
        dx = dy if self.mode == "constant" else dy.clone()
        for axis, border, size in reversed(self.saved):
            for copy, inner in self._copied(dx, axis, border, size):
                inner.add_(copy.flip(self._mirrored(axis)).sum_to_size(inner.shape))
            dx = dx.narrow(axis, border[0], size)
        return dx

    def _copied(
        self, y: Tensor, axis: int, border: tuple[int, int], size: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Both borders of an axis, each with what it is a copy of: as many rows, which a mirror
        shows in reverse, or the outermost one.
        """
        before, after = border
        first, last = before, before + size - 1
        rows = {
            "constant": (),
            "reflect": ((first + 1, before), (last - after, after)),
            "replicate": ((first, 1), (last, 1)),
            "circular": ((last - before + 1, before), (first, after)),
        }
        for copy, inner in zip(((0, before), (last + 1, after)), rows[self.mode], strict=False):
            if copy[1]:
                yield y.narrow(axis, *copy), y.narrow(axis, *inner)

    def _mirrored(self, axis: int) -> tuple[int, ...]:
        """The axes along which copies are in reverse."""
        return (axis,) if self.mode == "reflect" else ()


def _times(size: Dim, factor: float) -> Dim:
    if factor == 1:
        return size
    return int(size * factor) if isinstance(size, int) else Unknown()
