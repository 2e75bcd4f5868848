"""Strings of an override that lost their quotes in a shell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from netlang.catalogue import registry
from netlang.catalogue.arguments import Argument, as_source
from netlang.compiler.passes.values import Constant, Value
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.names import WrongType
from netlang.language.diagnostics.messages.syntax import UnquotedPath
from netlang.language.diagnostics.shell import quotes_kept
from netlang.language.diagnostics.suggest import nearest
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import ListOf, Literal, Override, names_in

_OF_AN_ARGUMENT = re.compile(r"\s*\w+\s*\.\s*(?P<name>\w+)\s*=\s*(?P<value>[^\"]*[^\"\s])\s*")
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+")
_CALL = re.compile(r'\s*\w+\s*=\s*(?P<item>\w+)\s*\((?P<arguments>[^"()\[\]]*)\)\s*')


def with_all_quotes(found: Diagnostic) -> Diagnostic:
    """``found``, with help to quote all strings beside it if it reports a path without quotes."""
    if not (isinstance(found, UnquotedPath) and found.span):
        return found
    return found.replace(whole=requoted(found.span.source.text))


def requoted(text: str) -> str | None:
    """An override by a call of something of the catalogue, with quotes around its strings.

    >>> requoted("data=CSV(t.csv, target=y, test=0.3)")
    'data=CSV("t.csv", target="y", test=0.3)'
    """
    call = _CALL.fullmatch(text)
    item = registry.ITEMS.get(call["item"]) if call else None
    if not call or not item:
        return None
    parts, declared = [], {one.name: one for one in item.arguments}
    names = list(declared)
    for index, part in enumerate(_arguments(call["arguments"], names)):
        name, equals, value = part.rpartition("=")
        argument = declared.get(name.strip() if equals else "".join(names[index : index + 1]))
        if argument and _takes_strings(argument) and value.strip():
            blanks = value[: len(value) - len(value.lstrip())]
            part = f"{name}{equals}{blanks}{_quoted(argument, value)}"
        parts.append(part)
    return f"{text[: call.start('arguments')]}{','.join(parts)})"


def _arguments(text: str, names: list[str]) -> list[str]:
    """The arguments in ``text``, of a callee whose arguments have these ``names``. What cannot be
    one of its own, behind a comma, belongs to the string before it.
    """
    parts: list[str] = []
    written = text.split(",")
    named = {part.partition("=")[0].strip() for part in written if "=" in part}
    for part in written:
        follows = any("=" in one for one in parts) or not named.isdisjoint(names[len(parts) :][:1])
        if parts and follows and "=" not in part:
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return parts


def unquoted(override: SourceFile) -> WrongType | None:
    """The report of a value that could be read if it were a string, and cannot as it is."""
    written = _OF_AN_ARGUMENT.fullmatch(override.text)
    named = registry.argument(written["name"], registry.ITEMS.values()) if written else None
    if not written or not named or not _takes_strings(named[1]):
        return None
    return _lost(named[1], Span(override, *written.span("value")))


def lost_quotes(
    override: Override, arguments: Iterable[Argument], known: Mapping[str, Value]
) -> WrongType | None:
    """The report of an override whose value should be a string, and has no quotes."""
    value, name = override.value, override.path[-1].name
    argument = next((one for one in arguments if one.name == name and _takes_strings(one)), None)
    is_none = isinstance(value, Literal) and value.value is None
    is_empty = is_none or (isinstance(value, ListOf) and not value.items)
    if argument is None or '"' in value.span.text or is_empty:
        return None
    used = [known.get(one.name) for one in names_in(value)]
    may_be_number = argument.type.accepts(0.0)
    if (used or may_be_number) and all(isinstance(one, Constant) for one in used):
        return None
    return _lost(argument, value.span)


def _takes_strings(argument: Argument) -> bool:
    return argument.type.takes_text or argument.type.takes_texts


def _lost(argument: Argument, span: Span) -> WrongType:
    """The report of a value of ``argument``, at ``span``, without its quotes."""
    what, got, written = f"`{argument.name}`", "text without quotes", _quoted(argument, span.text)
    fits = not argument.choices or written in map(as_source, argument.choices)
    help = quotes_kept(span, written) if fits else None
    return WrongType(span, what, argument.expects, got, help)


def _quoted(argument: Argument, text: str) -> str:
    """``text``, which is a value of ``argument`` without its quotes, with them."""
    if argument.type.accepts(0.0) and _NUMBER.fullmatch(text.strip()):
        return text.strip()
    is_list = argument.type.takes_texts and not (
        argument.type.takes_text and not text.strip().startswith("[")
    )
    texts = text.strip().strip("[]").split(",") if is_list else [text]
    parts = tuple(text.strip(" '“”‘’") for text in texts)
    return as_source(parts if is_list else nearest(parts[0], argument.choices) or parts[0])
