"""What to say of shapes that do not fit: where they were made, and what would fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from netlang.catalogue import registry
from netlang.catalogue.arguments import KINDS
from netlang.catalogue.layers import Layer
from netlang.catalogue.layers.join import Join
from netlang.compiler.ir import Expansion, Origin
from netlang.compiler.passes.bind import Bound
from netlang.compiler.passes.expand import Place
from netlang.compiler.passes.state import InferenceState, unknowns
from netlang.language.diagnostics import Diagnostic, Label, Sink
from netlang.language.diagnostics.settings import if_meant_for
from netlang.language.diagnostics.shapes import (
    Branch,
    BranchesMismatch,
    DataMismatch,
    JoinOfOne,
    LayerMismatch,
    OutputMismatch,
    SeveralInputs,
)
from netlang.language.diagnostics.targets import shortened
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved
from netlang.language.source import Span

_ONE_FOR_TWO = "or end the network with `-> Sigmoid`, and take `loss = CrossEntropy`"
_NEXT = 20  # layers that are looked at for one that asks for a size
_TRAIL = 6  # expansions of a trail that a message shows


class MismatchReports:
    """Tells each mismatch once. What may be a consequence of one that was told is not told: shapes
    behind it, until a layer asks for a shape of its own, and what comes of a shape that was blamed.
    """

    def __init__(self, state: InferenceState, sink: Sink) -> None:
        self.state, self.sink = state, sink
        self.uses = Counter(number for place in state.places for number in place.inputs)
        self.sharing = {place.shares for place in state.places if place.shares}
        self.doubtful: set[int] = set()
        self.blamed: set[tuple[Span | None, Shape | None]] = set()
        self.swapped: set[int] = set()  # places whose sizes seem to have changed places
        self.found: dict[Unknown, Span] = {}  # where holes were found to be some size

    def in_doubt(self, place: Place) -> bool:
        """Whether an input's shape may be a consequence of a mismatch that was told."""
        return bool(self.doubtful or self.blamed) and not (
            self.doubtful.isdisjoint(place.inputs)
            and self.blamed.isdisjoint(map(self.state.source, place.inputs))
        )

    def report(
        self, number: int, place: Place, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> None:
        """Tell that the layer in its place does not take ``inputs``, unless that follows from what
        was told.
        """
        if self.in_doubt(place):
            return
        self.blamed.update(map(self.state.source, place.inputs))
        if len(inputs) > 1:
            told: Diagnostic = self._of_branches(place, layer, inputs, mismatch)
        else:
            told = self._of_layer(number, place, inputs[0], mismatch)
        self.sink.report(told, ("mismatch", place.origin.span))

    def _of_branches(
        self, place: Place, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> BranchesMismatch:
        rank = mismatch.size if mismatch.argument and isinstance(mismatch.size, int) else None
        odd, wanted = mismatch.input, mismatch.takes
        others = {shape.solved() for shape in inputs[1:]}
        if wanted == inputs[0] and len(inputs) > 2 and len(others) == 1:
            odd, wanted = 0, others.pop()  # all the others are alike
        return BranchesMismatch(
            span=place.origin.span,
            join=layer.name,
            branches=self._branches(place, inputs),
            odd=odd,
            takes=wanted,
            fixed=self._branch_fitting(place, inputs, mismatch),
            trail=_trail(place.origin),
            rank=rank,
        )

    def _of_layer(
        self, number: int, place: Place, got: Shape, mismatch: ShapeError
    ) -> LayerMismatch:
        source, made = place.inputs[0], self.state.made[place.inputs[0]]
        fixed, swapped, parameter = self._ways_out(number, place, mismatch)
        kind = DataMismatch if self.state.ends is not None and made == 0 else LayerMismatch
        hole = place.values.get(mismatch.argument or "")
        return kind(
            span=place.origin.span,
            got=got,
            takes=mismatch.takes.solved(),
            made=self.state.maker(source),
            fixed=fixed,
            swapped=swapped,
            trail=_trail(place.origin),
            made_in=self._made_in(source, place),
            hole=self.found.get(hole) if isinstance(hole, Unknown) else None,
            argument=mismatch.argument,
            at_input=made == 0,
            at_least=mismatch.at_least,
            shared=bool(place.shares) or number in self.sharing,
            repeats=self._repeated(number, source),
            parameter=parameter,
        )

    def _ways_out(
        self, number: int, place: Place, mismatch: ShapeError
    ) -> tuple[str | None, str | None, str | None]:
        """The layer as it would fit, the same with two sizes in each other's place, and what to do
        where its block is used.
        """
        size = solved(mismatch.size) if mismatch.size else None
        if place.bound is None or mismatch.argument is None or not isinstance(size, int):
            return None, None, None
        fixed = swapped = None
        other = self._other_that_fits(place, mismatch.argument, size)
        following = self._next_takes(number) if other else None
        asked = following == place.values[mismatch.argument]
        if other and (asked or following is None):
            swapped = _swapped(place.bound, mismatch.argument, other)
            self.swapped.add(number)
        if not (swapped and asked):
            fixed = _fixed(place, place.bound, mismatch.argument, size)
        return fixed, swapped, _parameter(place, mismatch.argument, size)

    def _other_that_fits(self, place: Place, argument: str, size: int) -> str | None:
        """The other size that fits where ``argument`` does not."""
        assert place.bound
        for other in place.bound.item.arguments:
            is_size = other.kind is KINDS["Size"] and other.name != argument
            if is_size and place.values.get(other.name) == size:
                return other.name
        return None

    def _next_takes(self, number: int) -> Dim | None:
        """The last dimension that is asked for by the next layer that asks for any."""
        for at in range(number + 1, min(number + _NEXT, len(self.state.places)) + 1):
            layer, place = self.state.layer(at), self.state.place(at)
            if number in place.inputs and layer:
                if isinstance(layer, Join):
                    return None
                if takes := layer.takes():
                    return takes.last
                number = at
        if number == self.state.result and self.state.ends:
            return self.state.ends.description.outputs
        return None

    def _branches(self, place: Place, inputs: list[Shape]) -> tuple[Branch, ...]:
        written = place.branches or (None,) * len(inputs)
        return tuple(
            (self.state.maker(number), shape, span)
            for number, shape, span in zip(place.inputs, inputs, written, strict=True)
        )

    def _branch_fitting(
        self, place: Place, inputs: list[Shape], mismatch: ShapeError
    ) -> tuple[Span, str] | None:
        """A layer of one branch as it would make all of them fit."""
        odd = inputs[mismatch.input]
        if sum(shape.solved() == odd for shape in inputs) == 1 or len(inputs) == 2:
            found = self._fitting(place.inputs[mismatch.input], mismatch.takes)
            if found or len(inputs) > 2:
                return found
        if all(shape.solved() == odd for shape in inputs[1:]):
            return self._fitting(place.inputs[0], odd)
        return None

    def _made_in(self, number: int, place: Place) -> tuple[Label, ...]:
        """Where the block or the network is used that made the shape at ``number``, other than
        those that ``place`` stands in.
        """
        made = self.state.made[number]
        around = {one.span for one in place.origin.trail}
        found = (
            Label(one.span, f"made in `{one.name}`, used here")
            for one in (self.state.place(made).origin.trail if made else ())
            if one.name and one.span not in around
        )
        return tuple(islice(found, _TRAIL))

    def _repeated(self, number: int, source: int) -> Shape | None:
        """What a repeat takes, if the value goes from one copy of it to this layer in the next."""
        made = self.state.made[source]
        before = {
            (one.span, one.copy, one.outer)
            for one in (self.state.place(made).origin.trail if made else ())
            if one.copies > 1
        }
        for one in self.state.place(number).origin.trail:
            if one.copies > 1 and (one.span, one.copy - 1, one.outer) in before:
                return self._taken_by(one)
        return None

    def _taken_by(self, expansion: Expansion) -> Shape | None:
        """The shape that the first copy of a repeat takes."""
        for place in self.state.places:
            expansions = ((one.span, one.copy, one.outer) for one in place.origin.trail)
            if (expansion.span, 1, expansion.outer) in expansions:
                return self.state.shapes[place.inputs[0]]
        return None

    def takes_as_many(self, place: Place, layer: Layer, inputs: list[Shape]) -> bool:
        """Whether the layer is one of as many inputs as it gets; reported if not."""
        joins = isinstance(layer, Join)
        if joins == (len(inputs) > 1):
            return True
        span, trail = place.origin.span, _trail(place.origin)
        if joins:
            self.sink.report(JoinOfOne(span, layer.name, trail), ("arity", span))
        else:
            branches = self._branches(place, inputs)
            several = SeveralInputs(span, layer.name, branches, _joins(inputs), trail)
            makers = frozenset(made for made, *_ in branches)
            self.sink.report(several, ("arity", span), ("several", makers))
        return False

    def check_output(self) -> None:
        """Whether the network's output is what the data's target takes; reported if not."""
        shape, ends = self.state.shapes[self.state.result], self.state.ends
        if ends is None or shape is None:
            return
        description = ends.description
        shape, wanted = shape.solved(), Shape.of(description.outputs)
        if (ends.one_for_two and shape == Shape.of(1)) or shape.unify(wanted):
            return
        result = self.state.result
        if result in self.doubtful or self.state.source(result) in self.blamed:
            return
        if description.classes is None:
            target = f"{_counted(description.targets, 'number')} to predict"
        else:
            names = ", ".join(map(shortened, description.classes[:6]))
            names += ", ..." * (description.outputs > 6)
            target = f"{_counted(description.outputs, 'class', 'classes')}: {names}"
        # A network that predicts a number has one output, one that tells classes apart has more.
        other = description.other
        meant = other in ends.tasks and (shape == Shape.of(1)) == (other == "regression")
        more = f"or, {if_meant_for(other)}" if meant else None
        if description.outputs == 2 and description.classes and shape == Shape.of(1):
            more = more or _ONE_FOR_TWO
        fix = self._fitting(self.state.result, wanted)
        made = self.state.made[self.state.result]
        span = self.state.place(made).origin.span if made else self.state.wiring.span
        joined = self._joined(made)
        told = OutputMismatch(span, shape, wanted, ends.span, target, fix, more, joined)
        self.sink.report(told, *([("task", ends.span)] if meant else []))

    def _joined(self, made: int) -> tuple[Label, ...]:
        """The layers that give what the join at ``made`` joins, if it is one."""
        if not made or not isinstance(self.state.layer(made), Join):
            return ()
        inputs = self.state.place(made).inputs
        shapes = self.state.shapes
        found = {self.state.maker(number): f"gives {shapes[number]}" for number in inputs}
        return tuple(Label(span, text) for span, text in found.items() if span)

    def _fitting(self, number: int, wanted: Shape) -> tuple[Span, str] | None:
        """The layer that makes the shape at ``number``, as source that makes it ``wanted``."""
        made = self.state.made[number]
        if not made or self.uses[made] > 1 or self.uses[number] > 1:
            return None  # what else uses it may need it as it is
        place = self.state.place(made)
        inputs = self.state.mismatches.get(made) or self.state.inputs(place)
        if inputs is None or place.bound is None or place.origin.expansion or unknowns(inputs):
            return None
        for argument in place.bound.item.arguments:
            if argument.kind is KINDS["Size"] and isinstance(wanted.last, int):
                values = {**place.values, argument.name: wanted.last}
                other = place.bound.item.declared(values)  # type: ignore[arg-type]
                try:
                    fits = isinstance(other, Layer) and other.infer(*inputs).solved() == wanted
                except ShapeError:
                    continue
                if fits and place.bound.literal(argument.name):
                    text = place.bound.written_with({argument.name: str(wanted.last)})
                    return (place.origin.span, text) if text != place.origin.span.text else None
        return None


def _swapped(bound: Bound, one: str, other: str) -> str | None:
    """The layer as source with two arguments in each other's place."""
    if {one, other} & bound.use.overrides.keys():
        return None
    return bound.written_with({one: bound.text(other), other: bound.text(one)})


def _fixed(place: Place, bound: Bound, argument: str, size: int) -> str | None:
    """The layer as source with a size that fits here; a hole, where it is written for other
    places as well, or the size is a name's.
    """
    if argument in bound.use.overrides:
        return None
    here_alone = bound.literal(argument) and not place.origin.expansion
    return bound.written_with({argument: str(size) if here_alone else "_"})


def _parameter(place: Place, argument: str, size: int) -> str | None:
    """What to do where the block is used, if ``argument`` is a parameter of it."""
    assert place.bound
    constant = place.bound.constant(argument)
    block = next((one.name for one in place.origin.trail if one.name), None)
    if not (constant and constant.given and constant.span.text.isidentifier() and block):
        return None
    return f"make `{constant.span.text}` of `{block}` {size} there"


def _trail(origin: Origin) -> tuple[Label, ...]:
    """The expansions that led to a place, innermost first, and no more than can be read."""
    return tuple(Label(one.span, _as_written(one)) for one in islice(origin.trail, _TRAIL))


def _as_written(expansion: Expansion) -> str:
    if expansion.name:
        return f"in `{expansion.name}`, used here"
    return f"copy {expansion.copy} of {expansion.copies}"


def _joins(inputs: list[Shape]) -> Mapping[str, Shape]:
    """The joins that would take ``inputs``, and what each makes of them."""
    found: dict[str, Shape] = {}
    if unknowns(inputs):
        return found
    for item in registry.layers():
        if issubclass(item, Join) and not any(one.required for one in item.arguments):
            try:
                found[item.name] = item.declared({}).infer(*inputs).solved()
            except ShapeError:
                continue
    return found


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
