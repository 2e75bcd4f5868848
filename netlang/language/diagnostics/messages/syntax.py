"""E01xx: text that is not netlang."""

from __future__ import annotations

import re

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label, Message, Texts
from netlang.language.diagnostics.shell import quotes_kept
from netlang.language.diagnostics.wording import SHOWN
from netlang.language.source import Span


class UnexpectedToken(Diagnostic):
    """``others`` are further spans with the same mistake, and ``mended`` replaces it and them, if
    that is sure. ``what`` names a token without a text to quote.
    """

    code = "E0101"
    expected: str
    help: str | None = None
    mended: tuple[Fix, ...] = ()
    others: tuple[Span, ...] = ()
    what: str | None = None

    def message(self) -> Message:
        return Message(
            title=f"unexpected {self.what or f'`{self.written.strip()}`'}",
            label=f"expected {self.expected} here",
            labels=tuple(Label(span, "and here") for span in self.others[:SHOWN]),
            helps=self.help or self._help(),
            fixes=self.mended,
        )

    def _help(self) -> str:
        if self.span and self.span.start == self.span.end:
            return f"go on with {self.expected}, or remove what stands before it"
        return f"write {self.expected} in its place"


def no_name(keyword: str) -> str:
    """The help for a keyword that stands where a name is expected."""
    return f"`{keyword}` is a word of the language, and not a name"


class UnexpectedMember(UnexpectedToken):
    """A name behind a dot, as other languages reach into a module, or call a method.

    Without a ``help`` it is a layer that goes behind another. ``others`` are more of a module.
    ``owner`` is whose method a statement calls.
    """

    name: str = ""
    called: bool = False
    owner: str = ""

    def _help(self) -> str:
        return f"layers are joined by `->`: write `-> {self.name}`"


class UnquotedPath(Diagnostic):
    """An argument that is a path without quotes; ``quoted`` has them, and ``/`` between folders.

    In an override, a shell may have taken them away. If other strings in it lack their quotes, too,
    ``whole`` is the override as it seems to be meant.
    """

    code = "E0101"
    quoted: str
    whole: str | None = None

    def message(self) -> Message:
        assert self.span, "a path stands somewhere"
        title, label = f"unexpected `{self.written}`", "expected a string here"
        if self.span.source.is_override:
            return Message(title, label, helps=quotes_kept(self.span, self.quoted, self.whole))
        slashes = ", and its folders by `/`" if "\\" in self.written else ""
        help = f"a path is a string, in double quotes{slashes}: write `{self.quoted}`"
        return Message(title, label, helps=help, fixes=Fix(self.span, self.quoted))


class UnexpectedCharacter(Diagnostic):
    """``meant`` is what netlang writes for the character. ``mended`` replaces it and others of its
    kind in the statement, if that is sure. With ``opens``, another kind of file may begin here.
    What else ``help`` says goes before all of that.
    """

    code = "E0102"
    meant: str | None = None
    opens: bool = False
    mended: tuple[Fix, ...] = ()
    help: str = ""

    def message(self) -> Message:
        return Message(
            title=f"unexpected character `{self.written}`",
            label="not a part of the language"
            if self.written.isascii()
            else f"this is U+{ord(self.written):04X}",
            helps=self._help(),
            fixes=self.mended,
        )

    def _help(self) -> str:
        if self.help:
            return self.help
        if self.opens:
            return (
                "is this JSON? a .net file has no braces, and no quotes around names: it is made of"
                " lines such as `net = Linear(2, 25) -> ReLU` and `epochs = 30`"
            )
        if self.meant:
            return f"write `{self.meant}`"
        if self.written.isalpha():
            return "names are made of the letters a to z and A to Z, digits and `_`"
        if self.mended:
            return "remove it: a statement ends with its line"
        return "remove it: it may stand only in strings and comments"


