"""Pools: a window of a sequence or a picture becomes one number, in each channel by itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.along_axes import AlongAxes, averages
from netlang.catalogue.layers.sources import EqualParts, Sources
from netlang.catalogue.layers.windowed import (
    Windowed,
    by,
    check_axes,
    check_counts,
    of_pictures,
    per_axis,
)
from netlang.catalogue.modules import Layer, Sight, Window
from netlang.language.diagnostics.wording import counted
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class _Pool(Windowed, abstract=True):
    """What pools of a given window have in common."""

    kernel_size: int | tuple[int, ...] = arg(
        at_least=1,
        doc="size of the window, one number for all axes or one for each",
        known_as=("kernel", "pool_size", "window"),
    )
    stride: int | tuple[int, ...] | None = arg(
        default=None,
        at_least=1,
        doc="how far apart neighbouring windows are; `none` is the size of the window",
        known_as=("strides",),
    )
    padding: int | tuple[int, ...] = arg(
        default=0, at_least=0, doc="how much longer each end of an axis is made", known_as=("pad",)
    )

    def infer(self, x: Shape) -> Shape:
        self.check_axes(x)
        windows = self.along_axes()
        if any(one.before > one.kernel // 2 for one in windows):
            padding, kernel = (
                by([one.before for one in windows]),
                by([one.kernel for one in windows]),
            )
            reason = f"has a padding of {padding}, more than half of its kernel, {kernel}"
            most = by([one.kernel // 2 for one in windows])
            help = f"make it {most} at most, so that no window lies in the padding alone"
            raise ShapeError(x, reason=reason, help=help)
        return self.outputs(x, x.dim(0))

    def pool_windows(self, dilations: tuple[int, ...], ceil: bool) -> tuple[Window, ...]:
        kernel, padding = self.per_axis("kernel_size"), self.per_axis("padding")
        stride = kernel if self.stride is None else self.per_axis("stride")
        each = zip(kernel, stride, padding, padding, dilations, strict=True)
        return tuple(Window(*one, ceil) for one in each)


class _MaxPool(_Pool, abstract=True):
    dilation: int | tuple[int, ...] = arg(
        default=1, at_least=1, doc="how far apart neighbouring inputs of a window are"
    )
    ceil_mode: bool = arg(default=False, doc="whether a last window may go beyond the end")

    def along_axes(self) -> tuple[Window, ...]:
        return self.pool_windows(self.per_axis("dilation"), self.ceil_mode)

    def infer(self, x: Shape) -> Shape:
        y = super().infer(x)
        for at, window in enumerate(self.along_axes(), 1):
            size = x.dim(at)
            if isinstance(size, int) and window.steps_over(size):
                reason = f"has a window in the padding alone: a dilation of {window.dilation} steps"
                reason += f" over {counted(size, 'number')}"
                raise ShapeError(x, reason=reason, help="make `dilation` or `padding` smaller")
        return y

    def forward(self, x: Tensor) -> Tensor:
        windows = self.along_axes()
        if self.axes == 1:
            windows = (Window(1), *windows)
        each = [(one.kernel, one.stride, one.before, one.dilation) for one in windows]
        options = (*map(list, zip(*each, strict=True)), self.ceil_mode)
        plane = x.unsqueeze(2) if self.axes == 1 else x
        y: Tensor
        y, places = torch.ops.aten.max_pool2d_with_indices(plane, *options)
        self.saved = x.shape, places.flatten(2)
        return y.squeeze(2) if self.axes == 1 else y

    def backward(self, dy: Tensor) -> Tensor:  # each window's gradient goes to its largest input
        shape: tuple[int, ...] = self.saved[0]
        places: Tensor = self.saved[1]
        dx = dy.new_zeros(*shape[:2], math.prod(shape[2:]))
        return dx.scatter_add_(2, places, dy.flatten(2)).view(shape)


class MaxPool1d(_MaxPool, known_as=("MaxPooling1D",)):
    """The largest number of each window. With padding, -∞ lies at the ends.

    Shape: [N, C, L] -> [N, C, L'], where L' is (L + 2·padding - dilation·(kernel_size - 1) - 1)
    // stride + 1.  Source: Yamaguchi et al. 1990; the first of equal numbers gets the gradient.
    """

    axes = 1
    examples = (
        ("MaxPool1d(2)", (2, 5)),
        ("MaxPool1d(3, stride=2, padding=1, dilation=2, ceil_mode=true)", (1, 8)),
    )


class MaxPool2d(_MaxPool, known_as=("MaxPooling2D", "MaxPool", "MaxPooling")):
    """The largest number of each window. With padding, -∞ lies at the borders.

    Shape: [N, C, H, W] -> [N, C, H', W'], where H' is (H + 2·padding - dilation·(kernel_size - 1)
    - 1) // stride + 1, and W' likewise.  Source: Yamaguchi et al. 1990; the first of equal numbers
    gets the gradient.
    """

    axes = 2
    examples = (
        ("MaxPool2d(2)", (2, 4, 5)),
        ("MaxPool2d(3, stride=2, padding=1, ceil_mode=true)", (1, 6, 5)),
        ("MaxPool2d([1, 2], stride=1, dilation=[1, 2])", (2, 2, 4)),
    )


class _AvgPool(_Pool, AlongAxes, abstract=True):
    ceil_mode: bool = arg(default=False, doc="whether a last window may go beyond the end")
    count_include_pad: bool = arg(
        default=True, doc="whether the padding counts as zeros, instead of being left out"
    )

    def along_axes(self) -> tuple[Window, ...]:
        return self.pool_windows((1,) * self.axes, self.ceil_mode)

    def sources(self, x: Tensor) -> list[Sources]:
        return [self._means(*one) for one in zip(self.along_axes(), x.shape[2:], strict=True)]

    def _means(self, window: Window, size: int) -> Sources:
        outputs = torch.arange(window.outputs(size), device="cpu")
        begins = outputs * window.stride - window.before
        ends = begins + window.kernel
        counts = ends.clamp_max(size + window.after) - begins if self.count_include_pad else None
        return averages(begins, ends, size, counts)


class AvgPool1d(_AvgPool, known_as=("AveragePooling1D", "AveragePool1d", "MeanPool1d")):
    """The mean of each window.

    Shape: [N, C, L] -> [N, C, L'], where L' is (L + 2·padding - kernel_size) // stride + 1.
    Source: LeCun et al. 1989.
    """

    axes = 1
    examples = (
        ("AvgPool1d(2)", (2, 5)),
        ("AvgPool1d(3, stride=2, padding=1, ceil_mode=true)", (1, 6)),
    )


class AvgPool2d(_AvgPool, known_as=("AveragePooling2D", "AvgPool", "AveragePool2d", "MeanPool2d")):
    """The mean of each window.

    Shape: [N, C, H, W] -> [N, C, H', W'], where H' is (H + 2·padding - kernel_size) // stride + 1,
    and W' likewise.  Source: LeCun et al. 1989.
    """

    axes = 2
    examples = (
        ("AvgPool2d(2)", (2, 4, 5)),
        ("AvgPool2d(3, stride=2, padding=1, ceil_mode=true, count_include_pad=false)", (1, 6, 5)),
        ("AvgPool2d([2, 3], stride=[1, 2], padding=[0, 1], ceil_mode=true)", (1, 3, 6)),
    )


class AdaptiveAvgPool2d(AlongAxes, known_as=("AdaptiveAveragePool2D",)):
    """The mean of each of ``output_size`` windows, which lie evenly over the picture.

    Along an axis of n inputs, window i of m goes from n·i/m, rounded down, to n·(i + 1)/m, rounded
    up.

    Shape: [N, C, H, W] -> [N, C, *output_size].  Source: He et al. 2014.
    """

    output_size: int | tuple[int, ...] = arg(
        at_least=1, doc="height and width of the output; one number is both", known_as=("size",)
    )

    examples = (
        ("AdaptiveAvgPool2d(1)", (2, 3, 4)),
        ("AdaptiveAvgPool2d([2, 3])", (1, 5, 4)),
        ("AdaptiveAvgPool2d(4)", (1, 3, 4)),
    )

    def infer(self, x: Shape) -> Shape:
        check_counts(x, self, 2)
        check_axes(x, 2)
        return Shape.of(x.dim(0), *self._sizes())

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        each = zip(x[0].sizes[1:], self._sizes(), strict=True)
        return tuple(Window(-(-size // count), size, finer=count) for size, count in each)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim == 0:
            return Sight(dim)
        size, count = x[0].sizes[dim], self._sizes()[dim - 1]
        ends = [(size * i // count, -(-size * (i + 1) // count)) for i in range(count)]
        return Sight(dim, tuple(range(*one) for one in ends))

    def sources(self, x: Tensor) -> list[Sources | EqualParts]:
        return [self._means(*one) for one in zip(x.shape[2:], self._sizes(), strict=True)]

    def _means(self, size: int, count: int) -> Sources | EqualParts:
        if size % count == 0:
            return EqualParts(count)
        outputs = torch.arange(count, device="cpu")
        return averages(outputs * size // count, -((outputs + 1) * -size // count), size)

    def _sizes(self) -> tuple[int, ...]:
        return per_axis(self, "output_size", 2)


class GlobalAvgPool(
    Layer,
    known_as=("GlobalAveragePooling2D", "GlobalAvgPool2d", "GAP"),
):
    """The mean of each channel.

    Shape: [N, C, *] -> [N, C].  Source: Lin et al. 2013.
    """

    examples = (("GlobalAvgPool", (2, 3, 4)), ("GlobalAvgPool", (3, 5)))

    def infer(self, x: Shape) -> Shape:
        if len(x.sample) < 2:
            reason = f"takes pictures [N, C, H, W], and its input is {x}"
            help = "leave it out: each channel is one number"
            raise ShapeError(of_pictures(2), reason=reason, help=help)
        return Shape.of(x.dim(0))

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        return tuple(Window(size, size) for size in x[0].sizes[1:])

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim else Sight(dim)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        return x.flatten(2).mean(2)

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1/n for each of the n numbers of a channel
        shape: tuple[int, ...] = self.saved
        ones = [1] * (len(shape) - 2)
        return (dy / math.prod(shape[2:])).view(*dy.shape, *ones).expand(shape)
