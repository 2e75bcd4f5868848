"""Python as text: values and statements, laid out as formatters leave them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from netlang.lowering.python.layout import laid_out


def literal(value: object) -> str:
    """``value`` as Python writes it, in printable ASCII.

    >>> literal('a "b"'), literal(["ü", 0.5])
    ('\\'a "b"\\'', '["\\\\xfc", 0.5]')
    """
    if isinstance(value, str):
        quote = "'" if value.count('"') > value.count("'") else '"'
        return quote + "".join(_escaped(c, quote) for c in value) + quote
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def whole(value: float) -> str:
    """A number, without a decimal point if it needs none.

    >>> whole(3.0), whole(0.5)
    ('3', '0.5')
    """
    return repr(int(value) if value == int(value) else value)


def statement(indent: int, head: str, expression: str) -> str:
    """``head`` and an expression, in several lines if one is too narrow.

    >>> print(statement(4, "x = ", "f(1, 2)"))
        x = f(1, 2)
    """
    return _equal(f"{' ' * indent}{head}{expression}", laid_out(indent, head, expression))


def element(indent: int, expression: str, head: str = "") -> str:
    """``head`` and an expression as an item within brackets, in several lines if one is too narrow.

    >>> print(element(4, "f(1, 2)", head='"x": '))
        "x": f(1, 2),
    """
    lines = laid_out(indent, head, expression, ",", enclosed=True)
    return _equal(f"{' ' * indent}{head}{expression},", lines)


def block(indent: int, lines: Iterable[str]) -> str:
    """Lines one below the other, so far from the margin.

    >>> block(4, ["if x:", "    y = x"])
    '    if x:\\n        y = x\\n'
    """
    return "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines)


def operand(expression: str) -> str:
    """An expression as a part of another: in brackets, unless it holds together by itself."""
    found = ast.parse(expression, mode="eval").body
    is_whole = isinstance(found, ast.Call | ast.Name | ast.Subscript)
    return expression if is_whole else f"({expression})"


def _equal(line: str, layout: Iterable[str]) -> str:
    """The layout if Python reads it as it reads ``line``, or else ``line``.

    A layout with another syntax tree would be another program, and nobody would notice.
    """
    try:
        tree, lines = _tree(line), "\n".join(layout)
        return lines if _tree(lines) == tree else line
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python, or too deep
        return line


def _tree(lines: str) -> str:
    """The syntax tree of a statement, or of an item within brackets."""
    text = lines.lstrip()
    return ast.dump(ast.parse(f"{{\n{text}\n}}" if text.endswith(",") else text))


def _escaped(c: str, quote: str) -> str:
    if c == quote:
        return f"\\{c}"
    if c.isascii() and c.isprintable() and c != "\\":
        return c
    return c.encode("unicode_escape").decode()
