"""One table of everything that a file can name: the items, which are classes, and the blocks.

A new layer, loss or optimizer is in it as soon as its class is in the catalogue; one of one's own,
as soon as it is added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, overload

from netlang.catalogue import (
    augment,
    averages,
    clipping,
    data,
    layers,
    library,
    losses,
    metrics,
    optimizers,
    penalties,
    schedules,
    stopping,
)
from netlang.catalogue.arguments import Argument, as_source
from netlang.catalogue.data import DataSet
from netlang.catalogue.items import Item
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.modules import Layer
from netlang.language.diagnostics.suggest import by_part, is_one_of, nearest, unmistakable
from netlang.language.shapes import Shape

_ROOMS = (
    layers, losses, optimizers, schedules, penalties, clipping, averages, data, augment,
    metrics, stopping,
)  # fmt: skip
_MODULES = tuple(room.__name__ for room in _ROOMS)


def _declared(kind: type[Item]) -> Iterator[type[Item]]:
    for item in kind.__subclasses__():
        if not item.abstract and item.__module__.startswith(_MODULES):
            yield item
        yield from _declared(item)


def _by_name(items: Iterable[type[Item]]) -> dict[str, type[Item]]:
    """Raises TypeError if a name or a synonym of one is another's, or that of a library block."""
    found: dict[str, type[Item]] = {}
    owners: dict[str, type[Item] | None] = dict.fromkeys(library.NAMES)
    for item in items:
        found[item.name] = item
        for word in (item.name, *item.known_as):
            if (owner := owners.setdefault(word, item)) is not item:
                other = f"{owner.__module__}.{owner.__name__}" if owner else "a block of std.net"
                both = f"{other} and {item.__module__}.{item.__name__}"
                raise TypeError(f"{both} are both called {word!r}")
    return found


def _choices(items: Iterable[type[Item]]) -> Iterator[str]:
    return (choice for item in items for one in item.arguments for choice in one.choices)


ITEMS = _by_name(_declared(Item))
NAMES = {*ITEMS, *library.NAMES}  # which every file knows

CHOICES = {*_choices(ITEMS.values())}


def add(item: type[Item]) -> None:
    """Let files name an item of one's own. An earlier one of its name goes."""
    ITEMS[item.name] = item
    NAMES.add(item.name)
    CHOICES.update(_choices([item]))


def remove(item: type[Item]) -> None:
    """Take out an item of one's own, if it is there."""
    if ITEMS.get(item.name) is item:
        del ITEMS[item.name]
        NAMES.discard(item.name)
        CHOICES.clear()
        CHOICES.update(_choices(ITEMS.values()))


def kind_of(name: str) -> str | None:
    """What every file knows by ``name``: "layer", "library block"...; None if nothing."""
    if item := ITEMS.get(name):
        return item.kind
    return "library block" if name in library.NAMES else None


def signature(name: str) -> str | None:
    """How the item or block ``name`` is written, if it takes arguments."""
    if name in library.NAMES:
        block = library.blocks()[name]
        return block.signature if block.parameters else None
    item = ITEMS.get(name)
    return item.signature() if item and item.arguments else None


@overload
def items(kind: Literal["layer"]) -> Sequence[type[Layer]]: ...
@overload
def items(kind: Literal["loss"]) -> Sequence[type[Loss]]: ...
@overload
def items(kind: Literal["metric"]) -> Sequence[type[Metric]]: ...
@overload
def items(kind: Literal["data set"]) -> Sequence[type[DataSet]]: ...
@overload
def items(kind: str) -> Sequence[type[Item]]: ...
def items(kind: str) -> Sequence[type[Item]]:
    """The items of one kind, such as "layer" or "data set"."""
    return [item for item in ITEMS.values() if item.kind == kind]


def metric_called(label: str) -> type[Metric] | None:
    """The metric whose number a history calls so: ``f1``, ``f1_micro``, ``top_5``."""
    found = [one for one in items("metric") if f"{label}_".startswith(f"{one.stem or one.name}_")]
    return max(found, key=lambda one: len(one.name), default=None)


def metric_written(label: str) -> str | None:
    """How a file writes the metric whose number is called so: ``f1_micro``, ``top_3_accuracy``.

    >>> metric_written("f1_micro"), metric_written("top_3")
    ('f1(average="micro")', 'top_k(3)')
    """
    label = label.removesuffix("_accuracy").removesuffix("_score")
    item = metric_called(label)
    rest = label[len(item.stem or item.name) + 1 :] if item else ""
    if item is None or not rest:
        return None
    for one in item.arguments:
        if rest in one.choices:
            return f"{item.name}({one.name}={as_source(rest)})"
        if rest.isdecimal() and one.takes(int(rest)):
            return f"{item.name}({int(rest)})"
    return None


