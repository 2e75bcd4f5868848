"""Where the parser stopped, and what stands around it, which the rules of ``unexpected`` judge."""

from __future__ import annotations

import re
from functools import cached_property

from lark.exceptions import UnexpectedCharacters, UnexpectedInput
from lark.exceptions import UnexpectedToken as LarkUnexpectedToken

from netlang.language.source import Span
from netlang.system.record import Record

NAME = "[A-Za-z_][A-Za-z0-9_]*"
PIECE = re.compile(
    r'"[^"\n]*"?|[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*|->|=>|\|>|>>|--+>?|[<>=!]=|//|\*\*|.', re.DOTALL
)
_NEAR = 100  # characters that are looked over for what stands just before
_FIRST_WORD = re.compile(NAME)
_LAST_NAME = re.compile(rf"({NAME})[ \t]*\Z")
_LONE_NAME = re.compile(rf"{NAME}\s*")
_WORD = re.compile(r'#[^\n]*|"[^"\n]*"|[^\s#"]+')
_PUNCTUATION = {
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "_ARROW": "`->`",
    "STRING": "a path in double quotes",
    "COMPARISON": "a comparison such as `>`",
    "$END": "the end of the statement",
}


class Stop(Record):
    """The parser read ``statement`` up to ``start``, where the grammar ``accepts`` other terminals.

    What stands there may be ``no_token``: no terminal of the grammar begins so.
    """

    statement: Span
    start: int
    accepts: frozenset[str]
    no_token: bool

    @property
    def text(self) -> str:
        """The whole source's text."""
        return self.statement.source.text

    @property
    def at_end(self) -> bool:
        return self.start >= self.statement.end

    @property
    def here(self) -> Span:
        """The empty span where the parser stopped."""
        return Span(self.statement.source, self.start, self.start)

    @property
    def character(self) -> Span:
        return Span(self.statement.source, self.start, self.start + 1)

    @cached_property
    def span(self) -> Span:
        """What stands there, as its writer saw it: the grammar may have read its beginning."""
        begin = self.start
        while begin > self.statement.start and self.text[begin - 1] in "-=":
            begin -= 1
        for at in (begin, self.start):
            found = PIECE.match(self.text, at, self.statement.end)
            if found and found.end() > self.start:
                return Span(self.statement.source, *found.span())
        raise AssertionError("some character stands before the statement's end")

    @property
    def piece(self) -> str:
        return self.span.text

    @property
    def expected(self) -> str:
        """What the grammar accepts, as a message says it."""
        if "NUMBER" in self.accepts:
            return "a layer or a value"
        if "NAME" in self.accepts:
            return "a name"
        wanted = [text for terminal, text in _PUNCTUATION.items() if terminal in self.accepts]
        return " or ".join(wanted) or ("`(`" if "LPAR" in self.accepts else "something else")

    @property
    def after_a_value(self) -> bool:
        return "_ARROW" in self.accepts

    @property
    def begins_a_link(self) -> bool:
        """Whether the piece may begin a link of a chain."""
        return self.piece[0].isalpha() or self.piece[0] in "_["

    @property
    def begins_a_value(self) -> bool:
        return self.piece[0].isalnum() or self.piece[0] in '_["'

    @property
    def begins_a_number(self) -> bool:
        return self.piece[0] in "0123456789"

    @property
    def before(self) -> str:
        """What of the statement was read."""
        return self.text[self.statement.start : self.start]

    @property
    def just_before(self) -> str:
        """The end of what was read."""
        return self.text[max(self.statement.start, self.start - _NEAR) : self.start]

    @property
    def in_brackets(self) -> bool:
        return in_brackets(self.before)

    @property
    def first_word(self) -> str:
        word = _FIRST_WORD.match(self.statement.text)
        return word.group() if word else ""

    def head(self, length: int) -> Span:
        """The statement's first characters."""
        start = self.statement.start
        return Span(self.statement.source, start, start + length)

    @property
    def gap(self) -> Span:
        """The empty span where the last thing before the piece ends, which is no comment."""
        end = self.statement.start
        for word in _WORD.finditer(self.before):
            if not word.group().startswith("#"):
                end = self.statement.start + word.end()
        return Span(self.statement.source, end, end)

    @property
    def on_a_new_line(self) -> bool:
        return "\n" in self.text[self.gap.end : self.start]

    @property
    def last_name(self) -> str | None:
        """The name just before the piece."""
        name = _LAST_NAME.search(self.just_before)
        return name and name.group(1)

    @property
    def after_a_lone_name(self) -> bool:
        """Whether nothing but a name stands before the piece, which may define it."""
        return bool(_LONE_NAME.fullmatch(self.text, self.statement.start, self.span.start))

    def follows(self, pattern: re.Pattern[str], span: Span | None = None) -> bool:
        """Whether ``pattern`` matches just after ``span``, or else after the piece."""
        return bool(pattern.match(self.text, (span or self.span).end, self.statement.end))

    def again(self) -> tuple[Span, ...]:
        """Where the piece stands again in the statement, but not in strings."""
        source = self.statement.source
        pieces = PIECE.finditer(source.text, self.span.end, self.statement.end)
        return tuple(Span(source, *one.span()) for one in pieces if one.group() == self.piece)


def in_brackets(before: str) -> bool:
    """Whether a round bracket is open after ``before``."""
    return before.count("(") > before.count(")")


def stop_of(error: UnexpectedInput, statement: Span) -> Stop:
    """Where Lark stopped."""
    if isinstance(error, UnexpectedCharacters):
        start = statement.start + (error.pos_in_stream or 0)
        return Stop(statement, start, frozenset(error.allowed or ()), True)
    assert isinstance(error, LarkUnexpectedToken)
    at_end = error.token.type == "$END"
    start = statement.end if at_end else statement.start + (error.token.start_pos or 0)
    return Stop(statement, start, frozenset(error.accepts), False)
