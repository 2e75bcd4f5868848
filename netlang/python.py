"""Python as text: values and statements, laid out as formatters leave them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

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
    """``head`` and an expression in ASCII, over several lines where one is too narrow.

    >>> print(statement(4, "x = ", "f(1, 2)"))
        x = f(1, 2)
    """
    line = f"{' ' * indent}{head}{expression}"
    if len(line) <= _WIDTH:
        return line
    tree = ast.parse(expression, mode="eval").body
    match tree:
        case ast.Call() | ast.List():
            return "\n".join(_exploded(indent, head, expression, tree, ""))
        case ast.BinOp():
            operands = list(_operands(tree, expression))
            lines = [" ".join(operands)]
            if indent + 4 + len(lines[0]) > _WIDTH:
                lines = [
                    operands[0],
                    *map(" ".join, zip(operands[1::2], operands[2::2], strict=True)),
                ]
            return "\n".join(_enclosed(indent, f"{head}(", lines, ")"))
        case _ if indent + 4 + len(expression) <= _WIDTH:
            return "\n".join(_enclosed(indent, f"{head}(", [expression], ")"))
        case _:
            return line


def _escaped(c: str, quote: str) -> str:
    if c == quote:
        return f"\\{c}"
    if c.isascii() and c.isprintable() and c != "\\":
        return c
    return c.encode("unicode_escape").decode()


def _exploded(
    indent: int, head: str, text: str, tree: ast.Call | ast.List, tail: str
) -> Iterator[str]:
    """Each argument or element in a line of its own, and a comma after the last."""
    items: list[ast.expr | ast.keyword] = []
    if isinstance(tree, ast.Call):
        items, opening = [*tree.args, *tree.keywords], f"{_part(text, tree.func)}("
    else:
        items, opening = [*tree.elts], "["
    yield f"{' ' * indent}{head}{opening}"
    for item in items:
        line = f"{' ' * (indent + 4)}{_part(text, item)},"
        if len(line) > _WIDTH and isinstance(item, ast.Call | ast.List):
            yield from _exploded(indent + 4, "", text, item, ",")
        else:
            yield line
    yield f"{' ' * indent}{')' if opening != '[' else ']'}{tail}"


def _enclosed(indent: int, opening: str, lines: Iterable[str], closing: str) -> Iterator[str]:
    yield " " * indent + opening
    for line in lines:
        yield " " * (indent + 4) + line
    yield " " * indent + closing


def _operands(tree: ast.expr, text: str) -> Iterator[str]:
    """Operands and operators of a sum or a product, in their order."""
    if isinstance(tree, ast.BinOp):
        yield from _operands(tree.left, text)
        yield "+" if isinstance(tree.op, ast.Add) else "*"
        yield _part(text, tree.right)
    else:
        yield _part(text, tree)


def _part(text: str, node: ast.expr | ast.keyword) -> str:
    return text[node.col_offset : node.end_col_offset]
