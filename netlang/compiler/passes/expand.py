"""Expand: a network's meaning written out, every layer in its place and wired to its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.layers.wiring import Wire
from netlang.compiler.ir import Expansion, Origin
from netlang.compiler.passes.bind import Binder, Bound
from netlang.compiler.passes.values import (
    Fan,
    Hole,
    ItemCall,
    Named,
    Network,
    Poison,
    Repeat,
    Scope,
    Scoped,
    Series,
    Shared,
    Tap,
    Tapped,
    layers_in,
    provenance,
    work_in,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.names import NetworkTooLarge, TapDropsInput, TapNotMade
from netlang.language.diagnostics.shapes import NothingSelected, SeveralOutputs
from netlang.language.shapes import Unknown
from netlang.language.source import Span
from netlang.system.record import Record

LAYER_LIMIT = 100_000
WORK_LIMIT = 1_000_000

Values = tuple[int, ...]  # what travels along a chain: the numbers of the places it comes from


class Place(Record):
    """A layer's place; ``bound`` is None for one with a mistake of its own.

    ``values`` are its arguments, holes among them as unknowns. Places are numbered from 1, and 0
    is the network's input; ``shares`` is the place whose weights are this one's, too. ``branches``
    are where a fan-out's branches are written that end in the inputs, one for each.
    """

    bound: Bound | None
    values: Mapping[str, PlainValue | Unknown]
    holes: Mapping[str, Hole]
    inputs: Values
    origin: Origin
    shares: int | None
    branches: tuple[Span, ...]


class Wiring(Record):
    """Places in topological order, and the one whose output is the network's."""

    places: tuple[Place, ...]
    result: int
    span: Span


def expand(network: Network, binder: Binder, sink: Sink) -> Wiring | None:
    """None for what cannot be wired, which is reported; size is counted before anything is made."""
    layers, work = layers_in(network), work_in(network)
    if layers > LAYER_LIMIT:
        place = _most_copies(network)
        sink.report(NetworkTooLarge(place, layers, LAYER_LIMIT, "layers"))
        return None
    if work > WORK_LIMIT:
        sink.report(NetworkTooLarge(network.span, work, WORK_LIMIT, "parts"))
        return None
    return _Expander(binder, sink).run(network)


def _most_copies(network: Network) -> Span:
    """The repeat of the most copies, on the way to where the most layers are."""
    span, copies = network.span, 1
    while True:
        match network:
            case Series(links=parts) | Fan(branches=parts):
                network = max(parts, key=layers_in)
            case Repeat():
                if network.times > copies:
                    span, copies = network.span, network.times
                network = network.body
            case Tapped() | Named() | Scoped() | Shared():
                network = network.body
            case _:
                return span


