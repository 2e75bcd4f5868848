"""Which steps of a sequence the outputs of a network see, through all layers before them.

Two things are asked of that. Who predicts at each step what comes next must not see later ones:
they are what is to be predicted. And where sequences are padded, what is behind the end of one is
no part of it, and must not change what becomes of its steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from netlang.catalogue.modules import Statistic
from netlang.compiler.ir import Graph, Node
from netlang.language.shapes import Shape
from netlang.system.record import Record


class Seen(Record):
    """Along each dimension that stands for steps, counted in a sample from 0, the last step that is
    seen at each of its places; -1 is none. All outputs see the steps up to ``by_all``.
    """

    along: Mapping[int, Sequence[int]]
    by_all: int = -1

    @classmethod
    def in_place(cls, shape: Shape) -> Seen:
        """The steps of a sequence itself, along its first dimension."""
        return cls({0: range(shape.sizes[0])})

    @cached_property
    def ahead(self) -> bool:
        """Whether something at a place sees steps behind that place."""
        each = (enumerate(last) for last in self.along.values())
        return self.by_all > 0 or any(step > place for one in each for place, step in one)

    def through(self, node: Node, source: int) -> Seen:
        """What the outputs of ``node`` see of the input with the number ``source``; nothing where
        that cannot be said.
        """
        along, by_all = dict[int, Sequence[int]](), self.by_all
        for dim, last in self.along.items():
            sight = node.layer.sight(dim, *node.takes, source=source)
            if sight is None:
                continue
            if sight.dim is None:
                by_all = max(by_all, *last)
                continue
            seen = last if sight.places is None else _furthest(last, sight.places)
            if len(seen) == node.shape.dim(sight.dim):  # else it does not say what it sees
                along[sight.dim] = seen
        return Seen(along, by_all)

    def joined(self, other: Seen) -> Seen:
        """What both see together."""
        along = {**self.along, **other.along}
        for dim in self.along.keys() & other.along.keys():
            one, another = self.along[dim], other.along[dim]
            along[dim] = one if one is another else tuple(map(max, one, another))
        return Seen(along, max(self.by_all, other.by_all))


def _furthest(last: Sequence[int], places: Sequence[range]) -> Sequence[int]:
    """The last step seen by what sees these places, at each of which it is ``last``."""
    if all(one <= other for one, other in pairwise(last)):
        return tuple(last[seen[-1]] if seen else -1 for seen in places)
    return tuple(max((last[place] for place in seen), default=-1) for seen in places)


_NOTHING = Seen({})


def sees_ahead(graph: Graph) -> Node | None:
    """The first layer that lets outputs see later steps than their own; None if none do.

    The network reads a step at each place of its first dimension, and gives something there.
    """
    seen = [Seen.in_place(graph.input)]
    first = None
    for number, node in enumerate(graph.layers, 1):
        found = _NOTHING
        for source, one in enumerate(node.inputs):
            found = found.joined(seen[one].through(node, source))
        seen.append(found)
        is_first = found.ahead and not any(seen[one].ahead for one in node.inputs)
        if first is None and is_first and number in graph.live:
            first = node
    return first if seen[graph.result].ahead else None


class Mixing(Record):
    """A ``node`` that lets padding change what becomes of steps; what it knows no more of their
    ends is ``lost_at`` another. It ``averages`` over them in what it keeps.
    """

    node: Node
    lost_at: Node | None
    averages: bool


def mixing_padding(graph: Graph) -> Iterator[Mixing]:
    """The first layer of each way through the network that mixes padding with the steps of padded
    sequences.
    """
    seen: list[Seen] = []
    lost: list[Node | None] = []  # where it was lost which steps are padding
    for node in graph.nodes:
        found, lost_at = _NOTHING, next((lost[one] for one in node.inputs if lost[one]), None)
        if node.shape.padded and not any(shape.padded for shape in node.takes):
            found = Seen.in_place(node.shape)  # here they begin
        for source, one in enumerate(node.inputs):
            if not _leaves_out_padding(node, source):
                found = found.joined(seen[one].through(node, source))
            elif node.shape.padded and len(node.inputs) == 1:
                found = found.joined(Seen.in_place(node.shape))
        averages = any(isinstance(one, Statistic) for one in node.layer.tensors().values())
        if found.ahead or (found.along and averages):
            yield Mixing(node, lost_at, averages and not found.ahead)
            found, lost_at = _NOTHING, None
        if found.along and not node.shape.padded:
            lost_at = lost_at or node
        seen.append(found)
        lost.append(lost_at)


def _leaves_out_padding(node: Node, source: int) -> bool:
    last = len(node.inputs) - 1
    return source == last and node.takes[last].padded and node.layer.honours_lengths(*node.takes)
