"""Python as text: values and statements, laid out as formatters leave them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from netlang.lowering.pytorch.layout import laid_out, laid_out_within

_WIDTH = 88  # of a line


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


def statement(indent: int, head: str, expression: str) -> str:
    """``head`` and an expression, in several lines if one is too narrow.

    Text that is no expression stays one line.

    >>> print(statement(4, "x = ", "f(1, 2)"))
        x = f(1, 2)
    """
    line = f"{' ' * indent}{head}{expression}"
    if len(line) <= _WIDTH:
        return line
    return _first_equal(line, lambda: laid_out(indent, head, expression, _WIDTH))


def element(indent: int, expression: str, head: str = "") -> str:
    """``head`` and an expression as an item within brackets, in several lines if one is too narrow.

    >>> print(element(4, "f(1, 2)", head='"x": '))
        "x": f(1, 2),
    """
    line = f"{' ' * indent}{head}{expression},"
    if len(line) <= _WIDTH:
        return line
    return _first_equal(line, lambda: [laid_out_within(indent, head, expression, ",", _WIDTH)])


def _first_equal(line: str, layouts: Callable[[], Iterable[str]]) -> str:
    """The first of the layouts that Python reads as it reads ``line``, or else ``line``.

    A layout with another syntax tree would be another program, and nobody would notice.
    """
    try:
        tree = _tree(line)
        return next((layout for layout in layouts() if _tree(layout) == tree), line)
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
