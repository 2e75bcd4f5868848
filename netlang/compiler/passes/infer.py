"""Infer: the shape at every place of the network, its holes, and whether its ends fit the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.layers import Layer
from netlang.catalogue.layers.join import Join
from netlang.catalogue.layers.module import numbered
from netlang.compiler.ir import Graph, Node, Origin, input_node
from netlang.compiler.passes.analysis import Output
from netlang.compiler.passes.expand import Place, Wiring
from netlang.compiler.passes.mismatches import MismatchReports
from netlang.compiler.passes.state import Ends, InferenceState, Start, holes, unknowns
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
        self.state = InferenceState(wiring, start, ends)
        self.reports = MismatchReports(self.state, sink)
        self.holes: set[Unknown] = set()  # those met and not found yet
        self.open: list[int] = []  # places that had something unknown when they were met

    def graph(self) -> Graph | None:
        for number in range(1, len(self.state.places) + 1):
            self._place(number)
        self.reports.check_output()
        self._solve()
        self.reports.check_output()  # again, as what was unknown may have come out otherwise
        start = self.state.shapes[0]
        if start is None or any(shape is None for shape in self.state.shapes):
            return None
        unsolved = not self.state.mismatches and self._report_unsolved()
        if unsolved or self.sink.has_errors:
            return None
        return Graph((self._input(start), *self._nodes()), self.state.result)

    def _place(self, number: int) -> None:
        place, layer = self.state.place(number), self.state.layer(number)
        inputs = self.state.inputs(place)
        as_many = layer and inputs and self.reports.takes_as_many(place, layer, inputs)
        if layer and inputs and not as_many:
            self.state.mismatches[number] = inputs[:1] * (2 if isinstance(layer, Join) else 1)
            self.reports.doubtful.add(number)
        if layer is None or inputs is None or not as_many:
            self.state.shapes.append(_after(layer))
            self.state.made.append(number)
            return
        self.holes.update(holes(place))
        unknown = [*unknowns(inputs), *holes(place)]
        after = self._infer(number, place, layer, inputs)
        if unknown or (after and after.unknowns):
            self.open.append(number)
        if any(isinstance(solved(one), int) for one in unknown):
            self._note_found(place.origin.span)
        in_doubt = self.reports.in_doubt(place)
        mismatch = number in self.state.mismatches and not in_doubt
        if ((mismatch or in_doubt) and layer.takes() is None) or number in self.reports.swapped:
            self.reports.doubtful.add(number)
        self.state.shapes.append(after)
        # A layer that asks for its shape makes its output, even if it is as wide as the input.
        same = layer.takes() is None and after is not None and after.sample == inputs[0].sample
        alike = same and len(inputs) == 1
        self.state.made.append(self.state.made[place.inputs[0]] if alike else number)

    def _note_found(self, span: Span) -> None:
        new = {hole for hole in self.holes if isinstance(solved(hole), int)}
        self.reports.found.update(dict.fromkeys(new, span))
        self.holes -= new

    def _infer(self, number: int, place: Place, layer: Layer, inputs: list[Shape]) -> Shape | None:
        """The output's shape; a mismatch is reported once, and the layer gets its wish."""
        inputs = list(inputs)
        for _ in range(len(inputs) + 1):
            try:
                return layer.infer(*inputs)
            except ShapeError as mismatch:
                if number not in self.state.mismatches:
                    self.reports.report(number, place, layer, inputs, mismatch)
                joined_along = isinstance(layer, Join) and mismatch.argument
                inputs[mismatch.input] = mismatch.takes
                self.state.mismatches[number] = inputs
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
        inputs = self.state.inputs(place)
        if layer is None or inputs is None or after is None or number in self.state.mismatches:
            return
        layer.solve(after, *inputs)
        inferred = self._infer(number, place, layer, [shape.solved() for shape in inputs])
        if inferred and not inferred.unify(after):
            self.state.shapes[number] = inferred  # which those that take it will find not to fit

    def _at(self, number: int) -> tuple[Place, Layer | None, Shape | None]:
        return self.state.place(number), self.state.layer(number), self.state.shapes[number]

    def _is_open(self, number: int) -> bool:
        place, layer, shape = self._at(number)
        inputs = self.state.inputs(place)
        if layer is None or shape is None or inputs is None:
            return False
        return bool(shape.unknowns or unknowns(inputs) or any(holes(place)))

    def _unknown_count(self, numbers: Iterable[int]) -> int:
        found: set[Unknown] = set()
        for number in numbers:
            shape = self.state.shapes[number]
            found.update(shape.unknowns if shape else ())
            found.update(unknowns(self.state.inputs(self.state.place(number)) or ()))
        return len(found)

    def _report_unsolved(self) -> bool:
        """Whether something is left unknown, which is reported: the holes, else the input."""
        by_root: dict[Unknown, list[tuple[int, str]]] = {}
        following: set[Unknown] = set()  # sizes that would be known if those before them were
        for number, place in enumerate(self.state.places, 1):
            taken = {*unknowns(self.state.inputs(place) or ()), *map(solved, holes(place))}
            after = self.state.shapes[number]
            if taken:
                following.update({*(after.unknowns if after else ())} - taken)
            for name, value in place.values.items():
                root = solved(value) if isinstance(value, Unknown) else None
                if isinstance(root, Unknown) and not place.shares and root not in following:
                    by_root.setdefault(root, []).append((number, name))
        if not by_root and not any(shape and shape.unknowns for shape in self.state.shapes):
            return False
        start = self.state.start
        by_root = {root: found for root, found in by_root.items() if not self._in_doubt(root)}
        if start.misspelt and not start.doubts:
            setting, span, sure = start.misspelt
            self.sink.report(InputUnknown(span, setting, sure), ("misspelt", span))
        elif by_root:
            for arguments in by_root.values():
                self._report_hole(arguments)
        elif not start.doubts:
            places = self.state.places
            first = places[0].origin.span if places else self.state.wiring.span
            self.sink.report(InputUnknown(first))
        return True

    def _in_doubt(self, size: Unknown) -> bool:
        """Whether a setting that is wrong, which is told, may be what would tell the size."""
        doubts = self.state.start.doubts
        first, last = self.state.shapes[0], self.state.shapes[self.state.result]
        if first and doubts and not self.state.start.shape and size in first.unknowns:
            return True
        # A size of the output may be made of others, as by `Concat`.
        return "data" in doubts and bool(last and last.unknowns)

    def _report_hole(self, arguments: list[tuple[int, str]]) -> None:
        """``arguments`` have to be one size, and nothing tells which."""
        number, name = arguments[0]
        place = self.state.place(number)
        assert place.bound
        inputs, after = self.state.inputs(place), self.state.shapes[number]
        written = (self.state.place(at).holes[argument] for at, argument in arguments)
        spans = dict.fromkeys(hole.span for hole in written)
        span, *others = spans
        item = place.bound.item.name
        takes, gives = inputs[0] if inputs else None, after.solved() if after else None
        self.sink.report(HoleUnsolved(span, name, item, takes, gives, tuple(others)))

    def outputs(self) -> Iterator[Output]:
        """What is known of the shape that each layer gives."""
        for place, shape in zip(self.state.places, self.state.shapes[1:], strict=True):
            yield Output(place.origin.span, shape and shape.solved())

    def _input(self, shape: Shape) -> Node:
        return input_node(shape.solved(), Origin(self.state.stated or self.state.wiring.span))

    def _nodes(self) -> Iterator[Node]:
        state = self.state
        layers = [layer for layer in state.layers if layer]
        named = zip(numbered(layers), layers, strict=True)
        for place, (name, layer), shape in zip(state.places, named, state.shapes[1:], strict=True):
            assert shape
            layer = _filled(place) if place.holes else layer
            takes = tuple(state.inputs(place) or ())
            yield Node(name, layer, place.inputs, takes, shape.solved(), place.origin, place.shares)


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


def _found(value: PlainValue | Unknown) -> PlainValue:
    if not isinstance(value, Unknown):
        return value
    size = solved(value)
    assert isinstance(size, int)
    return size
