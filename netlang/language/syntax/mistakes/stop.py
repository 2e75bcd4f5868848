"""Where the parser stopped, and what stands around it: the facts that the rules need."""

from __future__ import annotations

from functools import cached_property

from lark.exceptions import UnexpectedCharacters, UnexpectedInput
from lark.exceptions import UnexpectedToken as LarkUnexpectedToken

from netlang.language.diagnostics.wording import listed
from netlang.language.source import Span
from netlang.language.syntax.lexis import Token, tokens
from netlang.system.record import Record

_PUNCTUATION = {
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "_ARROW": "`->`",
    "STRING": "a path in double quotes",
    "COMPARISON": "a comparison such as `>`",
    "_IN": "`in`",
    "RANGE": "a range such as `8..256` or a list such as `[8, 16]`",
    "LOG": "`log`",
    "STEP": "`step`",
}


class Stop(Record):
    """The parser read ``statement`` up to the offset ``start``, and could not go on.

    The grammar ``accepts`` these terminals there. With ``no_token``, what stands there begins no
    terminal at all.
    """

    statement: Span
    start: int
    accepts: frozenset[str]
    no_token: bool

    @property
    def may_end(self) -> bool:
        """Whether the statement could end here."""
        return "$END" in self.accepts

    @property
    def in_override(self) -> bool:
        """Whether the statement stands on the command line."""
        return self.statement.source.is_override

    @property
    def end(self) -> str:
        return f"end of the {'value' if self.in_override else 'statement'}"

    @property
    def here(self) -> Span:
        """The empty span where the parser stopped."""
        return Span(self.statement.source, self.start, self.start)

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the statement, without its comments."""
        return [token for token in tokens(self.statement) if token.kind != "comment"]

    @cached_property
    def index(self) -> int:
        """The index of the token in which, or before which, the parser stopped."""
        behind = (index for index, one in enumerate(self.tokens) if one.span.end > self.start)
        return next(behind, len(self.tokens))

    def near(self, offset: int) -> Token:
        """The token that comes ``offset`` tokens after the one where the parser stopped; beyond the
        statement's ends, an empty one.
        """
        index = self.index + offset
        if 0 <= index < len(self.tokens):
            return self.tokens[index]
        end = self.statement.start if index < 0 else self.statement.end
        return Token("none", "", Span(self.statement.source, end, end))

    @property
    def token(self) -> Token:
        return self.near(0)

    @property
    def before(self) -> Token:
        return self.near(-1)

    @property
    def after(self) -> Token:
        return self.near(1)

    @property
    def span(self) -> Span:
        return self.token.span

    @property
    def text(self) -> str:
        return self.token.text

    @property
    def expected(self) -> str:
        """What the grammar accepts, as a message says it."""
        if self.wants_a_value:
            return "a layer or a value"
        if "NAME" in self.accepts:
            return "a name"
        wanted = [text for terminal, text in _PUNCTUATION.items() if terminal in self.accepts]
        wanted += [f"the {self.end}"] if self.may_end else []
        wanted = wanted or ["`(`" if "LPAR" in self.accepts else "something else"]
        return listed(wanted, last_by="or")

    @property
    def wants_a_value(self) -> bool:
        return "NUMBER" in self.accepts

    @property
    def after_a_value(self) -> bool:
        return "_ARROW" in self.accepts

    @property
    def after_a_lone_name(self) -> bool:
        """Whether nothing but a name stands before the token, which may define it."""
        return self.index == 1 and self.before.kind == "name"

    @property
    def begins_a_link(self) -> bool:
        """Whether the token may begin a link of a chain."""
        return self.token.kind == "name" or self.text == "["

    @property
    def in_brackets(self) -> bool:
        return self.token.bracket is not None

    @property
    def gap(self) -> Span:
        """The empty span where the token before ends."""
        end = self.before.span.end
        return Span(self.statement.source, end, end)


def stop_of(error: UnexpectedInput, statement: Span) -> Stop:
    """Where Lark stopped."""
    if isinstance(error, UnexpectedCharacters):
        start = statement.start + (error.pos_in_stream or 0)
        return Stop(statement, start, frozenset(error.allowed or ()), True)
    assert isinstance(error, LarkUnexpectedToken)
    at_end = error.token.type == "$END"
    start = statement.end if at_end else statement.start + (error.token.start_pos or 0)
    return Stop(statement, start, frozenset(error.accepts), False)
