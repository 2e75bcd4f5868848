"""Layers that move numbers, and bring branches together, in NumPy."""

from __future__ import annotations

from netlang.catalogue.layers import (
    Add,
    Concat,
    Dropout,
    Dropout2d,
    DropPath,
    Flatten,
    Input,
    MatMul,
    Mul,
    Pad,
    Permute,
    Reshape,
    SideBySide,
    Slice,
    Stack,
    Sub,
    Unflatten,
    Upsample,
)
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, inputs_of, lowers
from netlang.lowering.numpy.windows import Sizes
from netlang.system.lazy import np

_LONGEST_CHAIN = 16  # of operators, which would nest too deep for Python's parser


def upsample_nearest(x: Array, sizes: Sizes, steps: tuple[float, ...]) -> Array:
    """Each number of y is a copy of the nearest one of x, where they lie a step apart.

    Shape: [N, C, *] -> [N, C, *sizes].
    """
    for axis, (size, step) in enumerate(zip(sizes, steps, strict=True), 2):
        places = np.floor(np.arange(size, dtype=np.float32) * np.float32(step)).astype(int)
        x = x.take(np.minimum(places, x.shape[axis] - 1), axis)
    return x


def upsample_linear(
    x: Array, sizes: Sizes, steps: tuple[float, ...], corners: bool = False
) -> Array:
    """Each number of y lies on the line between two of x, along one axis and then the other.

    Shape: [N, C, *] -> [N, C, *sizes].
    """
    for axis, (size, step) in enumerate(zip(sizes, steps, strict=True), 2):
        last = x.shape[axis] - 1
        places = np.arange(size) * step if corners else (np.arange(size) + 0.5) * step - 0.5
        places = np.clip(places, 0, last)
        before = np.floor(places).astype(int)
        share = (places - before).astype(x.dtype).reshape(-1, *[1] * (x.ndim - axis - 1))
        after = np.minimum(before + 1, last)
        x = x.take(before, axis) * (1 - share) + x.take(after, axis) * share
    return x


@lowers(Add)
def _add(layer: Add, *x: Shape) -> NumpyCall:
    names = inputs_of(len(x))
    return NumpyCall(" + ".join(names) if len(x) <= _LONGEST_CHAIN else f"sum([{_list(x)}])")


@lowers(Sub)
def _sub(layer: Sub, *x: Shape) -> NumpyCall:
    return NumpyCall("x0 - x1")


@lowers(Mul)
def _mul(layer: Mul, *x: Shape) -> NumpyCall:
    names = inputs_of(len(x))
    return NumpyCall(" * ".join(names) if len(x) <= _LONGEST_CHAIN else f"math.prod([{_list(x)}])")


@lowers(MatMul)
def _matmul(layer: MatMul, *x: Shape) -> NumpyCall:
    return NumpyCall("x0 @ x1")


@lowers(Stack)
def _stack(layer: Stack, *x: Shape) -> NumpyCall:
    return NumpyCall(f"np.stack([{_list(x)}], {layer.dim})")


@lowers(Concat)
def _concat(layer: Concat, *x: Shape) -> NumpyCall:
    return NumpyCall(f"np.concatenate([{_list(x)}], {layer.dim})")


@lowers(SideBySide)
def _side_by_side(layer: SideBySide, *x: Shape) -> NumpyCall:
    rows = [
        name if len(one.sample) == 1 else f"{name}.reshape(len({name}), {one.size})"
        for name, one in zip(inputs_of(len(x)), x, strict=True)
    ]
    return NumpyCall(f"np.concatenate([{', '.join(rows)}], 1)")


@lowers(Dropout)
@lowers(Dropout2d)
@lowers(DropPath)
def _dropout(layer: Dropout, x: Shape) -> NumpyCall:
    return NumpyCall("x")  # of a network that is trained


@lowers(Flatten)
@lowers(Unflatten)
@lowers(Reshape)
def _reshape(layer: Flatten | Unflatten | Reshape, x: Shape) -> NumpyCall:
    return NumpyCall(f"x.reshape(len(x), {_sizes(*layer.infer(x).sizes)})")


@lowers(Permute)
def _permute(layer: Permute, x: Shape) -> NumpyCall:
    return NumpyCall(f"x.transpose({_sizes(0, *(one + 1 for one in layer.order))})")


@lowers(Slice)
def _slice(layer: Slice, x: Shape) -> NumpyCall:
    end, rank = layer.start + layer.length, len(x.sample) + 1
    before = ":, " * (layer.dim % rank)
    return NumpyCall(f"x[{before}{layer.start}:{end}]")


@lowers(Input)
def _input(layer: Input, x: Shape) -> NumpyCall:
    runs = [f"x[:, {begin}:{end}]" for begin, end in layer.runs]
    row = runs[0] if len(runs) == 1 else f"np.concatenate([{', '.join(runs)}], 1)"
    if layer.shape == ():
        return NumpyCall(f"x[:, {layer.runs[0][0]}]")
    return NumpyCall(f"{row}.reshape(len(x), {_sizes(*layer.shape)})" if layer.shape else row)


@lowers(Pad)
def _pad(layer: Pad, x: Shape) -> NumpyCall:
    borders = layer.borders(len(x.sample) - 1)
    ends = [*[(0, 0)] * (len(x.sample) + 1 - len(borders)), *borders]
    mode = {"replicate": "edge", "circular": "wrap"}.get(layer.mode, layer.mode)
    value = f", constant_values={layer.value!r}" if layer.value else ""
    return NumpyCall(f'np.pad(x, {ends}, "{mode}"{value})')


@lowers(Upsample)
def _upsample(layer: Upsample, x: Shape) -> NumpyCall:
    where = layer.infer(x).sizes[1:], tuple(layer.steps(x))
    if layer.mode == "nearest":
        return call(upsample_nearest, "x", *where)
    return call(upsample_linear, "x", *where, corners=layer.align_corners)


def _list(x: tuple[Shape, ...]) -> str:
    return ", ".join(inputs_of(len(x)))


def _sizes(*sizes: int) -> str:
    return ", ".join(map(str, sizes))
