"""Inference turns a wired network into a graph, in which all shapes are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import Join, Layer, numbered
from netlang.compiler.ir import Graph, Node, Origin, input_node
from netlang.compiler.passes.bind import holes_in
from netlang.compiler.passes.infer.consequences import Consequences
from netlang.compiler.passes.infer.mismatches import MismatchReports, takes_rows
from netlang.compiler.passes.infer.remedies import Remedies
from netlang.compiler.passes.infer.state import (
    InferenceState,
    unknowns,
    unknowns_in,
    unsolved_holes,
)
from netlang.compiler.passes.infer.targets import TargetReports
from netlang.compiler.passes.infer.tied import tie
from netlang.compiler.passes.settings import Data, StatedInput
from netlang.compiler.passes.wiring import WiredLayer, Wiring
from netlang.language.diagnostics import Cause, Sink
from netlang.language.diagnostics.messages.shapes import HoleUnsolved, InputUnknown
from netlang.language.shapes import Shape, ShapeError, Unknown, solved
from netlang.language.source import Span
from netlang.system.record import Record


class Output(Record):
    """The shape that the layer written at ``span`` gives in one of its uses. Sizes that were not
    found are unknown; if nothing is known about the shape, it is None.
    """

    span: Span
    shape: Shape | None


def infer(
    wiring: Wiring,
    given: StatedInput,
    data: Data | None,
    losses: Sequence[Loss | None],
    sink: Sink,
) -> tuple[Graph | None, tuple[Output, ...]]:
    """The graph, or None if a shape in it is not known; and the shapes that are known. There is a
    loss for each output, or None where it is not known.

    If the file does not state the input's shape, the first layer that asks for one decides. After
    the report of a layer that does not fit, inference goes on with the shape that it takes.
    """
    inference = _Inference(InferenceState(wiring, given, data, losses), sink)
    return inference.graph(), tuple(inference.outputs())


class _Inference:
    """Goes through the layers once, forwards. Sizes that have to be equal are unified, so they
    travel backwards, too. Layers with unknown sizes are visited again until nothing is new.
    """

    def __init__(self, state: InferenceState, sink: Sink) -> None:
        self.state, self.sink = state, sink
        self.known, self.remedies = Consequences(state), Remedies(state)
        if state.given.doubts and state.is_guessed:
            self.known.guessed.add(0)
        self.reports = MismatchReports(state, self.known, self.remedies, sink)
        self.targets = TargetReports(state, self.known, self.remedies, sink)
        self.holes: set[Unknown] = set()  # those met and not found yet
        self.open: list[WiredLayer] = []  # those that had something unknown when they were met

    def graph(self) -> Graph | None:
        for wired in self.state.layers.values():
            self._layer(wired)
        self.targets.check()
        self._solve()
        self.targets.check()  # again, as what was unknown may have come out otherwise
        start = self.state.shapes[0]
        if start is None or any(shape is None for shape in self.state.shapes.values()):
            return None
        unsolved = not self.state.mismatches and self._report_unsolved()
        if unsolved or self.sink.has_errors:
            return None
        origin = Origin(self.state.stated or self.state.span)
        return Graph((input_node(start.solved(), origin), *self._nodes()), self.state.result)

    def _layer(self, wired: WiredLayer) -> None:
        state, known = self.state, self.known
        number, layer, inputs = wired.number, wired.layer, state.inputs(wired)
        as_many = layer and inputs and self.reports.takes_as_many(wired, layer, inputs)
        if layer and inputs and not as_many:
            state.mismatches[number] = inputs[:1] * layer.arity[0]
            state.doubtful.add(number)
        if layer is None or inputs is None or not as_many:
            state.shapes[number], state.made[number] = _after(layer), number
            known.follow(wired, wrong=inputs is not None or layer is None, guessed=True)
            return
        holes = unsolved_holes(layer)
        self.holes.update(holes)
        unknown = [*unknowns(inputs), *holes]
        owner = state.layers.get(wired.shares or 0)
        is_tied = owner and owner.layer and owner.layer is not layer
        if owner and is_tied and not tie(wired, owner, self.sink):
            state.mismatches[number] = inputs
        after = self._infer(wired, layer, inputs)
        if unknown or (after and after.unknowns):
            self.open.append(wired)
        if any(isinstance(solved(one), int) for one in unknown):
            self._note_found(wired.origin.span)
        in_doubt = known.in_doubt(*wired.inputs)
        mismatch = number in state.mismatches and not in_doubt
        takes_any = layer.input_shape() is None
        if ((mismatch or in_doubt) and takes_any) or number in self.remedies.swapped:
            state.doubtful.add(number)
        wrong = number in state.mismatches
        known.follow(wired, wrong=wrong, guessed=wrong and not _as_deep(wired, state))
        # A layer that asks for its shape makes its output, even if it is as wide as the input.
        same = takes_any and after is not None and after.sample == inputs[0].sample
        passes_on = same and len(inputs) == 1
        state.shapes[number] = after
        state.made[number] = state.made[wired.inputs[0]] if passes_on else number

    def _note_found(self, span: Span) -> None:
        new = {hole for hole in self.holes if isinstance(solved(hole), int)}
        self.state.found.update(dict.fromkeys(new, span))
        self.holes -= new

    def _infer(self, wired: WiredLayer, layer: Layer, inputs: list[Shape]) -> Shape | None:
        """The output's shape. After the report of a mismatch, the layer gets the shape it takes."""
        inputs = self._of_its_kind(wired, layer, inputs)
        for _ in range(len(inputs) + 1):
            try:
                return layer.infer(*inputs)
            except ShapeError as mismatch:
                if wired.number not in self.state.mismatches:
                    self.reports.report(wired, layer, inputs, mismatch)
                inputs[mismatch.input] = mismatch.takes
                self.state.mismatches[wired.number] = inputs
                if isinstance(layer, Join) and mismatch.argument:
                    return None
        return None

    def _of_its_kind(self, wired: WiredLayer, layer: Layer, inputs: list[Shape]) -> list[Shape]:
        """The inputs as the layer takes them: numbers or tokens. Others are reported."""
        found = []
        for index, x in enumerate(inputs):
            wrong = layer.takes == ("numbers" if x.tokens is not None else "tokens")
            if wrong and wired.number not in self.state.mismatches:
                self.reports.report_kind(wired, layer, x, index)
                self.state.mismatches[wired.number] = inputs
            tokens = Unknown() if layer.takes == "tokens" else None
            found.append(Shape(x.sample, tokens) if wrong else x)
        return found

    def _solve(self) -> None:
        """Visit the layers with unknown sizes again, as long as that finds one."""
        left, progress = self.open, True
        while left and progress:
            before = self._unknown(*left)
            for wired in (*left, *reversed(left)):
                self._again(wired)
            progress = len(self._unknown(*left)) < len(before)
            left = [wired for wired in left if self._unknown(wired)]
        for wired in self.open:
            self._again(wired)

    def _again(self, wired: WiredLayer) -> None:
        number, layer = wired.number, wired.layer
        inputs, after = self.state.inputs(wired), self.state.shapes[number]
        if layer is None or inputs is None or after is None or number in self.state.mismatches:
            return
        layer.solve(after, *inputs)
        inferred = self._infer(wired, layer, [shape.solved() for shape in inputs])
        if inferred and not inferred.unify(after):
            self.state.shapes[number] = inferred  # the layers that take it will report it

    def _unknown(self, *layers: WiredLayer) -> set[Unknown]:
        """The unknown sizes of layers whose inputs and outputs have shapes."""
        found: set[Unknown] = set()
        for wired in layers:
            inputs, shape = self.state.inputs(wired), self.state.shapes[wired.number]
            if inputs and shape:
                found.update(shape.unknowns, unknowns(inputs), unsolved_holes(wired.layer))
        return found

    def _report_unsolved(self) -> bool:
        """Report the holes, or else the input, that are left unknown. Whether there are any."""
        by_root: dict[Unknown, list[tuple[WiredLayer, str]]] = {}
        following: set[Unknown] = set()  # sizes that would be known if those before them were
        for number, wired in self.state.layers.items():
            holes = map(solved, unsolved_holes(wired.layer))
            taken = {*unknowns(self.state.inputs(wired) or ()), *holes}
            after = self.state.shapes[number]
            if taken:
                following.update({*(after.unknowns if after else ())} - taken)
            for name, value in wired.layer.values.items() if wired.layer else ():
                for root in map(solved, unknowns_in(value)):
                    if isinstance(root, Unknown) and not wired.shares and root not in following:
                        by_root.setdefault(root, []).append((wired, name))
        given, shapes = self.state.given, self.state.shapes.values()
        if not by_root and not any(shape and shape.unknowns for shape in shapes):
            return False
        by_root = {root: found for root, found in by_root.items() if not self._in_doubt(root)}
        if (slip := given.slip) and not given.doubts:
            cause = Cause.MISSPELT_SETTING.at(slip.span)
            self.sink.report(InputUnknown(slip.span, slip.meant), cause)
        elif by_root:
            for arguments in by_root.values():
                self._report_hole(arguments)
        elif not given.doubts and not self.targets.apart:
            first = self.state.layers.get(1)
            span = first.origin.span if first else self.state.span
            self.sink.report(InputUnknown(span, takes=self.state.shapes[0]))
        return True

    def _in_doubt(self, size: Unknown) -> bool:
        """Whether something that is wrong, and reported, might have told the size."""
        doubts = self.state.given.doubts
        first, last = self.state.shapes[0], self.state.shapes[self.state.result]
        by_input = doubts and not self.state.given.shape
        if first and by_input and size in (*first.unknowns, first.vocabulary):
            return True
        # A size of the output may be made of others, as by `Concat`.
        return ("data" in doubts or self.targets.apart) and bool(last and last.unknowns)

    def _report_hole(self, arguments: list[tuple[WiredLayer, str]]) -> None:
        """Report ``arguments`` that have to be equal while nothing tells their size."""
        wired, name = arguments[0]
        assert wired.bound
        inputs, after = self.state.inputs(wired), self.state.shapes[wired.number]
        written = (one.bound.values[name] for one, name in arguments if one.bound)
        span, *others = dict.fromkeys(hole.span for value in written for hole in holes_in(value))
        takes, gives = inputs[0] if inputs else None, after.solved() if after else None
        item = wired.bound.item.name
        self.sink.report(HoleUnsolved(span, name, item, takes, gives, tuple(others)))

    def outputs(self) -> Iterator[Output]:
        """The shape that each layer gives, as far as it is known."""
        for number, wired in self.state.layers.items():
            shape = self.state.shapes[number]
            yield Output(wired.origin.span, shape and shape.solved())

    def _nodes(self) -> Iterator[Node]:
        wired = self.state.layers.values()
        layers = [_filled(one.layer) for one in wired if one.layer]
        for one, name, layer in zip(wired, numbered(layers), layers, strict=True):
            shape, takes = self.state.shapes[one.number], tuple(self.state.inputs(one) or ())
            assert shape
            yield Node(name, layer, one.inputs, takes, shape.solved(), one.origin, one.shares)


