"""About how many numbers an array has whose length is a text of C."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

_LANES = 16  # of the widest vectors; a machine with narrower ones pads less

_OPERATIONS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
}


def estimated(length: str, samples: int) -> int | None:
    """For chunks of so many ``samples``; None for a text that says more than sums, products and
    padding.

    >>> estimated("N * 3 * PAD(10)", samples=4)
    192
    """
    known = {"N": samples, "LANES": _LANES, "BLOCKS": -(-samples // _LANES)}
    try:
        return _value(ast.parse(length.strip(), mode="eval").body, known)
    except (SyntaxError, KeyError, ZeroDivisionError):
        return None


def _value(node: ast.expr, known: Mapping[str, int]) -> int:
    """Raises KeyError for what has no value here."""
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATIONS[type(sign)](_value(left, known), _value(right, known))
        case ast.Call(func=ast.Name(id="PAD"), args=[argument]):
            return -(-_value(argument, known) // _LANES) * _LANES
    raise KeyError(type(node).__name__)
