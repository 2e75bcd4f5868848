"""What completes a word in a ``%%net`` cell: names of the catalogue, and those of the cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from netlang.catalogue import library, registry
from netlang.catalogue.settings import SETTINGS
from netlang.language.syntax.lexis import HEADS, LITERALS, NAME, TOKEN

_WORD = re.compile(rf"(?:{NAME})?\Z")
_DEFINED = re.compile(rf"^(?:(?:shared|block)[ \t]+)?({NAME})(?=[ \t]*[=(])", re.MULTILINE)
_CALLED = "call"  # what a name before a bracket is, unless the catalogue has it


def completions(text: str, cursor: int) -> Mapping[str, str]:
    """What the word before ``cursor`` may become in a netlang ``text``, each with its kind.

    A statement begins with a setting, and a call of an item has its arguments.
    """
    before = text[:cursor]
    found = _WORD.search(before)
    written = found[0] if found else ""
    words = dict(_words(text, before.removesuffix(written)))
    written = written.casefold()
    return {word: kind for word, kind in words.items() if word.casefold().startswith(written)}


def _words(text: str, before: str) -> Iterator[tuple[str, str]]:
    calls, is_quoted = _around(before)
    if is_quoted:
        return
    if not calls and not before.rpartition("\n")[2].strip():
        yield from ((f"{name} = ", "setting") for name in SETTINGS)
        yield from ((f"{head} ", "keyword") for head in HEADS)
        return
    if calls and (item := registry.ITEMS.get(calls[-1])):
        yield from ((f"{argument.name}=", "argument") for argument in item.arguments)
    yield from ((name, "constant") for name in _DEFINED.findall(text) if name not in SETTINGS)
    yield from ((name, item.kind) for name, item in registry.ITEMS.items())
    yield from ((name, "block") for name in sorted(library.NAMES))
    yield from ((name, "value") for name in LITERALS)


def _around(before: str) -> tuple[list[str], bool]:
    """The names before the brackets that are open, and whether a comment or a string is."""
    calls, last = list[str](), ""
    for token in TOKEN.finditer(before):
        kind, written = token.lastgroup, token.group()
        if kind == "opening":
            calls.append(last or _CALLED)
        elif kind == "closing" and calls:
            calls.pop()
        if kind == "quote" or (kind == "comment" and token.end() == len(before)):
            return calls, True
        last = written if kind == "name" else ""
    return calls, False