def _after(layer: Layer | None) -> Shape | None:
    """The shape after a layer whose input is not known; None if it would refuse any input."""
    takes = layer.input_shape() if layer else None
    try:
        return layer.infer(takes) if layer and takes else None
    except ShapeError:
        return None


def _as_deep(wired: WiredLayer, state: InferenceState) -> bool:
    """Whether the shapes that a layer gets have as many dimensions as those that it takes, and it
    was not meant for rows: a last dimension that does not fit may say that no `Flatten` made one.
    """
    got, takes = state.inputs(wired) or [], state.mismatches[wired.number]
    if wired.layer and len(takes) == 1 and len(takes[0].sample) > 1:
        fits_but_last = got[0].sample[:-1] == takes[0].sample[:-1]
        if fits_but_last and takes_rows(wired.layer, takes[0].solved()):
            return False
    return [len(one.sample) for one in got] == [len(one.sample) for one in takes]


def _filled(layer: Layer) -> Layer:
    """The layer with the sizes that were found for its holes."""
    if not any(map(unknowns_in, layer.values.values())):
        return layer
    return layer.declared({name: _found(value) for name, value in layer.values.items()})


def _found(value: Any) -> PlainValue:
    if isinstance(value, tuple):
        return tuple(map(_found, value))
    if not isinstance(value, Unknown):
        known: PlainValue = value
        return known
    size = solved(value)
    assert isinstance(size, int)
    return size
