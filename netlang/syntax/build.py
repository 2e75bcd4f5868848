"""From Lark's parse tree to the syntax tree of ``ast.py``, one method per rule of the grammar."""

from __future__ import annotations

import math
import re
from typing import Any

from lark import Token, Transformer_NonRecursive, v_args
from lark.tree import Meta

from netlang.diagnostics import DiagnosticError
from netlang.diagnostics.syntax import BadEscape, BadNumber
from netlang.source import Span
from netlang.syntax.ast import (
    Argument,
    Binary,
    Call,
    Chain,
    Definition,
    Expectation,
    Expression,
    Group,
    Hole,
    Import,
    ListOf,
    Literal,
    Name,
    Override,
    Parameter,
    Tapped,
    Unary,
)

LARGEST_INTEGER = 2**63 - 1

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


@v_args(meta=True)
class Build(Transformer_NonRecursive[Token, Any]):
    """Builds one statement; the parse tree's offsets count from where the statement starts."""

    def __init__(self, statement: Span) -> None:
        super().__init__()
        self._source, self._start = statement.source, statement.start

    def _span(self, meta: Meta) -> Span:
        return Span(self._source, self._start + meta.start_pos, self._start + meta.end_pos)

    def _name(self, token: Token) -> Name:
        return Name(str(token), self._token_span(token))

    def _token_span(self, token: Token) -> Span:
        assert token.start_pos is not None
        start = self._start + token.start_pos
        return Span(self._source, start, start + len(token))

    def definition(self, meta: Meta, parts: list[Any]) -> Definition | Override:
        *path, value = parts
        names = tuple(self._name(token) for token in path)
        if len(names) > 1:
            return Override(names, value, self._span(meta))
        return Definition(names[0], value, self._span(meta))

    def block(self, meta: Meta, parts: list[Any]) -> Definition:
        name, *parameters, value = parts
        return Definition(self._name(name), value, self._span(meta), parameters=tuple(parameters))

    def parameter(self, meta: Meta, parts: list[Any]) -> Parameter:
        name, *default = parts
        return Parameter(self._name(name), default[0] if default else None, self._span(meta))

    def shared(self, meta: Meta, parts: list[Any]) -> Definition:
        name, value = parts
        return Definition(self._name(name), value, self._span(meta), shared=True)

    def import_(self, meta: Meta, parts: list[Token]) -> Import:
        return Import(self.string(meta, parts), self._span(meta))

    def bare(self, meta: Meta, parts: list[Any]) -> Definition:
        return Definition(None, parts[0], self._span(meta))

    def expectation(self, meta: Meta, parts: list[Any]) -> Expectation:
        *metric, comparison, bound = parts
        names = tuple(self._name(token) for token in metric)
        return Expectation(names, str(comparison), bound, self._span(meta))

    def chain(self, meta: Meta, links: list[Expression]) -> Chain:
        return Chain(tuple(links), self._span(meta))

    def binary(self, meta: Meta, parts: list[Any]) -> Binary:
        left, operator, right = parts
        return Binary(str(operator), left, right, self._span(meta))

    def power(self, meta: Meta, parts: list[Expression]) -> Binary:
        base, exponent = parts
        return Binary("**", base, exponent, self._span(meta))

    def unary(self, meta: Meta, parts: list[Any]) -> Unary:
        operator, operand = parts
        return Unary(str(operator), operand, self._span(meta))

    def name(self, meta: Meta, parts: list[Token]) -> Name:
        return self._name(parts[0])

    def call(self, meta: Meta, parts: list[Any]) -> Call:
        callee, *arguments = parts
        return Call(self._name(callee), tuple(arguments), self._span(meta))

    def argument(self, meta: Meta, parts: list[Expression]) -> Argument:
        return Argument(None, parts[0], self._span(meta))

    def keyword(self, meta: Meta, parts: list[Any]) -> Argument:
        name, value = parts
        return Argument(self._name(name), value, self._span(meta))

    def items(self, meta: Meta, parts: list[Expression]) -> ListOf:
        return ListOf(tuple(parts), self._span(meta))

    def tapped(self, meta: Meta, parts: list[Any]) -> Tapped:
        inner, name = parts
        return Tapped(inner, self._name(name), self._span(meta))

    def hole(self, meta: Meta, parts: list[Token]) -> Hole:
        return Hole(self._span(meta))

    def group(self, meta: Meta, parts: list[Expression]) -> Group:
        return Group(parts[0], self._span(meta))

    def number(self, meta: Meta, parts: list[Token]) -> Literal:
        span = self._token_span(parts[0])
        return Literal(_number(str(parts[0]), span), span)

    def string(self, meta: Meta, parts: list[Token]) -> Literal:
        span = self._token_span(parts[0])
        return Literal(_ESCAPE.sub(lambda escape: _unescape(escape, span), parts[0][1:-1]), span)

    def true(self, meta: Meta, parts: list[Token]) -> Literal:
        return Literal(True, self._span(meta))

    def false(self, meta: Meta, parts: list[Token]) -> Literal:
        return Literal(False, self._span(meta))

    def none(self, meta: Meta, parts: list[Token]) -> Literal:
        return Literal(None, self._span(meta))


def _number(text: str, span: Span) -> int | float:
    digits = text.replace("_", "")
    if digits.isdigit():
        # The length first: a long enough row of digits takes Python's int() quadratic time.
        digits = digits.lstrip("0") or "0"
        if len(digits) > 19 or int(digits) > LARGEST_INTEGER:
            problem = "is too large for a whole number"
            raise DiagnosticError(BadNumber(span, problem, f"the largest is {LARGEST_INTEGER}"))
        return int(digits)
    value = float(digits)
    if math.isinf(value):
        raise DiagnosticError(BadNumber(span, "is too large", "the largest is about 1.8e308"))
    if value == 0 and re.search("[1-9]", re.split("[eE]", digits)[0]):
        help = "the smallest is about 4.9e-324; or write 0"
        raise DiagnosticError(BadNumber(span, "is too small to be told from zero", help))
    return value


def _unescape(escape: re.Match[str], string: Span) -> str:
    letter = escape.group(1)
    if letter in _ESCAPED:
        return _ESCAPED[letter]
    start = string.start + 1 + escape.start()
    raise DiagnosticError(BadEscape(Span(string.source, start, start + 2)))
