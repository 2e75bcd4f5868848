"""What is known of the shapes in a network while they are inferred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netlang.catalogue.data import Description
from netlang.catalogue.layers import Layer
from netlang.compiler.passes.expand import Place, Wiring
from netlang.language.shapes import Shape, Unknown, solved
from netlang.language.source import Span
from netlang.system.record import Record


class Start(Record):
    """What is said of the network's input, and where.

    ``doubts`` has the settings, ``input`` and ``data``, that are wrong, and told; ``misspelt`` the
    one that is missing and seems to be meant by a definition, where that is, and if it is sure.
    """

    shape: Shape | None
    span: Span | None
    doubts: frozenset[str] = frozenset()
    misspelt: tuple[str, Span, bool] | None = None


class Ends(Record):
    """What the data says of the network's ends, and where it is said.

    ``one_for_two`` says that one output does for two classes, ``tasks`` which the loss is for.
    """

    description: Description
    span: Span
    one_for_two: bool
    tasks: Sequence[str]


class InferenceState:
    """The shape at every place that was met, and where it was made.

    ``shapes`` and ``made`` go by the place's number; 0 is the network's input.
    """

    def __init__(self, wiring: Wiring, start: Start, ends: Ends | None) -> None:
        self.wiring, self.start, self.ends = wiring, start, ends
        self.places, self.result = wiring.places, wiring.result
        self.layers = [_declared(place) for place in self.places]
        self.stated = start.span  # where the input's shape is said
        # None stands for a place of which nothing is known but what was reported.
        self.shapes: list[Shape | None] = [start.shape or self._first_takes()]
        self.made = [0]  # the place where the shape was made
        self.mismatches: dict[int, list[Shape]] = {}  # what layers take that did not fit

    def layer(self, number: int) -> Layer | None:
        return self.layers[number - 1]

    def place(self, number: int) -> Place:
        return self.places[number - 1]

    def inputs(self, place: Place) -> list[Shape] | None:
        shapes = [self.shapes[number] for number in place.inputs]
        known = [shape.solved() for shape in shapes if shape is not None]
        return known if len(known) == len(shapes) else None

    def maker(self, number: int) -> Span | None:
        """Where the shape that place ``number`` gives was made, or said to be the input's."""
        made = self.made[number]
        return self.places[made - 1].origin.span if made else self.stated

    def source(self, number: int) -> tuple[Span | None, Shape | None]:
        """What made the shape at ``number``, and that shape: one for all copies of a layer."""
        shape = self.shapes[number]
        return self.maker(number), shape and shape.solved()

    def _first_takes(self) -> Shape | None:
        """What the first layer takes that says so, behind layers that leave shapes as they are.

        Where none says so, one dimension that is not known.
        """
        as_input = {0}
        for number, (place, layer) in enumerate(zip(self.places, self.layers, strict=True), 1):
            if layer is None:
                return None
            if len(place.inputs) != 1 or place.inputs[0] not in as_input:
                continue
            if takes := layer.takes():
                self.stated = place.origin.span
                return takes
            if type(layer).infer is Layer.infer:
                as_input.add(number)
        return Shape.of(Unknown())


def _declared(place: Place) -> Layer | None:
    if place.bound is None:
        return None
    layer = place.bound.item.declared(place.values)  # type: ignore[arg-type]
    assert isinstance(layer, Layer)
    return layer


def unknowns(shapes: Iterable[Shape]) -> list[Unknown]:
    return [unknown for shape in shapes for unknown in shape.unknowns]


def holes(place: Place) -> Iterator[Unknown]:
    """The place's arguments that are not known yet."""
    for name in place.holes:
        value = place.values[name]
        if isinstance(value, Unknown) and isinstance(solved(value), Unknown):
            yield value
