"""The memory of a chunk: which values share a place, as they are not needed at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from netlang.system.record import Record

TARGETS = -1


class Buffer(NamedTuple):
    """What is held in memory: the ``value`` or the ``gradient`` of a node, or by its name what a
    layer keeps for its backward pass. The targets are the value of node TARGETS.
    """

    what: str
    number: int


class Use(Record):
    """What one call reads and writes. ``in_place`` if it may write over what it reads last."""

    reads: tuple[Buffer, ...]
    writes: tuple[Buffer, ...]
    in_place: bool


def allocate(uses: Iterable[Use], lengths: Mapping[Buffer, str]) -> dict[Buffer, int]:
    """The place of each buffer, where places of one length are used again and again.

    Buffers that are never read get a place, too.
    """
    timeline = list(uses)
    ends = {buffer: at for at, use in enumerate(timeline) for buffer in (*use.writes, *use.reads)}
    free: dict[str, list[int]] = {}
    places: dict[Buffer, int] = {}
    count = 0
    for at, use in enumerate(timeline):
        ending = [b for b in dict.fromkeys((*use.reads, *use.writes)) if ends[b] == at]
        early = [b for b in ending if use.in_place and b not in use.writes]
        for buffer in early:
            free.setdefault(lengths[buffer], []).append(places[buffer])
        for buffer in use.writes:
            if buffer not in places:
                found = free.get(lengths[buffer])
                places[buffer] = found.pop() if found else count
                count += places[buffer] == count
        for buffer in ending:
            if buffer not in early:
                free.setdefault(lengths[buffer], []).append(places[buffer])
    return places
