"""A network written out: its layers, and which of them give the inputs of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Origin
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.values import NetworkValue
from netlang.language.source import Span
from netlang.system.record import Record


class WiredLayer(Record):
    """A layer in the network. ``layer`` is declared, with unknown sizes for its holes; both it and
    ``bound`` are None where its arguments have a mistake.

    ``shares`` is the number of the layer whose weights are this one's, too. If ``inputs`` come
    from the branches of a fan-out, ``branches`` are these, one for each.
    """

    number: int
    bound: BoundCall | None
    layer: Layer | None
    inputs: tuple[int, ...]
    origin: Origin
    shares: int | None
    branches: tuple[NetworkValue, ...]


class NetworkOutput(NamedTuple):
    """What the network ends in: the ``number`` of the layer that gives it, 0 for the input, its
    name by `as`, "" without one, and where its branch stands.
    """

    number: int
    name: str
    span: Span


class Wiring(Record):
    """Layers by number, from 1, in topological order; ``result`` gives the network's output, which
    is the row of all its ``outputs`` where it ends in several.
    """

    layers: Mapping[int, WiredLayer]
    result: int
    span: Span
    outputs: tuple[NetworkOutput, ...]

    def misplaced(self, targets: Sequence[str]) -> NetworkOutput | None:
        """The first output that has the name of a target with another place than its own; none
        where two outputs have one name.
        """
        names = [output.name for output in self.outputs if output.name]
        if len({*names}) < len(names):
            return None
        for output, target in zip(self.outputs, targets, strict=False):
            if output.name in targets and output.name != target:
                return output
        return None
