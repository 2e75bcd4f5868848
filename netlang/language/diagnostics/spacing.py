"""Fixes that put a sign into a text, with the blanks around it that the formatter would leave."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Fix
from netlang.language.source import Span

_BLANKS = " \t"


def sign_fix(place: Span, sign: str, around: str = " ") -> Fix:
    """``sign`` in the place of ``place`` and of the blanks beside it, with ``around`` on each side.

    At either end of a line what stands there is left: the indentation, a comment's distance.
    """
    text, start, end = place.source.text, place.start, place.end
    while start and text[start - 1] in _BLANKS:
        start -= 1
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    kept = start == 0 or text[start - 1] == "\n" or text[start : place.start] == around
    before, start = ("", place.start) if kept else (around, start)
    kept = end == len(text) or text[end] in "\r\n#" or text[place.end : end] == around
    behind, end = ("", place.end) if kept else (around, end)
    return Fix(Span(place.source, start, end), f"{before}{sign}{behind}")


def comma_fix(place: Span) -> Fix:
    """A comma in the place of ``place``, and a blank behind it."""
    text = place.source.text
    return Fix(place, "," if text[place.end : place.end + 1].isspace() else ", ")
