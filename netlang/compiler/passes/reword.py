"""Rewords what the syntax reports, as it does not know what other frameworks call things."""

from __future__ import annotations

import re

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES, Argument
from netlang.catalogue.foreign import activation, help_for, help_for_call
from netlang.catalogue.settings import SETTINGS
from netlang.catalogue.translation import as_meant
from netlang.language.diagnostics import Diagnostic, Fix
from netlang.language.diagnostics.messages.syntax import UnexpectedMember, UnexpectedToken
from netlang.language.source import Span
from netlang.language.syntax.mistakes.members import stands_alone

_SEVERAL = re.compile(r" *(?P<name>\w+) *= *\d+(, +\d+)+ *(#|$)", re.MULTILINE)


def reworded(found: Diagnostic) -> Diagnostic:
    """``found`` with the help that only the catalogue can give."""
    if isinstance(found, UnexpectedMember):
        help = help_for(found.name) or (help_for_call(found.name) if found.called else None)
        if help:
            return found.replace(help=help)
        name = _meant(found.name) or found.name
        if found.help == stands_alone(found.name):
            named = as_meant(name, _of_module(found.span) if found.span else found.name)
            return found.replace(help=stands_alone(named), mended=_alone(found))
        return found.replace(name=name)
    if isinstance(found, UnexpectedToken) and (argument := _of_one_number(found)):
        return found.replace(help=f"`{argument.name}` takes one value, {argument.expects}")
    return found


def _meant(member: str) -> str | None:
    """The name here of what another framework has as ``member`` of a module."""
    if member in registry.NAMES:
        return member
    return activation(member) or registry.unmistakable_name(member)


def _alone(found: UnexpectedMember) -> tuple[Fix, ...]:
    """The fixes that write all the members without their modules; none, if one is not known."""
    spans = (found.span, *found.others) if found.span and found.written != "." else ()
    names = [_to_write(span) for span in spans]
    if not all(names):
        return ()
    return tuple(Fix(span, name) for span, name in zip(spans, names, strict=True) if name)


def _to_write(span: Span) -> str | None:
    """What to write for a member of a module; None, if it is not known, or not for sure.

    A name that means other defaults elsewhere stays, as its own message says which.
    """
    member = span.text.rpartition(".")[2].strip()
    name = _meant(member)
    if name is None or as_meant(name, _of_module(span)) == name:
        return name
    given = span.source.text[span.end :].lstrip()
    if _of_module(span) == member:
        return member
    return name if given.startswith("(") and not given[1:].lstrip().startswith(")") else None


def _of_module(span: Span) -> str:
    """The member at ``span``, with its module if that tells its defaults from those of others."""
    parts = [part.strip() for part in span.text.split(".")]
    name, module = _meant(parts[-1]), ".".join(parts[-2:])
    item = registry.ITEMS.get(name) if name else None
    return module if item and module in item.elsewhere else parts[-1]


def _of_one_number(found: UnexpectedToken) -> Argument | None:
    """The setting of one number that gets several."""
    if found.span is None:
        return None
    text, start = found.span.source.text, found.span.start
    several = _SEVERAL.match(text, text.rfind("\n", 0, start) + 1)
    setting = SETTINGS.get(several["name"]) if several else None
    argument = setting.argument if setting else None
    return argument if argument and argument.type is VALUE_TYPES["int"] else None
