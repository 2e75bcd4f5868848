"""Reports of shapes that do not fit, which show where they were made and what would fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain, islice

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.modules import Join, Layer, takes_inputs
from netlang.compiler.ir import Expansion, Origin
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.expand import WiredLayer
from netlang.compiler.passes.infer.state import InferenceState, unknowns
from netlang.language.diagnostics import Cause, Diagnostic, Label, Sink
from netlang.language.diagnostics.messages.shapes import (
    Branch,
    BranchesMismatch,
    Changes,
    DataMismatch,
    JoinOfOne,
    LayerMismatch,
    LayerRefuses,
    SeveralInputs,
    WrongInputs,
)
from netlang.language.diagnostics.wording import SHOWN
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved
from netlang.language.source import Span

_NEXT = 20  # layers that are looked at for one that asks for a size


class MismatchReports:
    """Reports each mismatch once, and nothing that may follow from it. The layers behind it are not
    reported until one asks for a shape of its own, nor are others that get the same wrong shape.
    """

    def __init__(self, state: InferenceState, sink: Sink) -> None:
        self.state, self.sink = state, sink
        self.uses = Counter(n for wired in state.layers.values() for n in wired.inputs)
        self.sharing = {wired.shares for wired in state.layers.values()}
        self.blamed: set[tuple[Span | None, Shape | None]] = set()
        self.swapped: set[int] = set()  # layers whose sizes seem to have changed places
        # The last wrong layer on each way that a layer's shape comes, which stands for those before
        # it; and the layers whose shapes may have another number of dimensions, as what they come
        # through had to be guessed.
        self.through: dict[int, frozenset[int]] = {}
        self.guessed: set[int] = set()

    def in_doubt(self, *numbers: int) -> bool:
        """Whether one of the shapes of these layers may follow from a reported mismatch."""
        doubtful, blamed, source = self.state.doubtful, self.blamed, self.state.source
        return any(n in doubtful or (blamed and source(n) in blamed) for n in numbers)

    def follow(self, wired: WiredLayer, *, wrong: bool, guessed: bool) -> None:
        """Note what the shape of a layer comes through, which is known by now for its inputs."""
        before = (self.through.get(n, ()) for n in wired.inputs)
        self.through[wired.number] = frozenset([wired.number] if wrong else chain(*before))
        if guessed or not self.guessed.isdisjoint(wired.inputs):
            self.guessed.add(wired.number)

    def _may_follow(self, wired: WiredLayer, inputs: list[Shape], mismatch: ShapeError) -> bool:
        """Whether the mismatch may follow from one that was reported: a wrong layer is in some of
        the branches alone, or a number of dimensions was guessed.
        """
        if len({self.through.get(n, frozenset()) for n in wired.inputs}) > 1:
            return True
        rank, takes = len(inputs[mismatch.input].sample), len(mismatch.takes.sample)
        guessed = not self.guessed.isdisjoint(wired.inputs)
        return guessed and (bool(mismatch.reason) or rank != takes)

    def output_may_follow(self, number: int, got: Shape, wanted: Shape) -> bool:
        """Whether the output at ``number`` may differ from what is ``wanted`` as it comes through a
        layer that was reported: in its number of dimensions, or in others than the last.
        """
        if len(got.sample) != len(wanted.sample):
            return number in self.guessed
        return bool(self.through.get(number)) and got.last == wanted.last

    def report(
        self, wired: WiredLayer, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> None:
        """Report that the layer does not take ``inputs``, unless that follows from what was
        reported.
        """
        if self.in_doubt(*wired.inputs) or self._may_follow(wired, inputs, mismatch):
            return
        self.blamed.update(map(self.state.source, wired.inputs))
        found: Diagnostic
        if mismatch.reason:
            found = self._of_reason(wired, layer, inputs, mismatch)
        elif len(inputs) > 1:
            found = self._of_branches(wired, layer, inputs, mismatch)
        else:
            found = self._of_layer(wired, layer, inputs[0], mismatch)
        causes = [Cause.MISFIT.at(wired.origin.span)]
        if self.state.data and isinstance(found, DataMismatch) and len(found.got.sample) > 1:
            causes.append(Cause.ROWS.at(self.state.data.span))
        self.sink.report(found, *causes)

    def report_kind(self, wired: WiredLayer, layer: Layer, got: Shape, index: int) -> None:
        """Report that the layer gets tokens where it takes numbers, or the other way around."""
        if self.in_doubt(*wired.inputs):
            return
        source = wired.inputs[index]
        self.blamed.add(self.state.source(source))
        self.guessed.add(wired.number)
        made, span = self._made(source, got), wired.origin.span
        trail, as_tokens = _trail(wired.origin), self._as_tokens(source, layer)
        found = WrongInputs(span, layer.name, got, layer.takes, made, trail, as_tokens)
        self.sink.report(found, Cause.MISFIT.at(span))

    def _as_tokens(self, source: int, layer: Layer) -> str:
        """The part of a sample that numbers come from, as source that says how many tokens the
        ``layer`` has.
        """
        before, count = self.state.layers.get(source), layer.values.get("num_embeddings")
        bound = before.bound if before else None
        if self.state.data or not (bound and issubclass(bound.item, RowPart)):
            return ""
        return bound.written_with({"tokens": str(count)}) if isinstance(count, int) else ""

    def _of_reason(
        self, wired: WiredLayer, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> LayerRefuses:
        got, source = inputs[mismatch.input], wired.inputs[mismatch.input]
        return LayerRefuses(
            span=wired.origin.span,
            layer=layer.name,
            reason=mismatch.reason,
            help=mismatch.help,
            got=got,
            made=self._made(source, got),
            trail=(*self._made_in(source, wired), *_trail(wired.origin)),
        )

    def _made(self, source: int, got: Shape) -> Label | None:
        """Where the shape at ``source`` comes from."""
        made = "this produces"
        if self.state.made[source] == 0:
            made = "a sample is" if self.state.data else "says that the input is"
        return Label.at(self.state.maker_span(source), f"{made} {got}")

    def _of_branches(
        self, wired: WiredLayer, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> BranchesMismatch:
        rank = mismatch.size if mismatch.argument and isinstance(mismatch.size, int) else None
        odd, takes = mismatch.input, mismatch.takes
        others = set(inputs[1:])
        if takes == inputs[0] and len(inputs) > 2 and len(others) == 1:
            odd, takes = 0, others.pop()  # all the others are alike
        return BranchesMismatch(
            span=wired.origin.span,
            join=layer.name,
            branches=self._branches(wired, inputs),
            odd=odd,
            takes=takes,
            fixed=self._branch_fitting(wired, inputs, mismatch),
            trail=_trail(wired.origin),
            rank=rank,
        )

    def _of_layer(
        self, wired: WiredLayer, layer: Layer, got: Shape, mismatch: ShapeError
    ) -> LayerMismatch:
        (source,) = wired.inputs
        at_input = self.state.made[source] == 0
        kind = DataMismatch if self.state.data and at_input else LayerMismatch
        hole = layer.values.get(mismatch.argument or "")
        found = self.state.found.get(hole) if isinstance(hole, Unknown) else None
        return kind(
            span=wired.origin.span,
            got=got,
            takes=mismatch.takes.solved(),
            made=self._made(source, got),
            changes=self._changes(wired, layer, mismatch),
            trail=_trail(wired.origin),
            made_in=self._made_in(source, wired),
            found=Label.at(found, f"`{mismatch.argument}` was found here"),
            at_least=mismatch.at_least,
            shared=bool(wired.shares) or wired.number in self.sharing,
            between_copies=self._between_copies(source, wired),
        )

    def _changes(self, wired: WiredLayer, layer: Layer, mismatch: ShapeError) -> Changes:
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

    def _branches(self, wired: WiredLayer, inputs: list[Shape]) -> tuple[Branch, ...]:
        makers = map(self.state.maker_span, wired.inputs)
        return tuple(zip(makers, inputs, wired.branches or (None,) * len(inputs), strict=True))

    def _branch_fitting(
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

    def _made_in(self, number: int, wired: WiredLayer) -> tuple[Label, ...]:
        """The uses of blocks and networks that made the shape at ``number``, except for those that
        contain ``wired``, too.
        """
        maker = self.state.maker(number)
        around = {one.span for one in wired.origin.trail}
        found = (
            Label(one.span, f"made in `{one.name}`, used here")
            for one in (maker.origin.trail if maker else ())
            if one.name and one.span not in around
        )
        return tuple(islice(found, SHOWN))

    def _between_copies(self, source: int, wired: WiredLayer) -> bool:
        """Whether the shape at ``source`` was made in one copy of a repeat, and the layer is in the
        next.
        """
        maker = self.state.maker(source)
        trail = maker.origin.trail if maker else ()
        following = {(one.span, one.copy + 1, one.outer) for one in trail}
        return any((one.span, one.copy, one.outer) in following for one in wired.origin.trail)

    def takes_as_many(self, wired: WiredLayer, layer: Layer, inputs: list[Shape]) -> bool:
        """Whether the layer takes as many inputs as it gets; reported if not."""
        (least, most), count = layer.arity, len(inputs)
        if least <= count and (most is None or count <= most):
            return True
        span, trail = wired.origin.span, _trail(wired.origin)
        if count < least:
            self.sink.report(JoinOfOne(span, layer.name, trail), Cause.ARITY.at(span))
        else:
            branches = self._branches(wired, inputs)
            takes = takes_inputs(layer.arity)
            several = SeveralInputs(span, layer.name, branches, _joins(inputs), trail, takes)
            makers = frozenset(made for made, *_ in branches)
            self.sink.report(several, Cause.ARITY.at(span), Cause.BRANCHES.at(makers))
        return False

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
            if argument.type is VALUE_TYPES["Size"] and isinstance(wanted.last, int):
                other = layer.declared({**layer.values, argument.name: wanted.last})
                try:
                    fits = other.infer(*inputs) == wanted
                except ShapeError:
                    continue
                if fits and bound.is_literal(argument.name):
                    text = bound.written_with({argument.name: str(wanted.last)})
                    return (span, text) if text != span.text else None
        return None


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


def _trail(origin: Origin) -> tuple[Label, ...]:
    """The innermost of the expansions that led to a layer."""
    return tuple(Label(one.span, _as_written(one)) for one in islice(origin.trail, SHOWN))


def _as_written(expansion: Expansion) -> str:
    if expansion.name:
        return f"in `{expansion.name}`, used here"
    return f"copy {expansion.copy} of {expansion.copies}"


def _joins(inputs: list[Shape]) -> Mapping[str, Shape]:
    """The joins that would take ``inputs``, and what each makes of them."""
    found: dict[str, Shape] = {}
    if unknowns(inputs):
        return found
    for item in registry.items("layer"):
        least, most = item.arity
        takes_as_many = least <= len(inputs) and (most is None or len(inputs) <= most)
        if issubclass(item, Join) and takes_as_many and not item.required_arguments():
            try:
                found[item.name] = item.declared({}).infer(*inputs).solved()
            except ShapeError:
                continue
    return found
