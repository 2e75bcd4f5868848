"""A setting has a value that is no item of the kind it takes: what to write in its place."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue import registry
from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import DataSet
from netlang.catalogue.settings import SETTINGS
from netlang.catalogue.stopping import StoppingRule
from netlang.compiler.passes.check import as_name
from netlang.compiler.passes.values import (
    Constant,
    ItemCall,
    Listing,
    Value,
    describe,
    number_in,
)
from netlang.language.diagnostics.messages.names import WrongKind
from netlang.language.diagnostics.suggest import is_one_of
from netlang.language.diagnostics.wording import either, with_article
from netlang.language.source import Span


def wrong_item(setting: str, kind: str, value: Value, span: Span) -> WrongKind:
    """The report of a value that is no item of the kind, at ``span``."""
    problem = f"`{setting}` takes {with_article(kind)}, and this is {describe(value)}"
    named, meant = as_name(value, kind) or ("", None)
    help = named or _instead(setting, kind, value)
    if SETTINGS[setting].in_turn and isinstance(value, Listing):
        texts = [one.span.text for one in value.items]
        help = f"they follow each other by arrows: `{setting} = {' -> '.join(texts)}`"
    return WrongKind(span, problem, f"not {with_article(kind)}", help, meant=meant)


def _instead(setting: str, kind: str, value: Value) -> str:
    """What to write where the value is no name of such an item."""
    item = value.item if isinstance(value, ItemCall) else None
    items = registry.items(kind)
    names = [one.name for one in items]
    alike = [name for name in names if item and name.casefold() == item.name.casefold()]
    alike = alike or [one.name for one in items if item and is_one_of(item.name, one.like)]
    if setting == "metrics" and item and item.kind == "loss" and not alike:
        return "leave it out: the loss is measured anyway"
    if kind == StoppingRule.kind and not item:
        return f"write {either(f'{name}(validation.loss)' for name in names)}"
    if number_in(value) is not None and (taking := _taking(value, kind)):
        return f"write {either(taking)}"
    if kind == DataSet.kind and isinstance(value, Constant) and isinstance(value.plain, str):
        return f"write {' or '.join(_for_path(value.plain))}"
    return f"write {either(alike or registry.offered(kind))}"


def _for_path(path: str) -> Iterator[str]:
    """The calls of the data sets that read such a file."""
    found = registry.items("data set")
    own = [item for item in found if path.lower().endswith(item.endings)]
    fit = own or [item for item in found if not item.endings]
    return (item.for_path.format(as_source(path)) for item in fit if item.for_path)


def _taking(value: Value, kind: str) -> list[str]:
    """The calls of the items of a kind that take the number ``value`` first, if all do and there
    are few: `Norm(1.0)`, `Value(1.0)`.
    """
    items, plain = registry.items(kind), value.plain if isinstance(value, Constant) else None
    fit = all(one.arguments and one.arguments[0].takes(plain) for one in items)
    return [f"{one.name}({value.span.text})" for one in items] if fit and len(items) < 4 else []
