"""From a source to its syntax tree: each statement goes through the grammar on its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedInput

from netlang.language.diagnostics import Fix, NetError, Sink
from netlang.language.diagnostics.messages.syntax import MissingArrow, TooLong, UnexpectedToken
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import (
    Binary,
    Broken,
    Call,
    Chain,
    Definition,
    Expression,
    File,
    Name,
    Override,
    Statement,
    Unary,
    names_in,
)
from netlang.language.syntax.build import Build
from netlang.language.syntax.lexis import DEFINITION, HEADS, NAME, tokens
from netlang.language.syntax.mistakes.characters import straightened
from netlang.language.syntax.mistakes.rules import diagnosis
from netlang.language.syntax.mistakes.stop import stop_of
from netlang.language.syntax.statements import Extent, split
from netlang.system import shipped

BROKEN_LIMIT = 1000
_NO_SUM = "layers are joined by `->`, and outputs are added by `[A, B] -> Add`"
_MEND = "mend the first ones; or is this another kind of file?"

_DEFINES = re.compile(
    rf"(?!(?:expect|tune)\b)(?:(?:block|def|class)\s+({NAME})|shared\s+({NAME})\s*\("
    rf"|{NAME}\s+({NAME})\s*\([^()]*\)\s*=|(?:{NAME}\s+)?({NAME})\s*[=:])"
)
_IMPORTS = re.compile(r"import|from\s+\S+\s+import\b")
_NAMELESS = re.compile(rf"({'|'.join(HEADS)})\b|{NAME}\s*\.")


class _Grammar(threading.local):
    """Lark's parser and the builder of trees. Each thread has its own."""

    def __init__(self) -> None:
        text = shipped.folder("grammars").joinpath("netlang.lark").read_text(encoding="utf-8")
        self.build = Build()
        how = {"parser": "lalr", "start": "statement", "maybe_placeholders": False}
        self.lark = Lark(text, transformer=self.build, **how)


@cache
def _grammar() -> _Grammar:
    return _Grammar()


def parse(source: SourceFile, sink: Sink) -> File:
    """The tree of ``source``. A statement that cannot be read is reported, and is Broken in it.

    Raises NetError for a text that is too long, or that has too many such statements.
    """
    statements: list[Statement] = []
    broken = 0
    for extent in split(source, sink):
        if statements and _belongs(extent.span, statements):
            continue
        statement = _statement(extent, sink)
        whole = _continued(statement, statements[-1], sink) if statements else None
        if whole:
            statements[-1] = whole
        else:
            statements.append(statement)
        broken += bool(whole) or isinstance(statement, Broken)
        if broken > BROKEN_LIMIT:
            what = "statements that cannot be read"
            raise NetError(TooLong(statement.span, what, BROKEN_LIMIT, _MEND))
    return File(source, tuple(statements))


def _belongs(span: Span, statements: Sequence[Statement]) -> bool:
    """Whether this line belongs to the statement before, which could not be read."""
    before = statements[-1]
    if not isinstance(before, Broken):
        return False
    if span.text == "}":
        return statements[0].span.text.startswith("{")
    in_a_body = before.span.text[-1] in ":{"
    return _indented(span) and (in_a_body or not DEFINITION.match(span.text))


def _statement(extent: Extent, sink: Sink) -> Statement:
    """The statement in ``extent``. If it cannot be read, that is reported, and it is Broken."""
    span = extent.span
    text = span.text if extent.readable else None
    while text:
        try:
            statement = parse_statement(span, text)
            assert not isinstance(statement, Override), "it is in a file"
            return statement
        except NetError as error:
            sink.extend(error.diagnostics)
            # It is read once more as it seems to be meant, so that one mistake hides no other.
            text = straightened(span, error.diagnostics) if text == span.text else None
    if meant := _DEFINES.match(span.text):
        return Broken(next(filter(None, meant.groups())), span)
    if _IMPORTS.match(span.text):
        return Broken(None, span, is_import=True)
    return Broken(None if _NAMELESS.match(span.text) else "net", span)


def parse_statement(span: Span, text: str) -> Statement | Override:
    """The statement at ``span``, read as if ``text``, which is as long, stood there.

    Raises NetError.
    """
    grammar = _grammar()
    grammar.build.begin(span)
    try:
        result: Statement | Override = grammar.lark.parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        read = span if text == span.text else span.rewritten(text)
        problem = diagnosis(stop_of(error, read)).in_text_of(span.source)
        raise NetError(problem) from None
    return result


def _continued(statement: Statement, before: Statement, sink: Sink) -> Definition | None:
    """``before`` and ``statement`` as one, if only an arrow is missing between them.

    Then ``statement`` is an indented line, and the missing arrow is reported.
    """
    span = statement.span
    if not (_indented(span) and isinstance(statement, Definition) and statement.name is None):
        return None
    # A name alone may have been meant to be defined by the next line.
    first, *others = _links(statement.value)
    unsigned, begin = _unsigned(first), tokens(span)[0].span
    is_network = isinstance(statement.value, Name | Call | Chain) or unsigned is not first
    if not is_network or before.span.text.isidentifier():
        return None
    if not isinstance(before, Definition) or not _may_be_network(before.value):
        return None
    if unsigned is first:
        sink.report(MissingArrow(begin))
    elif _may_be_network(unsigned):
        sink.report(UnexpectedToken(begin, "`->`", _NO_SUM, (Fix(begin, "->"),)))
    else:
        return None
    links = (*_links(before.value), unsigned, *others)
    chain = Chain(links, before.value.span.to(span))
    return Definition(before.name, chain, before.span.to(span), before.shared, before.parameters)


def _unsigned(link: Expression) -> Expression:
    """A link of a chain without a sign before it."""
    if isinstance(link, Binary):
        left = _unsigned(link.left)
        return link if left is link.left else link.replace(left=left)
    return link.operand if isinstance(link, Unary) else link


def _may_be_network(value: Expression) -> bool:
    """Whether it names anything: a number, a text and a list of them are no network."""
    return isinstance(value, Chain) or any(names_in(value))


def _indented(span: Span) -> bool:
    """Whether only blanks stand before the statement in its line."""
    begin = span.first
    return span.source.line(begin.line)[: begin.column - 1].isspace()


def _links(value: Expression) -> tuple[Expression, ...]:
    return value.links if isinstance(value, Chain) else (value,)
