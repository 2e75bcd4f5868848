"""Lays out an expression of Python in several lines, as formatters leave them.

The last brackets of a line that is too long are opened, with one item in a line. An operation is
broken before its loosest operators, unless there is one alone and brackets end the line. All else
stays as it is written.
"""

from __future__ import annotations

import tokenize
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise

_WIDTH = 88  # of a line
# From those that bind tightest on.
_OPERATORS = ("**", "* @ / // %", "+ -", "<< >>", "&", "^", "|")
_RANKS = {sign: rank for rank, signs in enumerate(_OPERATORS) for sign in signs.split()}
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}


def laid_out(
    indent: int, head: str, expression: str, tail: str = "", enclosed: bool = False
) -> Iterator[str]:
    """The lines of ``head``, the expression and ``tail``.

    An operation that is too long gets brackets, unless it is ``enclosed`` in some.
    """
    margin = " " * indent
    line = f"{margin}{head}{expression}{tail}"
    if len(line) <= _WIDTH:
        yield line
        return
    operators, cuts, comma = _outermost(expression)
    ends_in_brackets = bool(cuts) and cuts[-1] == len(expression) - 1
    opens_last = len(operators) == 1 and ends_in_brackets and not enclosed
    if opens_last and len(f"{margin}{head}{expression[: cuts[0] + 1]}") <= _WIDTH:
        operators = []
    if operators and not enclosed:
        yield f"{margin}{head}("
        yield from laid_out(indent + 4, "", expression, enclosed=True)
        yield f"{margin}){tail}"
    elif operators:
        for start, end in pairwise([0, *operators, len(expression)]):
            before, after = "" if start else head, tail if end == len(expression) else ""
            yield from laid_out(indent, before, expression[start:end].strip(), after, enclosed=True)
    elif cuts:
        yield f"{margin}{head}{expression[: cuts[0] + 1]}"
        for start, end in pairwise(cuts):
            if item := expression[start + 1 : end].strip():
                yield from laid_out(indent + 4, "", item, comma, enclosed=True)
        yield f"{margin}{expression[cuts[-1] :]}{tail}"
    else:
        yield line


def _outermost(expression: str) -> tuple[list[int], list[int], str]:
    """The indices of the loosest operators outside brackets, and how the last brackets are opened.

    They are cut at the brackets and at the commas between them, and "," follows each item, unless
    the brackets only hold an operation together.
    """
    operators: dict[int, int] = {}  # the rank of each
    opened: list[int] = []
    cuts: list[int] = []
    depth, comma, follows_operand, is_call = 0, "", False, False
    for token in tokenize.generate_tokens(StringIO(expression).readline):
        is_sign, at = token.type == tokenize.OP, token.start[1]
        sign = token.string if is_sign else ""
        if sign in _OPENING:
            depth += 1
            if depth == 1:
                opened, is_call = [at], follows_operand
        elif sign in _CLOSING:
            depth -= 1
            if depth == 0 and at > opened[0] + 1:
                cuts = [*opened, at]
                is_group = sign == ")" and not is_call and len(opened) == 1
                comma = "" if is_group else ","
        elif depth == 1 and sign == ",":
            opened.append(at)
        elif depth == 0 and sign in _RANKS and follows_operand:
            operators[at] = _RANKS[sign]
        follows_operand = not is_sign or sign in _CLOSING
    loosest = max(operators.values(), default=0)
    return [at for at, rank in operators.items() if rank == loosest], cuts, comma
