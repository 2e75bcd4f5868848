"""The caller's memory: values that are not needed at the same time lie in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netlang.system.record import Record


class Use(Record):
    """A step: the sizes of what it ``makes``, by name, and the names of what it ``reads``.

    What it makes may take the place of what it reads last and is as long, if it works ``in_place``.
    """

    makes: Mapping[str, int]
    reads: tuple[str, ...]
    in_place: bool = False


class Memory:
    """The place of each value of the steps, in one array of ``size`` numbers."""

    def __init__(self, steps: Sequence[Use]) -> None:
        last = {name: at for at, step in enumerate(steps) for name in (*step.makes, *step.reads)}
        held: dict[str, range] = {}
        self.places: dict[str, int] = {}
        self.size = 0
        for at, step in enumerate(steps):
            over = [one for one in step.reads if last[one] == at and one in held]
            for name, size in step.makes.items():
                same = [held[one].start for one in over if len(held[one]) == size]
                begin = same[0] if step.in_place and same else _gap(held.values(), size)
                self.places[name], held[name] = begin, range(begin, begin + size)
                self.size = max(self.size, begin + size)
            held = {name: one for name, one in held.items() if last[name] > at}


def _gap(held: Iterable[range], size: int) -> int:
    """Where so many numbers first find a place between those that are held."""
    begin = 0
    for one in sorted(held, key=lambda one: one.start):
        if one.start - begin >= size:
            break
        begin = max(begin, one.stop)
    return begin
