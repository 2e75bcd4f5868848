"""Characters that the language does not have, and what stands for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from netlang.language.diagnostics import Diagnostic, Fix
from netlang.language.diagnostics.spacing import comma_fix, sign_fix
from netlang.language.diagnostics.syntax import UnexpectedCharacter
from netlang.language.source import Span
from netlang.language.syntax.stop import NAME, Stop, in_brackets

# A string in quotes that the language does not have: it is read as a string, so that nothing in it
# is judged. Strings and comments hold what their writer wants, typographic quotes included.
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
_NAMED = re.compile(rf"{NAME}[ \t]*\Z")


def odd_character(stop: Stop) -> UnexpectedCharacter:
    """What is wrong with the character on which the parser stopped."""
    character = stop.character.text
    meant = "," if character == ";" and stop.in_brackets else _meant(character)
    opens = character == "{" and stop.start == stop.statement.start
    return UnexpectedCharacter(stop.character, meant, opens, tuple(_mended(character, stop)))


def _meant(character: str) -> str | None:
    if character in _SUPERSCRIPTS:
        return f"**{_SUPERSCRIPTS.index(character)}"
    return _lookalike(character) or _OF_OTHER_LANGUAGES.get(character)


def _lookalike(character: str) -> str | None:
    """What looks like it in ASCII, or is the same digit there."""
    if not character.isascii() and character.isdecimal():
        return str(unicodedata.decimal(character))
    return _LOOKALIKES.get(character)


def _mended(character: str, stop: Stop) -> Iterable[Fix]:
    """What mends all characters like it in the statement, as mending one would only reveal the
    next; nothing, if that is not sure.
    """
    statement = stop.statement
    if _lookalike(character):
        return _lookalikes(statement)
    if character == "^":
        return (sign_fix(span, "**", around="") for span in _all("^", statement))
    if character == ";" and stop.in_brackets:
        return _semicolons(statement)
    if character == ":" and "EQUAL" in stop.accepts:
        colons = _all(":", statement)
        return (_equals(span, statement) for span in colons if _follows(_NAMED, span, statement))
    if character == "{" and _calls(statement):
        return (
            Fix(one, _OF_OTHER_LANGUAGES[sign]) for sign in "{}" for one in _all(sign, statement)
        )
    return ()


def _lookalikes(statement: Span) -> Iterator[Fix]:
    """What mends all lookalikes of the statement; nothing, if a quote is without its partner."""
    found = []
    for piece, span in pieces(statement):
        if len(piece) > 1 and piece[0] in _QUOTES:
            ends = [at for at in (span.start, span.end - 1) if span.source.text[at] != '"']
            found += [Fix(Span(span.source, at, at + 1), '"') for at in ends]
        elif piece in _QUOTES:
            return
        elif len(piece) == 1 and (meant := _lookalike(piece)):
            found.append(_spaced(meant, span, statement))
    yield from found


def _spaced(meant: str, span: Span, statement: Span) -> Fix:
    """What puts ``meant`` there, spaced as the formatter would."""
    if meant == "=":
        return _equals(span, statement)
    if meant == ",":
        return comma_fix(span)
    return sign_fix(span, meant) if meant in ("*", "/", "->") else Fix(span, meant)


def _equals(span: Span, statement: Span) -> Fix:
    """``=``, with blanks around it unless it is an argument's."""
    before = span.source.text[statement.start : span.start]
    return sign_fix(span, "=", "" if in_brackets(before) else " ")


def _semicolons(statement: Span) -> Iterator[Fix]:
    """What mends the semicolons: a comma inside of round brackets, nothing at the end."""
    depth = 0
    for piece, span in pieces(statement):
        depth += (piece == "(") - (piece == ")")
        if piece == ";" and (depth or span.end == statement.end):
            yield comma_fix(span) if depth else Fix(span, "")


def _calls(statement: Span) -> bool:
    """Whether braces stand only where round brackets would: after a name, and in pairs."""
    opening, closing = _all("{", statement), _all("}", statement)
    calls = all(_follows(_CALLED, span, statement) for span in opening)
    return calls and len(opening) == len(closing)


def _follows(pattern: re.Pattern[str], span: Span, statement: Span) -> bool:
    """Whether ``span`` stands after what matches ``pattern``."""
    return bool(pattern.search(statement.text, 0, span.start - statement.start))


def _all(character: str, statement: Span) -> list[Span]:
    """Where the character stands in the statement, but not in strings and comments."""
    return [span for piece, span in pieces(statement) if piece == character]


def pieces(statement: Span) -> Iterator[tuple[str, Span]]:
    """The statement's strings, its comments, and each other character."""
    source = statement.source
    for found in _PIECE.finditer(source.text, statement.start, statement.end):
        yield found.group(), Span(source, *found.span())


def straightened(statement: Span, problems: Sequence[Diagnostic]) -> str | None:
    """The statement's text with the odd characters of ``problems`` mended, as long as it was.

    None if not all problems are such characters, or if one of them cannot be mended so.
    """
    mended = [one.mended for one in problems if isinstance(one, UnexpectedCharacter)]
    if len(mended) < len(problems) or not all(mended):
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
