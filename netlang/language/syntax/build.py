"""From what Lark reads to the syntax tree of ``ast.py``, one method per rule of the grammar.

Lark calls them as it reads: with a tree of Lark's own in between, it would take twice the time.
"""

from __future__ import annotations

import math
import re
from typing import Any

from lark import Token, Transformer, v_args

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.syntax import (
    BadEscape,
    BadNumber,
    UnexpectedToken,
    no_name,
)
from netlang.language.metric_path import MetricPath
from netlang.language.source import Span
from netlang.language.syntax.ast import (
    Argument,
    Binary,
    Call,
    Chain,
    Definition,
    Expect,
    Expression,
    Hole,
    Import,
    Interval,
    ListOf,
    Literal,
    Name,
    Override,
    Parameter,
    Parenthesized,
    Tapped,
    Tuning,
    Unary,
)
from netlang.language.syntax.lexis import KEYWORDS, LITERALS

LARGEST_INTEGER = 2**63 - 1

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WINDOWS_PATH = re.compile(r'"(?:[A-Za-z]:)?[\w .-]*(?:\\[\w .-]+)+"')
_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


@v_args(inline=True)
class Build(Transformer[Token, Any]):
    """Builds one statement while it is read; tokens count their offsets from its start."""

    def begin(self, statement: Span) -> None:
        """Set the statement that is read next."""
        self._statement = statement
        self._source, self._start = statement.source, statement.start

    def _span(self, first: Token, last: Token) -> Span:
        assert first.start_pos is not None
        assert last.end_pos is not None
        return Span(self._source, self._start + first.start_pos, self._start + last.end_pos)

    def name(self, token: Token) -> Name:
        # The lexer takes a keyword as a name wherever the grammar has no keyword.
        span = self._span(token, token)
        if token in KEYWORDS:
            raise NetError(UnexpectedToken(span, "a name", no_name(token)))
        return Name(str(token), span)

    def definition(self, first: Token, *rest: Any) -> Definition | Override:
        path, value = tuple(self.name(token) for token in (first, *rest[:-1])), rest[-1]
        if self._source.is_override:
            return Override(path, value, self._statement)
        if len(path) > 1:
            name, argument = path[0].name, path[1].name
            example = f"`{name} = Name({argument}=...)`"
            help = f"write it where `{name}` is defined, as in {example}"
            raise NetError(UnexpectedToken(path[1].span, "`=`", help, what=f"`.{argument}`"))
        return Definition(path[0], value, self._statement)

    def block(self, name: Token, *rest: Any) -> Definition:
        return Definition(self.name(name), rest[-1], self._statement, parameters=rest[:-1])

    def parameter(self, name: Token, default: Expression | None = None) -> Parameter:
        own = self.name(name)
        return Parameter(own, default, own.span.to(default.span) if default else own.span)

    def shared(self, name: Token, value: Expression) -> Definition:
        return Definition(self.name(name), value, self._statement, shared=True)

    def import_(self, path: Token) -> Import:
        return Import(self.string(path), self._statement)

    def bare(self, value: Expression) -> Definition:
        return Definition(None, value, self._statement)

    def expectation(self, *parts: Any) -> Expect:
        *metric, comparison, bound = parts
        names = tuple(self.name(token) for token in metric)
        return Expect(names, str(comparison), bound, self._statement)

    def tuning(self, *parts: Any) -> Tuning:
        *path, candidates = parts
        return Tuning(tuple(map(self.name, path)), candidates, self._statement)

    def interval(self, range: Token, *how: Any) -> Interval:
        low, _, high = range.partition("..")
        whole = self._span(range, range)
        ends = (
            Span(whole.source, whole.start, whole.start + len(low)),
            Span(whole.source, whole.end - len(high), whole.end),
        )
        numbers = [
            Literal(_signed(text, span), span) for text, span in zip((low, high), ends, strict=True)
        ]
        is_log = [str(word) for word in how] == ["log"]
        step = self.number(how[1]) if len(how) == 2 else None
        span = whole.to(self._span(how[-1], how[-1])) if how else whole
        return Interval(numbers[0], numbers[1], is_log, step, span)

    def chain(self, *links: Expression) -> Chain:
        return Chain(links, links[0].span.to(links[-1].span))

    def binary(self, left: Expression, operator: Token, right: Expression) -> Binary:
        return Binary(str(operator), left, right, left.span.to(right.span))

    def unary(self, sign: Token, operand: Expression) -> Unary:
        return Unary(str(sign), operand, self._span(sign, sign).to(operand.span))

    def call(self, callee: Token, *rest: Any) -> Call:
        return Call(self.name(callee), rest[:-1], self._span(callee, rest[-1]))

    def argument(self, value: Expression) -> Argument:
        return Argument(None, value, value.span)

    def keyword(self, name: Token, value: Expression) -> Argument:
        own = self.name(name)
        return Argument(own, value, own.span.to(value.span))

    def items(self, begin: Token, *rest: Any) -> ListOf:
        return ListOf(rest[:-1], self._span(begin, rest[-1]))

    def tapped(self, inner: Expression, name: Token) -> Tapped:
        own = self.name(name)
        return Tapped(inner, own, inner.span.to(own.span))

    def hole(self, token: Token) -> Hole:
        return Hole(self._span(token, token))

    def parenthesized(self, begin: Token, inner: Expression, end: Token) -> Parenthesized:
        return Parenthesized(inner, self._span(begin, end))

    def number(self, token: Token) -> Literal:
        span = self._span(token, token)
        return Literal(_number(str(token), span), span)

    def string(self, token: Token) -> Literal:
        span = self._span(token, token)
        return Literal(
            _ESCAPE.sub(lambda escape: _unescape(escape, token, span), token[1:-1]), span
        )

    def measured(self, token: Token) -> Literal:
        return Literal(MetricPath(token), self._span(token, token))

    def word(self, token: Token) -> Literal:
        return Literal(LITERALS[token], self._span(token, token))


def _signed(text: str, span: Span) -> int | float:
    value = _number(text.lstrip("+-"), span)
    return -value if text.startswith("-") else value


def _number(text: str, span: Span) -> int | float:
    digits = text.replace("_", "")
    if digits.isdigit():
        # The length first: a long enough row of digits takes Python's int() quadratic time.
        digits = digits.lstrip("0") or "0"
        if len(digits) > 19 or int(digits) > LARGEST_INTEGER:
            problem = "is too large for a whole number"
            raise NetError(BadNumber(span, problem, f"the largest is {LARGEST_INTEGER}"))
        return int(digits)
    value = float(digits)
    if math.isinf(value):
        raise NetError(BadNumber(span, "is too large", "the largest is about 1.8e308"))
    if value == 0 and re.search("[1-9]", re.split("[eE]", digits)[0]):
        help = "the smallest is about 4.9e-324; or write 0"
        raise NetError(BadNumber(span, "is too small to differ from zero", help))
    return value


def _unescape(escape: re.Match[str], string: Token, span: Span) -> str:
    letter = escape.group(1)
    if letter in _ESCAPED:
        return _ESCAPED[letter]
    start = span.start + 1 + escape.start()
    path = string.replace("\\", "/") if _WINDOWS_PATH.fullmatch(string) else None
    raise NetError(BadEscape(Span(span.source, start, start + 2), span, path))
