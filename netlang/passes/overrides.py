"""What the command line sets: read, and told where a shell took the quotes away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netlang import catalogue
from netlang.arguments import KINDS, Argument, as_source
from netlang.diagnostics import DiagnosticError, Sink
from netlang.diagnostics.names import WrongType
from netlang.diagnostics.shell import ORIGIN, quotes_kept
from netlang.passes.meaning import Constant, Meaning
from netlang.source import SourceFile, Span
from netlang.syntax import parse_override
from netlang.syntax.ast import ListOf, Literal, Override, names_in

_OF_AN_ARGUMENT = re.compile(r"\s*\w+\s*\.\s*(?P<name>\w+)\s*=\s*(?P<value>[^\"]*[^\"\s])\s*")
_LISTS = (KINDS["tuple[str, ...]"],)
_STRINGS = (KINDS["str"], *_LISTS)


def parsed(overrides: Sequence[str], source: SourceFile, sink: Sink) -> list[Override]:
    """The overrides; a path in one is relative to the folder of the file, as if written in it."""
    found = []
    for text in overrides:
        given = SourceFile(ORIGIN, text, source.path, source.allowed)
        try:
            found.append(parse_override(given))
        except DiagnosticError as error:
            lost = _unreadable(given)
            sink.extend([lost] if lost else error.diagnostics)
    return found


def _unreadable(given: SourceFile) -> WrongType | None:
    """What to say of a value that cannot be read, but could if it were a string."""
    written = _OF_AN_ARGUMENT.fullmatch(given.text)
    named = catalogue.argument(written["name"], catalogue.ITEMS.values()) if written else None
    if not written or not named or named[1].kind not in _STRINGS:
        return None
    return _lost(named[1], Span(given, *written.span("value")))


def lost_quotes(
    override: Override, arguments: Iterable[Argument], known: Mapping[str, Meaning]
) -> WrongType | None:
    """What to say of an override whose value should be a string, and is none without its quotes."""
    value, name = override.value, override.path[-1].name
    argument = next((one for one in arguments if one.name == name and one.kind in _STRINGS), None)
    if argument is None or '"' in value.span.text or _is_empty(value):
        return None
    used = [known.get(one.name) for one in names_in(value)]
    if used and all(isinstance(one, Constant) for one in used):
        return None
    return _lost(argument, value.span)


def _is_empty(value: object) -> bool:
    return (isinstance(value, Literal) and value.value is None) or (
        isinstance(value, ListOf) and not value.items
    )


def _lost(argument: Argument, place: Span) -> WrongType:
    """``place`` holds the value of ``argument`` without its quotes."""
    text = place.text.strip("[]") if argument.kind in _LISTS else place.text
    parts = [
        part.strip(" '“”‘’") for part in (text.split(",") if argument.kind in _LISTS else [text])
    ]
    written = as_source(tuple(parts) if argument.kind in _LISTS else parts[0])
    what, got = f"`{argument.name}`", "text without quotes"
    return WrongType(place, what, argument.expects, got, quotes_kept(place, written))
