"""What the command line sets: read, and told where it cannot be set so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from netlang.catalogue import registry
from netlang.catalogue.arguments import KINDS, Argument, as_source
from netlang.catalogue.settings import SETTINGS, meant_setting
from netlang.compiler.passes.values import Constant, Value
from netlang.language.diagnostics import Diagnostic, DiagnosticError, Sink
from netlang.language.diagnostics.diagnostic import listed
from netlang.language.diagnostics.names import UnknownName, WrongKind, WrongType
from netlang.language.diagnostics.shell import ORIGIN, quotes_kept
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.syntax import UnexpectedToken
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import parse_override
from netlang.language.syntax.ast import Call, Definition, ListOf, Literal, Name, Override, names_in

_OF_AN_ARGUMENT = re.compile(r"\s*\w+\s*\.\s*(?P<name>\w+)\s*=\s*(?P<value>[^\"]*[^\"\s])\s*")
_CALL = re.compile(r'\s*\w+\s*=\s*(?P<item>\w+)\s*\((?P<arguments>[^"()\[\]]*)\)\s*')
_LISTS = (KINDS["tuple[str, ...]"],)
_NAMED = 20  # names of which one may be set that are listed
_STRINGS = (KINDS["str"], *_LISTS)


def parsed(overrides: Sequence[str], source: SourceFile, sink: Sink) -> list[Override]:
    """The overrides; a path in one is relative to the folder of the file, as if written in it."""
    found = []
    for text in overrides:
        override = SourceFile(ORIGIN, text, source.path, source.allowed)
        try:
            found.append(parse_override(override))
        except DiagnosticError as error:
            lost = _unreadable(override)
            sink.extend([lost] if lost else map(_with_all_quotes, error.diagnostics))
    return found


def _with_all_quotes(told: Diagnostic) -> Diagnostic:
    """``told``; of a path that a shell took the quotes of, with those of other strings, too."""
    if not (isinstance(told, UnexpectedToken) and told.expected == "a string" and told.span):
        return told
    whole = requoted(told.span.source.text)
    return told.with_help(quotes_kept(told.span, "", whole)) if whole else told


def requoted(text: str) -> str | None:
    """An override by a call of something of the catalogue, with quotes around its strings.

    >>> requoted("data=CSV(t.csv, target=y, test=0.3)")
    'data=CSV("t.csv", target="y", test=0.3)'
    """
    call = _CALL.fullmatch(text)
    item = registry.ITEMS.get(call["item"]) if call else None
    if not call or not item:
        return None
    parts = []
    for index, part in enumerate(call["arguments"].split(",")):
        name, equals, value = part.rpartition("=")
        declared = [one for one in item.arguments if one.name == name.strip()]
        declared = declared or list(item.arguments[index : index + 1] if not equals else ())
        if declared and declared[0].kind is KINDS["str"] and value.strip():
            blanks = value[: len(value) - len(value.lstrip())]
            part = f"{name}{equals}{blanks}{as_source(value.strip())}"
        parts.append(part)
    return f"{text[: call.start('arguments')]}{','.join(parts)})"


def _unreadable(override: SourceFile) -> WrongType | None:
    """What to say of a value that cannot be read, but could if it were a string."""
    written = _OF_AN_ARGUMENT.fullmatch(override.text)
    named = registry.argument(written["name"], registry.ITEMS.values()) if written else None
    if not written or not named or named[1].kind not in _STRINGS:
        return None
    return _lost(named[1], Span(override, *written.span("value")))


def lost_quotes(
    override: Override, arguments: Iterable[Argument], known: Mapping[str, Value]
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


def not_settable(
    name: Name,
    settable: Sequence[str],
    taps: Mapping[str, str],
    files: Sequence[str],
    definitions: Mapping[str, Definition],
) -> Diagnostic:
    """What to say of an override of a name that no definition has. Other things that have one are
    ``taps``, with the definition that makes each, and the imported ``files``.
    """
    text = name.name
    if kind := registry.kind_of(text):
        article = "an" if kind[0] in "aeiou" else "a"
        problem = f"`{text}` is the name of {article} {kind}, and cannot be set"
        help = "set a name that the file defines, or an argument of one, such as `optimizer.lr`"
        return WrongKind(name.span, problem, "no definition", help)
    if owner := taps.get(text):
        problem = f"`{text}` is a tap of `{owner}`, and cannot be set"
        help = f"set `{owner}`, of which it is a part"
        return WrongKind(name.span, problem, "no definition", help)
    if file := next((file for file in files if Path(file).stem == text), None):
        problem = f"`{file}` is an imported file, and cannot be set"
        help = "set a name that it defines, without the file's name before it"
        return WrongKind(name.span, problem, "no definition", help)
    meant = _argument_called(text, definitions) or nearest(text, settable)
    meant = meant or meant_setting(text, SETTINGS)
    what, note = "constant or setting", f"there are {_listed(settable)}"
    way_out = "set one of those, or an argument of one, such as `optimizer.lr`"
    return UnknownName(name.span, text, what, meant, note, None if meant else way_out)


def _argument_called(name: str, definitions: Mapping[str, Definition]) -> str | None:
    """The argument of that name, as others call it too, of what a setting is defined as."""
    for setting in SETTINGS:
        value = definitions[setting].value if setting in definitions else None
        used = value.callee if isinstance(value, Call) else value
        item = registry.ITEMS.get(used.name) if isinstance(used, Name) else None
        if item and (found := registry.argument(name, [item])):
            return f"{setting}.{found[1].name}"
    found = registry.argument(name, registry.items("optimizer"))
    return f"optimizer.{found[1].name}" if found else None


def _listed(names: Sequence[str]) -> str:
    """Names for a note, the first of many alone."""
    shown = [f"`{name}`" for name in names[:_NAMED]]
    more = len(names) - len(shown)
    return listed([*shown, *([f"{more} more"] if more else [])])
