"""The memory of a chunk: which values share a slot, as they are not needed at the same time."""

from __future__ import annotations

from bisect import bisect, bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from netlang.compiler.ir import Graph
from netlang.language.shapes import Shape
from netlang.lowering.c.generator.lengths import estimated
from netlang.lowering.c.generator.texts import of_members
from netlang.lowering.c.kernels import BLOCKS, FLAT, ROWS, Layout
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


def length_in(buffer: Buffer, graph: Graph) -> str:
    """How many numbers the samples of a chunk have in the buffer, as C."""
    shape = shape_of(buffer, graph)
    of_samples = {
        ROWS: f"N * {length(shape)}",
        BLOCKS: f"BLOCKS * LANES * {shape.size}",
        FLAT: f"N * {shape.size}",
    }
    return of_members(of_samples[buffer.layout], graph.nodes[max(buffer.number, 0)].members)


class Access(Record):
    """What one call reads and writes; over what ``gives_way`` it may write, if it reads it last."""

    reads: tuple[Buffer, ...]
    writes: tuple[Buffer, ...]
    gives_way: tuple[Buffer, ...] = ()


class Memory:
    """The memory for accesses in this order, as fields of a struct that is called ``struct``.

    ``lengths`` has those of buffers that are not as long as a node's value, for a chunk, as C; a
    chunk has so many ``samples``. ``names`` are what the buffers are called in C, ``fields`` the
    declarations, ``numbers`` about how many all of these hold, and ``longest`` the longest of them.
    """

    def __init__(
        self,
        graph: Graph,
        struct: str,
        accesses: Sequence[Access],
        lengths: Mapping[Buffer, str],
        samples: int,
    ) -> None:
        lengths = {
            buffer: lengths.get(buffer) or length_in(buffer, graph)
            for access in accesses
            for buffer in (*access.reads, *access.writes)
        }
        slots = _Slots(samples)
        placed = _placed(accesses, lengths, slots)
        self.names = {buffer: f"{struct}->v{slot}" for buffer, slot in placed.items()}
        self.fields = [
            f"real v{slot}[{_longest(lengths)}]" for slot, lengths in enumerate(slots.lengths)
        ]
        self.numbers, self.longest = sum(slots.sizes), max(slots.sizes)


class _Slots:
    """Memory that one buffer has after another. ``lengths`` has those of each slot's buffers,
    ``sizes`` about how many numbers it holds.

    A buffer takes a free slot that is as long, or up to twice as long: of a longer one, it would
    keep others. Or else the longest of those that are too short grows.
    """

    def __init__(self, samples: int) -> None:
        self.lengths: list[dict[str, None]] = []
        self.sizes: list[int] = []
        self._samples = samples
        # By size; of one size, the one that was freed last, and is in the cache, stands last.
        self._free: list[tuple[int, int]] = []  # sizes and slots
        self._same: dict[str, list[int]] = {}  # free ones whose size is not known

    def take(self, length: str) -> int:
        size = estimated(length, self._samples)
        slot = self._found(length, size)
        if slot is None:
            slot = len(self.lengths)
            self.lengths.append({})
            self.sizes.append(0)
        self.lengths[slot][length] = None
        self.sizes[slot] = max(self.sizes[slot], size or 0)
        return slot

    def _found(self, length: str, size: int | None) -> int | None:
        if size is None:
            same = self._same.get(length)
            return same.pop() if same else None
        at = bisect_left(self._free, size, key=_size)
        if at < len(self._free) and (fitting := self._free[at][0]) <= 2 * size:
            return self._free.pop(bisect(self._free, fitting, key=_size) - 1)[1]
        return self._free.pop(at - 1)[1] if at else None

    def free(self, slot: int) -> None:
        if size := self.sizes[slot]:
            insort(self._free, (size, slot), key=_size)
        else:
            (length,) = self.lengths[slot]
            self._same.setdefault(length, []).append(slot)


def _size(free: tuple[int, int]) -> int:
    return free[0]


def _longest(lengths: Iterable[str]) -> str:
    """The longest of them, as C: a union is as long. To compare them by a macro, which names each
    side twice, would double the text with every length.
    """
    first, *others = lengths
    members = ", ".join(f"of_{index}[{length}]" for index, length in enumerate([first, *others]))
    return f"sizeof(union {{ char {members}; }})" if others else first


def _placed(
    accesses: Sequence[Access], lengths: Mapping[Buffer, str], slots: _Slots
) -> dict[Buffer, int]:
    """The slot of each buffer. Buffers that are never read get one, too."""
    ends = {
        buffer: at
        for at, access in enumerate(accesses)
        for buffer in (*access.writes, *access.reads)
    }
    placed: dict[Buffer, int] = {}
    for at, access in enumerate(accesses):
        ending = [b for b in dict.fromkeys((*access.reads, *access.writes)) if ends[b] == at]
        early = [b for b in ending if b in access.gives_way and b not in access.writes]
        for buffer in early:
            slots.free(placed[buffer])
        for buffer in access.writes:
            if buffer not in placed:
                placed[buffer] = slots.take(lengths[buffer])
        for buffer in ending:
            if buffer not in early:
                slots.free(placed[buffer])
    return placed
