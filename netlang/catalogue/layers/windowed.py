"""What layers have in common that move a window over sequences or pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from netlang.catalogue.modules import Layer, Sight, Window
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, unify

_TAKES = {1: "sequences [N, C, L]", 2: "pictures [N, C, H, W]"}


class Windowed(Layer, abstract=True):
    """A layer that moves a window over the axes behind the channels: [N, C, L] or [N, C, H, W]."""

    axes: ClassVar[int]

    @abstractmethod
    def along_axes(self) -> tuple[Window, ...]:
        """The window along each axis."""

    def windows(self, *x: Shape) -> tuple[Window, ...]:
        return self.along_axes()

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return through_windows(self, dim, x[0])

    def per_axis(self, name: str) -> tuple[int, ...]:
        return per_axis(self, name, self.axes)

    def outputs(self, x: Shape, channels: Dim) -> Shape:
        """The shape [channels, outputs along each axis].  Raises ShapeError if no window fits."""
        windows = self.along_axes()
        sizes = [one.outputs_of(x.dim(at)) for at, one in enumerate(windows, 1)]
        if any(isinstance(size, int) and size < 1 for size in sizes):
            raise _too_large(x, windows)
        return Shape.of(channels, *sizes)

    def solve(self, y: Shape, *x: Shape) -> None:
        for at, window in enumerate(self.along_axes(), 1):
            count = y.dim(at)
            if window.stride == 1 and isinstance(count, int):
                unify(x[0].dim(at), max(1, window.inputs(count)))

    def check_axes(self, x: Shape, channels: Dim | None = None) -> None:
        """Raise ShapeError unless a sample of ``x`` has channels and the axes behind them, and each
        argument is one number or has one for each axis.
        """
        check_counts(x, self, self.axes)
        if self.axes == 1 and len(x.sample) == 3:
            help = f"for pictures it is `{self.name.removesuffix('1d')}2d`"
            reason = f"takes {_TAKES[1]}, and its input is {x}"
            raise ShapeError(of_pictures(1, channels), reason=reason, help=help)
        check_axes(x, self.axes, channels)


def through_windows(layer: Layer, dim: int, x: Shape) -> Sight:
    """What outputs see of an input through the layer's windows; channels are apart."""
    if dim == 0:
        return Sight(dim)
    window, size = layer.windows(x)[dim - 1], x.sizes[dim]
    outputs = range(layer.infer(x).sizes[dim])
    return Sight(dim, tuple(window.places(output, size) for output in outputs))


def per_axis(layer: Layer, name: str, axes: int) -> tuple[int, ...]:
    """The argument ``name`` for each axis.  Raises ValueError if it has another number of them."""
    value = getattr(layer, name)
    numbers = value if isinstance(value, tuple) else (value,) * axes
    if len(numbers) != axes:
        raise ValueError(f"{layer!r} takes {_one_or(axes)} for {name!r}, not {len(numbers)}")
    return numbers


def check_counts(x: Shape, layer: Layer, axes: int) -> None:
    """Raise ShapeError if an argument has a number for more axes than there are, or for fewer."""
    for name, value in layer.values.items():
        if isinstance(value, tuple) and len(value) != axes:
            reason = f"takes {_one_or(axes)} for `{name}`, and gets {len(value)}"
            help = "write one number" if axes == 1 else "write one number, or `[height, width]`"
            raise ShapeError(x, reason=reason, help=help)


def of_pictures(axes: int, channels: Dim | None = None) -> Shape:
    """The shape of samples that have channels, and so many axes of unknown sizes behind them."""
    first = Unknown() if channels is None else channels
    return Shape.of(first, *(Unknown() for _ in range(axes)))


def check_axes(x: Shape, axes: int, channels: Dim | None = None) -> None:
    """Raise ShapeError unless a sample of ``x`` has channels and so many axes behind them."""
    if len(x.sample) == axes + 1:
        return
    reason = f"takes {_TAKES[axes]}, and its input is {x}"
    raise ShapeError(of_pictures(axes, channels), reason=reason, help=_to_axes(x, axes, channels))


