"""The sink collects what the passes find, and keeps one report of each mistake."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from enum import Enum, auto

from netlang.language.diagnostics.diagnostic import Diagnostic
from netlang.language.source import Span


class Cause(Enum):
    """What has to be mended. Several reports may have one cause; the first of them is shown."""

    VALUE = auto()  # a value, where it is written; much may use it
    UNKNOWN_NAME = auto()  # the name, in all of its file
    UNNAMED_NETWORKS = auto()  # the first of several
    TOO_FAR = auto()  # a limit of the compiler, by its name
    MISFIT = auto()  # a layer that does not take its inputs' shapes
    ROWS = auto()  # data whose samples are no rows, for layers that take rows
    ARITY = auto()  # a layer that takes fewer inputs than it gets, or more
    BRANCHES = auto()  # what made the branches that one layer gets
    TASK = auto()  # data whose target is taken for classes, or for numbers
    METHODS = auto()  # an object whose methods a file calls
    MISSPELT_SETTING = auto()  # a definition that was meant as a setting

    def at(self, where: Hashable) -> tuple[Cause, Hashable]:
        """The one mistake of this kind at ``where``, such as a span."""
        return self, where


class Sink:
    """Collects what the passes find, so that one mistake does not hide the next, unless both have
    one cause.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, str, str], Diagnostic] = {}
        self._causes: set[tuple[Cause, Hashable]] = set()

    def report(self, diagnostic: Diagnostic, *causes: tuple[Cause, Hashable]) -> None:
        """Keep ``diagnostic``, unless one that shares one of its ``causes`` is kept already."""
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

    def has_error_in(self, span: Span) -> bool:
        """Whether an error stands there."""
        wrong = (found.span for found in self._found.values() if found.is_error and found.span)
        return any(span.holds(one) for one in wrong)

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self._found.values())
