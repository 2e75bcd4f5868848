"""A graph becomes chains, with branches where several paths lead from one layer to another.

The branches stand between a layer and its gate, the nearest one before it that all paths to it go
through. Where branches have layers in common, the first one has them, and the others use its tap.
Where branches would stand in branches in branches, the longest one becomes a part of the chain, and
the others begin with taps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from netlang.catalogue.layers.windowed import Windowed
from netlang.catalogue.layers.wiring import Identity, Wire
from netlang.catalogue.registry import ITEMS
from netlang.imports.chains import Chain, Part
from netlang.imports.foreign_graph import HOLE, Argument, ForeignGraph, ForeignLayer
from netlang.system.record import Record

_END = ""  # the name of what gets the outputs of the network
_ROOT = "\0"  # that of what all layers stand behind
_MANY = 3  # joins between a layer and its gate, where its branches are not nested


def decompose(graph: ForeignGraph) -> Chain:
    """The network as a chain of layers and joins, without blocks and repeats."""
    return _Decomposition(graph).chain()


class _Paths(Record):
    """Of each layer its gate, None if it has none, and how many layers, and how many joins, the
    longest path to it has.
    """

    gates: dict[str | None, str | None]
    lengths: dict[str | None, int]
    joins: dict[str | None, int]

    def with_those_of(self, other: _Paths) -> _Paths:
        return _Paths(
            other.gates | self.gates, other.lengths | self.lengths, other.joins | self.joins
        )

    def joins_behind_gate(self, name: str) -> int:
        """How many joins stand between a layer and its gate."""
        return self.joins.get(name, 0) - self.joins.get(self.gates.get(name), 0) - 1


class _Decomposition:
    def __init__(self, graph: ForeignGraph) -> None:
        self._layers = {layer.name: layer for layer in graph.layers}
        self._inputs = {one.name: one for one in graph.inputs}
        self._outputs = graph.outputs
        self._order = {name: number for number, name in enumerate(self._layers)}
        self._order[_END] = len(self._order)
        self._done: set[str] = set()  # the layers that stand in the text by now
        self._tapped: set[str] = set()  # those of them that are used again, by their names

    def chain(self) -> Chain:
        only = next(iter(self._inputs)) if len(self._inputs) == 1 else None
        end = self._outputs[0] if len(self._outputs) == 1 else _END
        found = self._with_taps(self._between(only, end))
        return (Part("layer", Identity.name, tap=only), *found) if only in self._tapped else found

    def _sources(self, name: str) -> tuple[str, ...]:
        return self._outputs if name == _END else self._layers[name].inputs

    def _between(self, start: str | None, name: str) -> Chain:
        """The chain that makes what ``name`` gives of what ``start`` gives."""
        names: list[str] = []  # those of its parts, the last one first
        first: tuple[Part, ...] = ()
        paths: _Paths | None = None
        many = _MANY
        at: str | None = name
        while at is not None and at != start:
            if at in self._done:
                self._tapped.add(at)
                first = (Part("tap", at),)
                break
            if at in self._inputs:
                first = (self._input(at),)
                break
            names.append(at)
            sources = self._sources(at)
            if len(sources) == 1:
                at = sources[0]
                continue
            paths = paths or self._paths(start, at)
            if paths.joins_behind_gate(at) >= many:
                lengths = paths.lengths
                at, many = max(sources, key=lambda one: lengths.get(one, -1)), 1
            else:
                at = paths.gates.get(at)
        parts = list(first)
        before: str | None = at
        for one in reversed(names):
            parts.append(self._part(one, before))
            before = one
        return tuple(parts)

    def _input(self, name: str) -> Part:
        """An input of the network; the only one needs no name but as a tap."""
        if len(self._inputs) > 1:
            return Part("input", name, input=self._inputs[name])
        self._tapped.add(name)
        return Part("tap", name)

    def _part(self, name: str, before: str | None) -> Part:
        """The part that ``name`` is behind ``before``, whose output is at hand."""
        sources = self._sources(name)
        branches: tuple[Chain, ...] = ()
        if len(sources) > 1:
            branches = tuple(self._between(before, one) for one in sources)
        if name == _END:
            return Part("several", "", branches=branches, layers=_layers(branches))
        layer = self._layers[name]
        self._done.add(name)
        layers = (*_layers(branches), layer)
        return Part("layer", layer.call, arguments(layer), branches, layers=layers)

    def _paths(self, start: str | None, name: str) -> _Paths:
        """All paths to ``name`` and what stands before it: from ``start``, and for what these do
        not reach, from what stands in the text.
        """
        known = self._done | self._inputs.keys()
        region, left = {name}, [name]
        while left:
            for source in self._sources(left.pop()):
                if source not in region and source != start and source not in known:
                    region.add(source)
                    left.append(source)
        order = sorted(region, key=self._order.__getitem__)
        from_start = self._gates(order, {start: None}, start)
        rest = [one for one in order if one not in from_start.gates]
        begins = dict.fromkeys(source for one in rest for source in self._sources(one))
        begun: dict[str | None, None] = {one: None for one in begins if one in known}
        return from_start.with_those_of(self._gates(rest, begun, start)) if rest else from_start

    def _gates(
        self, order: Sequence[str], begins: Mapping[str | None, None], start: str | None
    ) -> _Paths:
        """The paths from where they begin to each layer of ``order`` that they reach."""
        root = _ROOT if len(begins) != 1 else next(iter(begins))
        depth: dict[str | None, int] = {root: 0} | dict.fromkeys(begins, 1)
        gates: dict[str | None, str | None] = dict.fromkeys(begins, root)
        found = _Paths({}, dict.fromkeys(begins, 0), dict.fromkeys(begins, 0))
        for one in order:
            behind = [s for s in map(self._start(start), self._sources(one)) if s in depth]
            if behind:
                gate = behind[0]
                for other in behind[1:]:
                    gate = _common(gate, other, gates, depth)
                gates[one], depth[one] = gate, depth[gate] + 1
                found.gates[one] = None if gate == _ROOT else gate
                found.lengths[one] = 1 + max(found.lengths[s] for s in behind)
                is_join = len(self._sources(one)) > 1
                found.joins[one] = is_join + max(found.joins[s] for s in behind)
        return found

    def _start(self, start: str | None) -> Callable[[str], str | None]:
        """Where there is no single input, all of them are the start."""
        return lambda name: None if start is None and name in self._inputs else name

    def _with_taps(self, chain: Chain) -> Chain:
        return tuple(
            part.replace(
                tap=part.layers[-1].name
                if part.kind == "layer" and part.layers[-1].name in self._tapped
                else "",
                branches=tuple(map(self._with_taps, part.branches)),
            )
            for part in chain
        )


def _common(
    one: str | None,
    other: str | None,
    gates: Mapping[str | None, str | None],
    depth: Mapping[str | None, int],
) -> str | None:
    """The last gate of both."""
    while one != other:
        if depth[one] < depth[other]:
            other = gates[other]
        else:
            one = gates[one]
    return one


def _layers(branches: tuple[Chain, ...]) -> tuple[ForeignLayer, ...]:
    return tuple(layer for branch in branches for part in branch for layer in part.layers)


def arguments(layer: ForeignLayer) -> dict[str, Argument]:
    """All arguments of a layer in the order of the catalogue, with holes for what is not said."""
    item = ITEMS.get(layer.call)
    if item is None or layer.lacks:
        return dict(layer.arguments)
    known = {one.name: one for one in item.arguments if not one.found}
    found: dict[str, Argument] = {}
    for name, argument in known.items():
        default = HOLE if argument.required else argument.default
        found[name] = layer.arguments.get(name, default)
    if not issubclass(item, Windowed):
        return found
    found = {name: _for_all_axes(value) for name, value in found.items()}
    if known["stride"].default is None and found["stride"] == found["kernel_size"]:
        found["stride"] = None
    return found


def _for_all_axes(value: Argument) -> Argument:
    """A number instead of a list that has it for each axis."""
    return value[0] if isinstance(value, tuple) and len({*value}) == 1 else value


def is_wire(layer: ForeignLayer) -> bool:
    """Whether the compiler follows it, and makes no layer of it."""
    item = ITEMS.get(layer.call)
    return item is not None and issubclass(item, Wire)
