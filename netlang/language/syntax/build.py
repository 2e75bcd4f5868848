"""From what Lark reads to the syntax tree of ``ast.py``, one method per rule of the grammar.

Lark calls them as it reads: with a tree of Lark's own in between, it would take twice the time.
"""

from __future__ import annotations

import math
import re
from typing import Any

from lark import Token, Transformer

from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.syntax import BadEscape, BadNumber
from netlang.language.source import Span
from netlang.language.syntax.ast import (
    Argument,
    Binary,
    Call,
    Chain,
    Definition,
    Expectation,
    Expression,
    Hole,
    Import,
    ListOf,
    Literal,
    Name,
    Override,
    Parameter,
    Parenthesized,
    Tapped,
    Unary,
)

LARGEST_INTEGER = 2**63 - 1

_WORDS = {"true": True, "false": False, "none": None}

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WINDOWS_PATH = re.compile(r'"(?:[A-Za-z]:)?[\w .-]*(?:\\[\w .-]+)+"')
_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Build(Transformer[Token, Any]):
    """Builds one statement while it is read; tokens count their offsets from its start."""

    def begin(self, statement: Span) -> None:
        """Say which statement is read next."""
        self._statement = statement
        self._source, self._start = statement.source, statement.start

    def _span(self, first: Token, last: Token) -> Span:
        assert first.start_pos is not None
        assert last.end_pos is not None
        return Span(self._source, self._start + first.start_pos, self._start + last.end_pos)

    def _name(self, token: Token) -> Name:
        return Name(str(token), self._span(token, token))

    def definition(self, parts: list[Any]) -> Definition | Override:
        *path, value = parts
        names = tuple(self._name(token) for token in path)
        if len(names) > 1:
            return Override(names, value, self._statement)
        return Definition(names[0], value, self._statement)

    def block(self, parts: list[Any]) -> Definition:
        name, *parameters, value = parts
        return Definition(self._name(name), value, self._statement, parameters=tuple(parameters))

    def parameter(self, parts: list[Any]) -> Parameter:
        name, default = self._name(parts[0]), parts[1] if len(parts) > 1 else None
        return Parameter(name, default, name.span.to(default.span) if default else name.span)

    def shared(self, parts: list[Any]) -> Definition:
        name, value = parts
        return Definition(self._name(name), value, self._statement, shared=True)

    def import_(self, parts: list[Token]) -> Import:
        return Import(self.string(parts), self._statement)

    def bare(self, parts: list[Any]) -> Definition:
        return Definition(None, parts[0], self._statement)

    def expectation(self, parts: list[Any]) -> Expectation:
        *metric, comparison, bound = parts
        names = tuple(self._name(token) for token in metric)
        return Expectation(names, str(comparison), bound, self._statement)

    def chain(self, links: list[Expression]) -> Chain:
        return Chain(tuple(links), links[0].span.to(links[-1].span))

    def binary(self, parts: list[Any]) -> Binary:
        left, operator, right = parts
        return Binary(str(operator), left, right, left.span.to(right.span))

    def unary(self, parts: list[Any]) -> Unary:
        sign, operand = parts
        return Unary(str(sign), operand, self._span(sign, sign).to(operand.span))

    def name(self, parts: list[Token]) -> Name:
        return self._name(parts[0])

    def call(self, parts: list[Any]) -> Call:
        callee, *arguments, end = parts
        return Call(self._name(callee), tuple(arguments), self._span(callee, end))

    def argument(self, parts: list[Expression]) -> Argument:
        return Argument(None, parts[0], parts[0].span)

    def keyword(self, parts: list[Any]) -> Argument:
        name, value = self._name(parts[0]), parts[1]
        return Argument(name, value, name.span.to(value.span))

    def items(self, parts: list[Any]) -> ListOf:
        begin, *items, end = parts
        return ListOf(tuple(items), self._span(begin, end))

    def tapped(self, parts: list[Any]) -> Tapped:
        inner, name = parts[0], self._name(parts[1])
        return Tapped(inner, name, inner.span.to(name.span))

    def hole(self, parts: list[Token]) -> Hole:
        return Hole(self._span(parts[0], parts[0]))

    def parenthesized(self, parts: list[Any]) -> Parenthesized:
        begin, inner, end = parts
        return Parenthesized(inner, self._span(begin, end))

    def number(self, parts: list[Token]) -> Literal:
        span = self._span(parts[0], parts[0])
        return Literal(_number(str(parts[0]), span), span)

    def string(self, parts: list[Token]) -> Literal:
        span = self._span(parts[0], parts[0])
        return Literal(_ESCAPE.sub(lambda escape: _unescape(escape, span), parts[0][1:-1]), span)

    def word(self, parts: list[Token]) -> Literal:
        return Literal(_WORDS[parts[0]], self._span(parts[0], parts[0]))


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
        raise DiagnosticError(BadNumber(span, "is too small to differ from zero", help))
    return value


def _unescape(escape: re.Match[str], string: Span) -> str:
    letter = escape.group(1)
    if letter in _ESCAPED:
        return _ESCAPED[letter]
    start = string.start + 1 + escape.start()
    span, path = Span(string.source, start, start + 2), string.text.replace("\\", "/")
    is_path = _WINDOWS_PATH.fullmatch(string.text)
    raise DiagnosticError(BadEscape(span, string, path if is_path else None))
