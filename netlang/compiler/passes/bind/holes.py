"""Which arguments of a layer may be holes: its sizes, alone or in a list."""

from __future__ import annotations

from netlang.catalogue.arguments import VALUE_TYPES, Argument
from netlang.catalogue.items import Item
from netlang.compiler.passes.values import Constant, Hole, Listing

_SIZES = [VALUE_TYPES[name] for name in ("Size", "Size | tuple[Size, ...]")]
LISTS_OF_SIZES = [VALUE_TYPES[name] for name in ("tuple[Size, ...]", "Size | tuple[Size, ...]")]


def may_be_a_hole(item: type[Item], argument: Argument) -> bool:
    return item.kind == "layer" and argument.type in _SIZES


def may_hold_holes(item: type[Item], argument: Argument, listing: Listing) -> bool:
    of_sizes = item.kind == "layer" and argument.type in LISTS_OF_SIZES
    return of_sizes and all(isinstance(one, Hole | Constant) for one in listing.items)
