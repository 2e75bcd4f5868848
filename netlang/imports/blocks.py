"""What comes several times becomes a block, and what comes several times in a row a repeat.

Two stretches of chains are alike if they have the same layers in the same places, whatever their
numbers are. Where the numbers differ, the block has parameters; a number that always follows from
another is computed. Of all stretches, that one becomes a block which makes the text shortest, as
long as there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from netlang.imports.chains import Chain, Part, inside, layers_of
from netlang.imports.foreign_graph import HOLE, Argument, Formula
from netlang.imports.naming import Place, block_name, parameter_names
from netlang.imports.part_text import text_of
from netlang.system.record import Record

LARGEST = 10  # how many parts a block may have, with those in its branches
PARAMETERS = 7
WORTH = 40  # how many characters shorter a block has to make the text
_BLOCKS = 12
_TRIED = 400  # of the candidates for a block, those that may bring most


class Block(Record):
    """``block name(parameters) = body``; ``defaults`` are those of the last parameters."""

    name: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, Argument]
    body: Chain


class Found(Record):
    """A network in blocks, each of which uses earlier ones alone."""

    blocks: tuple[Block, ...]
    net: Chain


def find_blocks(chain: Chain) -> Found:
    """``chain`` in blocks and repeats."""
    return _Search(chain).run()


class _Stretch(Record):
    """Some parts of a chain, from number ``start`` on."""

    chain: Chain
    start: int
    end: int

    @property
    def parts(self) -> Chain:
        return self.chain[self.start : self.end]


class _Plan(Record):
    """A block to be: its places, what each of its numbers is, and how much it makes shorter."""

    stretches: tuple[_Stretch, ...]
    values: tuple[Argument, ...]  # by the place of a number in the body
    roots: tuple[int, ...]  # the places of those that are parameters
    names: tuple[str, ...]
    defaults: Mapping[str, Argument]
    gain: int


class _Search:
    def __init__(self, chain: Chain) -> None:
        self._net = chain
        self._blocks: dict[str, Block] = {}
        self._keys = _Keys(chain)

    @property
    def _defaults(self) -> Mapping[str, Mapping[str, Argument]]:
        return {name: block.defaults for name, block in self._blocks.items()}

    def run(self) -> Found:
        self._change(self._folded)
        while len(self._blocks) < _BLOCKS and (plan := self._best(_is_unit) or self._best()):
            self._extract(plan)
            self._change(self._folded)
        return Found(self._in_order(), self._net)

    def _change(self, change: Callable[[Chain], Chain]) -> None:
        self._net = change(self._net)
        for name, block in self._blocks.items():
            self._blocks[name] = block.replace(body=change(block.body))

    def _in_order(self) -> tuple[Block, ...]:
        done: dict[str, Block] = {}

        def add(block: Block) -> None:
            for part in inside(block.body):
                if part.name in self._blocks and part.name not in done:
                    add(self._blocks[part.name])
            done.setdefault(block.name, block)

        for part in inside(self._net):
            if part.name in self._blocks:
                add(self._blocks[part.name])
        return tuple(done.values())

    # Repeats

    def _folded(self, chain: Chain) -> Chain:
        """``chain`` with repeats for what comes several times in a row."""
        parts = [
            part.replace(branches=tuple(map(self._folded, part.branches)))
            if part.branches
            else part
            for part in chain
        ]
        keys = [self._keys.exact(part) for part in parts]
        found: list[Part] = []
        at = 0
        while at < len(parts):
            period, times = _repeat(keys, at) if parts[at].learns else (1, 1)
            if times == 1 or (period == 1 and parts[at].kind == "repeat"):
                found.append(parts[at])
                at += 1
                continue
            body = tuple(parts[at : at + period])
            layers = layers_of(parts[at : at + period * times])
            found.append(Part("repeat", "", {"times": times}, (body,), layers=layers))
            at += period * times
        return tuple(found)

    # Blocks

    def _chains(self) -> Iterator[Chain]:
        chains = [self._net, *(block.body for block in self._blocks.values())]
        for chain in chains:
            yield chain
            yield from (branch for part in inside(chain) for branch in part.branches)

    def _best(self, fits: Callable[[Chain], bool] = bool) -> _Plan | None:
        alike: dict[Hashable, list[_Stretch]] = {}
        for chain in self._chains():
            for stretch, key in self._stretches(chain):
                others = alike.setdefault(key, [])
                last = others[-1] if others else None
                if not last or last.chain is not chain or last.end <= stretch.start:
                    others.append(stretch)
        several = [one for one in alike.values() if len(one) > 1 and fits(one[0].parts)]
        lengths = {id(one): self._length(one[0].parts) for one in several}
        several.sort(key=lambda one: -lengths[id(one)] * (len(one) - 1))
        plans = (self._plan(one) for one in several[:_TRIED])
        worth = [plan for plan in plans if plan and plan.gain >= WORTH]
        return max(worth, key=lambda plan: plan.gain, default=None)

    def _stretches(self, chain: Chain) -> Iterator[tuple[_Stretch, Hashable]]:
        """What may become a block: it begins with weights or branches, and has a few parts."""
        for start, first in enumerate(chain):
            if first.kind not in ("layer", "use", "repeat") or not first.learns:
                continue
            size = 0
            for end in range(start + 1, len(chain) + 1):
                size += _size(chain[end - 1])
                if size > LARGEST or chain[end - 1].kind in ("input", "several"):
                    break
                stretch = _Stretch(chain, start, end)
                if size > 1 and (key := self._keys.likeness(stretch.parts)) is not None:
                    yield stretch, key

    def _length(self, chain: Chain) -> int:
        return len(text_of(chain, self._defaults))

    def _plan(self, stretches: Sequence[_Stretch]) -> _Plan | None:
        places = [[*_places(one.parts)] for one in stretches]
        columns = [*zip(*([place.value for place in row] for row in places), strict=True)]
        roots, relations = _related(places[0], columns)
        if len(roots) > PARAMETERS:
            return None
        names = parameter_names([places[0][root] for root in roots])
        defaults = {
            name: usual
            for name, root in zip(names, roots, strict=True)
            if (usual := _usual(places[0][root], columns[root])) is not None
        }
        values = []
        for column, relation in zip(columns, relations, strict=True):
            if relation is None:
                values.append(column[0])
            else:
                root, pattern = relation
                values.append(Formula(pattern.replace("_", names[roots.index(root)])))
        gain = sum(self._length(one.parts) for one in stretches)
        gain -= self._length(stretches[0].parts) + 20
        for row in range(len(stretches)):
            passed = [
                str(columns[root][row])
                for name, root in zip(names, roots, strict=True)
                if columns[root][row] != defaults.get(name)
            ]
            gain -= 6 + sum(len(text) + 2 for text in passed)
        return _Plan(tuple(stretches), tuple(values), roots, names, defaults, gain)

    def _extract(self, plan: _Plan) -> None:
        *others, last = _filled(plan.stretches[0].parts, iter(plan.values))
        body = (*others, last.replace(tap=""))
        taken = {*self._blocks, *plan.names, *self._keys.names}
        name = block_name([one.parts for one in plan.stretches], taken)
        order = sorted(plan.names, key=lambda one: one in plan.defaults)
        uses: dict[tuple[int, int], tuple[int, Part]] = {}
        for one in plan.stretches:
            values = [place.value for place in _places(one.parts)]
            said = dict(zip(plan.names, (values[root] for root in plan.roots), strict=True))
            arguments = {parameter: said[parameter] for parameter in order}
            use = Part("use", name, arguments, tap=one.parts[-1].tap, layers=layers_of(one.parts))
            uses[id(one.chain), one.start] = one.end, use
        self._change(lambda chain: _replaced(chain, uses))
        self._blocks[name] = Block(name, tuple(order), plan.defaults, body)


def _is_unit(chain: Chain) -> bool:
    """Whether it is one layer with the norm, the activation and the dropout around it."""
    kinds = [part.family for part in chain]
    return kinds.count("weights") == 1 and {*kinds} <= {"weights", "norm", "around"}


def _repeat(keys: Sequence[object], at: int) -> tuple[int, int]:
    """How many parts come again in a row from there on, and how often, the most of all ways."""
    best = 1, 1
    for period in range(1, min(LARGEST, (len(keys) - at) // 2) + 1):
        times, block = 1, keys[at : at + period]
        while keys[at + times * period : at + (times + 1) * period] == block:
            times += 1
        if times > 1 and period * times > best[0] * best[1]:
            best = period, times
    return best


def _size(part: Part) -> int:
    return (part.kind != "repeat") + sum(sum(map(_size, branch)) or 1 for branch in part.branches)


class _Keys:
    """What is equal for parts that are equal, and for chains that are alike."""

    def __init__(self, net: Chain) -> None:
        self._exact: dict[Part, Hashable] = {}
        self._like: dict[Part, Hashable] = {}
        self._used: dict[str, int] = {}
        self._numbers: dict[Hashable, int] = {}
        self._shared = {one.shares for part in inside(net) for one in part.layers if one.shares}
        self.names = {part.name for part in inside(net) if part.kind == "use"}
        self.names |= {part.tap for part in inside(net)}
        for part in inside(net):
            if part.kind == "tap":
                self._used[part.name] = self._used.get(part.name, 0) + 1

    def exact(self, part: Part) -> Hashable:
        if part not in self._exact:
            alone = part.tap or part.kind in ("tap", "input") or self._is_shared(part)
            inner = tuple(tuple(map(self.exact, branch)) for branch in part.branches)
            values = tuple((name, type(v), v) for name, v in part.arguments.items())
            key = (part.kind, part.name, values, inner, id(part) if alone else 0)
            self._exact[part] = self._number(key)
        return self._exact[part]

    def likeness(self, chain: Chain) -> Hashable | None:
        """None for a stretch that cannot stand alone, as a tap in it is used elsewhere. That of its
        last part would be one of the use of a block.
        """
        taps: dict[str, int] = {}
        *others, last = chain
        parts = (*(self._part(part, taps) for part in others), self._part(last, taps, True))
        if taps:
            made = {part.tap for part in inside(chain) if part.tap and part is not last}
            used = [part.name for part in inside(chain) if part.kind == "tap"]
            if made != {*used} or any(used.count(one) != self._used[one] for one in made):
                return None
        return parts

    def _part(self, part: Part, taps: dict[str, int], is_last: bool = False) -> Hashable:
        if part in self._like:
            return self._like[part]
        before = len(taps)
        inner = tuple(tuple(self._part(one, taps) for one in branch) for branch in part.branches)
        name: object = part.name
        if part.kind == "tap":
            name = taps.setdefault(part.name, len(taps))
        has_tap = part.tap and not is_last
        made = taps.setdefault(part.tap, len(taps)) if has_tap else None
        values = tuple(
            (name, value if isinstance(value, bool | str) else None)
            for name, value in part.arguments.items()
        )
        alone = id(part) if self._is_shared(part) or part.kind in ("input", "several") else 0
        key = self._number((part.kind, name, values, inner, made, alone))
        if len(taps) == before and made is None and part.kind != "tap" and not _has_taps(part):
            self._like[part] = key
        return key

    def _is_shared(self, part: Part) -> bool:
        return any(one.shares or one.name in self._shared for one in part.layers)

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _has_taps(part: Part) -> bool:
    return any(one.tap or one.kind == "tap" for one in inside((part,)))


def _places(chain: Chain) -> Iterator[Place]:
    """The numbers of a stretch, in the order of its text."""
    for index, part in enumerate(chain):
        for branch in part.branches:
            yield from _places(branch)
        for name, value in part.arguments.items():
            if not isinstance(value, bool | str):
                yield Place(chain, index, name, value)


def _filled(chain: Chain, values: Iterator[Argument]) -> Chain:
    """``chain`` with other numbers in its places."""
    parts = []
    for part in chain:
        branches = tuple(_filled(branch, values) for branch in part.branches)
        arguments = {
            name: value if isinstance(value, bool | str) else next(values)
            for name, value in part.arguments.items()
        }
        parts.append(part.replace(branches=branches, arguments=arguments))
    return tuple(parts)


def _replaced(chain: Chain, uses: Mapping[tuple[int, int], tuple[int, Part]]) -> Chain:
    parts: list[Part] = []
    at = 0
    while at < len(chain):
        if use := uses.get((id(chain), at)):
            at = use[0]
            parts.append(use[1])
            continue
        part = chain[at]
        if part.branches:
            part = part.replace(branches=tuple(_replaced(one, uses) for one in part.branches))
        parts.append(part)
        at += 1
    return tuple(parts)


_Relation = tuple[int, str]  # the place of a parameter, and a formula with "_" for it


def _related(
    places: Sequence[Place], columns: Sequence[Sequence[Argument]]
) -> tuple[tuple[int, ...], list[_Relation | None]]:
    """Which numbers are parameters, and what the others are by these; None for those that are the
    same everywhere.
    """
    roots: list[int] = []
    relations: list[_Relation | None] = []
    for number, column in enumerate(columns):
        first = column[0]
        is_plain = first == HOLE or not isinstance(first, Formula)
        if is_plain and all(value == first and type(value) is type(first) for value in column):
            relations.append(None)
            continue
        found = (
            (root, pattern)
            for root in roots
            if (pattern := _pattern(places[root], columns[root], places[number], column))
        )
        relation = next(found, None)
        if relation is None:
            roots.append(number)
            relation = number, "_"
        relations.append(relation)
    return tuple(roots), relations


def _pattern(root: Place, of: Sequence[Argument], place: Place, column: Sequence[Argument]) -> str:
    """How each number of ``column`` is computed of the same one of another; "" if it is not."""
    if root.is_size != place.is_size and "padding" not in place.argument:
        return ""
    if list(of) == list(column):
        return "_"
    pairs = [(a, b) for a, b in zip(of, column, strict=True)]
    if not all(type(a) is int and type(b) is int for a, b in pairs):
        return ""
    whole: list[tuple[int, int]] = pairs  # type: ignore[assignment]
    if "padding" in place.argument:
        half = root.argument.startswith("kernel") and all(a // 2 == b for a, b in whole)
        return "_ // 2" if half else ""
    a, b = whole[0]
    if not place.is_size or a == 0 or b == 0:
        return ""
    if b % a == 0 and all(x * (b // a) == y for x, y in whole):
        return f"{b // a} * _"
    if a % b == 0 and all(y * (a // b) == x for x, y in whole):
        return f"_ // {a // b}"
    return ""


def _usual(place: Place, column: Sequence[Argument]) -> Argument:
    """The default of a parameter, which most uses have; None if there is none."""
    if place.is_size or place.argument == "times":
        return None
    plain = [value for value in column if not isinstance(value, Formula) and value is not None]
    if not plain:
        return None
    most = max(plain, key=plain.count)
    often = plain.count(most) / len(column)
    return most if often >= (0.5 if place.is_optional else 0.75) else None
