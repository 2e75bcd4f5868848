"""Infer: the shape at every place of the network, its holes, and whether its ends fit the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from netlang import catalogue
from netlang.arguments import KINDS, Value
from netlang.data import Description
from netlang.diagnostics import Label, Sink
from netlang.diagnostics.shapes import (
    Branch,
    BranchesMisfit,
    DataMisfit,
    HoleUnsolved,
    InputUnknown,
    JoinOfOne,
    LayerMisfit,
    OutputMisfit,
    SeveralInputs,
)
from netlang.ir import Graph, Node, Step
from netlang.modules import Layer
from netlang.modules.join import Join
from netlang.passes.bind import Bound
from netlang.passes.expand import Place, Wiring
from netlang.record import Record
from netlang.shapes import Dim, Misfit, Shape, Unknown, solved
from netlang.source import Span

_AS_NUMBER = 'or, if the target is a number to predict, add `task="regression"` to the data'
_NEXT = 20  # layers that are looked at for one that asks for a size
_TRAIL = 6  # steps of a trail that a message shows


class Start(Record):
    """What is said of the network's input, and where; ``misspelt`` is where it seems to be meant.

    There is a place, and no shape, where what is said is wrong, and told.
    """

    shape: Shape | None
    span: Span | None
    misspelt: Span | None


class Ends(Record):
    """What the data says of the network's ends, and where it is said.

    ``one_for_two`` says that one output does for two classes.
    """

    description: Description
    span: Span
    one_for_two: bool


def infer(wiring: Wiring, start: Start, ends: Ends | None, sink: Sink) -> Graph | None:
    """The graph, or None if some place has no known shape.

    Where nothing is said of the input's shape, it is what the first layer that says so takes. A
    layer that does not fit is reported, and inference goes on from the shape it takes.
    """
    return _Inference(wiring, start, ends, sink).graph()


class _Inference:
    """Goes through the places once, forwards; what is equal is unified, so that sizes travel
    backwards as well. Places where that is not enough are taken again, until nothing is new.
    """

    def __init__(self, wiring: Wiring, start: Start, ends: Ends | None, sink: Sink) -> None:
        self.wiring, self.start, self.ends, self.sink = wiring, start, ends, sink
        self.places, self.result = wiring.places, wiring.result
        self.layers = [_declared(place) for place in self.places]
        self.uses = Counter(number for place in self.places for number in place.inputs)
        self.sharing = {place.shares for place in self.places if place.shares}
        self.stated = start.span  # where the input's shape is said
        # By number of the place, from 0, the input: its output's shape, None if nothing is known
        # but what was reported, and the place where that shape was made.
        self.shapes: list[Shape | None] = [start.shape or self._first_takes()]
        self.made = [0]
        # What may be a consequence of a misfit that was told is not told: shapes behind one,
        # until a layer asks for a shape of its own, and what comes of a shape that was blamed.
        self.doubtful: set[int] = set()
        self.blamed: set[tuple[Span | None, Shape | None]] = set()
        self.swapped: set[int] = set()  # places whose sizes seem to have changed places
        self.holes: set[Unknown] = set()  # those met and not found yet
        self.found: dict[Unknown, Span] = {}  # and where the others were
        self.open: list[int] = []  # places that had something unknown when they were met
        self.misfits: dict[int, list[Shape]] = {}  # and what the layers take instead

    def graph(self) -> Graph | None:
        for number in range(1, len(self.places) + 1):
            self._place(number)
        self._check_output()
        self._solve()
        self._check_output()  # again, as what was unknown may have come out otherwise
        start = self.shapes[0]
        if start is None or any(shape is None for shape in self.shapes):
            return None
        unsolved = not self.misfits and self._report_unsolved()
        if unsolved or self.sink.has_errors:
            return None
        return Graph(start.solved(), tuple(self._nodes()), self.result)

    def _place(self, number: int) -> None:
        place, layer = self.places[number - 1], self.layers[number - 1]
        inputs = self._inputs(place)
        as_many = layer and inputs and self._takes_as_many(place, layer, inputs)
        if layer and inputs and not as_many:
            self.misfits[number] = inputs[:1] * (2 if isinstance(layer, Join) else 1)
            self.doubtful.add(number)
        if layer is None or inputs is None or not as_many:
            self.shapes.append(_after(layer))
            self.made.append(number)
            return
        self.holes.update(_holes(place))
        unknown = [*_unknowns(inputs), *_holes(place)]
        after = self._infer(number, place, layer, inputs)
        if unknown or (after and after.unknowns):
            self.open.append(number)
        if any(isinstance(solved(one), int) for one in unknown):
            self._note_found(place.origin.span)
        in_doubt = self._in_doubt(place)
        misfit = number in self.misfits and not in_doubt
        if ((misfit or in_doubt) and layer.takes() is None) or number in self.swapped:
            self.doubtful.add(number)
        self.shapes.append(after)
        # A layer that asks for its shape makes its output, even if it is as wide as the input.
        same = layer.takes() is None and after is not None and after.sample == inputs[0].sample
        self.made.append(self.made[place.inputs[0]] if same and len(inputs) == 1 else number)

    def _in_doubt(self, place: Place) -> bool:
        """Whether an input's shape may be a consequence of a misfit that was told."""
        return bool(self.doubtful or self.blamed) and not (
            self.doubtful.isdisjoint(place.inputs)
            and self.blamed.isdisjoint(map(self._made, place.inputs))
        )

    def _made(self, number: int) -> tuple[Span | None, Shape | None]:
        """What made the shape at ``number``, and that shape: one for all copies of a layer."""
        shape = self.shapes[number]
        return self._maker(number), shape and shape.solved()

    def _note_found(self, span: Span) -> None:
        new = {hole for hole in self.holes if isinstance(solved(hole), int)}
        self.found.update(dict.fromkeys(new, span))
        self.holes -= new

    def _inputs(self, place: Place) -> list[Shape] | None:
        shapes = [self.shapes[number] for number in place.inputs]
        known = [shape.solved() for shape in shapes if shape is not None]
        return known if len(known) == len(shapes) else None

    def _infer(self, number: int, place: Place, layer: Layer, inputs: list[Shape]) -> Shape | None:
        """The output's shape; a misfit is reported once, and the layer gets its wish."""
        inputs = list(inputs)
        for _ in range(len(inputs) + 1):
            try:
                return layer.infer(*inputs)
            except Misfit as misfit:
                if number not in self.misfits:
                    self._report_misfit(number, place, layer, inputs, misfit)
                joined_along = isinstance(layer, Join) and misfit.argument
                inputs[misfit.input] = misfit.takes
                self.misfits[number] = inputs
                if joined_along:
                    return None
        return None

    def _report_misfit(
        self, number: int, place: Place, layer: Layer, inputs: list[Shape], misfit: Misfit
    ) -> None:
        span, trail = place.origin.span, _trail(place.origin.step)
        if self._in_doubt(place):
            return
        self.blamed.update(map(self._made, place.inputs))
        if len(inputs) > 1:
            branches = self._branches(place, inputs)
            fix = self._branch_fitting(place, inputs, misfit)
            rank = misfit.size if misfit.argument and isinstance(misfit.size, int) else None
            odd, wanted = misfit.input, misfit.takes
            others = {shape.solved() for shape in inputs[1:]}
            if wanted == inputs[0] and len(inputs) > 2 and len(others) == 1:
                odd, wanted = 0, others.pop()  # all the others are alike
            joined = BranchesMisfit(span, layer.name, branches, odd, wanted, fix, trail, rank)
            self.sink.report(joined, ("misfit", span))
            return
        source, got = place.inputs[0], inputs[0]
        assert place.bound
        fixed = swapped = parameter = None
        size = solved(misfit.size) if misfit.size else None
        if misfit.argument and isinstance(size, int):
            other = self._other_that_fits(place, misfit.argument, size)
            following = self._next_takes(number) if other else None
            asked = following == place.values[misfit.argument]
            if other and (asked or following is None):
                swapped = _swapped(place.bound, misfit.argument, other)
                self.swapped.add(number)
            if not (swapped and asked):
                fixed = _fixed(place, place.bound, misfit.argument, size)
            parameter = _parameter(place, misfit.argument, size)
        from_data = self.ends is not None and self.made[source] == 0
        kind = DataMisfit if from_data else LayerMisfit
        hole = place.values.get(misfit.argument or "")
        told = kind(
            span=span,
            got=got,
            takes=misfit.takes.solved(),
            made=self._maker(source),
            fixed=fixed,
            swapped=swapped,
            trail=trail,
            made_in=self._made_in(source, place),
            hole=self.found.get(hole) if isinstance(hole, Unknown) else None,
            argument=misfit.argument,
            at_input=self.made[source] == 0,
            at_least=misfit.at_least,
            shared=bool(place.shares) or number in self.sharing,
            repeats=self._repeated(number, source),
            parameter=parameter,
        )
        self.sink.report(told, ("misfit", span))

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
        for at in range(number + 1, min(number + _NEXT, len(self.places)) + 1):
            layer, place = self.layers[at - 1], self.places[at - 1]
            if number in place.inputs and layer:
                if isinstance(layer, Join):
                    return None
                if takes := layer.takes():
                    return takes.last
                number = at
        if number == self.result and self.ends:
            return self.ends.description.outputs
        return None

    def _maker(self, number: int) -> Span | None:
        """Where the shape that place ``number`` gives was made, or said to be the input's."""
        made = self.made[number]
        return self.places[made - 1].origin.span if made else self.stated

    def _branches(self, place: Place, inputs: list[Shape]) -> tuple[Branch, ...]:
        written = place.branches or (None,) * len(inputs)
        return tuple(
            (self._maker(number), shape, span)
            for number, shape, span in zip(place.inputs, inputs, written, strict=True)
        )

    def _branch_fitting(
        self, place: Place, inputs: list[Shape], misfit: Misfit
    ) -> tuple[Span, str] | None:
        """A layer of one branch as it would make all of them fit."""
        odd = inputs[misfit.input]
        if sum(shape.solved() == odd for shape in inputs) == 1 or len(inputs) == 2:
            found = self._fitting(place.inputs[misfit.input], misfit.takes)
            if found or len(inputs) > 2:
                return found
        if all(shape.solved() == odd for shape in inputs[1:]):
            return self._fitting(place.inputs[0], odd)
        return None

    def _made_in(self, number: int, place: Place) -> tuple[Label, ...]:
        """Where the block or the network is used that made the shape at ``number``, other than
        those that ``place`` stands in.
        """
        made = self.made[number]
        around = {step.span for step in place.origin.trail}
        found = (
            Label(step.span, f"in `{step.name}`, used here")
            for step in (self.places[made - 1].origin.trail if made else ())
            if step.name and step.span not in around
        )
        return tuple(islice(found, _TRAIL))

    def _repeated(self, number: int, source: int) -> Shape | None:
        """What a repeat takes, if the value goes from one copy of it to this layer in the next."""
        made = self.made[source]
        before = {
            (step.span, step.copy, step.outer)
            for step in (self.places[made - 1].origin.trail if made else ())
            if step.copies > 1
        }
        for step in self.places[number - 1].origin.trail:
            if step.copies > 1 and (step.span, step.copy - 1, step.outer) in before:
                return self._taken_by(step)
        return None

    def _taken_by(self, step: Step) -> Shape | None:
        """The shape that the first copy of a repeat takes."""
        for place in self.places:
            steps = ((one.span, one.copy, one.outer) for one in place.origin.trail)
            if (step.span, 1, step.outer) in steps:
                return self.shapes[place.inputs[0]]
        return None

    def _takes_as_many(self, place: Place, layer: Layer, inputs: list[Shape]) -> bool:
        """Whether the layer is one of as many inputs as it gets; reported if not."""
        joins = isinstance(layer, Join)
        if joins == (len(inputs) > 1):
            return True
        span, trail = place.origin.span, _trail(place.origin.step)
        if joins:
            self.sink.report(JoinOfOne(span, layer.name, trail), ("arity", span))
        else:
            branches = self._branches(place, inputs)
            several = SeveralInputs(span, layer.name, branches, _joins(inputs), trail)
            makers = frozenset(made for made, *_ in branches)
            self.sink.report(several, ("arity", span), ("several", makers))
        return False

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
        place, layer, after = self.places[number - 1], self.layers[number - 1], self.shapes[number]
        inputs = self._inputs(place)
        if layer is None or inputs is None or after is None or number in self.misfits:
            return
        layer.solve(after, *inputs)
        inferred = self._infer(number, place, layer, [shape.solved() for shape in inputs])
        if inferred and not inferred.unify(after):
            self.shapes[number] = inferred  # and those that take it will find that it does not fit

    def _is_open(self, number: int) -> bool:
        place, shape = self.places[number - 1], self.shapes[number]
        inputs = self._inputs(place)
        if self.layers[number - 1] is None or shape is None or inputs is None:
            return False
        return bool(shape.unknowns or _unknowns(inputs) or any(_holes(place)))

    def _unknown_count(self, numbers: Iterable[int]) -> int:
        found: set[Unknown] = set()
        for number in numbers:
            shape = self.shapes[number]
            found.update(shape.unknowns if shape else ())
            found.update(_unknowns(self._inputs(self.places[number - 1]) or ()))
        return len(found)

    def _report_unsolved(self) -> bool:
        """Whether something is left unknown, which is reported: the holes, else the input."""
        by_root: dict[Unknown, list[tuple[int, str]]] = {}
        following: set[Unknown] = set()  # sizes that would be known if those before them were
        for number, place in enumerate(self.places, 1):
            taken = {*_unknowns(self._inputs(place) or ()), *map(solved, _holes(place))}
            after = self.shapes[number]
            if taken:
                following.update({*(after.unknowns if after else ())} - taken)
            for name, value in place.values.items():
                root = solved(value) if isinstance(value, Unknown) else None
                if isinstance(root, Unknown) and not place.shares and root not in following:
                    by_root.setdefault(root, []).append((number, name))
        if not by_root and not any(shape and shape.unknowns for shape in self.shapes):
            return False
        if self.start.span and not self.start.shape:
            return True  # the input's shape is said, and what is said is wrong
        if by_root and not self.start.misspelt:
            for places in by_root.values():
                self._report_hole(places)
        elif misspelt := self.start.misspelt:
            self.sink.report(InputUnknown(misspelt, True), ("misspelt", misspelt))
        else:
            first = self.places[0].origin.span if self.places else self.wiring.span
            self.sink.report(InputUnknown(first))
        return True

    def _report_hole(self, places: list[tuple[int, str]]) -> None:
        """``places`` are the arguments that have to be one size, and nothing tells which."""
        number, name = places[0]
        place = self.places[number - 1]
        assert place.bound
        inputs, after = self._inputs(place), self.shapes[number]
        spans = dict.fromkeys(self.places[n - 1].holes[argument].span for n, argument in places)
        span, *others = spans
        item = place.bound.item.name
        takes, gives = inputs[0] if inputs else None, after.solved() if after else None
        self.sink.report(HoleUnsolved(span, name, item, takes, gives, tuple(others)))

    def _check_output(self) -> None:
        """Whether the network's output is what the data's target takes; reported if not."""
        shape, ends = self.shapes[self.result], self.ends
        if ends is None or shape is None:
            return
        description = ends.description
        shape, wanted = shape.solved(), Shape.of(description.outputs)
        if (ends.one_for_two and shape == Shape.of(1)) or shape.unify(wanted):
            return
        if self.result in self.doubtful or self._made(self.result) in self.blamed:
            return
        if description.classes is None:
            target = f"{_counted(description.targets, 'number')} to predict"
            more = None
        else:
            names = ", ".join(description.classes[:6]) + (", ..." * (description.outputs > 6))
            target = f"{_counted(description.outputs, 'class', 'classes')}: {names}"
            numbers = all(name.lstrip("-").isdigit() for name in description.classes)
            more = _AS_NUMBER if numbers and shape == Shape.of(1) else None
        fix = self._fitting(self.result, wanted)
        made = self.made[self.result]
        span = self.places[made - 1].origin.span if made else self.wiring.span
        told = OutputMisfit(span, shape, wanted, ends.span, target, fix, more, self._joined(made))
        self.sink.report(told)

    def _joined(self, made: int) -> tuple[Label, ...]:
        """The layers that give what the join at ``made`` joins, if it is one."""
        if not made or not isinstance(self.layers[made - 1], Join):
            return ()
        inputs = self.places[made - 1].inputs
        found = {self._maker(number): f"gives {self.shapes[number]}" for number in inputs}
        return tuple(Label(span, text) for span, text in found.items() if span)

    def _fitting(self, number: int, wanted: Shape) -> tuple[Span, str] | None:
        """The layer that makes the shape at ``number``, as source that makes it ``wanted``."""
        made = self.made[number]
        if not made or self.uses[made] > 1 or self.uses[number] > 1:
            return None  # what else uses it may need it as it is
        place = self.places[made - 1]
        inputs = self.misfits.get(made) or self._inputs(place)
        if inputs is None or place.bound is None or place.origin.step or _unknowns(inputs):
            return None
        for argument in place.bound.item.arguments:
            if argument.kind is KINDS["Size"] and isinstance(wanted.last, int):
                values = {**place.values, argument.name: wanted.last}
                other = place.bound.item.declared(values)  # type: ignore[arg-type]
                try:
                    fits = isinstance(other, Layer) and other.infer(*inputs).solved() == wanted
                except Misfit:
                    continue
                if fits and place.bound.literal(argument.name):
                    text = place.bound.written_with({argument.name: str(wanted.last)})
                    return (place.origin.span, text) if text != place.origin.span.text else None
        return None

    def _nodes(self) -> Iterator[Node]:
        counts: dict[str, int] = {}
        for place, shape in zip(self.places, self.shapes[1:], strict=True):
            assert place.bound
            assert shape
            values = {name: _found(value) for name, value in place.values.items()}
            layer = place.bound.item.declared(values)
            assert isinstance(layer, Layer)
            name = layer.name.lower()
            counts[name] = counts.get(name, 0) + 1
            takes = tuple(self._inputs(place) or ())
            yield Node(
                f"{name}{counts[name]}",
                layer,
                place.inputs,
                takes,
                shape.solved(),
                place.origin,
                place.shares,
            )

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
    here_alone = bound.literal(argument) and not place.origin.step
    return bound.written_with({argument: str(size) if here_alone else "_"})


