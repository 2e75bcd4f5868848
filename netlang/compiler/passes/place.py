"""Place: find where in a sample's row each ``Input`` of the network has its numbers.

The data say it, by the names of their inputs. Without data, the file does: its inputs lie side by
side, in the order in which they stand there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from netlang.catalogue.layers.inputs import RowPart
from netlang.compiler.passes.settings import Data, StatedInput
from netlang.compiler.passes.wiring import WiredLayer, Wiring
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.inputs import (
    InputShapesDisagree,
    InputShapeUnknown,
    RowOfSequences,
    RowsDisagree,
    UnknownInput,
)
from netlang.language.diagnostics.messages.names import OutOfRange
from netlang.language.diagnostics.suggest import guess
from netlang.language.shapes import Shape, Unknown
from netlang.language.source import Span

_Layers = Mapping[int, RowPart | None]  # by number; None for one that is wrong, and reported


def place(
    wiring: Wiring, given: StatedInput, data: Data | None, sink: Sink
) -> tuple[Wiring, StatedInput]:
    """The wiring, in which each ``Input`` says where ``at`` its numbers are; and the network's
    input, which is the row of all of them where no data say it.
    """
    found = [wired for wired in wiring.layers.values() if isinstance(wired.layer, RowPart)]
    if data and (wrong := _takes_sequences_in_a_row(wiring, data)):
        sink.report(wrong)
        given = given.replace(shape=None, doubts=frozenset({"data"}))
    if not found:
        return wiring, given
    layers: dict[int, RowPart | None] = {one.number: None for one in found}
    inputs = [wired for wired in found if not _has_wrong_runs(wired, sink)]
    if data:
        layers |= {one.number: _in_data(one, data, sink) for one in inputs}
    else:
        by_file, given = _side_by_side(inputs, given, sink)
        layers |= by_file
    placed = {number: wiring.layers[number].replace(layer=one) for number, one in layers.items()}
    return wiring.replace(layers={**wiring.layers, **placed}), given


def _takes_sequences_in_a_row(wiring: Wiring, data: Data) -> RowOfSequences | None:
    """What is wrong with a network that takes inputs of the data as a row that are sequences."""
    whole = (one for one in wiring.layers.values() if 0 in one.inputs and not _is_part(one))
    names = [name for name, _ in data.description.inputs]
    return next((_row_of_sequences(one, data, names) for one in whole), None)


def _is_part(wired: WiredLayer) -> bool:
    return bool(wired.bound and issubclass(wired.bound.item, RowPart))


def _row_of_sequences(wired: WiredLayer, data: Data, names: Sequence[str]) -> RowOfSequences | None:
    """What is wrong with a layer that takes the inputs of these names as one row, if some of them
    are tokens or have padding.
    """
    places = data.description.places
    shapes = {name: places[name][1] for name in names}
    sequences = [name for name, one in shapes.items() if one.padded or one.tokens]
    if not sequences:
        return None
    others = tuple(name for name in names if name not in sequences)
    together = _is_part(wired)
    span = _span(wired, "names") if together else wired.origin.span
    are_tokens = not any(shapes[name].sample for name in sequences)
    return RowOfSequences(span, tuple(sequences), others, data.span, together, are_tokens)


def _layer(wired: WiredLayer) -> RowPart:
    assert isinstance(wired.layer, RowPart)
    return wired.layer


def _span(wired: WiredLayer, argument: str, text: str = "") -> Span:
    """Where ``text`` stands in an argument, or else the argument, or else the layer."""
    span = wired.bound.spans.get(argument) if wired.bound else None
    if span is None:
        return wired.origin.span
    at = span.text.find(text)
    return Span(span.source, span.start + at, span.start + at + len(text)) if at > 0 else span


def _has_wrong_runs(wired: WiredLayer, sink: Sink) -> bool:
    """Whether the file itself says where its numbers are, and says it wrongly; then reported."""
    layer = _layer(wired)
    ends, shape = layer.at or (), Shape(layer.shape or ())
    wanted = "a begin and a larger end for each run of numbers"
    if len(ends) % 2 == 0 and all(begin < end for begin, end in pairwise(ends)):
        count = sum(ends[1::2]) - sum(ends[::2])
        if not (ends and layer.shape) or shape.unknowns or shape.size == count:
            return False
        wanted = f"places of {shape.size} numbers, as many as its `shape` has"
    span, help = _span(wired, "at"), "write `[0, 2]` for the first two numbers of a sample"
    sink.report(OutOfRange(span, f"`at` of `{layer.name}`", wanted, f"`{span.text}`", help))
    return True


def _in_data(wired: WiredLayer, data: Data, sink: Sink) -> RowPart | None:
    """The layer with the place that the data give its names."""
    layer, places = _layer(wired), data.description.places
    if layer.at:
        return layer
    names = layer.all_names
    for name in names:
        if name not in places:
            span, known = _span(wired, "names", f'"{name}"'), tuple(places)
            sink.report(UnknownInput(span, name, known, data.span, guess(name, known)))
    if not all(name in places for name in names):
        return None
    own = [places[name] for name in names]
    if len(own) > 1 and (wrong := _row_of_sequences(wired, data, names)):
        sink.report(wrong)
        return None
    _, shape = own[0] if len(own) == 1 else (0, Shape.of(sum(one.size for _, one in own)))
    stated = Shape(layer.shape or shape.sample, layer.tokens or shape.tokens)
    # A table's columns have no shape of their own, so a file may give them one.
    alike = len(shape.sample) == 1 and stated.tokens == shape.tokens
    reshapes = alike and not stated.unknowns and stated.size == shape.size
    if not stated.unify(shape) and not reshapes:
        said = str(stated), data.span, str(shape)
        sink.report(InputShapesDisagree(_span(wired, "shape"), ", ".join(names), *said))
        return None
    runs = [(begin, begin + one.size) for begin, one in own]
    padded = Shape(stated.sample, stated.tokens, shape.padded)
    return layer.placed(padded.solved(), runs)


def _side_by_side(
    inputs: Sequence[WiredLayer], given: StatedInput, sink: Sink
) -> tuple[_Layers, StatedInput]:
    """The layers of a file without data, with their places, and the row of all of them."""
    shapes = _stated_shapes(inputs, sink)
    places: dict[tuple[str, ...], int] = {}
    end = max((max(_layer(one).at or (0,)) for one in inputs), default=0)
    for names, (shape, _) in shapes.items():
        places[names], end = end, end + shape.size
    layers: dict[int, RowPart | None] = {}
    for wired in inputs:
        layer = _layer(wired)
        names = layer.all_names
        if layer.at:
            layers[wired.number] = layer
        elif names in places:
            shape, begin = shapes[names][0], places[names]
            layers[wired.number] = layer.placed(shape, [(begin, begin + shape.size)])
        else:
            layers[wired.number] = None
            if not given.doubts:
                sink.report(InputShapeUnknown(wired.origin.span, ", ".join(names)))
    if not inputs:
        return layers, given
    row, first = Shape.of(end if all(layers.values()) else Unknown()), inputs[0].origin.span
    by_file = given.replace(shape=row, span=first)
    if given.shape is None:
        return layers, by_file
    if shapes and given.span and not row.unify(given.shape):
        sink.report(RowsDisagree(given.span, str(given.shape), first, str(row)))
        return layers, by_file
    return layers, given


def _stated_shapes(
    inputs: Sequence[WiredLayer], sink: Sink
) -> dict[tuple[str, ...], tuple[Shape, Span]]:
    """The shape that the file says for each input, and where; two that differ are reported."""
    found: dict[tuple[str, ...], tuple[Shape, Span]] = {}
    for wired in inputs:
        layer = _layer(wired)
        shape = Shape(layer.shape or (), layer.tokens, layer.padded)
        names = layer.all_names
        if layer.at or not layer.shape or shape.unknowns:
            continue
        span = _span(wired, "shape")
        first, there = found.setdefault(names, (shape, span))
        if first != shape:
            says = str(shape), there, str(first)
            sink.report(InputShapesDisagree(span, ", ".join(names), *says))
    return found
