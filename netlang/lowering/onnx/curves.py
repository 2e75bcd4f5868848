"""The curves in ONNX that bend numbers of a table when they are scaled."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.lowering.onnx.values import Value, constant, op


def smoothly_clipped(x: Value) -> Value:
    """x / √(1 + (x/3)²): no number lies beyond 3."""
    x = op("Clip", x, -1e15, 1e15)  # beyond, squares may be infinite
    third = x / 3.0
    return x / op("Sqrt", third * third + 1.0)


def normal_scores(x: Value, values: Sequence[float]) -> Value:
    """The place of each number among the quantiles ``values``, as the number of a normal
    distribution.  Shape: [N, 1] -> the same.
    """
    last = len(values) - 1
    if values[0] == values[last]:  # they say nothing
        return x * 0.0
    quantiles = constant(values, "float64")
    x = op("Clip", x, values[0], values[last])
    # The first quantile that is no less than each number, and the last one that is no more.
    above, below = _count(quantiles < x), _count(quantiles <= x) - 1.0
    low, high = (op("Gather", quantiles, at.cast("int64")) for at in (below, above))
    width = high - low
    inside = (x - low) / op("Max", width, 1e-300)
    places = (below + inside).where(width > 0.0, (below + above) * 0.5)
    return _normal(op("Clip", places / float(last), 1e-7, 1 - 1e-7))


def _count(found: Value) -> Value:
    """How many of each row are found.  Shape: [N, M] -> [N, 1]."""
    return found.cast("float64").sum(1)


# Wichura 1988, algorithm AS 241, which is right to a part in a million.
_MIDDLE = (3.3871327179, 50.434271938, 159.29113202, 59.109374720)
_MIDDLE_BELOW = (1.0, 17.895169469, 78.757757664, 67.187563600)
_TAIL = (1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103)
_TAIL_BELOW = (1.0, 0.73700164250, 0.12021132975)


def _normal(p: Value) -> Value:
    """The number below which a normal distribution has a share ``p``, from 1e-7 to 1 - 1e-7."""
    q = p - 0.5
    r = 0.180625 - q * q
    middle = q * _polynomial(_MIDDLE, r) / _polynomial(_MIDDLE_BELOW, r)
    end = op("Min", p, 1.0 - p)
    r = op("Sqrt", -op("Log", end)) - 1.6
    tail = op("Sign", q) * _polynomial(_TAIL, r) / _polynomial(_TAIL_BELOW, r)
    return middle.where(op("Abs", q) <= 0.425, tail)


def _polynomial(factors: Sequence[float], x: Value) -> Value:
    """Σ factors[i] xⁱ."""
    first, *rest = reversed(factors)
    y: Value = constant(first, x.dtype)
    for factor in rest:
        y = y * x + factor
    return y
