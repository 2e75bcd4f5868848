"""Convolutions: the same few weights look at each place of a sequence or a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.convolution_map import ConvolutionMap
from netlang.catalogue.layers.initial import INITS, fill, fill_bias
from netlang.catalogue.layers.windowed import (
    Windowed,
    by,
    of_pictures,
    wrong_channels,
)
from netlang.catalogue.modules import Sight, Weight, Window
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class _Convolution(Windowed, abstract=True):
    """A convolution between a wide side and a narrow one, of which either is the input."""

    in_channels: Size = arg(
        doc="channels of the input, its first dimension behind the batch",
        known_as=("input_channels", "in_planes", "inputs"),
    )
    out_channels: Size = arg(
        doc="channels of the output, each of which has a kernel of its own",
        known_as=("filters", "output_channels", "num_filters", "planes", "outputs"),
    )
    kernel_size: int | tuple[int, ...] = arg(
        at_least=1,
        doc="size of the window, one number for all axes or one for each",
        known_as=("kernel", "filter_size"),
    )
    stride: int | tuple[int, ...] = arg(
        default=1, at_least=1, doc="how far apart neighbouring windows are", known_as=("strides",)
    )
    padding: int | str | tuple[int, ...] = arg(
        default=0,
        at_least=0,
        choices=("same", "valid"),
        doc="zeros at each end of an axis; `same` are as many as keep its size, `valid` none",
        known_as=("pad",),
    )
    dilation: int | tuple[int, ...] = arg(
        default=1,
        at_least=1,
        doc="how far apart neighbouring inputs of a window are",
        known_as=("dilation_rate",),
    )
    groups: int = arg(
        default=1,
        at_least=1,
        doc="into how many parts the channels are divided; an output sees one part alone",
    )
    with_bias: bool = arg(
        default=True,
        alias="bias",
        doc="whether each output channel has a bias",
        known_as=("use_bias",),
    )
    init: str = arg(
        default="kaiming",
        choices=INITS,
        doc="how the weights begin",
        known_as=("kernel_initializer", "kernel_init"),
    )

    bias_dim = 0

    def prepare(self) -> None:
        # Their types are said here, as those of a class's attributes are its arguments for mypy.
        self.weight: Tensor
        self.weight_grad: Tensor
        self.bias: Tensor | None = None
        self.bias_grad: Tensor

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return super().sight(dim, *x) if dim else Sight()

    def input_shape(self) -> Shape:
        return of_pictures(self.axes, self.in_channels)

    def check(self, x: Shape) -> None:
        """Raise ShapeError if it does not take ``x``, as far as that is not up to the windows."""
        self.check_axes(x, solved(self.in_channels))
        if not unify(x.dim(0), self.in_channels):
            raise wrong_channels(x, "in_channels", self.in_channels)
        for what, channels in (("input", self.in_channels), ("output", self.out_channels)):
            size = solved(channels)
            if isinstance(size, int) and size % self.groups:
                reason = f"has {self.groups} groups, which do not divide {size} {what} channels"
                raise ShapeError(x, reason=reason, help=f"make `groups` a divisor of {size}")

    def weights_between(self, narrow: int, wide: int) -> dict[str, Weight]:
        """Its weights, for so many channels on each side."""
        kernel = self.per_axis("kernel_size")
        weights = {"weight": Weight((narrow, wide // self.groups, *kernel), self._initial)}
        if self.with_bias:
            weights["bias"] = Weight((self.out_channels,), self._initial_bias, decay=False)
        return weights

    @property
    def fans(self) -> tuple[int, int]:
        """The inputs and the outputs of a weight's kernels, counted as PyTorch counts them."""
        outputs, inputs, *places = self.tensors()["weight"].shape
        return inputs * math.prod(places), outputs * math.prod(places)

    def _initial(self, values: Tensor, generator: Generator) -> None:
        fill(values, self.init, *self.fans, generator)

    def _initial_bias(self, values: Tensor, generator: Generator) -> None:
        fill_bias(values, self.init, *self.fans, generator)

    def _map(self) -> ConvolutionMap:
        return ConvolutionMap(self.along_axes(), self.groups)

    def accumulate_bias(self, dy: Tensor) -> None:
        if self.with_bias:
            self.bias_grad.add_(dy.sum((0, *range(2, dy.dim()))))


