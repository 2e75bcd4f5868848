"""Expand: write a network out as layers, and wire each to the layers that give its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.layers.joins import SideBySide
from netlang.catalogue.layers.wiring import Wire
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Expansion, Origin
from netlang.compiler.passes.bind import Binder, BoundCall, BoundValue
from netlang.compiler.passes.values import (
    Alias,
    BlockCall,
    Fan,
    Hole,
    ItemCall,
    NetworkValue,
    Poison,
    Repeat,
    Scope,
    Scoped,
    Series,
    Shared,
    Tap,
    WithTap,
    provenance,
    shared_network,
)
from netlang.compiler.passes.wiring import NetworkOutput, WiredLayer, Wiring
from netlang.compiler.passes.written_size import too_large
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.names import (
    InputDropsInput,
    NetworkTooLarge,
    NothingToTie,
    TapDropsInput,
    TapNotMade,
)
from netlang.language.diagnostics.messages.shapes import NothingSelected, SeveralOutputs
from netlang.language.shapes import Unknown
from netlang.language.source import Span

CONNECTION_LIMIT = 1_000_000  # inputs of layers, and outputs of branches

# Outputs that arrive together: the number of the layer that each comes from, 0 for the input, and
# the branch of a fan-out that it left, if it did.
Sources = tuple[tuple[int, NetworkValue | None], ...]


def expand(
    network: NetworkValue, binder: Binder, may_end_in_several: bool, sink: Sink
) -> Wiring | None:
    """Write ``network`` out, after counting that it is not too large; None after a mistake.

    It ``may_end_in_several`` outputs where each has a loss of its own.
    """
    if report := too_large(network):
        sink.report(report)
        return None
    return _Expander(binder, sink).run(network, may_end_in_several)


class _Expander:
    """Sends the input through a network, without recursion: ``todo`` are the calls to come."""

    def __init__(self, binder: Binder, sink: Sink) -> None:
        self.binder, self.sink = binder, sink
        self.layers: dict[int, WiredLayer] = {}
        self.sources: Sources = ((0, None),)  # what the next part gets
        self.todo: list[Callable[[], object]] = []
        self.taps: dict[Scope, dict[str, Sources]] = {}
        self.holes: dict[Scope, dict[Hole, Unknown]] = {}
        self.owners: dict[Shared, list[int]] = {}  # the layers whose weights are shared
        self.sharing: list[list[int] | Iterator[int]] = []  # the owners, in a later pass one by one
        self.named: dict[int, str] = {}  # by the number of a layer, its last name by `as`
        self.connections = 0
        self.sound = True

    def run(self, network: NetworkValue, may_end_in_several: bool) -> Wiring | None:
        self._walk(network, None, True)
        while self.todo:
            self.todo.pop()()
        ends = [(number, (branch or network).span) for number, branch in self.sources]
        outputs = tuple(NetworkOutput(n, self.named.get(n, ""), span) for n, span in ends)
        if self.sound and len(outputs) > 1:
            if not may_end_in_several:
                self._refuse(SeveralOutputs(network.span, len(outputs)))
            self._lay_side_by_side(network.span)
        if not self.sound:
            return None
        return Wiring(self.layers, self.sources[0][0], network.span, outputs)

    def _lay_side_by_side(self, span: Span) -> None:
        """Several outputs make one row, which is what the network gives."""
        number, inputs = len(self.layers) + 1, tuple(source for source, _ in self.sources)
        branches = tuple(branch for _, branch in self.sources if branch)
        row = SideBySide.declared({})
        self.layers[number] = WiredLayer(number, None, row, inputs, Origin(span), None, branches)
        self.sources = ((number, None),)

    def _walk(self, network: NetworkValue, expansion: Expansion | None, first: bool) -> None:
        """Send the outputs of ``sources`` through ``network``; ``first`` says that nothing of the
        chain stands before it.
        """
        match network:
            case ItemCall() | Poison():
                if isinstance(network, ItemCall) and issubclass(network.item, RowPart):
                    self._begin(network, first)
                self._layer(network, expansion)
            case Series():
                for index, link in reversed([*enumerate(network.links)]):
                    self._walk_later(link, expansion, first and index == 0)
            case Fan():
                self._fan(network, expansion)
            case Repeat():
                for copy in range(network.times, 0, -1):
                    inner = Expansion(network.span, "", copy, network.times, expansion)
                    self._walk_later(network.body, inner, first and copy == 1)
            case WithTap():
                self.todo.append(partial(self._keep, network))
                self._walk_later(network.body, expansion, first)
            case Tap():
                self._tap(network, first)
            case Alias() | Scoped() | BlockCall():
                if not isinstance(network, Alias):
                    self.taps[network.scope], self.holes[network.scope] = {}, {}
                if not isinstance(network, Scoped):
                    name, definition = network.name, network.definition
                    expansion = Expansion(network.span, name, 1, 1, expansion, definition)
                self._walk_later(network.body, expansion, first)
            case Shared():
                known = self.owners.get(network)
                first_pass = self.owners.setdefault(network, [])
                self.sharing.append(first_pass if known is None else iter(known))
                self.todo.append(self.sharing.pop)
                self._walk_later(network.body, expansion, first)

    def _walk_later(self, network: NetworkValue, expansion: Expansion | None, first: bool) -> None:
        self.todo.append(partial(self._walk, network, expansion, first))

    def _fan(self, network: Fan, expansion: Expansion | None) -> None:
        arriving, leaving = self.sources, list[tuple[int, NetworkValue | None]]()

        def enter() -> None:
            self.sources = arriving

        def leave(branch: NetworkValue) -> None:
            self._connect(network.span)
            leaving.extend((number, branch) for number, _ in self.sources)

        def join() -> None:
            self.sources = tuple(leaving)

        self.todo.append(join)
        for branch in reversed(network.branches):
            self.todo.append(partial(leave, branch))
            self._walk_later(branch, expansion, True)
            self.todo.append(enter)

    def _keep(self, tapped: WithTap) -> None:
        self.taps.setdefault(tapped.scope, {})[tapped.name] = self.sources
        if len(self.sources) == 1:
            self.named[self.sources[0][0]] = tapped.name

    def _tap(self, tap: Tap, first: bool) -> None:
        sources = self.taps.get(tap.scope, {}).get(tap.name)
        if sources is None:
            self._refuse(TapNotMade(tap.span))
        elif not first:
            self._refuse(TapDropsInput(tap.span))
        else:
            self.sources = sources

    def _begin(self, call: ItemCall, first: bool) -> None:
        """A ``RowPart`` takes its part of the network's input, wherever its branch stands."""
        if not first:
            self._refuse(InputDropsInput(call.span))
        self.sources = ((0, None),)

    def _refuse(self, diagnostic: Diagnostic) -> None:
        self.sink.report(diagnostic)
        self.sound = False

    def _layer(self, call: ItemCall | Poison, expansion: Expansion | None) -> None:
        bound = self.binder.bind(call) if isinstance(call, ItemCall) else None
        if bound and issubclass(bound.item, Wire):
            self._route(bound)
            return
        self._connect(call.span)
        number = len(self.layers) + 1
        first = self._owner(number)
        layer = self.layers[first].layer if first else self._declared(bound)
        shares = (self.layers[first].shares or first) if first else self._tied(bound)
        inputs = tuple(source for source, _ in self.sources)
        branches = tuple(branch for _, branch in self.sources if branch)
        origin = Origin(call.span, expansion)
        self.layers[number] = WiredLayer(number, bound, layer, inputs, origin, shares, branches)
        self.sources = ((number, None),)

    def _connect(self, span: Span) -> None:
        """Count the outputs that arrive at ``span``. Fans of wires in a row double their number
        each time without making a layer, so counting layers does not bound it.
        """
        self.connections += len(self.sources)
        if self.connections > CONNECTION_LIMIT:
            self._refuse(NetworkTooLarge(span, None, CONNECTION_LIMIT, "connections"))
            self.sources, self.todo = ((0, None),), []

    def _owner(self, number: int) -> int | None:
        """The layer whose weights the next one, ``number``, uses; None if it has its own."""
        owners = self.sharing[-1] if self.sharing else None
        if isinstance(owners, list):  # the first pass through a shared network
            owners.append(number)
            return None
        return next(owners) if owners else None

    def _tied(self, bound: BoundCall | None) -> int | None:
        """The layer whose weight another one names as its own; None if it names none."""
        named = bound.tied if bound else None
        shared = shared_network(named.value) if named else None
        if named is None or shared is None:
            return None
        layers = [self.layers[number] for number in self.owners.get(shared, ())]
        owners = [one for one in layers if one.layer and one.layer.has_tensors]
        if len(owners) == 1:
            return owners[0].shares or owners[0].number
        if all(one.layer for one in layers):
            name = named.value.span.text
            self._refuse(NothingToTie(named.value.span, name, len(owners), bool(layers)))
        return None

    def _declared(self, bound: BoundCall | None) -> Layer | None:
        if bound is None:
            return None
        layer = bound.item.declared(
            {name: self._with_unknowns(value) for name, value in bound.values.items()}
        )
        assert isinstance(layer, Layer)
        return layer

    def _with_unknowns(self, value: BoundValue) -> Any:
        """The value with an unknown size for each hole."""
        if isinstance(value, tuple):
            return tuple(map(self._with_unknowns, value))
        return self._unknown(value) if isinstance(value, Hole) else value

    def _unknown(self, hole: Hole) -> Unknown:
        if hole.scope is None:
            return Unknown()
        return self.holes.setdefault(hole.scope, {}).setdefault(hole, Unknown())

    def _route(self, bound: BoundCall) -> None:
        wire = bound.declared()
        assert isinstance(wire, Wire)
        try:
            self.sources = wire.route(self.sources)
        except IndexError:
            constants = (bound.constant(argument.name) for argument in bound.item.arguments)
            origins = provenance(*filter(None, constants))
            self._refuse(NothingSelected(bound.span, len(self.sources), origins))
