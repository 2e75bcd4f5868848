"""The shapes in a network, as far as they are known while they are inferred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import Layer
from netlang.compiler.passes.settings import Data, StatedInput
from netlang.compiler.passes.wiring import WiredLayer, Wiring
from netlang.language.shapes import Shape, Unknown, solved
from netlang.language.source import Span


class InferenceState:
    """The shape that each layer met so far gives, by its number; 0 is the network's input.

    A shape is None where a reported mistake hides it. ``made`` has the number of the layer that
    made each shape: a layer that leaves shapes as they are passes on its input's. ``doubtful``
    are the layers whose shapes may follow from a reported mistake. The input's shape ``is_guessed``
    where nothing says it, not even how many dimensions it has.
    """

    def __init__(
        self, wiring: Wiring, given: StatedInput, data: Data | None, losses: Sequence[Loss | None]
    ) -> None:
        self.given, self.data, self.wiring, self.outputs = given, data, wiring, wiring.outputs
        self.losses = [*losses, *[None] * len(wiring.outputs)]  # one for each output
        self.layers, self.result, self.span = wiring.layers, wiring.result, wiring.span
        self.stated = given.span  # where the input's shape is said
        self.is_guessed = False
        self.shapes: dict[int, Shape | None] = {0: self._given() or self._first_takes()}
        self.made = {0: 0}
        self.mismatches: dict[int, list[Shape]] = {}  # what layers take that did not fit
        self.doubtful: set[int] = set()
        self.found: dict[Unknown, Span] = {}  # where holes were found to be some size

    def inputs(self, wired: WiredLayer) -> list[Shape] | None:
        shapes = [self.shapes[number] for number in wired.inputs]
        known = [shape.solved() for shape in shapes if shape is not None]
        return known if len(known) == len(shapes) else None

    def maker(self, number: int) -> WiredLayer | None:
        """What made the shape that layer ``number`` gives; None for the network's input."""
        return self.layers.get(self.made[number])

    def maker_span(self, number: int) -> Span | None:
        """Where the shape that layer ``number`` gives was made, or said to be the input's."""
        maker = self.maker(number)
        return maker.origin.span if maker else self.stated

    def source(self, number: int) -> tuple[Span | None, Shape | None]:
        """Where the shape at ``number`` was made, and that shape; equal for copies of a layer."""
        shape = self.shapes[number]
        return self.maker_span(number), shape and shape.solved()

    def _given(self) -> Shape | None:
        """The shape that the file states. Where a list of sizes says it alone, the first layer that
        is not content with either says whether it holds tokens.
        """
        shape = self.given.shape
        if shape is None or self.data or shape.tokens is not None:
            return shape
        passed_on = {0}
        for number, wired in self.layers.items():
            if wired.layer and passed_on.intersection(wired.inputs):
                if wired.layer.takes != "either":
                    are_tokens = wired.layer.takes == "tokens"
                    return Shape(shape.sample, Unknown()) if are_tokens else shape
                passed_on.add(number)
        return shape

    def _first_takes(self) -> Shape | None:
        """The shape that the first layer asks for, behind layers that do not change shapes; one
        unknown dimension if no layer asks for a shape.
        """
        as_input = {0}
        for number, wired in self.layers.items():
            if wired.layer is None:
                return None
            if len(wired.inputs) != 1 or wired.inputs[0] not in as_input:
                continue
            if takes := wired.layer.input_shape():
                self.stated = wired.origin.span
                return takes
            if type(wired.layer).infer is Layer.infer:
                as_input.add(number)
        self.is_guessed = True
        return Shape.of(Unknown())


def unknowns(shapes: Iterable[Shape]) -> list[Unknown]:
    return [unknown for shape in shapes for unknown in shape.unknowns]


def unknowns_in(value: object) -> list[Unknown]:
    """The unknown sizes that an argument's value is, or has in its list, whether found or not."""
    sizes = value if isinstance(value, tuple) else (value,)
    return [one for one in sizes if isinstance(one, Unknown)]


def unsolved_holes(layer: Layer | None) -> list[Unknown]:
    """The sizes among the layer's arguments that are not known yet."""
    values: Iterable[object] = layer.values.values() if layer else ()
    found = (one for value in values for one in unknowns_in(value))
    return [one for one in found if isinstance(solved(one), Unknown)]
