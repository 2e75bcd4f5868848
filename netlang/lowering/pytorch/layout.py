"""Lays out an expression of Python in several lines, as ruff and black do.

The expression becomes a document of groups. A group is printed in one line if there is room, and
else broken at its own line breaks (Wadler, "A prettier printer", 2003). Only calls, lists,
operations and attributes are laid out; the rest is copied as it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Literal

from netlang.system.record import Record

_INDENT = 4
# From those that bind tightest on; the point is one only behind brackets.
_OPERATORS = (".", "**", "* @ / // %", "+ -", "<< >>", "&", "^", "|")
_RANKS = {sign: rank for rank, signs in enumerate(_OPERATORS) for sign in signs.split()}


def laid_out(indent: int, head: str, expression: str, width: int) -> Iterator[str]:
    """``head`` and the expression in lines of up to ``width``: the best layout first, then others.

    Raises SyntaxError if the text is no expression.
    """
    term = _Reader(expression).whole()
    begin = " " * indent + head
    leaves = [*_leaves(term)]
    is_operation = any(isinstance(leaf, _Operator) and leaf.sign != "." for leaf in leaves)
    if any(isinstance(leaf, _Brackets) for leaf in leaves):
        parts = [begin, *_document(term, enclosed=False)]
        opened = _printed(indent, parts, width, "open")
        if not is_operation or (_breaks_at_brackets(leaves) and _fits(opened, width)):
            yield _printed(indent, parts, width, "broken")
    inside = _Indent([_NOTHING, *_document(term, enclosed=True)])
    enclosed = _printed(indent, [begin, "(", inside, _NOTHING, ")"], width, "broken")
    if is_operation or _fits(enclosed, width):
        yield enclosed


def laid_out_within(indent: int, head: str, expression: str, tail: str, width: int) -> str:
    """``head``, the expression and ``tail`` within brackets.

    Raises SyntaxError if the text is no expression.
    """
    term = _Reader(expression).whole()
    parts = [" " * indent + head, *_document(term, enclosed=True), tail]
    return _printed(indent, parts, width, "broken")


def _fits(lines: str, width: int) -> bool:
    return all(len(line) <= width for line in lines.split("\n"))


# An expression as terms, which are what can be broken.


class _Brackets(Record):
    opening: str
    items: Sequence[_Term]
    closing: str
    is_list: bool  # a comma may follow the last item
    is_call: bool = False  # several arguments may stand in one line


class _Operator(Record):
    sign: str

    @property
    def rank(self) -> int:
        """The higher, the looser it binds."""
        return _RANKS[self.sign]


class _Operation(Record):
    """Operands, with an operator between each two."""

    parts: Sequence[_Term | _Operator]


class _Row(Record):
    """Parts side by side, such as a function and its arguments in brackets."""

    parts: Sequence[_Term | _Operator]


_Term = str | _Brackets | _Operation | _Row


class _Reader:
    """Finds the terms of an expression by the spans in its syntax tree."""

    def __init__(self, expression: str) -> None:
        self.text = expression.encode()  # the tree counts bytes

    def whole(self) -> _Term:
        """The whole expression, without brackets around it."""
        return self._bare(ast.parse(self.text, mode="eval").body)

    def _bare(self, node: ast.expr) -> _Term:
        start, end = _span(node)
        match node:
            case ast.Call(func=function):
                opening = self.text.index(b"(", self._extent(function, start, end)[1])
                given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
                arguments = self._brackets(sorted(given, key=_span), opening, end, is_call=True)
                return _Row([self._part(function, start, end), arguments])
            case ast.List(elts=items):
                return self._brackets(items, start, end)
            case ast.Tuple(elts=[first, _, *_] as items):
                if self._extent(first, start, end)[0] > start:  # else it has no brackets
                    return self._brackets(items, start, end)
            case ast.Attribute(value=value, attr=name) if not isinstance(value, ast.Constant):
                before = self._part(value, start, end)
                is_behind = isinstance([*_leaves(before)][-1], _Brackets)
                return _Row([before, _Operator(".") if is_behind else ".", name])
            case ast.BinOp():
                return _Operation([*self._operands(node)])
            case ast.UnaryOp(op=op, operand=operand) if not isinstance(op, ast.Not):
                return _Row([chr(self.text[start]), self._part(operand, start, end)])
        return self.text[start:end].decode()

    def _operands(self, node: ast.BinOp) -> Iterator[_Term | _Operator]:
        """Operands and operators of nested operations that have no brackets between them."""
        start, end = _span(node)
        operator = slice(
            self._extent(node.left, start, end)[1], self._extent(node.right, start, end)[0]
        )
        for side in (node.left, node.right):
            if side is node.right:
                yield _Operator(self.text[operator].decode().strip())
            if isinstance(side, ast.BinOp) and self._extent(side, start, end) == _span(side):
                yield from self._operands(side)
            else:
                yield self._part(side, start, end)

    def _brackets(
        self,
        items: Sequence[ast.expr | ast.keyword],
        start: int,
        end: int,
        is_call: bool = False,
    ) -> _Brackets:
        """The items between the brackets at ``start`` and before ``end``."""
        opening, closing = self.text[start : start + 1].decode(), self.text[end - 1 : end].decode()
        parts = [self._item(item, start + 1, end - 1) for item in items]
        return _Brackets(opening, parts, closing, True, is_call)

    def _item(self, item: ast.expr | ast.keyword, low: int, high: int) -> _Term:
        match item:
            case ast.keyword(arg=name, value=value):
                low, high = _span(item)
                return _Row([f"{name}=" if name else "**", self._part(value, low, high)])
            case ast.Starred(value=value):
                return _Row(["*", self._part(value, *_span(item))])
            case ast.expr():
                return self._part(item, low, high)

    def _part(self, node: ast.expr, low: int, high: int) -> _Term:
        """What stands between ``low`` and ``high``, with the brackets around it."""
        bare = self._bare(node)
        if self._extent(node, low, high) == _span(node):
            return bare
        return _Brackets("(", [bare], ")", is_list=False)

    def _extent(self, node: ast.expr, low: int, high: int) -> tuple[int, int]:
        """The span of the node between ``low`` and ``high``, with the brackets around it."""
        start, end = _span(node)
        while True:
            before, after = self.text[low:start].rstrip(), self.text[end:high].lstrip()
            if not (before.endswith(b"(") and after.startswith(b")")):
                return start, end
            start, end = low + len(before) - 1, high - len(after) + 1


def _span(node: ast.expr | ast.keyword) -> tuple[int, int]:
    if node.lineno != 1 or node.end_lineno != 1:
        raise ValueError("an expression of several lines has a layout already")
    assert node.end_col_offset is not None
    return node.col_offset, node.end_col_offset


def _leaves(term: _Term | _Operator) -> Iterator[str | _Brackets | _Operator]:
    """The parts of a term that stand in no brackets, and the brackets themselves."""
    if isinstance(term, _Operation | _Row):
        for part in term.parts:
            yield from _leaves(part)
    else:
        yield term


def _breaks_at_brackets(leaves: Sequence[str | _Brackets | _Operator]) -> bool:
    """Whether formatters break brackets of an operation, and put no new ones around it.

    They do so if one operator binds looser than all others, and the operation begins or ends with
    brackets that hold something.
    """
    ranks = [leaf.rank for leaf in leaves if isinstance(leaf, _Operator)]
    ends = [leaf for leaf in (leaves[0], leaves[-1]) if isinstance(leaf, _Brackets)]
    return ranks.count(max(ranks)) == 1 and any(end.items for end in ends)


# A document, and how it is printed.


class _Line(Record):
    """A possible line break of a group; ``flat`` stands for it in a group that is not broken."""

    flat: str


class _IfBroken(Record):
    """Text that is printed only in a group that is broken."""

    text: str


class _Indent(Record):
    parts: Sequence[_Document]


class _Group(Record):
    parts: Sequence[_Document]


_Document = str | _Line | _IfBroken | _Indent | _Group
_SPACE, _NOTHING = _Line(" "), _Line("")
_Mode = Literal["flat", "broken", "open"]  # in "open", all groups are broken
_Command = tuple[int, _Mode, _Document]  # what is still to be printed, with its indentation


def _document(term: _Term | _Operator, enclosed: bool) -> Iterator[_Document]:
    """The document of a term. If it is ``enclosed`` in brackets, operators may begin a line."""
    match term:
        case str():
            yield term
        case _Operator(sign=sign):
            yield sign
        case _Row(parts=parts):
            for part in parts:
                yield from _document(part, enclosed)
        case _Brackets(items=[]):
            yield term.opening + term.closing
        case _Brackets():
            yield _Group([*_enclosed(term)])
        case _Operation() if enclosed:
            yield _Group([*_operation(term.parts)])
        case _Operation(parts=parts):
            for part in parts:
                if isinstance(part, _Operator):
                    yield f" {part.sign} "
                else:
                    yield from _document(part, enclosed)


def _enclosed(brackets: _Brackets) -> Iterator[_Document]:
    """All items in one line, or each in its own line with a comma after the last."""
    items: list[_Document] = []
    for item in brackets.items:
        items += [*_document(item, enclosed=True), ",", _SPACE]
    items[-2:] = [_IfBroken(",")] if brackets.is_list and len(brackets.items) > 1 else []
    yield brackets.opening
    yield _Indent([_NOTHING, *([_Group(items)] if brackets.is_call else items)])
    yield _NOTHING
    yield brackets.closing


def _operation(parts: Sequence[_Term | _Operator]) -> Iterator[_Document]:
    """If it is broken, its loosest operators begin lines; their operands are groups again."""
    loosest = max(part.rank for part in parts if isinstance(part, _Operator))
    operand: list[_Term | _Operator] = []
    for part in parts:
        if isinstance(part, _Operator) and part.rank == loosest:
            yield from _operand(operand)
            yield _SPACE
            yield f"{part.sign} "
            operand = []
        else:
            operand.append(part)
    yield from _operand(operand)


def _operand(parts: Sequence[_Term | _Operator]) -> Iterator[_Document]:
    return _document(parts[0] if len(parts) == 1 else _Operation(parts), enclosed=True)


def _printed(indent: int, parts: Sequence[_Document], width: int, mode: _Mode) -> str:
    """The document in lines of up to ``width``, if possible."""
    printed, column = "", 0
    left: list[_Command] = [(indent, mode, part) for part in reversed(parts)]
    while left:
        indent, mode, document = left.pop()
        match document:
            case _Group():
                if mode == "broken" and _has_room(document, left, width - column):
                    mode = "flat"
                left += [(indent, mode, part) for part in reversed(document.parts)]
            case _Indent():
                left += [(indent + _INDENT, mode, part) for part in reversed(document.parts)]
            case _Line() if mode != "flat":
                printed, column = f"{printed}\n{' ' * indent}", indent
            case _:
                text = _flat(document, mode)
                printed, column = printed + text, column + len(text)
    return printed


def _has_room(group: _Group, after: Sequence[_Command], room: int) -> bool:
    """Whether the group and the rest of its line fit into ``room`` columns."""
    behind = reversed(after)
    left: list[_Command] = [(0, "flat", group)]
    while room >= 0:
        command = left.pop() if left else next(behind, None)
        if command is None:
            return True
        indent, mode, document = command
        if isinstance(document, _Group | _Indent):
            left += [(indent, mode, part) for part in reversed(document.parts)]
        elif isinstance(document, _Line) and mode != "flat":
            return True
        else:
            room -= len(_flat(document, mode))
    return False


def _flat(document: str | _Line | _IfBroken, mode: _Mode) -> str:
    match document:
        case _Line(flat=text):
            return text
        case _IfBroken(text=text):
            return "" if mode == "flat" else text
        case _:
            return document
