"""Infer: the shape at every place of the network, and whether its ends fit the data."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.data import Description
from netlang.diagnostics import Sink
from netlang.diagnostics.names import NetworkTooLarge
from netlang.diagnostics.shapes import DataMisfit, InputUnknown, LayerMisfit, OutputMisfit
from netlang.ir import Graph, Node, Origin
from netlang.modules import Layer
from netlang.passes.bind import Binder, Bound
from netlang.passes.meaning import Network, Poison, Use
from netlang.record import Record
from netlang.shapes import Misfit, Shape
from netlang.source import Span

LAYER_LIMIT = 100_000

_AS_NUMBER = 'or, if the target is a number to predict, add `task="regression"` to the data'


class Place(Record):
    """A layer's place in the flat chain; None stands for one with a mistake of its own."""

    bound: Bound | None
    origin: Origin


class Ends(Record):
    """What the data says of the network's ends, and where it is said."""

    description: Description
    span: Span


def flatten(network: Network | Use | Poison, binder: Binder, sink: Sink) -> list[Place] | None:
    """The network's layers in order; None if there are too many, counted before any is made."""
    if isinstance(network, Network) and network.size > LAYER_LIMIT:
        sink.report(NetworkTooLarge(network.span, network.size, LAYER_LIMIT))
        return None
    return [
        Place(binder.bind(use) if isinstance(use, Use) else None, Origin(use.span, trail))
        for use, trail in _layers(network)
    ]


def _layers(
    network: Network | Use | Poison,
) -> Iterator[tuple[Use | Poison, tuple[Span, ...]]]:
    stack: list[tuple[Network | Use | Poison, tuple[Span, ...]]] = [(network, ())]
    while stack:
        meaning, trail = stack.pop()
        if not isinstance(meaning, Network):
            yield meaning, trail
            continue
        stack.extend(
            (link.meaning, (*trail, link.use) if link.use else trail)
            for link in reversed(meaning.links)
        )


def infer(places: list[Place], given: Shape | None, ends: Ends | None, sink: Sink) -> Graph | None:
    """The graph, or None if some place has no known shape.

    The input's shape is ``given``, else what the first layer that says so takes. A layer that
    does not fit is reported, and inference goes on from the shape it takes.
    """
    nodes: list[Node] = []
    counts: dict[str, int] = {}
    shape = given or _first_takes(places)
    if shape is None and all(place.bound for place in places):
        sink.report(InputUnknown(places[0].origin.span))
        return None
    start = shape
    made: Span | None = ends.span if ends else None
    for place in places:
        layer = _declared(place)
        if layer is None or shape is None:
            shape, made = _after(layer), place.origin.span
            continue
        after, takes = _step(place, layer, shape, made, ends, sink)
        if after != takes:
            made = place.origin.span
        name = layer.name.lower()
        counts[name] = counts.get(name, 0) + 1
        number = len(nodes)
        node_name = f"{name}{counts[name]}"
        nodes.append(Node(node_name, layer, (number,), takes, after, place.origin))
        shape = after
    if ends and shape is not None:
        _check_output(places, nodes, shape, ends, sink)
    complete = len(nodes) == len(places) and not sink.has_errors
    return Graph(start, tuple(nodes)) if complete and start else None


def _step(
    place: Place, layer: Layer, shape: Shape, made: Span | None, ends: Ends | None, sink: Sink
) -> tuple[Shape, Shape]:
    """The layer's output and input shapes; a misfit is reported, and the layer gets its wish."""
    try:
        return layer.infer(shape), shape
    except Misfit as misfit:
        assert place.bound
        fixed = None
        if misfit.argument and misfit.size and misfit.argument not in place.bound.use.overrides:
            fixed = place.bound.written_with(misfit.argument, misfit.size)
        kind = DataMisfit if ends and made is ends.span else LayerMisfit
        span, trail = place.origin.span, place.origin.trail
        sink.report(kind(span, shape, misfit.takes, made, fixed, trail))
        return layer.infer(misfit.takes), misfit.takes


def _check_output(
    places: list[Place], nodes: list[Node], shape: Shape, ends: Ends, sink: Sink
) -> None:
    description = ends.description
    wanted = Shape.of(description.outputs)
    two_in_one = description.classes is not None and description.outputs == 2
    if shape == wanted or (two_in_one and shape == Shape.of(1)):
        return
    last = max(
        (i for i, node in enumerate(nodes) if node.takes != node.shape), default=len(nodes) - 1
    )
    place, node = places[last - len(nodes)], nodes[last]
    fixed = _fitting(place, node, wanted)
    if description.classes is None:
        target = f"{_counted(description.targets, 'number')} to predict"
        more = None
    else:
        names = ", ".join(description.classes[:6]) + (", ..." * (description.outputs > 6))
        target = f"{_counted(description.outputs, 'class', 'classes')}: {names}"
        numbers = all(name.lstrip("-").isdigit() for name in description.classes)
        more = _AS_NUMBER if numbers and shape == Shape.of(1) else None
    sink.report(OutputMisfit(place.origin.span, shape, wanted, ends.span, target, fixed, more))


def _fitting(place: Place, node: Node, wanted: Shape) -> str | None:
    """The layer as source, with one size changed so that it gives ``wanted``."""
    assert place.bound
    for argument in place.bound.item.arguments:
        if argument.kind.at_least and wanted.last:
            values = {**place.bound.values, argument.name: wanted.last}
            layer = place.bound.item.declared(values)
            try:
                if isinstance(layer, Layer) and layer.infer(node.takes) == wanted:
                    return place.bound.written_with(argument.name, wanted.last)
            except Misfit:
                continue
    return None


def _declared(place: Place) -> Layer | None:
    if place.bound is None:
        return None
    layer = place.bound.item.declared(place.bound.values)
    assert isinstance(layer, Layer)
    return layer


def _first_takes(places: list[Place]) -> Shape | None:
    for place in places:
        layer = _declared(place)
        if layer is None:
            return None
        if takes := layer.takes():
            return takes
    return None


def _after(layer: Layer | None) -> Shape | None:
    """The shape after a layer whose input is not known."""
    takes = layer.takes() if layer else None
    return layer.infer(takes) if layer and takes else None


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
