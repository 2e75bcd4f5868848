"""What a layered layout puts in order: vertices, and the links between them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

Point = tuple[float, float]


class Vertex(NamedTuple):
    """Where links of a level begin, end or pass.

    A "box" or "cluster" is the one of that ``number``. "in" and "out" are ports, where links from
    the box ``number`` enter or leave the level's own cluster. A "dummy" keeps room in a ``layer``
    that such a link passes.
    """

    kind: str
    number: int
    layer: int = 0


Link = tuple[Vertex, Vertex, int]  # from, to, and the box that it comes from


class Measures(Protocol):
    """What a level has to know of its vertices."""

    def size(self, vertex: Vertex) -> tuple[float, float]:
        """Its width and height."""
        ...

    def port(self, vertex: Vertex, kind: str, source: int) -> float:
        """How far right of its middle a link from the box ``source`` meets it."""
        ...

    def rank(self, vertex: Vertex) -> tuple[int, int]:
        """The key that first sorts a level."""
        ...
