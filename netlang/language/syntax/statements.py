"""Where each statement of a file begins and ends, found in one linear pass.

A newline ends a statement, except inside brackets, after an operator, or before a
line that starts with `->`. This is done before parsing, so that a statement that cannot
be read does not hide the others, and so that the parser never meets an open bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.language.diagnostics import DiagnosticError, Sink
from netlang.language.diagnostics.syntax import (
    TooDeep,
    TooLong,
    UnclosedBracket,
    UnclosedString,
    UnopenedBracket,
)
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.characters import QUOTED
from netlang.language.syntax.stop import NAME
from netlang.system.record import Record

DEPTH_LIMIT = 200
PIECE_LIMIT = 250_000

_CLOSING = {"(": ")", "[": "]"}
_OPENING = {")": "(", "]": "["}

_PIECE = re.compile(
    rf"""(?P<blank>[ \t\r]+|\#[^\n]*)
      | (?P<newline>\n)
      | (?P<string>"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*" | {QUOTED})
      | (?P<quote>["'])
      | (?P<open>[(\[])
      | (?P<close>[)\]])
      | (?P<arrow>->)
      | (?P<operator>\*\*|//|[-+*/,]|[<>=!]=|[<>=])
      | (?P<other>[A-Za-z0-9_.]+|.)""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"(?:[ \t\r\n]|\#[^\n]*)*")
_DEFINITION_FOLLOWS = re.compile(
    rf"{NAME}[ \t]*=(?!=)|(expect|block|shared)[ \t]+[A-Za-z_]|import[ \t]*[\"]"
)
_OPENS_A_CALL = re.compile(r"[A-Za-z0-9_]\Z")


class Extent(Record):
    """One statement's span; ``readable`` is False if a mistake in it has been reported."""

    span: Span
    readable: bool


def split(source: SourceFile, sink: Sink) -> list[Extent]:
    """The statements of ``source``.

    Raises DiagnosticError for a file of more than ``PIECE_LIMIT`` names, numbers and signs.
    """
    return list(_Scanner(source, sink).extents())


class _Scanner:
    def __init__(self, source: SourceFile, sink: Sink) -> None:
        self.source, self.text, self.sink = source, source.text, sink
        # Once a bracket stays open, a line that starts like a definition ends the statement.
        self.suspicious = False
        self.pieces = 0
        self.blanks = range(0)  # the run of blanks that was looked over last

    def extents(self) -> Iterator[Extent]:
        at = 0
        while at < len(self.text):
            extent, at = self._statement(at)
            if extent:
                yield extent

    def _statement(self, begin: int) -> tuple[Extent | None, int]:
        """The statement that starts at or after ``begin``, and where to go on."""
        open_at: list[int] = []
        readable = True
        first = last = -1  # where the statement's first piece begins, and its last one ends
        continues = False  # the last piece was an operator
        at = begin
        while at < len(self.text):
            piece = _PIECE.match(self.text, at)
            assert piece, "every character is some piece"
            kind, start, at = piece.lastgroup, at, piece.end()
            if kind == "blank":
                continue
            if kind == "newline":
                if first < 0:
                    continue
                if _DEFINITION_FOLLOWS.match(self.text, at) and (self.suspicious or not open_at):
                    break
                if open_at or continues or self._arrow_follows(at):
                    continue
                return Extent(self._span(first, last), readable), at
            first, last = (start if first < 0 else first), at
            self.pieces += 1
            if self.pieces > PIECE_LIMIT:
                raise DiagnosticError(TooLong(self._span(start, at), "pieces", PIECE_LIMIT))
            continues = kind in ("arrow", "operator")
            if kind == "quote":
                self._unclosed_string(start, readable)
                last = self._end_of_line(start)
                return Extent(self._span(first, last), False), last
            elif kind == "open":
                open_at.append(start)
                if len(open_at) == DEPTH_LIMIT + 1:
                    self.sink.report(TooDeep(self._span(start, at), DEPTH_LIMIT))
                    readable = False
            elif kind == "close":
                readable = self._close(start, open_at, readable)
        if first < 0:
            return None, at
        if open_at and readable:
            if not self.suspicious:
                self.suspicious = True
                return self._statement(begin)
            self._unclosed_bracket(open_at, last)
        return Extent(self._span(first, last), readable and not open_at), at

    def _arrow_follows(self, at: int) -> bool:
        """Whether blanks and comments lead from ``at`` to an arrow; each is looked over once."""
        if at not in self.blanks:
            found = _BLANKS.match(self.text, at)
            assert found, "it matches where there are no blanks, too"
            self.blanks = range(at, found.end())
        return self.text.startswith("->", self.blanks.stop)

    def _close(self, start: int, open_at: list[int], readable: bool) -> bool:
        bracket = self.text[start]
        opened = open_at.pop() if open_at else None
        if opened is not None and self.text[opened] == _OPENING[bracket]:
            return readable
        if readable:
            wanted = _CLOSING[self.text[opened]] if opened is not None else ""
            opening = self._span(opened, opened + 1) if opened is not None else None
            span = self._span(start, start + 1)
            self.sink.report(UnopenedBracket(span, bracket, opening, wanted))
        return False

    def _unclosed_bracket(self, open_at: list[int], end: int) -> None:
        opened = open_at[-1]
        bracket = self.text[opened]
        insert = self._before_arrow(opened, end)
        gap = self._span(insert, insert) if insert is not None else None
        span = self._span(opened, opened + 1)
        self.sink.report(UnclosedBracket(span, bracket, _CLOSING[bracket], gap))

    def _before_arrow(self, opened: int, end: int) -> int | None:
        """Where a call's arguments seem to end: before the first arrow that follows them."""
        if not _OPENS_A_CALL.search(self.text, max(opened - 1, 0), opened):
            return None
        depth, last = 0, opened + 1
        for piece in _PIECE.finditer(self.text, opened + 1, end):
            kind = piece.lastgroup
            if kind == "arrow" and depth == 0:
                return last
            depth += (kind == "open") - (kind == "close")
            if kind not in ("blank", "newline"):
                last = piece.end()
        return last

    def _unclosed_string(self, start: int, readable: bool) -> None:
        if readable:
            quote = self.text[start]
            self.sink.report(UnclosedString(self._span(start, self._end_of_line(start)), quote))

    def _end_of_line(self, start: int) -> int:
        newline = self.text.find("\n", start)
        end = newline if newline >= 0 else len(self.text)
        return start + len(self.text[start:end].rstrip())

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)
