"""The numbers of a chain, each of which may be another one where the chain comes again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.catalogue.registry import ITEMS
from netlang.imports.chains import Chain, Part, written
from netlang.imports.foreign_graph import Argument, Formula
from netlang.system.record import Record

_SEVERAL = ("Pad",)  # layers whose lists have numbers that may differ each by itself
_SIZES = ("out_channels", "out_features", "num_features", "groups", "num_parameters")
_NO_SIZES = r"(kernel|stride|padding|dilation|p|depth|slope|eps|momentum)\d*"  # of a block


class Place(Record):
    """Where a number stands: an argument of a part of a chain."""

    chain: Chain
    index: int
    argument: str
    value: Argument

    @property
    def part(self) -> Part:
        return self.chain[self.index]

    @property
    def is_size(self) -> bool:
        """Whether it counts channels or features."""
        if self.part.kind == "use":
            return not re.fullmatch(_NO_SIZES, self.argument)
        return self.argument in _SIZES or self.part.name in _SEVERAL

    @property
    def is_optional(self) -> bool:
        """Whether its layer can do without it."""
        item = ITEMS.get(self.part.name) if self.part.kind == "layer" else None
        return not item or any(o.name == self.argument and not o.required for o in item.arguments)


def is_fixed(value: Argument) -> bool:
    """Whether chains with other values in this place are not alike: switches and words."""
    return isinstance(value, bool | str)


def places_in(chain: Chain) -> Iterator[Place]:
    """All places of a chain, those in branches included, in the order of its text."""
    for index, part in enumerate(chain):
        for branch in part.branches:
            yield from places_in(branch)
        for name, value in part.arguments.items():
            if isinstance(value, tuple) and part.name in _SEVERAL:
                yield from (Place(chain, index, name, one) for one in value)
            elif not is_fixed(value):
                yield Place(chain, index, name, value)


def filled(chain: Chain, values: Iterator[Argument]) -> Chain:
    """``chain`` with other values in its places."""
    parts = []
    for part in chain:
        branches = tuple(filled(branch, values) for branch in part.branches)
        arguments = {name: _filled(part, value, values) for name, value in part.arguments.items()}
        parts.append(part.replace(branches=branches, arguments=arguments))
    return tuple(parts)


def _filled(part: Part, value: Argument, values: Iterator[Argument]) -> Argument:
    if isinstance(value, tuple) and part.name in _SEVERAL:
        return Formula(f"[{', '.join(written(next(values)) for _ in value)}]")
    return value if is_fixed(value) else next(values)