def _parameter(place: Place, argument: str, size: int) -> str | None:
    """What to do where the block is used, if ``argument`` is a parameter of it."""
    assert place.bound
    constant = place.bound.constant(argument)
    block = next((step.name for step in place.origin.trail if step.name), None)
    if not (constant and constant.given and constant.span.text.isidentifier() and block):
        return None
    return f"make `{constant.span.text}` of `{block}` {size} there"


def _after(layer: Layer | None) -> Shape | None:
    """The shape after a layer whose input is not known."""
    takes = layer.takes() if layer else None
    return layer.infer(takes) if layer and takes else None


def _found(value: Value | Unknown) -> Value:
    if not isinstance(value, Unknown):
        return value
    size = solved(value)
    assert isinstance(size, int)
    return size


def _unknowns(shapes: Iterable[Shape]) -> list[Unknown]:
    return [unknown for shape in shapes for unknown in shape.unknowns]


def _holes(place: Place) -> Iterator[Unknown]:
    """The place's arguments that are not known yet."""
    for name in place.holes:
        value = place.values[name]
        if isinstance(value, Unknown) and isinstance(solved(value), Unknown):
            yield value


def _trail(step: Step | None) -> tuple[Label, ...]:
    """The expansions that led to a place, innermost first, and no more than can be read."""
    found: list[Label] = []
    while step and len(found) < _TRAIL:
        what = f"in `{step.name}`, used here" if step.name else f"copy {step.copy} of {step.copies}"
        found.append(Label(step.span, what))
        step = step.outer
    return tuple(found)


def _joins(inputs: list[Shape]) -> Mapping[str, Shape]:
    """The joins that would take ``inputs``, and what each makes of them."""
    found: dict[str, Shape] = {}
    if _unknowns(inputs):
        return found
    for item in catalogue.layers():
        if issubclass(item, Join) and not any(one.required for one in item.arguments):
            try:
                found[item.name] = item.declared({}).infer(*inputs).solved()
            except Misfit:
                continue
    return found


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