def wrong_channels(x: Shape, argument: str, channels: int) -> ShapeError:
    """What to raise for an input ``x`` that has not so many channels, as the argument says."""
    axes = len(x.sample) - 1
    takes = x.with_dim(0, channels)
    if x.last != channels or x.dim(0) == channels or _seems_channels_first(x):
        return ShapeError(takes, argument, x.dim(0))
    reason = f"takes {_TAKES[axes]}, and the channels of its input {x} are the last dimension"
    first = Shape.of(x.dim(axes), *(x.dim(at) for at in range(axes)))
    return ShapeError(first, reason=reason, help=channels_to_the_front(x))


def channels_to_the_front(x: Shape) -> str:
    """What to do about an input ``x`` whose channels are its last dimension."""
    axes = len(x.sample) - 1
    order = [axes, *range(axes)]
    return f"put `Permute({order}) ->` in front: it brings the channels to the front"


def seems_channels_last(x: Shape) -> bool:
    """Whether a sample of ``x`` looks like a picture [H, W, C], of one channel, or of 3 or 4."""
    if len(x.sample) != 3 or x.unknowns:
        return False
    height, width, channels = x.sizes
    return channels in (1, 3, 4) and min(height, width) > 4 and height < 4 * width < 16 * height


def _seems_channels_first(x: Shape) -> bool:
    """Whether a sample of ``x`` looks like a picture [C, H, W]: a square, or one of 3 channels."""
    if len(x.sample) != 3 or x.unknowns:
        return False
    channels, height, width = x.sizes
    return height == width or (channels in (1, 3, 4) and min(height, width) > 4)


def by(sizes: Sequence[object]) -> str:
    """``5 x 5`` for a picture, ``5`` for a sequence."""
    return " x ".join(map(str, sizes))


def _one_or(axes: int) -> str:
    return "one number" if axes == 1 else f"one number or {axes}"


def _too_large(x: Shape, windows: Sequence[Window]) -> ShapeError:
    """What to raise for windows that are larger than the input ``x`` with its padding."""
    kernel = by([one.kernel for one in windows])
    if any(one.dilation > 1 for one in windows):
        kernel += f", which spans {by([one.extent for one in windows])}"
    padded = any(one.before or one.after for one in windows)
    sizes = by(x.sample[1:])
    help = "make the kernel smaller, pad the input, or shrink the pictures less before it"
    if seems_channels_last(x):
        help = f"if the channels are its last dimension, {channels_to_the_front(x)}"
    return ShapeError(
        of_pictures(len(windows), x.dim(0)),
        reason=f"has a kernel of {kernel}, and its input is {sizes}{' plus padding' * padded}",
        help=help,
    )


def _to_axes(x: Shape, axes: int, channels: Dim | None) -> str:
    """What to write in front of a layer that takes channels and so many axes, if it gets ``x``."""
    first = channels if isinstance(channels, int) else 1
    sizes = [] if x.unknowns else list(x.sizes)
    if len(sizes) == axes and first == 1:
        sizes = [1, *sizes]
    elif len(sizes) == axes + 2:
        return f"the batch is not counted: a sample is {sizes[1:]}"
    elif len(sizes) == 1:
        side = round((sizes[0] / first) ** (1 / axes))
        sizes = [first, *[side] * axes] if first * side**axes == sizes[0] else []
    else:
        sizes = []
    if not sizes:
        letters = "[C, L]" if axes == 1 else "[C, H, W]"
        if x == Shape(x.unknowns):
            return f"say what a sample is, as `input = {letters}`, with its sizes"
        return f"put `Unflatten({letters}) ->` in front, with the sizes that a sample has"
    return f"put `Unflatten([{', '.join(map(str, sizes))}]) ->` in front, if these are its sizes"
