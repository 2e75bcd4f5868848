"""Where the weights of a graph lie: in one row, which items have parts of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlang.catalogue.modules import Weight
from netlang.compiler.ir import Graph, Node

Placed = tuple[Node, str, Weight]  # a weight of a node, by its name


def placed_weights(graph: Graph) -> Iterator[Placed]:
    """The weights in the order in which they lie."""
    for node in graph.layers:
        if not node.shares:
            for name, weight in node.layer.declared_weights().items():
                yield node, name, weight


def rows_of(placed: Sequence[Placed], owned: Sequence[bool]) -> Iterator[tuple[int, int, int]]:
    """Where rows of weights begin and end that are owned, and where they begin in a vector of these
    alone.
    """
    at = own = begin = 0
    is_open = False
    for (_, _, weight), is_own in zip(placed, owned, strict=True):
        if is_own and not is_open:
            begin = at
        elif is_open and not is_own:
            yield begin, at, own
            own += at - begin
        is_open, at = is_own, at + weight.size
    if is_open:
        yield begin, at, own
