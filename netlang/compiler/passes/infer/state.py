"""The shapes in a network, as far as they are known while they are inferred."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import Layer
from netlang.compiler.passes.expand import WiredLayer, Wiring
from netlang.compiler.passes.settings import Data, StatedInput
from netlang.language.shapes import Shape, Unknown, solved
from netlang.language.source import Span


class InferenceState:
    """The shape that each layer met so far gives, by its number; 0 is the network's input.

    A shape is None where a reported mistake hides it. ``made`` has the number of the layer that
    made each shape: a layer that leaves shapes as they are passes on its input's. ``doubtful``
    are the layers whose shapes may follow from a reported mistake.
    """

    def __init__(
        self, wiring: Wiring, given: StatedInput, data: Data | None, loss: Loss | None
    ) -> None:
        self.given, self.data, self.loss = given, data, loss
        self.layers, self.result, self.span = wiring.layers, wiring.result, wiring.span
        self.stated = given.span  # where the input's shape is said
        self.shapes: dict[int, Shape | None] = {0: given.shape or self._first_takes()}
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
        return Shape.of(Unknown())


def unknowns(shapes: Iterable[Shape]) -> list[Unknown]:
    return [unknown for shape in shapes for unknown in shape.unknowns]


def unsolved_holes(layer: Layer | None) -> list[Unknown]:
    """The layer's arguments that are not known yet."""
    values: Iterable[object] = layer.values.values() if layer else ()
    return [one for one in values if isinstance(one, Unknown) and isinstance(solved(one), Unknown)]