class _Expander:
    """Walks a network along its data's way, without recursion: ``todo`` is what is still to do."""

    def __init__(self, binder: Binder, sink: Sink) -> None:
        self.binder, self.sink = binder, sink
        self.places: list[Place] = []
        self.values: Values = (0,)  # what the next part gets
        self.branches: tuple[Span, ...] = ()  # and the branches of a fan-out that it comes from
        self.todo: list[Callable[[], None]] = []
        self.taps: dict[Scope, dict[str, Values]] = {}
        self.holes: dict[Scope, dict[Hole, Unknown]] = {}
        self.sharing: list[_Sharing] = []
        self.shared: dict[Shared, list[int]] = {}
        self.sound = True

    def run(self, network: Network) -> Wiring | None:
        self._walk(network, None, True)
        while self.todo:
            self.todo.pop()()
        if self.sound and len(self.values) > 1:
            self.sink.report(SeveralOutputs(network.span, len(self.values)))
            return None
        return Wiring(tuple(self.places), self.values[0], network.span) if self.sound else None

    def _walk(self, network: Network, expansion: Expansion | None, first: bool) -> None:
        """Send ``values`` through ``network``; ``first`` says that nothing of the chain was left
        behind when they arrive.
        """
        match network:
            case ItemCall() | Poison():
                self._layer(network, expansion)
            case Series():
                for index in range(len(network.links) - 1, -1, -1):
                    link = network.links[index]
                    self.todo.append(partial(self._walk, link, expansion, first and index == 0))
            case Fan():
                self._fan(network, expansion)
            case Repeat():
                for copy in range(network.times, 0, -1):
                    inner = Expansion(network.span, "", copy, network.times, expansion)
                    self.todo.append(partial(self._walk, network.body, inner, first and copy == 1))
            case Tapped():
                self.todo.append(partial(self._keep, network))
                self.todo.append(partial(self._walk, network.body, expansion, first))
            case Tap():
                self._tap(network, first)
            case Named():
                inner = Expansion(network.span, network.name, 1, 1, expansion)
                self._walk_later(network.body, inner, first)
            case Scoped():
                self.taps[network.scope] = {}
                self.holes[network.scope] = {}
                self._walk_later(network.body, expansion, first)
            case Shared():
                self._share(network, expansion, first)

    def _walk_later(self, network: Network, expansion: Expansion | None, first: bool) -> None:
        self.todo.append(partial(self._walk, network, expansion, first))

    def _fan(self, network: Fan, expansion: Expansion | None) -> None:
        arriving, outputs, spans = self.values, list[int](), list[Span]()

        def enter() -> None:
            self.values = arriving

        def leave(branch: Network) -> None:
            outputs.extend(self.values)
            spans.extend(branch.span for _ in self.values)

        def join() -> None:
            self.values, self.branches = tuple(outputs), tuple(spans)

        self.todo.append(join)
        for branch in reversed(network.branches):
            self.todo += [
                partial(leave, branch),
                partial(self._walk, branch, expansion, True),
                enter,
            ]

    def _keep(self, tapped: Tapped) -> None:
        self.taps.setdefault(tapped.scope, {})[tapped.name] = self.values

    def _tap(self, tap: Tap, first: bool) -> None:
        values = self.taps.get(tap.scope, {}).get(tap.name)
        if values is None:
            self._refuse(TapNotMade(tap.span, tap.name))
        elif not first:
            self._refuse(TapDropsInput(tap.span, tap.name))
        else:
            self.values = values

    def _refuse(self, diagnostic: TapNotMade | TapDropsInput | NothingSelected) -> None:
        self.sink.report(diagnostic)
        self.sound = False

    def _share(self, network: Shared, expansion: Expansion | None, first: bool) -> None:
        known = self.shared.get(network)
        sharing = _Sharing(known, self.shared.setdefault(network, []))
        self.sharing.append(sharing)
        self.todo.append(self._end_sharing)
        self._walk_later(network.body, expansion, first)

    def _end_sharing(self) -> None:
        self.sharing.pop()

    def _layer(self, use: ItemCall | Poison, expansion: Expansion | None) -> None:
        bound = self.binder.bind(use) if isinstance(use, ItemCall) else None
        if bound and issubclass(bound.item, Wire):
            self._route(bound)
            return
        number = len(self.places) + 1
        shares = self.sharing[-1].next(number) if self.sharing else None
        holes = {n: v for n, v in bound.values.items() if isinstance(v, Hole)} if bound else {}
        if shares:
            values = self.places[shares - 1].values
        else:
            values = self._values(bound, holes)
        origin = Origin(use.span, expansion)
        branches = self.branches if len(self.branches) == len(self.values) else ()
        self.places.append(Place(bound, values, holes, self.values, origin, shares, branches))
        self.values, self.branches = (number,), ()

    def _values(
        self, bound: Bound | None, holes: Mapping[str, Hole]
    ) -> Mapping[str, PlainValue | Unknown]:
        if bound is None or not holes:
            return bound.values if bound else {}  # type: ignore[return-value]
        return {
            name: self._unknown(value) if isinstance(value, Hole) else value
            for name, value in bound.values.items()
        }

    def _unknown(self, hole: Hole) -> Unknown:
        if hole.scope is None:
            return Unknown()
        return self.holes.setdefault(hole.scope, {}).setdefault(hole, Unknown())

    def _route(self, bound: Bound) -> None:
        wire = bound.declared()
        assert isinstance(wire, Wire)
        try:
            if len(self.branches) == len(self.values):
                self.branches = wire.route(self.branches)
            self.values = wire.route(self.values)
        except IndexError:
            given = (bound.constant(argument.name) for argument in bound.item.arguments)
            origins = provenance(*(constant for constant in given if constant))
            self._refuse(NothingSelected(bound.use.span, len(self.values), origins))


class _Sharing:
    """A pass through a shared network: the first makes weights, later ones use the same."""

    def __init__(self, known: list[int] | None, made: list[int]) -> None:
        self.known, self.made = known, made
        self.at = 0

    def next(self, number: int) -> int | None:
        """The place whose weights the next layer, ``number``, uses; None if its own."""
        if self.known is None:
            self.made.append(number)
            return None
        self.at += 1
        return self.known[self.at - 1]
