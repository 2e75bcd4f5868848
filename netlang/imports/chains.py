"""A network as chains of parts, which is how a .net file says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from netlang.catalogue.arguments import as_source
from netlang.catalogue.modules import Layer
from netlang.catalogue.registry import ITEMS
from netlang.imports.foreign_graph import Argument, ForeignInput, ForeignLayer, Formula
from netlang.system.record import Record


class Part(Record):
    """One link of a chain.

    A ``layer`` with ``branches`` joins what these give, and an empty branch passes its input on.
    A ``use`` is one of a block, and a ``repeat`` has its only branch ``times`` times. A ``tap`` is
    the use of what an earlier part, whose ``tap`` has its name, gives; an ``input`` begins a
    branch with an input of the network. ``several`` are the outputs of the network, side by side.
    ``layers`` are those of the foreign graph that it stands for, in the order of the text.
    """

    kind: Literal["layer", "use", "repeat", "tap", "input", "several"]
    name: str
    arguments: Mapping[str, Argument] = {}
    branches: tuple[Chain, ...] = ()
    tap: str = ""
    layers: tuple[ForeignLayer, ...] = ()
    input: ForeignInput | None = None

    @property
    def learns(self) -> bool:
        """Whether it has weights, or joins branches, which may have some."""
        if self.kind == "layer":
            return bool(self.branches) or _learns(self.name)
        return not self.layers or any(_learns(layer.call) for layer in self.layers)

    @property
    def family(self) -> Literal["weights", "norm", "around", "other"]:
        """What a layer is: one with weights, a norm, or an activation or a dropout around these."""
        item = ITEMS.get(self.name) if self.kind == "layer" and not self.branches else None
        if item is None:
            return "other"
        if any(word in item.__module__ for word in ("activations", "dropout")):
            return "around"
        return (
            "norm" if "normalization" in item.__module__ else "weights" if self.learns else "other"
        )


def _learns(name: str) -> bool:
    """Whether a layer of this name has weights, as one that the catalogue lacks may have."""
    item = ITEMS.get(name)
    return item is None or (issubclass(item, Layer) and item.tensors is not Layer.tensors)


Chain = tuple[Part, ...]


def inside(chain: Chain) -> Iterator[Part]:
    """All parts of a chain, those in branches included, in the order of the text."""
    for part in chain:
        for branch in part.branches:
            yield from inside(branch)
        yield part


def layers_of(parts: Iterable[Part]) -> tuple[ForeignLayer, ...]:
    """The layers that these parts of one chain stand for."""
    return tuple(layer for part in parts for layer in part.layers)


def written(value: Argument) -> str:
    return value.text if isinstance(value, Formula) else as_source(value)
