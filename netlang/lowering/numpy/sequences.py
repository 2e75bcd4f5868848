"""Sequences in NumPy: reductions over time, padding, and positions."""

from __future__ import annotations

from netlang.catalogue.layers import Last, Max, Mean, PositionalEmbedding, Rotary
from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, inputs_of, lowers
from netlang.system.lazy import np


def lengths(x: Array) -> Array:
    """How many steps of each sequence are before its end, where NaN begins.  Shape: [N, T, *]."""
    steps = x[(slice(None), slice(None), *[0] * (x.ndim - 2))]
    return np.maximum((~np.isnan(steps)).sum(1), 1)


def behind(x: Array, lengths: Array) -> Array:
    """Which steps are behind the ends of the sequences, in a shape that goes with x [N, T, *]."""
    past = np.arange(x.shape[1]) >= lengths[:, None]
    return past.reshape(*past.shape, *[1] * (x.ndim - 2))


def mean_before_ends(x: Array, lengths: Array) -> Array:
    """The mean of each sequence, without what is behind its end.  Shape: [N, T, *] -> [N, *]."""
    sums = np.where(behind(x, lengths), 0, x).sum(1)
    return sums / lengths.reshape(-1, *[1] * (sums.ndim - 1)).astype(x.dtype)


def max_before_ends(x: Array, lengths: Array) -> Array:
    """The maximum of each sequence, without what is behind its end.  Shape: [N, T, *] -> [N, *]."""
    return np.where(behind(x, lengths), -np.inf, x).max(1).astype(x.dtype)


def last_before_ends(x: Array, lengths: Array) -> Array:
    """The last step of each sequence.  Shape: [N, T, *] -> [N, *]."""
    return x[np.arange(len(x)), lengths - 1]


def turns(positions: int, features: int, base: float) -> Array:
    """The angle t / base^(2i / d) of position t and features 2i and 2i + 1.  Shape: [T, d / 2]."""
    return np.arange(positions)[:, None] * base ** (np.arange(0, features, 2) / -features)


def waves(x: Array) -> Array:
    """For each position, the sines and cosines of its angles side by side.

    Shape: [N, T, D] -> [T, D].
    """
    angles = turns(x.shape[1], x.shape[2], 10000.0)
    both = np.stack([np.sin(angles), np.cos(angles)], -1)
    return both.reshape(len(angles), -1)[:, : x.shape[2]].astype(x.dtype)


def rotated(x: Array, base: float) -> Array:
    """Features 2i and 2i + 1 at position t, turned by their angle.  Shape: [*, T, d]."""
    angles = turns(x.shape[-2], x.shape[-1], base)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    both = np.stack([even * cos - odd * sin, even * sin + odd * cos], -1)
    return both.reshape(x.shape)


def heads_apart(x: Array, heads: int) -> Array:
    """Shape: [N, T, heads d] -> [N, heads, T, d]."""
    return x.reshape(*x.shape[:2], heads, x.shape[2] // heads).swapaxes(1, 2)


def heads_together(x: Array) -> Array:
    """Shape: [N, heads, T, d] -> [N, T, heads d]."""
    x = x.swapaxes(1, 2)
    return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])


def rotary(x: Array, heads: int, base: float) -> Array:
    """The features of each head turn with the position.  Shape: [N, T, D]."""
    return heads_together(rotated(heads_apart(x, heads), base))


@lowers(Lengths)
def _lengths(layer: Lengths, x: Shape) -> NumpyCall:
    return call(lengths, "x")


@lowers(FillPadding)
def _fill_padding(layer: FillPadding, x: Shape) -> NumpyCall:
    return NumpyCall("np.where(np.isnan(x), 0, x)")


@lowers(Mean)
def _mean(layer: Mean, x: Shape) -> NumpyCall:
    if _has_lengths(layer, x):
        return call(mean_before_ends, *inputs_of(2))
    return NumpyCall(f"x.mean({layer.dim})")


@lowers(Max)
def _max(layer: Max, x: Shape) -> NumpyCall:
    if _has_lengths(layer, x):
        return call(max_before_ends, *inputs_of(2))
    return NumpyCall(f"x.max({layer.dim})")


@lowers(Last)
def _last(layer: Last, x: Shape) -> NumpyCall:
    if _has_lengths(layer, x):
        return call(last_before_ends, *inputs_of(2))
    return NumpyCall(f"x.take(-1, {layer.dim})")


@lowers(PositionalEmbedding)
def _positional(layer: PositionalEmbedding, x: Shape) -> NumpyCall:
    if layer.form == "learned":
        return NumpyCall("x + {weight}[: x.shape[1]]")
    return NumpyCall("x + waves(x)", (waves,))


@lowers(Rotary)
def _rotary(layer: Rotary, x: Shape) -> NumpyCall:
    return call(rotary, "x", layer.num_heads, layer.base)


def _has_lengths(layer: Mean | Max | Last, x: Shape) -> bool:
    return x.padded and layer.honours_lengths(x)
