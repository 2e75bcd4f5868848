"""What an expression means once its names are resolved: what resolve hands to bind.

A meaning carries the span it was written in. ``Poison`` stands for what was reported
already: whatever meets it stays silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netlang.arguments import Item, Value
from netlang.record import Record
from netlang.source import Span


class Poison(Record):
    span: Span


class Constant(Record):
    """A plain value; ``literal`` is where it was written, if a name brought it here."""

    value: Value
    span: Span
    literal: Span | None = None


class Given(Record):
    """An argument as given: ``value``, or ``name=value``."""

    name: str | None
    name_span: Span | None
    value: Meaning
    span: Span


class Use(Record):
    """A catalogue item with the arguments it is given, not checked yet.

    ``overrides`` are arguments from the command line, by name; they win.
    """

    item: type[Item]
    arguments: tuple[Given, ...]
    span: Span
    overrides: Mapping[str, Given] = MappingProxyType({})


class Link(Record):
    """One place in a chain; ``use`` is the span of the name that stands for it, if one does."""

    meaning: Use | Network | Poison
    use: Span | None


class Network(Record):
    """A chain. Networks in it are shared, not copied: ``size`` counts its layers."""

    links: tuple[Link, ...]
    size: int
    span: Span


class Listing(Record):
    """A list of things of which some are no plain values."""

    items: tuple[Meaning, ...]
    span: Span


Meaning = Poison | Constant | Use | Network | Listing


def describe(meaning: Meaning) -> str:
    """What it is, in words: ``the number 3``, ``the layer `ReLU```."""
    match meaning:
        case Constant(value=bool() | None):
            return f"`{meaning.span.text}`"
        case Constant(value=str()):
            return "a string"
        case Constant(value=tuple()) | Listing():
            return "a list"
        case Constant():
            return f"the number {meaning.value}"
        case Use():
            return f"the {meaning.item.kind} `{meaning.item.name}`"
        case Network():
            return "a network"
        case Poison():
            return "a mistake"
