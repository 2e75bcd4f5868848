"""Diagnostics: mistakes as data, each a stable code, facts, and the message that they make.

Renderers turn the message into text or JSON; nothing here knows how it will look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self, TypeVar

from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


@dataclass(frozen=True)
class Label:
    """A further span that a message shows, and the text beside it."""

    span: Span
    text: str

    @classmethod
    def at(cls, span: Span | None, text: str) -> Self | None:
        """A label at ``span``, if there is one."""
        return cls(span, text) if span else None


@dataclass(frozen=True)
class Fix:
    """A change that a machine may make: ``span`` becomes ``replacement``.

    It is made only where nothing else can be meant. A guess, such as the nearest of several names,
    is a help for people.
    """

    span: Span
    replacement: str


_Part = TypeVar("_Part", str, Label, Fix)

Texts = str | tuple[str | None, ...] | None  # none, one, or several; of several, None is left out


class Message(Record):
    """What a diagnostic says, in the order in which it is shown.

    ``title`` says what is wrong, ``label`` what is wrong at the span, and ``labels`` what other
    spans have to do with it. ``notes`` give the context. ``helps`` say what to change, and
    ``fixes`` are the same changes for a machine.
    """

    title: str
    label: str = ""
    labels: Label | tuple[Label | None, ...] | None = None
    notes: Texts = None
    helps: Texts = None
    fixes: Fix | tuple[Fix, ...] | None = None


class Diagnostic(Record):
    """One mistake: a code, and the facts that its ``message`` is made from.

    A class has one code. A code has several classes where their facts differ. ``span`` is None if
    there is no text to show, as for a file that cannot be read. ``file`` names the file then.
    """

    code: ClassVar[str] = ""

    span: Span | None

    def message(self) -> Message:
        raise NotImplementedError

    @cached_property
    def _message(self) -> Message:
        return self.message()

    def saying(self, message: Message) -> Self:
        """The same mistake, which says this of itself."""
        found = self.replace()
        found.__dict__["_message"] = message
        return found

    @property
    def is_error(self) -> bool:
        return not self.code.startswith("W")

    @property
    def severity(self) -> str:
        return "error" if self.is_error else "warning"

    @property
    def file(self) -> str:
        return self.span.source.name if self.span else ""

    @property
    def written(self) -> str:
        """The text at the span."""
        return self.span.text if self.span else ""

    @property
    def title(self) -> str:
        return self._message.title

    @property
    def label(self) -> str:
        return self._message.label

    @property
    def labels(self) -> tuple[Label, ...]:
        return _each(self._message.labels)

    @property
    def notes(self) -> tuple[str, ...]:
        return _each(self._message.notes)

    @property
    def helps(self) -> tuple[str, ...]:
        return _each(self._message.helps)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return _each(self._message.fixes)

    def replaced_by(self, meant: Guess | None) -> Fix | None:
        """The fix that writes what is ``meant`` at the span, if it is sure that this is meant."""
        return Fix(self.span, meant.text) if self.span and meant and meant.sure else None

    def in_text_of(self, source: SourceFile) -> Self:
        """The same diagnostic in another text of its file, in which all of its spans mean the same.

        Spans of other files stay as they are.
        """
        assert self.span, "only what stands in a text is moved"
        own = self.span.source
        return self.replace(**{n: _moved(getattr(self, n), own, source) for n in self.fields})

    @property
    def key(self) -> tuple[str, int, str, str]:
        """Diagnostics are sorted by their keys; two with one key are one mistake."""
        return (self.file, self.span.start if self.span else -1, self.code, self.title)


class Worded(Diagnostic):
    """A diagnostic whose facts differ too much: the code that finds the mistake words it.

    ``meant`` is what is written at the span instead.
    """

    problem: str
    label_text: str
    help: str
    origins: tuple[Label, ...] = ()
    meant: Guess | None = None

    def message(self) -> Message:
        fix = self.replaced_by(self.meant)
        return Message(self.problem, self.label_text, self.origins, helps=self.help, fixes=fix)


def _moved(value: object, own: SourceFile, other: SourceFile) -> object:
    match value:
        case Span() if value.source is own:
            return Span(other, value.start, value.end)
        case Label() | Fix() if value.span.source is own:
            return replace(value, span=Span(other, value.span.start, value.span.end))
        case tuple():
            return tuple(_moved(one, own, other) for one in value)
    return value


def _each(said: _Part | tuple[_Part | None, ...] | None) -> tuple[_Part, ...]:
    return tuple(filter(None, said if isinstance(said, tuple) else (said,)))