class _Conv(_Convolution, abstract=True):
    """A convolution: the input is the wide side."""

    def along_axes(self) -> tuple[Window, ...]:
        kernel, stride, dilation = map(self.per_axis, ("kernel_size", "stride", "dilation"))
        if isinstance(self.padding, str):
            spans = [each * (size - 1) for size, each in zip(kernel, dilation, strict=True)]
            whole = spans if self.padding == "same" else [0] * self.axes
            ends = [(one // 2, one - one // 2) for one in whole]
        else:
            ends = [(one, one) for one in self.per_axis("padding")]
        return tuple(
            Window(size, step, before, after, each)
            for size, step, each, (before, after) in zip(
                kernel, stride, dilation, ends, strict=True
            )
        )

    def tensors(self) -> dict[str, Weight]:
        return self.weights_between(narrow=self.out_channels, wide=self.in_channels)

    def infer(self, x: Shape) -> Shape:
        self.check(x)
        steps = self.per_axis("stride")
        if self.padding == "same" and max(steps) > 1:
            reason = (
                f'has `padding="same"`, and a stride of {by(steps)} that makes the output smaller'
            )
            half = [size // 2 for size in self.per_axis("kernel_size")]
            number = str(half[0] if len({*half}) == 1 else half)
            raise ShapeError(x, reason=reason, help=f"say how much padding: `padding={number}`")
        return self.outputs(x, self.out_channels)

    def macs(self, x: Shape) -> int:
        return math.prod(self.infer(x).sizes[1:]) * self.tensors()["weight"].size

    def forward(self, x: Tensor) -> Tensor:
        self.saved = wide = self._evened(x)
        return self._map().narrowed(wide, self.weight, self.bias)

    def backward(self, dy: Tensor) -> Tensor:
        self.accumulate(dy)
        wide: Tensor = self.saved
        sizes = [size - more for size, more in zip(wide.shape[2:], self._uneven(), strict=True)]
        each = zip(self.along_axes(), sizes, dy.shape[2:], strict=True)
        rest = [size - one.inputs(count) for one, size, count in each]
        dx = self._map().widened(dy, self.weight, None, rest)
        for at, size in enumerate(sizes, 2):
            dx = dx.narrow(at, 0, size)
        return dx

    def accumulate(self, dy: Tensor) -> None:
        self._map().accumulate(self.weight_grad, wide=self.saved, narrow=dy)
        self.accumulate_bias(dy)

    def _uneven(self) -> list[int]:
        """How much more padding each axis has at its end: 1 where an even kernel keeps the size."""
        return [one.after - one.before for one in self.along_axes()]

    def _evened(self, x: Tensor) -> Tensor:
        """``x`` with the padding that its ends do not have in common."""
        more = self._uneven()
        if not any(more):
            return x
        return torch.constant_pad_nd(x, [end for one in reversed(more) for end in (0, one)])


class Conv1d(_Conv, known_as=("Convolution1D", "LazyConv1d")):
    """y[o, p] = b[o] + Σ w[o, c, i] x[c, stride·p + dilation·i - padding], over channels and i.

    Shape: [N, in_channels, L] -> [N, out_channels, L'], where L' is
    (L + 2·padding - dilation·(kernel_size - 1) - 1) // stride + 1.  Weights: ``weight`` w
    [out_channels, in_channels / groups, kernel_size], ``bias`` b [out_channels].

    With ``padding="same"``, L' is L.  Source: Waibel et al. 1989; He et al. 2015 for the weights.
    """

    axes = 1
    examples = (
        ("Conv1d(2, 3, 3)", (2, 7)),
        ("Conv1d(2, 4, 2, stride=2, padding=1, dilation=2, groups=2)", (2, 8)),
        ('Conv1d(1, 2, 3, padding="same", bias=false)', (1, 5)),
    )


class Conv2d(_Conv, known_as=("Convolution2D", "Conv", "Convolution", "LazyConv2d")):
    """y[o, p] = b[o] + Σ w[o, c, i] x[c, stride·p + dilation·i - padding], over channels and i.

    p and i are places in a plane. Shape: [N, in_channels, H, W] -> [N, out_channels, H', W'], where
    H' is (H + 2·padding - dilation·(kernel_size - 1) - 1) // stride + 1, and W' likewise.
    Weights: ``weight`` w [out_channels, in_channels / groups, kernel_size, kernel_size],
    ``bias`` b [out_channels].

    With ``padding="same"``, H' is H, and W' is W.  Source: LeCun et al. 1989; He et al. 2015 for
    the weights.
    """

    axes = 2
    examples = (
        ("Conv2d(2, 3, 3)", (2, 5, 4)),
        ("Conv2d(1, 2, [1, 3], stride=[2, 1], padding=[1, 0])", (1, 4, 4)),
        ("Conv2d(4, 2, 2, stride=2, dilation=2, groups=2, bias=false)", (4, 6, 5)),
        ('Conv2d(2, 2, [1, 3], padding="same", init="xavier")', (2, 3, 4)),
    )


class ConvTranspose2d(
    _Convolution,
    known_as=("Conv2DTranspose", "Deconvolution", "Deconv2d", "ConvTranspose", "UpConv"),
):
    """Each input x[c, p] adds w[c, o] x[c, p] to a window of the output; biases are added to all.

    It is the transposed map of a ``Conv2d`` of the same stride, padding and kernel, by which a
    picture grows. ``output_padding`` makes the output larger at its end, where several sizes have
    the same number of windows.

    Shape: [N, in_channels, H, W] -> [N, out_channels, H', W'], where H' is (H - 1)·stride -
    2·padding + dilation·(kernel_size - 1) + output_padding + 1, and W' likewise.  Weights:
    ``weight`` w [in_channels, out_channels / groups, kernel_size, kernel_size], ``bias``
    [out_channels].  Source: Zeiler et al. 2010; Dumoulin and Visin 2016.
    """

    axes = 2
    argument_order = (
        *("in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding"),
        *("groups", "bias", "dilation", "init"),
    )
    padding: int | tuple[int, ...] = arg(
        default=0,
        at_least=0,
        doc="how much is cut off at each end of an axis of the output",
        known_as=("pad",),
    )
    output_padding: int | tuple[int, ...] = arg(
        default=0, at_least=0, doc="how much longer each axis of the output is, at its end"
    )

    examples = (
        ("ConvTranspose2d(2, 3, 2, stride=2)", (2, 3, 2)),
        ("ConvTranspose2d(1, 2, 3, stride=2, padding=1, output_padding=1)", (1, 3, 3)),
        (
            "ConvTranspose2d(4, 2, [2, 3], dilation=[2, 1], groups=2, output_padding=[1, 0], "
            "bias=false)",
            (4, 3, 2),
        ),
    )

    def along_axes(self) -> tuple[Window, ...]:
        names = ("kernel_size", "stride", "padding", "dilation")
        each = zip(*map(self.per_axis, names), strict=True)
        return tuple(Window(size, step, end, end, apart) for size, step, end, apart in each)

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        """An output sees the inputs whose windows it lies in."""
        return tuple(
            Window((one.extent - 1) // one.stride + 1, finer=one.stride)
            for one in self.along_axes()
        )

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim == 0:
            return Sight()
        (window, _), size = [*self._ends()][dim - 1], x[0].sizes[dim]
        seeing = [list[int]() for _ in range(self.infer(*x).sizes[dim])]
        for place in range(size):
            for output in window.places(place, len(seeing)):
                seeing[output].append(place)
        return Sight(dim, tuple(range(min(s), max(s) + 1) if s else range(0) for s in seeing))

    def tensors(self) -> dict[str, Weight]:
        return self.weights_between(narrow=self.in_channels, wide=self.out_channels)

    def infer(self, x: Shape) -> Shape:
        self.check(x)
        names = ("output_padding", "stride", "dilation")
        for more, stride, dilation in zip(*map(self.per_axis, names), strict=True):
            if more >= max(stride, dilation):
                reason = f"has an `output_padding` of {more}, and a stride of {stride}"
                help = "it is less than the stride or the dilation: that much is left over at most"
                raise ShapeError(x, reason=reason, help=help)
        sizes = [
            _plus(one.inputs_of(x.dim(at)), more) for at, (one, more) in enumerate(self._ends(), 1)
        ]
        if any(isinstance(size, int) and size < 1 for size in sizes):
            reason = f"takes away all that it makes: its output would be {by(sizes)}"
            raise ShapeError(x, reason=reason, help="make `padding` smaller")
        return Shape.of(self.out_channels, *sizes)

    def solve(self, y: Shape, *x: Shape) -> None:
        for at, (window, more) in enumerate(self._ends(), 1):
            size = y.dim(at)
            if isinstance(size, int) and (count := window.outputs(size - more)) > 0:
                unify(x[0].dim(at), count)

    def macs(self, x: Shape) -> int:
        return math.prod(x.sizes[1:]) * self.tensors()["weight"].size

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        rest = self.per_axis("output_padding")
        return self._map().widened(x, self.weight, self.bias, rest)

    def backward(self, dy: Tensor) -> Tensor:
        self.accumulate(dy)
        x: Tensor = self.saved
        dx = self._map().narrowed(dy, self.weight, None)
        for at, size in enumerate(x.shape[2:], 2):
            dx = dx.narrow(at, 0, size)  # a window more may fit into the output's padding
        return dx

    def accumulate(self, dy: Tensor) -> None:
        self._map().accumulate(self.weight_grad, wide=dy, narrow=self.saved)
        self.accumulate_bias(dy)

    def _ends(self) -> Iterator[tuple[Window, int]]:
        """The window along each axis of the output, and how much longer that is at its end."""
        return zip(self.along_axes(), self.per_axis("output_padding"), strict=True)


def _plus(size: Dim, more: int) -> Dim:
    if not more:
        return size
    return size + more if isinstance(size, int) else Unknown()
