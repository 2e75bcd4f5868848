"""Characters that the language does not have, and what stands for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from netlang.language.diagnostics import Diagnostic, Fix
from netlang.language.diagnostics.spacing import comma_fix, sign_fix
from netlang.language.diagnostics.syntax import UnexpectedCharacter
from netlang.language.source import Span

# A string in quotes that are none here: it is read as one, so that what stands in it is not judged.
# What stands in strings and comments is what its writer wants, typographic quotes included.
QUOTED = r"""[“”„‟«»＂][^“”„‟«»＂"\n]*[“”‟«»＂"]
      | [‘’‚‛‹›][^‘’‚‛‹›"\n]*[‘’‛‹›]
      | `[^`"\#\n]*`"""

_QUOTES = "“”„‟«»＂‘’‚‛‹›`"
_LOOKALIKES = {
    **{"×": "*", "−": "-", "–": "-", "—": "-", "÷": "/"},
    **dict.fromkeys(_QUOTES, '"'),
    **{"，": ",", "（": "(", "）": ")", "＝": "=", "｜": "->"},
}
_OF_OTHER_LANGUAGES = {":": "=", "{": "(", "}": ")", "^": "**"}
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_PIECE = re.compile(rf'"[^"\n]*"?|\#[^\n]*|{QUOTED}|.', re.DOTALL | re.VERBOSE)
_CALLED = re.compile(r"[A-Za-z0-9_]\Z")
_NAMED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*[ \t]*\Z")


def odd_character(odd: Span, accepts: set[str], statement: Span) -> UnexpectedCharacter:
    """What is wrong with the character at ``odd``, where the grammar ``accepts`` others.

    Mending it mends all of its like in the statement: one alone would only bring the next to light.
    """
    character, text = odd.text, statement.text
    before = text[: odd.start - statement.start]
    inside = before.count("(") > before.count(")")
    meant = "," if character == ";" and inside else _meant(character)
    mended: tuple[Fix, ...] = ()
    if _lookalike(character):
        mended = tuple(_lookalikes(statement))
    elif character == "^":
        mended = tuple(sign_fix(span, "**", around="") for span in _all("^", statement))
    elif character == ";" and inside:
        mended = tuple(_semicolons(statement))
    elif character == ":" and "EQUAL" in accepts:
        mended = tuple(
            _equals(span, statement)
            for span in _all(":", statement)
            if _NAMED.search(text, 0, span.start - statement.start)
        )
    elif character == "{" and _calls(statement):
        mended = tuple(
            Fix(span, _OF_OTHER_LANGUAGES[brace])
            for brace in "{}"
            for span in _all(brace, statement)
        )
    opens = character == "{" and odd.start == statement.start
    return UnexpectedCharacter(odd, meant, opens, mended)


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
        if len(piece) > 1 and piece[0] in _QUOTES:
            ends = [at for at in (span.start, span.end - 1) if span.source.text[at] != '"']
            found += [Fix(Span(span.source, at, at + 1), '"') for at in ends]
        elif piece in _QUOTES:
            return
        elif len(piece) == 1 and (meant := _lookalike(piece)):
            found.append(_in_its_place(meant, span, statement))
    yield from found


def _in_its_place(meant: str, span: Span, statement: Span) -> Fix:
    """What puts ``meant`` there, spaced as the formatter would."""
    if meant == "=":
        return _equals(span, statement)
    if meant == ",":
        return comma_fix(span)
    return sign_fix(span, meant) if meant in ("*", "/", "->") else Fix(span, meant)


def _equals(span: Span, statement: Span) -> Fix:
    """``=``, with blanks around it unless it is an argument's."""
    before = span.source.text[statement.start : span.start]
    return sign_fix(span, "=", "" if before.count("(") > before.count(")") else " ")


def straightened(statement: Span, told: Sequence[Diagnostic]) -> str | None:
    """The statement's text without the odd characters that are told, as long as it was,
    if all are mended so: it can be read as if they were right.
    """
    mended = [one.mended for one in told if isinstance(one, UnexpectedCharacter)]
    if len(mended) < len(told) or not all(mended):
        return None
    text, begin = list(statement.text), statement.start
    for fix in (fix for fixes in mended for fix in fixes):
        start, end = fix.span.start - begin, fix.span.end - begin
        sign = fix.replacement.strip()
        if len(sign) > end - start:
            return None
        text[start:end] = sign.ljust(end - start)
    read = "".join(text)
    signs = "".join(piece for piece in _PIECE.findall(read) if len(piece) == 1)
    return read if signs.count("(") == signs.count(")") else None


def _semicolons(statement: Span) -> Iterator[Fix]:
    """What mends the semicolons: a comma inside of round brackets, nothing at the end."""
    depth = 0
    for piece, span in _pieces(statement):
        depth += (piece == "(") - (piece == ")")
        if piece == ";" and (depth or span.end == statement.end):
            yield comma_fix(span) if depth else Fix(span, "")


def _calls(statement: Span) -> bool:
    """Whether braces stand only where round brackets would: behind a name, and in pairs."""
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
