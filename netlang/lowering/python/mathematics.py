"""What is made of a network's outputs, in NumPy: exported files have copies of these functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from netlang.system.lazy import np

Array: TypeAlias = Any


def sigmoid(x: Array) -> Array:
    """y = 1 / (1 + exp(-x)), by exponents that are never above 0, so that nothing overflows."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softmax(x: Array, axis: int = -1) -> Array:
    """y_i = exp(x_i) / sum_j exp(x_j); a constant that is taken from all x changes nothing."""
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def cosine(y: Array) -> Array:
    """The cosine of two vectors.  Shape: [N, 2, size] -> [N]."""
    a, b = y[:, 0], y[:, 1]
    left, right = (np.sqrt(np.square(one).sum(-1) + 1e-12) for one in (a, b))
    return (a * b).sum(-1) / (left * right)


def distances(y: Array, p: float, eps: float) -> Array:
    """From the first of three vectors to both others: the p-norm of their difference and eps, by
    powers of shares of the largest number, as others may overflow.

    Shape: [N, 3, size] -> [N, 2].
    """
    sizes = np.abs(y[:, :1] - y[:, 1:] + eps)
    largest = np.clip(sizes.max(-1, keepdims=True), 1.2e-38, 3.4e38)
    return largest[..., 0] * ((sizes / largest) ** p).sum(-1) ** (1 / p)


def numbered(y: Array) -> Array:
    """The number of the class with the largest number, or of the second where a single one is
    above one half; -1 where these are no numbers.  Shape: [N, *, outputs] -> [N, *].
    """
    classes = y[..., 0] > 0.5 if y.shape[-1] == 1 else y.argmax(-1)
    return np.where(np.isfinite(y).all(-1), classes.astype(int), -1)


def named(classes: Sequence[str], y: Array) -> list[str | None]:
    """The class of each sample, or None where there is none."""
    return [None if number < 0 else classes[number] for number in numbered(y)]


def of_both(p: Array) -> Array:
    """The probabilities of two classes, by that of the second."""
    return np.concatenate([1 - p, p], -1)


def in_units(y: Array, scale: Array, shift: Array) -> Array:
    """Standardised numbers in units of their own."""
    return y.astype(np.float64) * scale + shift


def columns_of(names: Sequence[str], y: Array) -> dict[str, Array]:
    """The columns of y by their names.  Shape: [N, names]."""
    return dict(zip(names, y.reshape(-1, len(names)).T, strict=True))
