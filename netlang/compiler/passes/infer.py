"""Infer: the shape at every place of the network, its holes, and whether its ends fit the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netlang.catalogue.arguments import Value
from netlang.catalogue.layers import Layer
from netlang.catalogue.layers.join import Join
from netlang.compiler.ir import Graph, Node, Origin, input_node
from netlang.compiler.passes.analysis import Output
from netlang.compiler.passes.expand import Place, Wiring
from netlang.compiler.passes.known import Ends, Known, Start, holes, unknowns
from netlang.compiler.passes.misfits import Misfits
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.shapes import HoleUnsolved, InputUnknown
from netlang.language.shapes import Shape, ShapeError, Unknown, solved
from netlang.language.source import Span


def infer(
    wiring: Wiring, start: Start, ends: Ends | None, sink: Sink
) -> tuple[Graph | None, tuple[Output, ...]]:
    """The graph, or None if some place has no known shape, and the shapes that are known.

    Where nothing is said of the input's shape, it is what the first layer that says so takes. A
    layer that does not fit is reported, and inference goes on from the shape it takes.
    """
    inference = _Inference(wiring, start, ends, sink)
    graph = inference.graph()
    return graph, tuple(inference.outputs())


class _Inference:
    """Goes through the places once, forwards; what is equal is unified, so that sizes travel
    backwards as well. Places where that is not enough are taken again, until nothing is new.
    """

    def __init__(self, wiring: Wiring, start: Start, ends: Ends | None, sink: Sink) -> None:
        self.sink = sink
        self.known = Known(wiring, start, ends)
        self.told = Misfits(self.known, sink)
        self.holes: set[Unknown] = set()  # those met and not found yet
        self.open: list[int] = []  # places that had something unknown when they were met

    def graph(self) -> Graph | None:
        for number in range(1, len(self.known.places) + 1):
            self._place(number)
        self.told.check_output()
        self._solve()
        self.told.check_output()  # again, as what was unknown may have come out otherwise
        start = self.known.shapes[0]
        if start is None or any(shape is None for shape in self.known.shapes):
            return None
        unsolved = not self.known.misfits and self._report_unsolved()
        if unsolved or self.sink.has_errors:
            return None
        return Graph((self._input(start), *self._nodes()), self.known.result)

    def _place(self, number: int) -> None:
        place, layer = self.known.place(number), self.known.layer(number)
        inputs = self.known.inputs(place)
        as_many = layer and inputs and self.told.takes_as_many(place, layer, inputs)
        if layer and inputs and not as_many:
            self.known.misfits[number] = inputs[:1] * (2 if isinstance(layer, Join) else 1)
            self.told.doubtful.add(number)
        if layer is None or inputs is None or not as_many:
            self.known.shapes.append(_after(layer))
            self.known.made.append(number)
            return
        self.holes.update(holes(place))
        unknown = [*unknowns(inputs), *holes(place)]
        after = self._infer(number, place, layer, inputs)
        if unknown or (after and after.unknowns):
            self.open.append(number)
        if any(isinstance(solved(one), int) for one in unknown):
            self._note_found(place.origin.span)
        in_doubt = self.told.in_doubt(place)
        misfit = number in self.known.misfits and not in_doubt
        if ((misfit or in_doubt) and layer.takes() is None) or number in self.told.swapped:
            self.told.doubtful.add(number)
        self.known.shapes.append(after)
        # A layer that asks for its shape makes its output, even if it is as wide as the input.
        same = layer.takes() is None and after is not None and after.sample == inputs[0].sample
        alike = same and len(inputs) == 1
        self.known.made.append(self.known.made[place.inputs[0]] if alike else number)

    def _note_found(self, span: Span) -> None:
        new = {hole for hole in self.holes if isinstance(solved(hole), int)}
        self.told.found.update(dict.fromkeys(new, span))
        self.holes -= new

    def _infer(self, number: int, place: Place, layer: Layer, inputs: list[Shape]) -> Shape | None:
        """The output's shape; a misfit is reported once, and the layer gets its wish."""
        inputs = list(inputs)
        for _ in range(len(inputs) + 1):
            try:
                return layer.infer(*inputs)
            except ShapeError as misfit:
                if number not in self.known.misfits:
                    self.told.report(number, place, layer, inputs, misfit)
                joined_along = isinstance(layer, Join) and misfit.argument
                inputs[misfit.input] = misfit.takes
                self.known.misfits[number] = inputs
                if joined_along:
                    return None
        return None

    def _solve(self) -> None:
        """Take the places again that had something unknown, as long as that tells anything new."""
        left, progress = self.open, True
        while left and progress:
            before = self._unknown_count(left)
            for number in (*left, *reversed(left)):
                self._again(number)
            after = self._unknown_count(left)
            left, progress = [n for n in left if self._is_open(n)], after < before
        for number in self.open:
            self._again(number)

    def _again(self, number: int) -> None:
        place, layer, after = self._at(number)
        inputs = self.known.inputs(place)
        if layer is None or inputs is None or after is None or number in self.known.misfits:
            return
        layer.solve(after, *inputs)
        inferred = self._infer(number, place, layer, [shape.solved() for shape in inputs])
        if inferred and not inferred.unify(after):
            self.known.shapes[number] = inferred  # which those that take it will find not to fit

    def _at(self, number: int) -> tuple[Place, Layer | None, Shape | None]:
        return self.known.place(number), self.known.layer(number), self.known.shapes[number]

    def _is_open(self, number: int) -> bool:
        place, layer, shape = self._at(number)
        inputs = self.known.inputs(place)
        if layer is None or shape is None or inputs is None:
            return False
        return bool(shape.unknowns or unknowns(inputs) or any(holes(place)))

    def _unknown_count(self, numbers: Iterable[int]) -> int:
        found: set[Unknown] = set()
        for number in numbers:
            shape = self.known.shapes[number]
            found.update(shape.unknowns if shape else ())
            found.update(unknowns(self.known.inputs(self.known.place(number)) or ()))
        return len(found)

    def _report_unsolved(self) -> bool:
        """Whether something is left unknown, which is reported: the holes, else the input."""
        by_root: dict[Unknown, list[tuple[int, str]]] = {}
        following: set[Unknown] = set()  # sizes that would be known if those before them were
        for number, place in enumerate(self.known.places, 1):
            taken = {*unknowns(self.known.inputs(place) or ()), *map(solved, holes(place))}
            after = self.known.shapes[number]
            if taken:
                following.update({*(after.unknowns if after else ())} - taken)
            for name, value in place.values.items():
                root = solved(value) if isinstance(value, Unknown) else None
                if isinstance(root, Unknown) and not place.shares and root not in following:
                    by_root.setdefault(root, []).append((number, name))
        if not by_root and not any(shape and shape.unknowns for shape in self.known.shapes):
            return False
        start = self.known.start
        by_root = {root: found for root, found in by_root.items() if not self._in_doubt(root)}
        if start.misspelt and not start.doubts:
            setting, span, sure = start.misspelt
            self.sink.report(InputUnknown(span, setting, sure), ("misspelt", span))
        elif by_root:
            for arguments in by_root.values():
                self._report_hole(arguments)
        elif not start.doubts:
            places = self.known.places
            first = places[0].origin.span if places else self.known.wiring.span
            self.sink.report(InputUnknown(first))
        return True

    def _in_doubt(self, size: Unknown) -> bool:
        """Whether a setting that is wrong, which is told, may be what would tell the size."""
        doubts = self.known.start.doubts
        first, last = self.known.shapes[0], self.known.shapes[self.known.result]
        if first and doubts and not self.known.start.shape and size in first.unknowns:
            return True
        # A size of the output may be made of others, as by `Concat`.
        return "data" in doubts and bool(last and last.unknowns)

    def _report_hole(self, arguments: list[tuple[int, str]]) -> None:
        """``arguments`` have to be one size, and nothing tells which."""
        number, name = arguments[0]
        place = self.known.place(number)
        assert place.bound
        inputs, after = self.known.inputs(place), self.known.shapes[number]
        written = (self.known.place(at).holes[argument] for at, argument in arguments)
        spans = dict.fromkeys(hole.span for hole in written)
        span, *others = spans
        item = place.bound.item.name
        takes, gives = inputs[0] if inputs else None, after.solved() if after else None
        self.sink.report(HoleUnsolved(span, name, item, takes, gives, tuple(others)))

    def outputs(self) -> Iterator[Output]:
        """What is known of the shape that each layer gives."""
        for place, shape in zip(self.known.places, self.known.shapes[1:], strict=True):
            yield Output(place.origin.span, shape and shape.solved())

    def _input(self, shape: Shape) -> Node:
        return input_node(shape.solved(), Origin(self.known.stated or self.known.wiring.span))

    def _nodes(self) -> Iterator[Node]:
        counts: dict[str, int] = {}
        known = self.known
        for place, layer, shape in zip(known.places, known.layers, known.shapes[1:], strict=True):
            assert layer
            assert shape
            layer = _filled(place) if place.holes else layer
            name = layer.name.lower()
            counts[name] = counts.get(name, 0) + 1
            takes = tuple(known.inputs(place) or ())
            yield Node(
                f"{name}{counts[name]}",
                layer,
                place.inputs,
                takes,
                shape.solved(),
                place.origin,
                place.shares,
            )


def _after(layer: Layer | None) -> Shape | None:
    """The shape after a layer whose input is not known."""
    takes = layer.takes() if layer else None
    return layer.infer(takes) if layer and takes else None


def _filled(place: Place) -> Layer:
    """The place's layer with the sizes that were found for its holes."""
    assert place.bound
    layer = place.bound.item.declared({name: _found(value) for name, value in place.values.items()})
    assert isinstance(layer, Layer)
    return layer


def _found(value: Value | Unknown) -> Value:
    if not isinstance(value, Unknown):
        return value
    size = solved(value)
    assert isinstance(size, int)
    return size
