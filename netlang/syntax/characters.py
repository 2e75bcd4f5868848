"""Characters that the language does not have, and what stands for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from netlang.diagnostics import Fix
from netlang.diagnostics.syntax import UnexpectedCharacter
from netlang.source import Span

_LOOKALIKES = {
    **{"×": "*", "−": "-", "–": "-", "—": "-", "÷": "/"},
    **{"“": '"', "”": '"', "„": '"'},
    **{"，": ",", "（": "(", "）": ")", "＝": "=", "｜": "->"},
}
_OF_OTHER_LANGUAGES = {":": "=", "{": "(", "}": ")", "^": "**"}
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# What stands in strings and comments is what its writer wants, typographic quotes included.
_PIECE = re.compile(r'"[^"\n]*"?|#[^\n]*|[“”„][^“”„"\n]*[“”]|.', re.DOTALL)
_CALLED = re.compile(r"[A-Za-z0-9_]\Z")
_NAMED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*[ \t]*\Z")


def odd_character(place: Span, accepts: set[str], statement: Span) -> UnexpectedCharacter:
    """What is wrong with the character at ``place``, where the grammar ``accepts`` others.

    Mending it mends all of its like in the statement: one alone would only bring the next to light.
    """
    character, text = place.text, statement.text
    before = text[: place.start - statement.start]
    inside = before.count("(") > before.count(")")
    meant = "," if character == ";" and inside else _meant(character)
    mended: tuple[Fix, ...] = ()
    if _lookalike(character):
        mended = tuple(_lookalikes(statement))
    elif character == "^":
        mended = tuple(Fix(span, "**") for span in _all("^", statement))
    elif character == ";" and inside:
        mended = tuple(_semicolons(statement))
    elif character == ":" and "EQUAL" in accepts:
        mended = tuple(
            Fix(span, "=")
            for span in _all(":", statement)
            if _NAMED.search(text, 0, span.start - statement.start)
        )
    elif character == "{" and _calls(statement):
        mended = tuple(
            Fix(span, _OF_OTHER_LANGUAGES[brace])
            for brace in "{}"
            for span in _all(brace, statement)
        )
    opens = character == "{" and place.start == statement.start
    return UnexpectedCharacter(place, meant, opens, mended)


def _meant(character: str) -> str | None:
    if character in _SUPERSCRIPTS:
        return f"**{_SUPERSCRIPTS.index(character)}"
    return _lookalike(character) or _OF_OTHER_LANGUAGES.get(character)


def _lookalike(character: str) -> str | None:
    """What looks like it in ASCII, or is the same digit there."""
    if not character.isascii() and character.isdecimal():
        return str(unicodedata.decimal(character))
    return _LOOKALIKES.get(character)


def _lookalikes(statement: Span) -> Iterator[Fix]:
    """What mends all lookalikes of the statement; nothing, if a quote is without its partner."""
    found = []
    for piece, span in _pieces(statement):
        if len(piece) > 1 and piece[0] in "“”„":
            ends = (span.start, span.end - 1)
            found += [Fix(Span(span.source, at, at + 1), '"') for at in ends]
        elif piece in _LOOKALIKES and _LOOKALIKES[piece] == '"':
            return
        elif len(piece) == 1 and (meant := _lookalike(piece)):
            found.append(Fix(span, meant))
    yield from found


def _semicolons(statement: Span) -> Iterator[Fix]:
    """What mends the semicolons: a comma inside of round brackets, nothing at the end."""
    depth = 0
    for piece, span in _pieces(statement):
        depth += (piece == "(") - (piece == ")")
        if piece == ";" and (depth or span.end == statement.end):
            yield Fix(span, "," if depth else "")


def _calls(statement: Span) -> bool:
    """Whether braces stand in the place of round brackets alone: behind a name, and in pairs."""
    opening, closing = _all("{", statement), _all("}", statement)
    text, begin = statement.text, statement.start
    calls = all(_CALLED.search(text, 0, span.start - begin) for span in opening)
    return calls and len(opening) == len(closing)


def _all(character: str, statement: Span) -> list[Span]:
    """Where the character stands in the statement, strings and comments apart."""
    return [span for piece, span in _pieces(statement) if piece == character]


def _pieces(statement: Span) -> Iterator[tuple[str, Span]]:
    source = statement.source
    for found in _PIECE.finditer(source.text, statement.start, statement.end):
        yield found.group(), Span(source, *found.span())
