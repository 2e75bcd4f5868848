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
from collections.abc import Iterable, Iterator, Sequence

from netlang.language.diagnostics import DiagnosticError, Sink
from netlang.language.source import SourceFile
from netlang.language.syntax.ast import same
from netlang.language.syntax.parse import parse
from netlang.language.syntax.statements import split

WIDTH = 88

_CHAIN_INDENT = 3
_BRACKET_INDENT = 4

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<newline>\n)
      | (?P<blank>[ \t\r]+)
      | (?P<string>"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*")
      | (?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>->|\*\*|//|[<>=!]=|.)""",
    re.VERBOSE,
)
_OPENING, _CLOSING = ("(", "["), (")", "]")
_SIGNS = ("+", "-")
_ARITHMETIC = ("+", "-", "*", "/", "//")


def format_source(source: SourceFile) -> str:
    """``source`` in netlang's style.  Raises DiagnosticError if it has a syntax error."""
    sink = Sink()
    before = parse(source, sink)
    if sink.has_errors:
        raise DiagnosticError(*sink.diagnostics)
    text = _formatted(source)
    after = parse(source.with_text(text), sink)
    if sink.has_errors or not same(before, after):
        raise AssertionError("the formatter changed what the file says")
    return text


class _Token:
    """A token, or a comment; ``breaks`` says that a line break stands before it."""

    def __init__(self, kind: str, text: str, breaks: bool) -> None:
        self.kind, self.text, self.breaks = kind, text, breaks
        self.unary = False


def _formatted(source: SourceFile) -> str:
    lines: list[str] = []
    at = 0
    for extent in split(source, Sink()):
        lines += _between(source.text[at : extent.span.start], lines)
        lines += _statement(extent.span.text)
        at = extent.span.end
    lines += _between(source.text[at:], lines)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def _between(gap: str, lines: list[str]) -> list[str]:
    """The comments and blank lines of what stands between two statements.

    A comment on the line on which the statement before ends is put there, into ``lines``.
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


def _statement(text: str) -> list[str]:
    tokens = _with_commas_first(_tokens(text))
    _mark_signs(tokens)
    _set_breaks(tokens)
    if not any(token.breaks for token in tokens):
        line = _lines(tokens)[0]
        if len(line) > WIDTH:
            _break_long(tokens)
    return _lines(_with_commas(tokens))


def _tokens(statement: str) -> Iterator[_Token]:
    breaks = False
    for found in _TOKEN.finditer(statement):
        kind = found.lastgroup or ""
        if kind == "newline":
            breaks = True
        elif kind != "blank":
            yield _Token(
                kind, _comment(found.group()) if kind == "comment" else found.group(), breaks
            )
            breaks = False


def _with_commas_first(tokens: Iterable[_Token]) -> list[_Token]:
    """``tokens`` with each comma before the comments that it followed."""
    result: list[_Token] = []
    for token in tokens:
        at = len(result)
        while token.text == "," and at and result[at - 1].kind == "comment":
            at -= 1
        token.breaks &= at == len(result)
        result.insert(at, token)
    return result


def _mark_signs(tokens: Sequence[_Token]) -> None:
    """Mark the signs that belong to the number after them."""
    before: _Token | None = None
    for token in tokens:
        if token.kind == "comment":
            continue
        ends_a_value = before and (before.kind != "sign" or before.text in _CLOSING)
        token.unary = token.text in _SIGNS and not ends_a_value
        before = token


def _set_breaks(tokens: list[_Token]) -> None:
    """Keep the breaks that the style allows, and move those after an arrow to before it."""
    opened: list[bool] = []  # for each open bracket, whether it is broken after its opening
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        if before and before.kind == "comment":
            token.breaks = True
        elif token.kind == "comment":
            continue
        elif token.text == "->":
            after = tokens[index + 1] if index + 1 < len(tokens) else token
            if after.breaks and after.kind != "comment":
                token.breaks, after.breaks = True, False
        elif token.text in _CLOSING:
            token.breaks = bool(opened) and opened[-1]
        elif token.breaks and before:
            in_brackets = before.text in (*_OPENING, ",")
            token.breaks = in_brackets or (before.text in _ARITHMETIC)
        if token.text in _OPENING:
            after = tokens[index + 1] if index + 1 < len(tokens) else token
            opened.append(after.breaks and after.text not in _CLOSING)
        elif token.text in _CLOSING and opened:
            opened.pop()


def _break_long(tokens: list[_Token]) -> None:
    """Break a line before its arrows, or else inside its first brackets."""
    depth, arrows, opening = 0, [], None
    for index, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if token.text == "->" and depth == 0:
            arrows.append(token)
        if token.text in _OPENING and opening is None and tokens[index + 1].text not in _CLOSING:
            opening = index
    for token in arrows:
        token.breaks = True
    if arrows or opening is None:
        return
    depth = 0
    for index in range(opening, len(tokens)):
        token = tokens[index]
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0:
            token.breaks = True
            return
        if depth == 1 and (index == opening or token.text == ","):
            tokens[index + 1].breaks = True


def _with_commas(tokens: list[_Token]) -> list[_Token]:
    """A comma before each closing bracket of a list or a call that stands on its own line."""
    result: list[_Token] = []
    lists: list[bool] = []  # for each open bracket, whether commas may stand in it
    last = -1  # where the last token stands in ``result``, not counting comments
    for token in tokens:
        before = result[last] if result else None
        if token.text in _OPENING:
            lists.append(token.text == "[" or (before is not None and before.kind == "name"))
        elif token.text in _CLOSING and lists and lists.pop() and before:
            if token.breaks and before.text not in (*_OPENING, ","):
                result.insert(last + 1, _Token("sign", ",", False))
            elif not token.breaks and before.text == ",":
                del result[last]
        result.append(token)
        if token.kind != "comment":
            last = len(result) - 1
    return result


def _lines(tokens: Sequence[_Token]) -> list[str]:
    lines: list[list[str]] = [[]]
    here = 0  # the indentation of the last line
    opened: list[int] = []  # that of the line on which each open bracket stands
    before: _Token | None = None
    for index, token in enumerate(tokens):
        outer = opened.pop() if token.text in _CLOSING and opened else 0
        if before and token.breaks:
            here = outer if token.text in _CLOSING else _indent(tokens, index, opened)
            lines.append([" " * here])
        elif before:
            lines[-1].append(_space(before, token, bool(opened)))
        lines[-1].append(token.text)
        if token.text in _OPENING:
            opened.append(here)
        before = token
    return ["".join(line) for line in lines]


def _indent(tokens: Sequence[_Token], index: int, opened: Sequence[int]) -> int:
    """The indentation of a line that begins with ``tokens[index]``, no closing bracket."""
    inner = opened[-1] + _BRACKET_INDENT if opened else 0
    while index + 1 < len(tokens) and tokens[index].kind == "comment":
        index += 1  # a comment stands as what it is about
    if not opened or tokens[index].text == "->":
        return inner + _CHAIN_INDENT
    return inner


def _space(before: _Token, token: _Token, in_brackets: bool) -> str:
    if token.kind == "comment":
        return "  "
    tight = (
        before.text in (*_OPENING, ".", "**")
        or token.text in (*_CLOSING, ",", ".", "**")
        or (before.unary and token.text not in _SIGNS)
        or (token.text == "(" and before.kind == "name")
        or (in_brackets and "=" in (before.text, token.text))
    )
    return "" if tight else " "
