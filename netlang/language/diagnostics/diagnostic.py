"""What a message is: data with a stable code, a span and a way out.

Renderers turn it into text or JSON; nothing here knows how it will look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Self

from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Label:
    """A secondary span, and what there is to say about it."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """A change that a machine may make, because nothing else can be meant: ``span`` becomes
    ``replacement``. A guess, such as a size or the nearest of several names, is no fix: it is told
    as a help alone.
    """

    span: Span
    replacement: str


class Diagnostic(Record):
    """One mistake, told once.

    A subclass is one code. It states its ``title`` (what is wrong), the
    primary ``label`` (what is wrong right here), secondary ``labels`` (the other end),
    ``notes`` (context), ``helps`` (a change to make) and ``fixes`` (the same
    change, for a machine, in all its spans). ``span`` is None where there is no text to show,
    as for a file that cannot be read; then ``file`` names it.
    """

    code: ClassVar[str] = ""

    span: Span | None

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def file(self) -> str:
        return self.span.source.name if self.span else ""

    @property
    def title(self) -> str:
        return ""

    @property
    def label(self) -> str:
        return ""

    @property
    def labels(self) -> tuple[Label, ...]:
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    @property
    def helps(self) -> tuple[str, ...]:
        return ()

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return ()

    def in_text_of(self, source: SourceFile) -> Self:
        """The same of another text with the same spans: all of its own become ``source``'s."""
        fields: dict[str, Any] = {n: _moved(getattr(self, n), source) for n in self._fields}
        return type(self)(**fields)

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What sorts a list of them; two of one key are one message."""
        return (self.file, self.span.start if self.span else -1, self.code, self.title)


def _moved(value: object, source: SourceFile) -> object:
    match value:
        case Span():
            return Span(source, value.start, value.end)
        case Fix():
            return Fix(Span(source, value.span.start, value.span.end), value.replacement)
        case tuple():
            return tuple(_moved(one, source) for one in value)
    return value


def listed(texts: Sequence[str]) -> str:
    """``a, b and c``."""
    *others, last = texts
    return f"{', '.join(others)} and {last}" if others else last


class DiagnosticError(Exception):
    """Carries diagnostics out of code that cannot go on, to code that reports them."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*(diagnostic.title for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class Sink:
    """Collects what the passes find, so that one mistake does not hide the next."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, str, str], Diagnostic] = {}
        self._causes: set[object] = set()

    def report(self, diagnostic: Diagnostic, *causes: object) -> None:
        """Take ``diagnostic``, unless another with one of the same ``causes`` was told before.

        A cause is what has to be mended, say the span of a constant that is used many times.
        """
        if self._causes.isdisjoint(causes):
            self._found.setdefault(diagnostic.key, diagnostic)
            self._causes.update(causes)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.report(diagnostic)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything found, in the order of the text, each once."""
        return [self._found[key] for key in sorted(self._found)]

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self._found.values())
