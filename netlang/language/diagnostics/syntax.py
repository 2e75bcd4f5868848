"""E01xx: text that is no netlang."""

from __future__ import annotations

from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.diagnostics.spacing import sign_fix
from netlang.language.source import Span

_OTHERS = 4  # spans of the same mistake that are shown, the first apart


class UnexpectedToken(Diagnostic):
    """``others`` are where the same stands once more; ``replacement``, if that is sure, mends all
    of them, or is missing at ``gap``.
    """

    code: ClassVar = "E0101"
    found: str
    expected: str
    help: str | None = None
    replacement: str | None = None
    others: tuple[Span, ...] = ()
    gap: Span | None = None

    @property
    def title(self) -> str:
        return f"unexpected {self.found}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return tuple(Label(span, "and here") for span in self.others[:_OTHERS])

    @property
    def label(self) -> str:
        return f"expected {self.expected} here"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.help:
            return (self.help,)
        if self.span and self.span.start == self.span.end:
            return (f"go on with {self.expected}, or take back what stands before",)
        if "the end" in self.expected:
            return ("remove it, or begin a new line before it",)
        return (f"write {self.expected} in its place",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        if self.span is None or self.replacement is None:
            return ()
        spans = (self.gap or self.span, *self.others)
        if self.replacement == "->":
            return tuple(sign_fix(span, "->") for span in spans)
        return tuple(Fix(span, self.replacement) for span in spans)


class UnexpectedCharacter(Diagnostic):
    """``meant`` is what stands for the character here, and ``mended`` puts it and its like in the
    statement right, if that is sure; ``opens`` is said of one that looks like the beginning of
    another kind of file.
    """

    code: ClassVar = "E0102"
    meant: str | None = None
    opens: bool = False
    mended: tuple[Fix, ...] = ()

    @property
    def title(self) -> str:
        return f"netlang has no use for the character `{self.character}`"

    @property
    def character(self) -> str:
        return self.span.text if self.span else ""

    @property
    def label(self) -> str:
        if self.character.isascii():
            return "not a part of the language"
        return f"this is U+{ord(self.character):04X}"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.opens:
            return (
                "is this JSON? a .net file has no braces, and no quotes around names: it is made of"
                " lines such as `net = Linear(2, 25) -> ReLU` and `epochs = 30`",
            )
        if self.meant:
            return (f"write `{self.meant}`",)
        if self.character.isalpha():
            return ("names are made of the letters a to z and A to Z, digits and `_`",)
        if self.character == ";" and self._at_the_end:
            return ("remove it: a statement ends with its line",)
        return ("remove it; it has a place in strings and comments alone",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        if self.character == ";" and not self.meant and self.span and self._at_the_end:
            return (Fix(self.span, ""),)
        return self.mended

    @property
    def _at_the_end(self) -> bool:
        """Whether nothing but a comment follows in its line."""
        if not self.span:
            return False
        line = self.span.source.text[self.span.end :].partition("\n")[0].strip()
        return not line or line.startswith("#")


class UnclosedBracket(Diagnostic):
    code: ClassVar = "E0103"
    bracket: str
    closing: str
    insert: Span | None

    @property
    def title(self) -> str:
        return f"`{self.bracket}` is never closed"

    @property
    def label(self) -> str:
        return "opened here"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.insert, f"is a `{self.closing}` missing here?"),) if self.insert else ()

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"close it with `{self.closing}`",)


class UnopenedBracket(Diagnostic):
    code: ClassVar = "E0103"
    bracket: str
    opened: Span | None
    wanted: str

    @property
    def title(self) -> str:
        if self.opened:
            return f"`{self.bracket}` closes what `{self.opened.text}` opened"
        return f"`{self.bracket}` closes nothing"

    @property
    def label(self) -> str:
        return f"expected `{self.wanted}`" if self.opened else "no bracket is open here"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.opened, "opened here"),) if self.opened else ()

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"write `{self.wanted}`" if self.opened else f"remove the `{self.bracket}`",)


class UnclosedString(Diagnostic):
    code: ClassVar = "E0104"
    quote: str

    @property
    def title(self) -> str:
        if self.quote == "'":
            return "strings are written with double quotes"
        return "a string is never closed"

    @property
    def label(self) -> str:
        if self.quote != '"' or not self.span:
            return ""
        line = self.span.source.line(self.span.first.line)
        return "starts here" if line.count('"') == 1 else 'a `"` of this line has no partner'

    @property
    def helps(self) -> tuple[str, ...]:
        if self.quote == "'":
            return ('write `"` on both sides',)
        return ('close it with `"` on the same line',)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        if self.quote != "'" or not self.span:
            return ()
        source, begin, text = self.span.source, self.span.start, self.span.text
        quotes = [begin + at for at, character in enumerate(text) if character == "'"]
        if len(quotes) % 2 or '"' in text or "#" in text:
            return ()
        return tuple(Fix(Span(source, at, at + 1), '"') for at in quotes)


class BadEscape(Diagnostic):
    """``path`` is the string at ``whole`` with ``/`` for backslashes, if it seems to be a path."""

    code: ClassVar = "E0104"
    whole: Span | None = None
    path: str | None = None

    @property
    def title(self) -> str:
        return f"a string has no `{self.span.text if self.span else ''}`"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.path:
            folders = f"folders are parted by `/` on every system: write `{self.path}`"
            return (folders, r"or write `\\` for a backslash")
        return (r"write `\\` for a backslash; there are also `\"`, `\n` and `\t`",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.whole, self.path),) if self.whole and self.path else ()


class BadNumber(Diagnostic):
    code: ClassVar = "E0105"
    problem: str
    help: str

    @property
    def title(self) -> str:
        return f"a number {self.problem}"

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help,)


class TooDeep(Diagnostic):
    code: ClassVar = "E0106"
    limit: int

    @property
    def title(self) -> str:
        return f"brackets are nested more than {self.limit} deep"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("give the inner part a name, `name = ...`, and use the name",)


class TooLong(Diagnostic):
    """``what`` are the pieces, or the statements in error, of which a file has over ``limit``."""

    code: ClassVar = "E0109"
    what: str
    limit: int

    @property
    def title(self) -> str:
        return f"the file has more than {self.limit:,} {self.what}"

    @property
    def label(self) -> str:
        return "this is where netlang stops reading"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.what == "pieces":
            return ("write `A * n` for layers that repeat, and a block for what is used often",)
        return ("mend the first ones; or is this another kind of file?",)


class ForbiddenCharacter(Diagnostic):
    code: ClassVar = "E0107"
    what: str

    @property
    def title(self) -> str:
        return f"a file may not contain {self.what}"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("save the file as plain UTF-8 text without it",)


class MissingArrow(Diagnostic):
    code: ClassVar = "E0108"
    gap: Span
    next: str

    @property
    def title(self) -> str:
        return f"`->` is missing before `{self.next}`"

    @property
    def label(self) -> str:
        return "layers are joined by `->`"

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"write `-> {self.next}`",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        before = self.gap.source.text[self.gap.start - 1 : self.gap.start]
        return (Fix(self.gap, "-> " if not before or before.isspace() else " -> "),)
