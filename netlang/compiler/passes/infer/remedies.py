"""Remedies: how a layer could be written so that shapes fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from netlang.catalogue.arguments import VALUE_TYPES, Argument, PlainValue, as_source
from netlang.catalogue.modules import Join, Layer
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.infer.state import InferenceState, unknowns
from netlang.compiler.passes.wiring import WiredLayer
from netlang.language.diagnostics.messages.shapes import Changes
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved
from netlang.language.source import Span

_NEXT = 20  # layers that are looked at for one that asks for a size


class Remedies:
    """Finds changes to a layer that does not fit, or to the one that made what it gets."""

    def __init__(self, state: InferenceState) -> None:
        self.state = state
        self.uses = Counter(n for wired in state.layers.values() for n in wired.inputs)
        self.swapped: set[int] = set()  # layers whose sizes seem to have changed places

    def changes(self, wired: WiredLayer, layer: Layer, mismatch: ShapeError) -> Changes:
        """The changes to the layer, or to the use of its block, that would help."""
        size, argument = solved(mismatch.size) if mismatch.size else None, mismatch.argument
        if wired.bound is None or argument is None or not isinstance(size, int):
            return Changes()
        resized = swapped = None
        other = _other_that_fits(wired.bound, argument, size)
        following = self._next_takes(wired.number) if other else None
        asked = following == layer.values[argument]
        if other and (asked or following is None):
            swapped = _swapped(wired.bound, argument, other)
            self.swapped.add(wired.number)
        # A hole, if the same source makes other layers, too, or if the size comes from a name.
        by_hole = bool(wired.origin.expansion) or not wired.bound.is_literal(argument)
        if not (swapped and asked) and argument not in wired.bound.call.overrides:
            resized = wired.bound.written_with({argument: "_" if by_hole else str(size)})
        return Changes(resized, by_hole, swapped, _parameter(wired, wired.bound, argument, size))

    def _next_takes(self, number: int) -> Dim | None:
        """The size that the next layer takes that asks for one: of channels, or of the last
        dimension.
        """
        for wired in islice(self.state.layers.values(), number, number + _NEXT):
            if number in wired.inputs and wired.layer:
                if isinstance(wired.layer, Join):
                    return None
                if takes := wired.layer.input_shape():
                    known = (one for one in map(solved, takes.sample) if isinstance(one, int))
                    return next(known, takes.last)
                number = wired.number
        outputs, data = self.state.outputs, self.state.data
        targets = data.description.for_outputs(len(outputs)) if data else None
        for output, (_, described) in zip(outputs, targets or (), strict=False):
            if output.number == number:
                return described.outputs
        return None

    def branch_fitting(
        self, wired: WiredLayer, inputs: list[Shape], mismatch: ShapeError
    ) -> tuple[Span, str] | None:
        """The change to one layer that makes all branches fit."""
        odd = inputs[mismatch.input]
        if sum(shape == odd for shape in inputs) == 1 or len(inputs) == 2:
            found = self.fitting(wired.inputs[mismatch.input], mismatch.takes)
            if found or len(inputs) > 2:
                return found
        if set(inputs[1:]) == {odd}:
            return self.fitting(wired.inputs[0], odd)
        return None

    def fitting(self, number: int, wanted: Shape) -> tuple[Span, str] | None:
        """The layer that made the shape at ``number``, as source that makes ``wanted`` instead."""
        maker = self.state.maker(number)
        if maker is None or self.uses[maker.number] > 1 or self.uses[number] > 1:
            return None  # another use may need it as it is
        bound, layer, span = maker.bound, maker.layer, maker.origin.span
        inputs = self.state.mismatches.get(maker.number) or self.state.inputs(maker)
        if not (bound and layer and inputs) or maker.origin.expansion or unknowns(inputs):
            return None
        for argument in layer.arguments:
            for value in _values_for(argument, wanted):
                other = layer.declared({**layer.values, argument.name: value})
                changed = bound.is_literal(argument.name) or argument.name not in bound.values
                if changed and _inferred(other, inputs) == wanted:
                    text = bound.written_with({argument.name: as_source(value)})
                    return (span, text) if text != span.text else None
        return None

    def kept(self, number: int, wanted: Shape) -> str | None:
        """What to do about a layer before ``number`` that takes steps away, if these are ``wanted``
        in the output.
        """
        shape = self.state.shapes[number]
        while shape and len(wanted.sample) == len(shape.sample) + 1:
            if help := self.undone(number, Shape((wanted.dim(0), *shape.sample))):
                return help
            wired = self.state.layers.get(number)
            if wired is None or wired.layer is None or not wired.layer.alike:
                return None
            (number,) = wired.inputs
            shape = self.state.shapes[number]
        return None

    def undone(self, source: int, takes: Shape) -> str | None:
        """What to do about the maker of the shape at ``source``, if it takes a dimension away that
        the layer behind it ``takes``, as `Flatten` does, or a `GRU` that gives its last state.
        """
        maker = self.state.maker(source)
        inputs = self.state.inputs(maker) if maker else None
        if not (maker and maker.bound and maker.layer and inputs) or maker.origin.expansion:
            return None
        layer = maker.layer
        for argument in layer.arguments:
            for choice in argument.choices:
                other = layer.declared({**layer.values, argument.name: choice})
                if _fits(_inferred(other, inputs), takes):
                    text = maker.bound.written_with({argument.name: as_source(choice)})
                    return f"write `{text}` in place of `{maker.origin.span.text}`"
        if len(inputs) == 1 and _fits(inputs[0], takes):
            return f"leave `{maker.origin.span.text}` out: what it gets, {inputs[0]}, fits here"
        return None


def _values_for(argument: Argument, wanted: Shape) -> Iterator[PlainValue]:
    """What may be written for the argument of a layer that is to give the shape ``wanted``: a size
    in it, or the padding that keeps a size.
    """
    if argument.type is VALUE_TYPES["Size"] and wanted.sample:
        yield from (one for one in (wanted.last, wanted.dim(0)) if isinstance(one, int))
    elif argument.name == "padding" and argument.takes("same"):
        yield "same"


def _inferred(layer: Layer, inputs: Sequence[Shape]) -> Shape | None:
    """What the layer gives; None if it does not take these inputs."""
    try:
        return layer.infer(*inputs)
    except ShapeError:
        return None


def _fits(shape: Shape | None, takes: Shape) -> bool:
    """Whether ``shape`` is what a layer ``takes``, as far as that is known."""
    if shape is None or len(shape.sample) != len(takes.sample):
        return False
    sizes = zip(map(solved, shape.sample), map(solved, takes.sample), strict=True)
    return all(isinstance(wanted, Unknown) or size == wanted for size, wanted in sizes)


def _other_that_fits(bound: BoundCall, argument: str, size: int) -> str | None:
    """The other size that fits where ``argument`` does not."""
    for other in bound.item.arguments:
        is_size = other.type is VALUE_TYPES["Size"] and other.name != argument
        if is_size and bound.values.get(other.name) == size:
            return other.name
    return None


def _swapped(bound: BoundCall, one: str, other: str) -> str | None:
    """The layer as source, with two arguments swapped."""
    if {one, other} & bound.call.overrides.keys():
        return None
    spans = bound.spans
    return bound.written_with({one: spans[other].text, other: spans[one].text})


def _parameter(wired: WiredLayer, bound: BoundCall, argument: str, size: int) -> str | None:
    """What to do where the block is used, if ``argument`` is a parameter of it."""
    constant = bound.constant(argument)
    block = next((one.name for one in wired.origin.trail if one.name), None)
    if not (constant and constant.passed and constant.span.text.isidentifier() and block):
        return None
    return f"make `{constant.span.text}` of `{block}` {size} there"
