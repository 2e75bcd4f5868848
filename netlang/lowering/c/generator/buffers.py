"""The memory of a chunk: which values share a slot, as they are not needed at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netlang.compiler.ir import Graph
from netlang.language.shapes import Shape
from netlang.lowering.c.generator.texts import of_members
from netlang.lowering.c.kernels import ROWS, Layout
from netlang.lowering.c.rows import length
from netlang.system.record import Record

TARGETS = -1


class Buffer(NamedTuple):
    """Something in memory: the ``value`` or the ``gradient`` of a node, or by its name what a layer
    keeps for its backward pass or works in. The targets are the value of node TARGETS.
    """

    what: str
    number: int
    layout: Layout = ROWS


def shape_of(buffer: Buffer, graph: Graph) -> Shape:
    """The shape of a sample in the buffer, which is not that of the targets."""
    return graph.nodes[buffer.number].shape


def _length(buffer: Buffer, graph: Graph) -> str:
    """How many numbers the samples of a chunk have in the buffer, as C."""
    shape = shape_of(buffer, graph)
    of_samples = f"BLOCKS * LANES * {shape.size}"
    if buffer.layout == ROWS:
        of_samples = f"N * {length(shape)}"
    return of_members(of_samples, graph.nodes[max(buffer.number, 0)].members)


class Access(Record):
    """What one call reads and writes. ``in_place`` if it may write over what it reads last."""

    reads: tuple[Buffer, ...]
    writes: tuple[Buffer, ...]
    in_place: bool


class Memory:
    """The memory for accesses in this order, as fields of a struct that is called ``struct``.

    ``lengths`` has those of buffers that are not as long as a node's value, for a chunk, as C.
    ``names`` are what the buffers are called in C, ``fields`` the declarations.
    """

    def __init__(
        self, graph: Graph, struct: str, accesses: Sequence[Access], lengths: Mapping[Buffer, str]
    ) -> None:
        lengths = {
            buffer: lengths.get(buffer) or _length(buffer, graph)
            for access in accesses
            for buffer in (*access.reads, *access.writes)
        }
        slots = _allocated(accesses, lengths)
        self.names = {buffer: f"{struct}->v{slot}" for buffer, slot in slots.items()}
        fields = (f"real v{slot}[{lengths[buffer]}]" for buffer, slot in slots.items())
        self.fields = [*dict.fromkeys(fields)]


def _allocated(accesses: Sequence[Access], lengths: Mapping[Buffer, str]) -> dict[Buffer, int]:
    """The slot of each buffer, where slots of one length are used again and again.

    Buffers that are never read get a slot, too.
    """
    ends = {
        buffer: at
        for at, access in enumerate(accesses)
        for buffer in (*access.writes, *access.reads)
    }
    free: dict[str, list[int]] = {}
    slots: dict[Buffer, int] = {}
    count = 0
    for at, access in enumerate(accesses):
        ending = [b for b in dict.fromkeys((*access.reads, *access.writes)) if ends[b] == at]
        early = [b for b in ending if access.in_place and b not in access.writes]
        for buffer in early:
            free.setdefault(lengths[buffer], []).append(slots[buffer])
        for buffer in access.writes:
            if buffer not in slots:
                found = free.get(lengths[buffer])
                slots[buffer] = found.pop() if found else count
                count += slots[buffer] == count
        for buffer in ending:
            if buffer not in early:
                free.setdefault(lengths[buffer], []).append(slots[buffer])
    return slots
