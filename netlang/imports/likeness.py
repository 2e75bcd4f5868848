"""What is equal for parts that are equal, and for chains that differ in their numbers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from netlang.imports.chains import Chain, Part, inside
from netlang.imports.foreign_graph import Argument
from netlang.imports.places import is_fixed


class Likeness:
    """Gives keys, and knows which of them it gave to parts that it has seen."""

    def __init__(self, net: Chain) -> None:
        parts = [*inside(net)]
        self._exact: dict[Part, Hashable] = {}
        self._like: dict[Part, Hashable] = {}
        self._numbers: dict[Hashable, int] = {}
        self._uses_of_taps = Counter(part.name for part in parts if part.kind == "tap")

    def exact(self, part: Part) -> Hashable:
        """The same for parts with the same layers and numbers; one that makes a tap has its own."""
        if part not in self._exact:
            alone = part.tap or part.kind == "input"
            inner = tuple(tuple(map(self.exact, branch)) for branch in part.branches)
            values = tuple((name, type(v), v) for name, v in part.arguments.items())
            key = (part.kind, part.name, values, inner, id(part) if alone else 0)
            self._exact[part] = self._number(key)
        return self._exact[part]

    def of(self, chain: Chain) -> tuple[Hashable, ...] | None:
        """The same for chains whose numbers alone differ, with a key for each part.

        It is None for one that cannot stand alone, as a tap in it is used elsewhere. The tap of its
        last part does not count, as the use of a block has one, too.
        """
        taps: dict[str, int] = {}
        *others, last = chain
        parts = (*(self._part(one, taps) for one in others), self._part(last, taps, is_last=True))
        if taps:
            made = {part.tap for part in inside(chain) if part.tap and part is not last}
            used = Counter(part.name for part in inside(chain) if part.kind == "tap")
            if made != {*used} or any(used[one] != self._uses_of_taps[one] for one in made):
                return None
        return parts

    def _part(self, part: Part, taps: dict[str, int], is_last: bool = False) -> Hashable:
        """The key of a part; ``taps`` are numbered as they come, whatever their names are."""
        if part in self._like:
            return self._like[part]
        inner = tuple(tuple(self._part(one, taps) for one in branch) for branch in part.branches)
        name: str | int = part.name
        if part.kind == "tap":
            name = taps.setdefault(part.name, len(taps))
        has_tap = part.tap and not is_last
        tap = taps.setdefault(part.tap, len(taps)) if has_tap else None
        values = tuple((n, _kind(n, v)) for n, v in part.arguments.items())
        alone = id(part) if part.kind in ("input", "several") else 0
        key = self._number((part.kind, name, values, inner, tap, alone))
        if not any(one.tap or one.kind == "tap" for one in inside((part,))):
            self._like[part] = key
        return key

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _kind(name: str, value: Argument) -> Argument:
    """What has to be equal of a value: all of it, or whether channels are in groups, or how many
    numbers it has.
    """
    if is_fixed(value):
        return value
    if name == "groups":
        return value == 1
    return len(value) if isinstance(value, tuple) else None
