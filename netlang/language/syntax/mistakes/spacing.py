"""Fixes that put a sign into a text, with the blanks around it that the formatter would put."""

from __future__ import annotations

from netlang.language.diagnostics import Fix
from netlang.language.source import Span

_BLANKS = " \t"


def sign_fix(span: Span, sign: str, around: str = " ") -> Fix:
    """``sign`` instead of ``span`` and the blanks beside it, with ``around`` on each side.

    Blanks at either end of a line stay: its indentation, and the distance of a comment.
    """
    text, start, end = span.source.text, span.start, span.end
    while start and text[start - 1] in _BLANKS:
        start -= 1
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    kept = start == 0 or text[start - 1] == "\n" or text[start : span.start] == around
    before, start = ("", span.start) if kept else (around, start)
    kept = end == len(text) or text[end] in "\r\n#" or text[span.end : end] == around
    after, end = ("", span.end) if kept else (around, end)
    return Fix(Span(span.source, start, end), f"{before}{sign}{after}")


def comma_fix(span: Span) -> Fix:
    """A comma instead of ``span``, and a blank after it."""
    text = span.source.text
    return Fix(span, "," if text[span.end : span.end + 1].isspace() else ", ")
