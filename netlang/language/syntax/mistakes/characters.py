"""The rule for a character that begins no token of netlang, and the fixes that replace it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from netlang.language.diagnostics import Diagnostic, Fix
from netlang.language.diagnostics.messages.syntax import UnexpectedCharacter
from netlang.language.source import Span
from netlang.language.syntax.lexis import QUOTES, Token, tokens
from netlang.language.syntax.mistakes.signs import instead_of, lookalike
from netlang.language.syntax.mistakes.spacing import sign_fix
from netlang.language.syntax.mistakes.stop import Stop

_DICTIONARY = re.compile(r"\{([^{}\n]*)\}")


def odd_character(stop: Stop) -> UnexpectedCharacter | None:
    """The diagnostic for the character where the parser stopped, if it begins no token at all."""
    span = Span(stop.statement.source, stop.start, stop.start + 1)
    character = span.text
    if character == "%" or (character.isascii() and not stop.no_token):
        return None
    instead = instead_of(character)
    if character == ";" and stop.in_brackets:
        instead = ","
    elif (
        character == "{"
        and "EQUAL" in stop.accepts
        and ("LPAR" not in stop.accepts or stop.gap.end < stop.start)
    ):
        instead = "="
    elif character == "}" and not stop.in_brackets:
        instead = None
    opens = character == "{" and stop.start == stop.statement.start
    help = _dictionary(stop) if character == "{" and stop.wants_a_value and not opens else ""
    return UnexpectedCharacter(span, instead, opens, tuple(_mended(character, stop)), help)


def _dictionary(stop: Stop) -> str:
    """What to write for a dictionary: a list of what it holds for 0, 1, 2, if it does so."""
    found = _DICTIONARY.match(stop.statement.source.text, stop.start, stop.statement.end)
    items = [one.partition(":") for one in found[1].split(",")] if found else []
    values = ", ".join(value.strip() for _, _, value in items)
    if [key.strip() for key, _, _ in items] == [str(number) for number in range(len(items))]:
        return f"there are no dictionaries: a list has those of 0, 1, 2 ... in order, `[{values}]`"
    if stop.tokens[0].text == "optimizer":
        return "an optimizer says itself what it trains: `[Adam, SGD(0.1, on=head)]`"
    return f"there are no dictionaries: write a list, `[{values or '...'}]`"


def _mended(character: str, stop: Stop) -> Iterable[Fix]:
    """Fixes for all characters like this one in the statement; none, if they are not sure.

    After a fix of one of them alone, the next would be reported.
    """
    alike = [token for token in stop.tokens if token.text == character]
    if lookalike(character):
        return _lookalikes(stop.tokens)
    if character == "^":
        return (sign_fix(token, "**") for token in alike)
    if character == ";":
        sure = [one for one in alike if one.bracket or one.span.end == stop.statement.end]
        fixes = (sign_fix(token, "," if token.bracket else "") for token in sure)
        return fixes if stop.token in sure else ()
    if character == ":" and "EQUAL" in stop.accepts:
        named = (one for name, one in pairwise(stop.tokens[:-1]) if name.kind == "name")
        return (sign_fix(one, "=") for one in named if one.text == ":")
    return _braces(stop.tokens) if character == "{" else ()


def _lookalikes(parts: Iterable[Token]) -> Iterable[Fix]:
    """Fixes for all lookalikes among the tokens; none, if a quote has no partner."""
    found = []
    for token in parts:
        if token.kind == "foreign_string":
            source, ends = token.span.source, (token.span.start, token.span.end - 1)
            found += [Fix(Span(source, at, at + 1), '"') for at in ends if source.text[at] != '"']
        elif token.text in QUOTES:
            return ()
        elif token.kind == "other" and (sign := lookalike(token.text)):
            found.append(sign_fix(token, sign))
    return found


def _braces(parts: Sequence[Token]) -> Iterable[Fix]:
    """Round brackets for braces, if these stand only after a name, and in pairs."""
    braces = [token for token in parts if token.text in ("{", "}")]
    called = [
        token
        for name, token in pairwise(parts)
        if token.text == "{" and name.kind == "name" and name.span.end == token.span.start
    ]
    texts = [token.text for token in braces]
    if not len(called) == texts.count("{") == texts.count("}"):
        return ()
    return (Fix(token.span, "(" if token.text == "{" else ")") for token in braces)


def straightened(statement: Span, problems: Sequence[Diagnostic]) -> str | None:
    """The text of the statement without the odd characters in ``problems``, and as long as before.

    None if there are other problems, or if one of them cannot be mended in this way.
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
    kinds = [token.kind for token in tokens(statement.rewritten(read))]
    return read if kinds.count("opening") == kinds.count("closing") else None
