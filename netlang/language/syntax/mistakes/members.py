"""The rule for names behind dots, as other languages reach into a module, or call a method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netlang.language.diagnostics.messages.syntax import UnexpectedMember, UnexpectedToken
from netlang.language.source import Span
from netlang.language.syntax.lexis import NAME, Token
from netlang.language.syntax.mistakes.stop import Stop

FILE_ENDINGS = "csv|data|dat|net|tsv|txt"
LIBRARIES = frozenset(
    {"netlang", "torch", "numpy", "tensorflow", "keras", "jax", "sklearn", "pandas"}
)
_MODULES = LIBRARIES | {"F", "K", "flax", "functional", "layers", "nn", "np", "optim", "pd", "tf"}
_METHOD = re.compile(rf"{NAME}(?:\.{NAME})*\.({NAME})[ \t]*\(")
_DOTTED = re.compile(rf"(?:{NAME})?(?:\.{NAME})*\.(?P<name>{NAME})(?P<call>\(?)")
_FOLDERS = re.compile(r"[\w/-]*\Z")
_NEAR = 100  # characters that are looked over for the folders of a path


def member(stop: Stop) -> UnexpectedToken | None:
    """The diagnostic for a name behind a dot."""
    if method := _METHOD.match(stop.statement.text):
        none = "a file is a list of definitions, `name = value`, and calls no methods"
        owner = method[0].partition(".")[0]
        return UnexpectedMember(
            stop.span, stop.expected, none, name=method[1], called=True, owner=owner
        )
    if found := _of_a_module(stop):
        return found
    text = stop.statement.source.text
    dotted = _DOTTED.match(text, stop.start, stop.statement.end)
    if not dotted:
        return None
    name, called = dotted["name"], bool(dotted["call"])
    if name in FILE_ENDINGS.split("|"):
        folders = _FOLDERS.search(text, max(stop.statement.start, stop.start - _NEAR), stop.start)
        path = (folders.group() if folders else "") + dotted.group().rstrip("(")
        quoted = f'a path is a string, in double quotes: `"{path}"`'
        return UnexpectedToken(stop.span, stop.expected, quoted)
    if stop.before.text == ")" or stop.index == 0:
        instead = None
    elif called or not stop.in_brackets:
        instead = stands_alone(name)
    else:
        instead = "a path is a string: write it in double quotes"
    return UnexpectedMember(stop.span, stop.expected, instead, name=name, called=called)


def _of_a_module(stop: Stop) -> UnexpectedMember | None:
    """The diagnostic for all names of modules' members in the statement, if it stops at one."""
    members = [*_members(stop.tokens)]
    here = next((one for one in members if one.holds(stop.here)), None)
    if here is None:
        return None
    name, after = here.text.rpartition(".")[2].strip(), here.source.text[here.end : here.end + 1]
    others = tuple(one for one in members if one.start > here.start)
    help = stands_alone(name)
    return UnexpectedMember(here, "a name alone", help, (), others, name=name, called=after == "(")


def _members(parts: Sequence[Token]) -> Iterator[Span]:
    """The names in these tokens that stand behind that of a module, with it."""
    index = 0
    while index < len(parts):
        end = index
        while [one.text for one in parts[end + 1 : end + 2]] == ["."] and parts[end + 2 : end + 3]:
            end += 2
        if end > index and parts[index].text in _MODULES and parts[end].kind == "name":
            yield parts[index].span.to(parts[end].span)
        index = end + 1


def stands_alone(name: str) -> str:
    """The help for a ``name`` that is written behind that of a module."""
    return f"names stand alone here: write `{name}`"