def losses_on(outputs: str, target: str = "classification") -> tuple[str, ...]:
    """The names of the losses that most people take on such ``outputs``, "probabilities" or
    "logits", for a kind of ``target``, such as "labels", or "one output" of two classes.
    """
    usual = (loss for loss in items("loss") if target in loss.usual_for)
    return tuple(loss.name for loss in usual if loss.expects == outputs)


def losses_taking(outputs: str, task: str) -> tuple[str, ...]:
    """The names of the losses that take such ``outputs`` for a kind of target, and no others."""
    found = (loss for loss in items("loss") if loss.expects == outputs and task in loss.tasks)
    return tuple(loss.name for loss in found if "regression" not in loss.tasks)


def usual_losses(target: str = "") -> tuple[str, ...]:
    """The names of the losses that most people take for a kind of ``target``, or for any."""
    usual = (loss for loss in items("loss") if loss.usual_for)
    return tuple(loss.name for loss in usual if not target or target in loss.usual_for)


def offered(kind: str) -> tuple[str, ...]:
    """The names of those of one kind that messages offer: of many, what most people take."""
    if kind == Loss.kind:
        return usual_losses()
    others = (one for one in items(kind) if not issubclass(one, Metric) or one.is_common)
    return tuple(one.name for one in others)


def layers_giving(outputs: str, shape: Shape, shared: bool = True) -> tuple[str, ...]:
    """The names of the layers that give such ``outputs``, of that ``shape``, and let gradients
    through; those that are ``shared`` among all, too. A layer that needs arguments is left out, as
    its name alone would not do.
    """
    found = (one for one in items("layer") if one.gives == outputs and not one.has_flat_ends)
    found = (one for one in found if shared or not one.sums_to_one)
    alone = (layer for layer in found if not layer.required_arguments())
    return tuple(layer.name for layer in alone if not layer.declared({}).remark(shape))


def argument(name: str, among: Iterable[type[Item]]) -> tuple[type[Item], Argument] | None:
    """The first item with an argument of that name, or known as it elsewhere; and the argument."""
    for item in among:
        for declared in item.arguments:
            if declared.is_called(name):
                return item, declared
    return None


def suggest(wrong: str, others: Iterable[str] = (), kind: str | None = None) -> str | None:
    """The name that was meant by ``wrong``, which is another system's word for it or near to it;
    one of ``others``, or of the items of ``kind`` if only these can stand there, before any other.
    """
    same = [name for name in _names(kind) if name.casefold() == wrong.casefold() and name != wrong]
    if len(same) == 1:
        return same[0]
    if word := _by_word(wrong, kind):
        return word
    meant = nearest(wrong, [*others, *_names(kind)])
    if kind and not meant and len(wrong) > 2:
        meant = by_part(wrong, [*_names(kind)])
    return suggest(wrong, others) if kind and not meant else meant


def _by_word(wrong: str, kind: str | None) -> str | None:
    """The item that is called so elsewhere; if none is, but for `_`, the first that is."""
    words = [(one.name, (*_synonyms(one, kind), *one.like)) for one in _of(kind)]
    exactly = (name for name, known in words if wrong.casefold() in map(str.casefold, known))
    nearly = (name for name, known in words if is_one_of(wrong, known))
    return next(chain(exactly, nearly), None)


def unmistakable_name(
    wrong: str, others: Collection[str] = (), kind: str | None = None
) -> str | None:
    """The name that was meant by ``wrong``, if nothing else can be meant."""
    for item in _of(kind):
        if wrong in item.like:
            return None
        if wrong in _synonyms(item, kind):
            return None if nearest(wrong, others) else item.name
    return unmistakable(wrong, [*others, *_names(kind)])


def _of(kind: str | None) -> Iterable[type[Item]]:
    return items(kind) if kind else ITEMS.values()


def _names(kind: str | None) -> Iterable[str]:
    return [item.name for item in items(kind)] if kind else NAMES


def _synonyms(item: type[Item], kind: str | None) -> tuple[str, ...]:
    """What an item is called elsewhere. Within a kind, its class's name in Python means it, too."""
    return (*item.known_as, item.__name__) if kind else item.known_as
