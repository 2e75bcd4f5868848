"""A sign in place of a token, with the blanks around it that the formatter would put."""

from __future__ import annotations

from netlang.language.diagnostics import Fix
from netlang.language.source import Span
from netlang.language.syntax.lexis import Token

_BLANKS = " \t"
_SPACED = ("*", "**", "/", "->", "=")


def sign_fix(token: Token, sign: str) -> Fix:
    """What writes ``sign`` instead of ``token`` and of the blanks beside it.

    Blanks at either end of a line stay: its indentation, and the distance of a comment.
    """
    span, text = token.span, token.span.source.text
    start, end = span.start, span.end
    if sign == ",":
        return Fix(span, sign if text[end : end + 1].isspace() else ", ")
    if sign not in _SPACED:
        return Fix(span, sign)
    around = "" if sign == "**" or (sign == "=" and token.bracket) else " "
    while start and text[start - 1] in _BLANKS:
        start -= 1
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    kept = start == 0 or text[start - 1] == "\n" or text[start : span.start] == around
    before, start = ("", span.start) if kept else (around, start)
    kept = end == len(text) or text[end] in "\r\n#" or text[span.end : end] == around
    after, end = ("", span.end) if kept else (around, end)
    return Fix(Span(span.source, start, end), f"{before}{sign}{after}")
