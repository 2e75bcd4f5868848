"""An outline of a graph has its layers in the blocks and repeats that its file is written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from netlang.compiler.ir.graph import Expansion, Graph
from netlang.system.record import Record


class Part(Record):
    """A layer, or a block, a named network or a repeat, whose ``parts`` are in it.

    ``title`` is how the file writes it, and "" for a layer, and for a repeat of several parts.
    ``numbers`` are those of its nodes. It comes ``copies`` times in a row, with the same layers and
    shapes, and its parts are those of the first copy.
    """

    title: str
    numbers: tuple[int, ...]
    copies: int = 1
    parts: tuple[Part, ...] = ()


class Row(Record):
    """A part, and how many others it stands in."""

    depth: int
    part: Part


def outline(graph: Graph, most: int) -> list[Row]:
    """All of ``graph`` but its input, in about ``most`` rows.

    Where there are more, what stands in many others is left out; what stands in none, never.
    """
    parts = _Outline(graph).parts(range(1, len(graph.nodes)), depth=0)
    rows = [*_rows(parts)]
    while len(rows) > most and (deepest := max(row.depth for row in rows)):
        rows = [row for row in rows if row.depth < deepest]
    return rows


def _rows(parts: Iterable[Part], depth: int = 0) -> Iterator[Row]:
    for part in parts:
        yield Row(depth, part)
        yield from _rows(part.parts, depth + 1)


class _Outline:
    def __init__(self, graph: Graph) -> None:
        self._nodes = graph.nodes
        self._trails = [[*node.origin.trail][::-1] for node in graph.nodes]  # the outermost first

    def parts(self, numbers: Sequence[int], depth: int) -> tuple[Part, ...]:
        """The parts that these nodes make, all of which stand in the same ``depth`` expansions."""
        groups = [
            (expansion, (*members,))
            for expansion, members in groupby(numbers, lambda one: self._expansion(one, depth))
        ]
        found: list[Part] = []
        for _, alike in groupby(groups, lambda group: self._likeness(*group)):
            found += self._alike([*alike], depth)
        return tuple(found)

    def _alike(
        self, groups: Sequence[tuple[Expansion | None, tuple[int, ...]]], depth: int
    ) -> Sequence[Part]:
        """The parts that a use of a name makes, or one copy or several of a repeat."""
        expansion, first = groups[0]
        if expansion is None:
            return [Part("", (number,)) for number in first]
        inner = self.parts(first, depth + 1)
        if len(groups) == 1 and (not expansion.name or len(inner) == 1):
            return inner  # of a repeat whose copies differ, or of a name for one layer
        numbers = tuple(number for _, members in groups for number in members)
        if len(inner) == 1:
            times = len(groups) * inner[0].copies
            return [inner[0].replace(numbers=numbers, copies=times)]
        title = " ".join(expansion.span.text.split()) if expansion.name else ""
        return [Part(title, numbers, len(groups), inner)]

    def _expansion(self, number: int, depth: int) -> Expansion | None:
        trail = self._trails[number]
        return trail[depth] if depth < len(trail) else None

    def _likeness(self, expansion: Expansion | None, numbers: tuple[int, ...]) -> object:
        """It is equal for what one part stands for: nodes in no expansion, copies of a repeat whose
        layers and shapes are the same, or one use of a name.
        """
        if expansion is None or expansion.name:
            return expansion
        nodes = [self._nodes[number] for number in numbers]
        facts = [(node.call, *map(str, node.takes)) for node in nodes]
        return expansion.outer, expansion.span, facts
