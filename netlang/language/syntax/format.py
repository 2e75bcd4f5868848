"""The formatter: a file in one style, its line breaks and its comments left where they were.

It works on tokens, so that every comment stands between two of them. The user's line
breaks are kept where the style allows one; spaces, indentation and blank lines are its own:

- a chain breaks before ``->``, and goes on indented by 3; what is inside brackets by 4;
- a statement of one line that is longer than ``WIDTH`` is broken before its arrows, or, where it
  has none, inside its first brackets;
- a bracket that is broken after its opening closes on a line of its own, with a comma before;
- at most one blank line; one space around signs, none around ``=`` in arguments or ``**``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from netlang.language.diagnostics import NetError, Sink
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import File, same
from netlang.language.syntax.lexis import Token, tokens
from netlang.language.syntax.parse import parse

WIDTH = 88

_CHAIN_INDENT = 3
_BRACKET_INDENT = 4

_SIGNS = ("+", "-")
_ARITHMETIC = ("+", "-", "*", "/", "//")


def format_source(source: SourceFile) -> str:
    """``source`` in netlang's style.  Raises NetError if it has a syntax error."""
    sink = Sink()
    before = parse(source, sink)
    if sink.has_errors:
        raise NetError(*sink.diagnostics)
    text = _formatted(before)
    after = parse(source.with_text(text), sink)
    if sink.has_errors or not same(before, after):
        raise AssertionError("the formatter changed what the file says")
    return text


def _formatted(file: File) -> str:
    lines: list[str] = []
    text, at = file.source.text, 0
    for statement in file.statements:
        lines += _between(text[at : statement.span.start], lines)
        lines += _statement(statement.span)
        at = statement.span.end
    lines += _between(text[at:], lines)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def _between(gap: str, lines: list[str]) -> list[str]:
    """The comments and blank lines in the ``gap`` between two statements.

    A comment on the last line of the statement before is added to that line, in ``lines``.
    """
    *between, last = gap.split("\n")
    if last.strip():  # a comment at the end of the file
        between.append(last)
    if lines and between and (trailing := between.pop(0).strip()):
        lines[-1] += "  " + _comment(trailing)
    found = [lines[-1]] if lines else [""]
    for text in map(str.strip, between):
        if text or found[-1]:
            found.append(_comment(text))
    return found[1:]


def _comment(text: str) -> str:
    """``#text`` as ``# text``; ``#!`` and rows of ``#`` stay."""
    return re.sub(r"^#(?=[^\s#!])", "# ", text.rstrip())


def _statement(span: Span) -> list[str]:
    parts = _with_commas_first(tokens(span))
    _set_breaks(parts)
    if not any(token.breaks for token in parts) and len(_lines(parts)[0]) > WIDTH:
        _break_long(parts)
    return _lines(_with_commas(parts))


def _with_commas_first(parts: Iterable[Token]) -> list[Token]:
    """The tokens with each comma before the comments that it followed."""
    result: list[Token] = []
    for token in parts:
        at = len(result)
        while token.text == "," and at and result[at - 1].kind == "comment":
            at -= 1
        token.breaks &= at == len(result)
        result.insert(at, token)
    return result


def _set_breaks(parts: Sequence[Token]) -> None:
    """Keep the breaks that the style allows, and move those after an arrow to before it."""
    broken: set[Token] = set()  # the brackets that are broken after their opening
    for before, token, after in zip([None, *parts], parts, [*parts[1:], parts[-1]]):  # noqa: B905
        if before and before.kind == "comment":
            token.breaks = True
        elif token.kind == "comment":
            continue
        elif token.text == "->":
            if after.breaks and after.kind != "comment":
                token.breaks, after.breaks = True, False
        elif token.kind == "closing":
            token.breaks = token.bracket in broken
        elif token.breaks and before:
            token.breaks = before.kind == "opening" or before.text in (",", *_ARITHMETIC)
        if token.kind == "opening" and after.breaks and after.kind != "closing":
            broken.add(token)


def _break_long(parts: Sequence[Token]) -> None:
    """Break a line before its arrows, or else inside its first brackets."""
    arrows = [token for token in parts if token.text == "->" and not token.bracket]
    for token in arrows:
        token.breaks = True
    pairs = list(pairwise(parts))
    full = (one for one, after in pairs if one.kind == "opening" and after.kind != "closing")
    first = None if arrows else next(full, None)
    for token, after in pairs if first else ():
        begins = token is first or (token.text == "," and token.bracket is first)
        after.breaks = begins or (after.kind == "closing" and after.bracket is first)


def _with_commas(parts: Iterable[Token]) -> list[Token]:
    """A comma before each closing bracket of a list or a call that stands on its own line."""
    result: list[Token] = []
    lists: set[Token | None] = set()  # the opening brackets in which commas may stand
    last = -1  # where the last token stands in ``result``, not counting comments
    for token in parts:
        before = result[last] if result else None
        if token.text == "[" or (token.text == "(" and before and before.kind == "name"):
            lists.add(token)
        elif token.kind == "closing" and token.bracket in lists and before:
            if token.breaks and before.kind != "opening" and before.text != ",":
                result.insert(last + 1, Token("operator", ",", token.span))
            elif not token.breaks and before.text == ",":
                del result[last]
        result.append(token)
        if token.kind != "comment":
            last = len(result) - 1
    return result


def _lines(parts: Sequence[Token]) -> list[str]:
    lines: list[list[str]] = [[]]
    here = 0  # the indentation of the last line
    opened: dict[Token | None, int] = {}  # that of the line on which each opening bracket stands
    before: Token | None = None
    operand = sign = False  # whether ``before`` ends a value, and is the sign of one
    for index, token in enumerate(parts):
        if before and token.breaks:
            here = _indent(parts, index, opened)
            lines.append([" " * here])
        elif before:
            lines[-1].append(_space(before, token, sign))
        lines[-1].append(_comment(token.text) if token.kind == "comment" else token.text)
        if token.kind == "opening":
            opened[token] = here
        if token.kind != "comment":
            sign = token.text in _SIGNS and not operand
            operand = token.kind not in ("opening", "operator", "other")
            operand &= token.text != "in" or parts[0].text != "tune"
        before = token
    return ["".join(line) for line in lines]


def _indent(parts: Sequence[Token], index: int, opened: dict[Token | None, int]) -> int:
    """The indentation of a line that begins with ``parts[index]``."""
    bracket = parts[index].bracket
    if parts[index].kind == "closing":
        return opened[bracket]
    while index + 1 < len(parts) and parts[index].kind == "comment":
        index += 1  # a comment stands as what it is about
    inner = opened[bracket] + _BRACKET_INDENT if bracket else 0
    return inner + _CHAIN_INDENT if not bracket or parts[index].text == "->" else inner


def _space(before: Token, token: Token, sign: bool) -> str:
    if token.kind == "comment":
        return "  "
    tight = (
        before.kind == "opening"
        or before.text in (".", "**")
        or token.kind == "closing"
        or token.text in (",", ".", "**")
        or (sign and token.text not in _SIGNS)
        or (token.text == "(" and before.kind == "name")
        or (token.bracket and "=" in (before.text, token.text))
    )
    return "" if tight else " "
