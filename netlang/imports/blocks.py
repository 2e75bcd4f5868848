"""What comes several times becomes a block.

Two stretches of chains are alike if they have the same layers in the same places, whatever their
numbers are. Of all stretches, that one becomes a block which makes the text shortest, as long as
there is one: first of those that are a layer with its norm and activation, then of all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from netlang.imports.chains import Chain, Part, inside, layers_of
from netlang.imports.foreign_graph import Argument
from netlang.imports.likeness import Likeness
from netlang.imports.naming import block_name
from netlang.imports.parameters import Parameters, parameters_of
from netlang.imports.part_text import Defaults, text_of
from netlang.imports.places import filled
from netlang.imports.repeats import folded, rank
from netlang.system.record import Record

_LARGEST = 10  # parts of a block, with those in its branches
_MOST_PARAMETERS = 7
_MOST_BLOCKS = 12
_MOST_PARTS = 6000  # of a network in which blocks are looked for
_TRIED = 400  # of the candidates for a block, those that may bring most
_WORTH = 40  # characters that a block has to save
_LONG = 20  # those of an activation that is worth a name
_HEAD = 20  # characters of `block name() = `
_CALL = 6  # those of `name()`


class Block(Record):
    """``block name(parameters) = body``; the last parameters have ``defaults``."""

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
    """A block to be, the stretches that it stands for, and how many characters it saves."""

    stretches: Sequence[_Stretch]
    parameters: Parameters
    gain: int


class _Search:
    def __init__(self, chain: Chain) -> None:
        self._net = chain
        self._blocks: dict[str, Block] = {}
        self._likeness = Likeness(chain)
        self._taken = {word for part in inside(chain) for word in (part.name, part.tap)}

    def run(self) -> Found:
        self._change(self._folded)
        limit = _MOST_BLOCKS if sum(1 for _ in inside(self._net)) <= _MOST_PARTS else 0
        while len(self._blocks) < limit and (plan := self._best(_is_unit) or self._best()):
            self._extract(plan)
            self._change(self._folded)
        return Found(self._in_order(), self._net)

    def _folded(self, chain: Chain) -> Chain:
        return folded(chain, self._likeness)

    def _change(self, change: Callable[[Chain], Chain]) -> None:
        self._net = change(self._net)
        for name, block in self._blocks.items():
            self._blocks[name] = block.replace(body=change(block.body))

    def _in_order(self) -> tuple[Block, ...]:
        """The blocks, each behind those that it uses."""
        done: dict[str, Block] = {}

        def add(chain: Chain) -> None:
            for part in inside(chain):
                if part.kind == "use" and part.name in self._blocks and part.name not in done:
                    block = self._blocks[part.name]
                    add(block.body)
                    done[block.name] = block

        add(self._net)
        return tuple(done.values())

    def _best(self, fits: Callable[[Chain], bool] = bool) -> _Plan | None:
        """The block that saves most, of stretches that fit; None if none is worth it."""
        several = [one for one in self._alike() if len(one) > 1 and fits(one[0].parts)]
        several.sort(key=lambda one: -self._length(one[0].parts) * (len(one) - 1))
        plans = (self._plan(one) for one in several[:_TRIED])
        worth = [plan for plan in plans if plan and plan.gain >= _WORTH]
        return max(worth, key=lambda plan: plan.gain, default=None)

    def _alike(self) -> list[list[_Stretch]]:
        """Stretches that are alike and do not overlap, together."""
        found: dict[Hashable, list[_Stretch]] = {}
        for chain in self._chains():
            for stretch, key in self._stretches(chain):
                others = found.setdefault(key, [])
                last = others[-1] if others else None
                if not last or last.chain is not chain or last.end <= stretch.start:
                    others.append(stretch)
        return [*found.values()]

    def _chains(self) -> Iterator[Chain]:
        for chain in (self._net, *(block.body for block in self._blocks.values())):
            yield chain
            yield from (branch for part in inside(chain) for branch in part.branches)

    def _stretches(self, chain: Chain) -> Iterator[tuple[_Stretch, Hashable]]:
        """What may become a block: it begins with weights or branches, has a few parts, and is not
        something smaller again and again; or it is an activation with long arguments.
        """
        for start, first in enumerate(chain):
            if first.kind not in ("layer", "use", "repeat"):
                continue
            if not first.learns:
                if first.family == "around" and len(text_of((first,), {})) >= _LONG:
                    stretch = _Stretch(chain, start, start + 1)
                    yield stretch, ("alone", self._likeness.exact(first))
                continue
            size = 0
            for end in range(start + 1, len(chain) + 1):
                size += _size(chain[end - 1])
                if size > _LARGEST or chain[end - 1].kind in ("input", "several"):
                    break
                stretch = _Stretch(chain, start, end)
                key = self._likeness.of(stretch.parts) if size > 1 else None
                if key is not None and not _is_periodic(key):
                    yield stretch, key

    def _plan(self, stretches: Sequence[_Stretch]) -> _Plan | None:
        parameters = parameters_of([one.parts for one in stretches])
        if len(parameters.names) > _MOST_PARAMETERS:
            return None
        gain = sum(self._length(one.parts) for one in stretches[1:]) - _HEAD
        for passed in parameters.passed:
            said = (str(v) for name, v in passed.items() if v != parameters.defaults.get(name))
            gain -= _CALL + sum(len(text) + 2 for text in said)
        return _Plan(stretches, parameters, gain * (8 + rank(stretches[0].parts[0])) // 9)

    def _length(self, chain: Chain) -> int:
        return len(text_of(chain, self._defaults))

    @property
    def _defaults(self) -> Defaults:
        return {name: block.defaults for name, block in self._blocks.items()}

    def _extract(self, plan: _Plan) -> None:
        """Make the block, and use it in all its places."""
        parameters, chains = plan.parameters, [one.parts for one in plan.stretches]
        name = block_name(chains, {*self._blocks, *parameters.names, *self._taken})
        uses: _Uses = {}
        for one, passed in zip(plan.stretches, parameters.passed, strict=True):
            tap, layers = one.parts[-1].tap, layers_of(one.parts)
            uses[id(one.chain), one.start] = one.end, Part("use", name, passed, (), tap, layers)
        self._change(lambda chain: _replaced(chain, uses))
        *others, last = filled(chains[0], iter(parameters.values))
        body = (*others, last.replace(tap=""))
        self._blocks[name] = Block(name, parameters.names, parameters.defaults, body)


def _is_unit(chain: Chain) -> bool:
    """Whether it is one layer with the norm, the activation and the dropout behind or before it."""
    families = [part.family for part in chain]
    is_at_end = "weights" in (families[0], families[-1])
    known = {"weights", "norm", "around"}
    return is_at_end and families.count("weights") == 1 and {*families} <= known


def _is_periodic(key: tuple[Hashable, ...]) -> bool:
    """Whether its first part comes again and again until its end."""
    return any(
        len(key) % period == 0 and key == key[:period] * (len(key) // period)
        for period in range(1, len(key) // 2 + 1)
    )


def _size(part: Part) -> int:
    """How many parts it is: itself, and those in its branches, an empty one counted as one."""
    inner = sum(sum(map(_size, branch)) or 1 for branch in part.branches)
    return inner if part.kind == "repeat" else inner + 1


_Uses = dict[tuple[int, int], tuple[int, Part]]  # by chain and start, the end and the use


def _replaced(chain: Chain, uses: _Uses) -> Chain:
    """``chain`` with the uses of a block in the place of its stretches."""
    parts: list[Part] = []
    at = 0
    while at < len(chain):
        end, part = uses.get((id(chain), at), (at + 1, chain[at]))
        at = end
        if part.branches:
            part = part.replace(branches=tuple(_replaced(one, uses) for one in part.branches))
        parts.append(part)
    return tuple(parts)
