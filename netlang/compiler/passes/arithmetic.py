"""Arithmetic of constants: whole numbers stay whole, and nothing goes out of range in silence."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import PlainValue
from netlang.language.syntax.build import LARGEST_INTEGER


def is_number(value: PlainValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def compute(operator: str, left: PlainValue, right: PlainValue) -> int | float | str:
    """The result, or what is wrong with it."""
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    if operator in ("/", "//") and right == 0:
        return "division by zero"
    try:
        result = _apply(operator, left, right)
    except (OverflowError, ZeroDivisionError):
        return "the result is out of range"
    if isinstance(result, complex):
        return "a root of a negative number is no real number"
    if isinstance(result, int) and abs(result) > LARGEST_INTEGER:
        return f"the result is over {LARGEST_INTEGER}, the largest whole number"
    if not math.isfinite(result):
        return "the result is out of range"
    return result


def _apply(operator: str, left: float, right: float) -> int | float | complex:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and right > 64:
        raise OverflowError
    power: int | float | complex = left**right
    return power
