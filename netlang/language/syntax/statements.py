"""Where each statement of a file begins and ends, found in one linear pass.

A newline ends a statement, except inside brackets, after an operator, or before a
line that starts with `->`. This is done before parsing, so that a statement that cannot
be read does not hide the others, and so that the parser never meets an open bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.language.diagnostics import NetError, Sink
from netlang.language.diagnostics.messages.syntax import (
    TooDeep,
    TooLong,
    UnclosedBracket,
    UnclosedString,
    UnopenedBracket,
)
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.lexis import DEFINITION, TOKEN, tokens
from netlang.system.record import Record

DEPTH_LIMIT = 200
TOKEN_LIMIT = 250_000
_SHORTER = "write `A * n` for layers that repeat, and a block for what is used often"

_CLOSING = {"(": ")", "[": "]"}
_OPENS_A_CALL = re.compile(r"[A-Za-z0-9_]\Z")

_SINGLE = re.compile("'[^'\"#]*'")


class Extent(Record):
    """One statement's span; ``readable`` is False if a mistake in it has been reported."""

    span: Span
    readable: bool


def split(source: SourceFile, sink: Sink) -> list[Extent]:
    """The statements of ``source``.

    Raises NetError for a file of more than ``TOKEN_LIMIT`` names, numbers and signs.
    """
    return list(_Scanner(source, sink).extents())


class _Scanner:
    def __init__(self, source: SourceFile, sink: Sink) -> None:
        self.source, self.text, self.sink = source, source.text, sink
        # The brackets that stay open to the end of the text, once one of them has been met. In
        # such a bracket, a line that starts like a definition ends the statement.
        self.never_closed: frozenset[int] | None = None
        self.count = 0

    def extents(self) -> Iterator[Extent]:
        at = 0
        while at < len(self.text):
            extent, at = self._statement(at)
            if extent:
                yield extent

    def _statement(self, begin: int) -> tuple[Extent | None, int]:
        """The statement that starts at or after ``begin``, and the offset at which to go on."""
        open_at: list[int] = []
        readable = True
        in_doubt = False  # an unclosed string may have hidden what closes a bracket
        first = last = -1  # where the statement's first token begins, and its last one ends
        continues = False  # the last token was an operator
        ends = False  # a line break ends the statement, unless an arrow follows
        at, count = begin, self.count
        while at < len(self.text):
            token = TOKEN.match(self.text, at)
            assert token, "every character is some token"
            kind, start, at = token.lastgroup, at, token.end()
            if kind in ("blank", "comment"):
                continue
            if kind == "newline":
                if first < 0:
                    continue
                may_end = not open_at or in_doubt or open_at[-1] in (self.never_closed or ())
                if may_end and DEFINITION.match(self.text, at):
                    break
                ends |= not (open_at or continues)
                continue
            if ends and token.group() != "->":
                at = start
                break
            ends = False
            first, last = (start if first < 0 else first), at
            self.count += 1
            if self.count > TOKEN_LIMIT:
                what = "names, numbers and signs"
                raise NetError(TooLong(self._span(start, at), what, TOKEN_LIMIT, _SHORTER))
            continues = kind == "operator"
            if kind == "quote":
                last = at = self._end_of_line(start)
                if readable:
                    end = single.end() if (single := _SINGLE.match(self.text, start, at)) else at
                    self.sink.report(UnclosedString(self._span(start, end), self._span(start, at)))
                readable, in_doubt = False, True
                closing = len(re.findall(r"[)\]]", self.text[start:at]))
                del open_at[max(0, len(open_at) - closing) :]
            elif kind == "opening":
                open_at.append(start)
                if readable and len(open_at) > DEPTH_LIMIT:
                    self.sink.report(TooDeep(self._span(start, at), DEPTH_LIMIT))
                    readable = False
            elif kind == "closing":
                readable = self._close(start, open_at, readable)
        if first < 0:
            return None, at
        if open_at and readable:
            if self.never_closed is None:
                self.never_closed, self.count = frozenset(open_at), count
                return self._statement(begin)
            self._unclosed_bracket(open_at[-1], last)
        return Extent(self._span(first, last), readable and not open_at), at

    def _close(self, start: int, open_at: list[int], readable: bool) -> bool:
        bracket = self.text[start]
        opened = open_at.pop() if open_at else None
        wanted = _CLOSING[self.text[opened]] if opened is not None else ""
        if readable and bracket != wanted:
            opening = self._span(opened, opened + 1) if opened is not None else None
            self.sink.report(UnopenedBracket(self._span(start, start + 1), opening, wanted))
        return readable and bracket == wanted

    def _unclosed_bracket(self, opened: int, end: int) -> None:
        span = self._span(opened, opened + 1)
        gap = None
        if _OPENS_A_CALL.search(self.text, max(opened - 1, 0), opened):
            gap = self._end_of_arguments(opened, end)
        self.sink.report(UnclosedBracket(span, _CLOSING[span.text], gap))

    def _end_of_arguments(self, opened: int, end: int) -> Span:
        """The empty span where a call seems to end: before the first arrow behind it."""
        last = opened + 1
        for token in tokens(self._span(last, end)):
            if token.text == "->" and not token.bracket:
                break
            if token.kind != "comment":
                last = token.span.end
        return self._span(last, last)

    def _end_of_line(self, start: int) -> int:
        newline = self.text.find("\n", start)
        end = newline if newline >= 0 else len(self.text)
        return start + len(self.text[start:end].rstrip())

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)
