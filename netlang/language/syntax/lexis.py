"""The words and tokens of netlang, and the signs of other languages that people write for them.

The grammar says again what netlang's tokens are. Its ``NUMBER`` is stricter than the one here, so
that a message can show the whole of a malformed number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netlang.language.source import Span

NAME = "[A-Za-z_][A-Za-z0-9_]*"
EQUALS = r"[ \t]*=(?!=)"
LITERALS = {"true": True, "false": False, "none": None}
# The words that a statement may begin with, and what begins behind each; others begin with a name.
HEADS = {"block": NAME, "shared": NAME, "expect": NAME, "tune": NAME, "import": '"'}
KEYWORDS = frozenset({*HEADS, *LITERALS, "as", "_"})
DEFINITION = re.compile(
    "|".join((NAME + EQUALS, *(rf"{head}\b[ \t]*{behind}" for head, behind in HEADS.items())))
)
_NUMBER = r"(?:[0-9][0-9_]*(?:\.(?!\.)[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?"
RANGE = re.compile(rf"[+-]?{_NUMBER}\.\.(?!\.)[+-]?{_NUMBER}")
QUOTES = "“”„‟«»＂‘’‚‛‹›`"

# A ``foreign_string`` stands in quotes that the language does not have. It is one token, so that
# nothing in it is judged. Strings and comments hold what their writer wants, such quotes included.
TOKEN = re.compile(
    rf"""(?P<blank>[ \t\r]+)
      | (?P<name>{NAME})
      | (?P<comment>\#[^\n]*)
      | (?P<newline>\n)
      | (?P<string>"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*")
      | (?P<foreign_string>[“”„‟«»＂][^“”„‟«»＂"\n]*[“”‟«»＂"]
                         | [‘’‚‛‹›][^‘’‚‛‹›"\n]*[‘’‛‹›]
                         | `[^`"\#\n]*`)
      | (?P<quote>["'])
      | (?P<opening>[(\[])
      | (?P<closing>[)\]])
      | (?P<number>\.?[0-9](?:[eE][+-](?=[0-9])|\.\.[+-](?=[0-9.])|[A-Za-z0-9_.])*)
      | (?P<operator>->|=>|\|>|>>|--+>|[<>=!:]=|=<|//|\*\*|[-+*/,<>=])
      | (?P<other>.)""",
    re.VERBOSE,
)


@dataclass(slots=True, eq=False)
class Token:
    """With ``breaks``, a line break stands before it.

    ``bracket`` is the opening bracket around it; for a closing bracket, that is its partner.
    """

    kind: str
    text: str
    span: Span
    breaks: bool = False
    bracket: Token | None = None


def tokens(span: Span) -> list[Token]:
    """The tokens and the comments of a statement."""
    found: list[Token] = []
    brackets: list[Token] = []  # those that are open
    breaks = False
    for match in TOKEN.finditer(span.source.text, span.start, span.end):
        kind = match.lastgroup or ""
        if kind in ("blank", "newline"):
            breaks |= kind == "newline"
            continue
        where = Span(span.source, *match.span())
        token = Token(kind, match.group(), where, breaks, brackets[-1] if brackets else None)
        found.append(token)
        breaks = False
        if kind == "opening":
            brackets.append(token)
        elif kind == "closing" and brackets:
            brackets.pop()
    return found
