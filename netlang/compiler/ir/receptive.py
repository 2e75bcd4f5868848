"""Receptive fields: how much of a network's input an output depends on, as its windows say.

A window of k outputs of a layer whose own fields are r wide and s apart is r + (k - 1)·s wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from netlang.catalogue.modules import Window
from netlang.compiler.ir.graph import Graph, Node
from netlang.language.shapes import Shape
from netlang.system.record import Record


class ReceptiveField(Record):
    """Along each axis behind the channels, an output depends on ``sizes`` neighbouring numbers of
    the input, and the next output on those that are ``strides`` further on.
    """

    sizes: tuple[Fraction, ...]
    strides: tuple[Fraction, ...]

    def through(self, windows: Sequence[Window]) -> ReceptiveField:
        """The field of an output that sees such windows of outputs that have this one."""
        each = list(zip(windows, self.sizes, self.strides, strict=True))
        return ReceptiveField(
            tuple(size + (one.extent - 1) * stride for one, size, stride in each),
            tuple(stride * one.stride / one.finer for one, _, stride in each),
        )

    def as_json(self) -> dict[str, list[float]]:
        """Whole numbers of inputs, and strides that are less than 1 where an axis was enlarged."""
        strides = [int(one) if one.denominator == 1 else float(one) for one in self.strides]
        return {"size": [math.ceil(size) for size in self.sizes], "stride": strides}

    def __str__(self) -> str:
        """As papers write the size and the stride of a window: ``7 x 7 / 2``."""
        sizes = " x ".join(str(math.ceil(size)) for size in self.sizes)
        strides = [f"{float(stride):.3g}" for stride in self.strides]
        return f"{sizes} / {' x '.join(strides if len({*strides}) > 1 else strides[:1])}"


def receptive_fields(graph: Graph) -> list[ReceptiveField | None]:
    """The field of each node; None where an output has no place of its own. They are all None where
    no layer has windows.
    """
    if not any(node.layer.windows(*node.takes) for node in graph.layers):
        return [None] * len(graph.nodes)
    fields = [_of_one_number(graph.input)]
    moved = {0}  # the nodes that give the input's own numbers, perhaps elsewhere
    for number, node in enumerate(graph.layers, 1):
        if node.layer.takes != "numbers" and moved.issuperset(node.inputs):
            moved.add(number)
            fields.append(_of_one_number(node.shape))
        else:
            fields.append(_field(node, [fields[source] for source in node.inputs]))
    return fields


def _of_one_number(shape: Shape) -> ReceptiveField | None:
    """The field of what sees a number of such an input; None if that has channels alone."""
    one = (Fraction(1),) * (len(shape.sample) - 1)
    return ReceptiveField(one, one) if one else None


def _field(node: Node, inputs: Sequence[ReceptiveField | None]) -> ReceptiveField | None:
    """The field behind ``node``, by those of its inputs: of several, the widest."""
    known, places = [one for one in inputs if one], node.takes[0].sizes[1:]
    if len(known) < len(inputs) or any(len(one.sizes) != len(places) for one in known):
        return None
    each = [zip(*(getattr(one, name) for one in known), strict=True) for name in known[0].fields]
    widest = ReceptiveField(*(tuple(map(max, axes)) for axes in each))
    if windows := node.layer.windows(*node.takes):
        return widest.through(windows)
    return widest if node.shape.sizes[1:] == places else None