class UnclosedBracket(Diagnostic):
    code = "E0103"
    closing: str
    insert: Span | None

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` is never closed",
            label="opened here",
            labels=Label.at(self.insert, f"is a `{self.closing}` missing here?"),
            helps=f"close it with `{self.closing}`",
        )


class UnopenedBracket(Diagnostic):
    code = "E0103"
    opened: Span | None
    wanted: str

    def message(self) -> Message:
        if not self.opened:
            return Message(
                title=f"`{self.written}` closes nothing",
                label="no bracket is open here",
                helps=f"remove the `{self.written}`",
            )
        return Message(
            title=f"`{self.written}` closes what `{self.opened.text}` opened",
            label=f"expected `{self.wanted}`",
            labels=Label(self.opened, "opened here"),
            helps=f"write `{self.wanted}`",
        )


class UnclosedString(Diagnostic):
    """``rest`` is the line from ``span`` on, which may have more strings in single quotes."""

    code = "E0104"
    rest: Span

    def message(self) -> Message:
        if self.written.startswith("'"):
            return Message(
                title="strings are written with double quotes",
                labels=tuple(Label(span, "and here") for span in self._others()),
                helps='write `"` on both sides',
                fixes=self._double_quotes(),
            )
        line = self.span.source.line(self.span.first.line) if self.span else ""
        alone = line.count('"') == 1
        return Message(
            title="a string is never closed",
            label="starts here" if alone else 'a `"` of this line has no partner',
            helps='close it with `"` on the same line',
        )

    def _others(self) -> list[Span]:
        """The other strings of the line, as far as quotes come in pairs there."""
        source, begin = self.rest.source, self.rest.start
        found = re.finditer("'[^'\"#]*'", self.rest.text)
        return [Span(source, begin + one.start(), begin + one.end()) for one in found][1:SHOWN]

    def _double_quotes(self) -> tuple[Fix, ...]:
        source, begin, text = self.rest.source, self.rest.start, self.rest.text
        quotes = [begin + at for at, character in enumerate(text) if character == "'"]
        if len(quotes) % 2 or '"' in text or "#" in text:
            return ()
        return tuple(Fix(Span(source, at, at + 1), '"') for at in quotes)


class BadEscape(Diagnostic):
    """``path`` is the string at ``whole`` with ``/`` for backslashes, if it seems to be a path."""

    code = "E0104"
    whole: Span | None = None
    path: str | None = None

    def message(self) -> Message:
        return Message(
            title=f"a string has no `{self.written}`",
            helps=self._helps(),
            fixes=Fix(self.whole, self.path) if self.whole and self.path else None,
        )

    def _helps(self) -> Texts:
        if not self.path:
            return r"write `\\` for a backslash; there are also `\"`, `\n` and `\t`"
        folders = f"folders are separated by `/` on every system: write `{self.path}`"
        return (folders, r"or write `\\` for a backslash")


class BadNumber(Diagnostic):
    code = "E0105"
    problem: str
    help: str

    def message(self) -> Message:
        return Message(f"a number {self.problem}", helps=self.help)


class TooDeep(Diagnostic):
    code = "E0106"
    limit: int

    def message(self) -> Message:
        return Message(
            title=f"brackets are nested more than {self.limit} deep",
            helps="give the inner part a name, `name = ...`, and use the name",
        )


class TooLong(Diagnostic):
    """A file has more than ``limit`` of ``what``: tokens, or statements that cannot be read."""

    code = "E0109"
    what: str
    limit: int
    help: str

    def message(self) -> Message:
        return Message(
            title=f"the file has more than {self.limit:,} {self.what}",
            label="this is where netlang stops reading",
            helps=self.help,
        )


class ForbiddenCharacter(Diagnostic):
    code = "E0107"
    what: str

    def message(self) -> Message:
        return Message(
            title=f"a file may not contain {self.what}",
            helps="save the file as plain UTF-8 text without it",
        )


class MissingArrow(Diagnostic):
    code = "E0108"

    def message(self) -> Message:
        assert self.span, "an arrow is missing somewhere"
        here = Span(self.span.source, self.span.start, self.span.start)
        before = here.source.text[here.start - 1 : here.start]
        arrow = "-> " if not before or before.isspace() else " -> "
        return Message(
            title=f"`->` is missing before `{self.written}`",
            label="layers are joined by `->`",
            helps=f"write `-> {self.written}`",
            fixes=Fix(here, arrow),
        )
