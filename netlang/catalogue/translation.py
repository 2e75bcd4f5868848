"""A layer's call as another framework writes it, said here: `Dense(10, activation="relu")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.foreign import activation
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.catalogue.items import Item
from netlang.language.diagnostics.suggest import is_one_of, unmistakable
from netlang.system.record import Record

_QUOTES = '"'
_LEAVE_OUT = "leave it out"
_OTHERWISE = {("BatchNormalization", "momentum")}  # what is 1 less the argument here
_SIZES = [VALUE_TYPES[name] for name in ("Size", "Size | tuple[Size, ...]")]


class Translation(Record):
    """The call of a layer in netlang's words; it is not ``whole`` where an argument is left out."""

    text: str
    whole: bool


def translated(
    item: type[Item], arguments: Sequence[tuple[str | None, str]], called: str = ""
) -> Translation | None:
    """The call of ``item`` with these ``arguments``, names and texts; None if one is not known, or
    if they are as they should be.

    People leave out the size that other frameworks find. An activation goes behind the layer. What
    another framework has as its default, where the item is ``called`` so, is written out.
    """
    names = [one.name for one in item.arguments]
    texts = [text for name, text in arguments if name is None]
    if item.kind == "schedule" and texts[:1] == ["optimizer"]:  # torch's schedules take one first
        return translated(item, [one for one in arguments if one[1] != "optimizer"], called)
    given, behind, whole = dict[str, str](), "", True
    for name, text in arguments:
        meant = item.meant_argument(name) if name and name not in names else None
        if (called, name) in _OTHERWISE:
            if not (share := _one_less(text)):
                return None
            given[name or ""] = share
        elif name in names:
            given[name] = text
        elif (
            meant
            and meant.sure
            and meant.text not in [*given, *(one for one, _ in arguments)]
            and may_mean(item, meant.text, name or "", text)
        ):
            given[meant.text] = text
        elif name == "activation" and (layer := activation(text.strip(_QUOTES))):
            behind = f" -> {as_meant(layer, text.strip(_QUOTES))}"
        elif name == "return_sequences" and "output" in names:
            given["output"] = '"all"' if text.casefold() == "true" else '"last"'
        elif name and (help_for_argument(name, item.kind) or "").startswith(_LEAVE_OUT):
            whole = False
        elif name:
            return None
    order = item.order_elsewhere.get(called)
    if order is not None:
        placed = order[: len(texts)]
        if len(texts) > len(order) or not given.keys().isdisjoint(placed):
            return None
        given |= {name: text for name, text in zip(placed, texts, strict=True) if name}
        if not all(_fits(item, name, given[name]) for name in placed if name):
            return None
        whole, texts = whole and "" not in placed, []
    open_names = [name for name in names if name not in given]
    there = item.elsewhere.get(called, {})
    missing = [one for one in item.required_arguments() if one.name in open_names][len(texts) :]
    missing = [one for one in missing if one.name not in there]
    if len(missing) == 1 and may_be_found(item) and names[0] in open_names:
        texts.insert(0, "_")
    elif missing or (
        not there and order is None and all(name in (None, *names) for name, _ in arguments)
    ):
        return None
    if len(texts) > len(open_names):
        return None
    given |= dict(zip(open_names, texts, strict=False))
    given = {name: value_here(item, name, text) for name, text in {**there, **given}.items()}
    return Translation(_written(item, given) + behind, whole)


def as_meant(name: str, called: str) -> str:
    """How the item ``name`` is written to mean what is ``called`` so elsewhere, without more."""
    item = registry.ITEMS.get(name)
    there = item.elsewhere.get(called) if item else None
    return _written(item, {**there}) if item and there else name


def may_mean(item: type[Item], argument: str, called: str, text: str) -> bool:
    """Whether an ``argument`` is meant by what is ``called`` otherwise: that is a word for it
    or misspelt, or at least it takes the value, as far as its ``text`` shows that.
    """
    declared = next(one for one in item.arguments if one.name == argument)
    is_word = is_one_of(called, (declared.name, *declared.known_as, *declared.like))
    return is_word or bool(unmistakable(called, [argument])) or _fits(item, argument, text)


def _fits(item: type[Item], argument: str, text: str) -> bool:
    """Whether an ``argument`` may have the value in ``text``, as far as that shows it."""
    declared = next(one for one in item.arguments if one.name == argument)
    plain = _plain(value_here(item, argument, text))
    return plain is None or declared.takes(plain)


def value_here(item: type[Item], argument: str, text: str) -> str:
    """How the value of an ``argument`` is written here: `validation.loss` for "val_loss", and 2 for
    2.0 where numbers are whole.
    """
    declared = next((one for one in item.arguments if one.name == argument), None)
    plain = _plain(text)
    if declared is None or plain is None or declared.takes(plain):
        return text
    if isinstance(plain, float) and plain.is_integer() and declared.takes(int(plain)):
        return str(int(plain))
    path = metric_path(plain) if isinstance(plain, str) else None
    return path if path and declared.type is VALUE_TYPES["MetricPath"] else text


def metric_path(name: str) -> str | None:
    """The metric that Keras calls so: `validation.loss` for "val_loss"; None if there is none."""
    part, called = "train", name
    if found := re.fullmatch(r"(train|val|valid|validation)[_/](\w+)", name):
        part, called = found.groups()
    meant = "loss" if called == "loss" else registry.suggest(called, kind="metric")
    if meant is None or registry.kind_of(meant) not in (None, "metric"):
        return None
    return f"{'train' if part == 'train' else 'validation'}.{meant}"


def _plain(text: str) -> str | float | bool | None:
    """The string, number or switch that ``text`` is; None for all else."""
    if text in ("true", "false"):
        return text == "true"
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str | int | float) else None


def _one_less(text: str) -> str:
    """1 less the number in ``text``; nothing, if it is none."""
    try:
        return f"{1 - float(text):.6g}"
    except ValueError:
        return ""


def may_be_found(item: type[Item]) -> bool:
    """Whether the first argument is a size of a layer that netlang finds."""
    return item.kind == "layer" and bool(item.arguments) and item.arguments[0].type in _SIZES


def _written(item: type[Item], given: dict[str, str]) -> str:
    """The call of ``item`` with the arguments that are ``given``, the needed ones without names."""
    needed = [one.name for one in item.required_arguments()]
    texts = [given.pop(name) for name in needed if name in given]
    texts += (f"{one.name}={given[one.name]}" for one in item.arguments if one.name in given)
    return f"{item.name}({', '.join(texts)})" if texts else item.name
