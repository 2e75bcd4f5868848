"""Reports of shapes that do not fit, which show where they were made and what would fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from netlang.catalogue import registry
from netlang.catalogue.arguments import as_source
from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.modules import Join, Layer, takes_inputs
from netlang.compiler.ir import Expansion, Origin
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.infer.consequences import Consequences
from netlang.compiler.passes.infer.remedies import Remedies
from netlang.compiler.passes.infer.shortcuts import shortcut_that_fits
from netlang.compiler.passes.infer.state import InferenceState, unknowns
from netlang.compiler.passes.values import Constant, provenance
from netlang.compiler.passes.wiring import WiredLayer
from netlang.language.diagnostics import Cause, Diagnostic, Label, Sink
from netlang.language.diagnostics.messages.shapes import (
    Branch,
    BranchesMismatch,
    DataMismatch,
    JoinOfOne,
    LayerMismatch,
    LayerRefuses,
    SeveralInputs,
    WrongInputs,
)
from netlang.language.diagnostics.wording import SHOWN
from netlang.language.shapes import Shape, ShapeError, Unknown
from netlang.language.source import Span


class MismatchReports:
    """Reports each mismatch once, and nothing that may follow from what is ``known`` already."""

    def __init__(
        self, state: InferenceState, known: Consequences, remedies: Remedies, sink: Sink
    ) -> None:
        self.state, self.known, self.remedies, self.sink = state, known, remedies, sink
        self.sharing = {wired.shares for wired in state.layers.values()}

    def report(
        self, wired: WiredLayer, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> None:
        """Report that the layer does not take ``inputs``, unless that follows from what was
        reported.
        """
        if self.known.in_doubt(*wired.inputs) or self.known.may_follow(wired, inputs, mismatch):
            return
        self.known.blame(wired.inputs)
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
        if self.known.in_doubt(*wired.inputs):
            return
        source = wired.inputs[index]
        self.known.blame((source,))
        self.known.guessed.add(wired.number)
        made, span = self._made(source, got), wired.origin.span
        trail, as_tokens = _trail(wired.origin), self._as_tokens(source, layer)
        in_data = self._in_data(source, layer)
        found = WrongInputs(span, layer.name, got, layer.takes, made, trail, as_tokens, in_data)
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

    def _in_data(self, source: int, layer: Layer) -> str:
        """The argument by which the data would give the ``layer`` tokens, if they have one."""
        if not self.state.data or self.state.made[source] or layer.takes != "tokens":
            return ""
        data, count = self.state.data.item, layer.values.get("num_embeddings")
        known = {"tokens": str(count) if isinstance(count, int) else "...", "text": '"..."'}
        names = [one.name for one in data.arguments if one.name in known]
        free = next((one for one in names if not data.values[one]), None)
        return f"{free}={known[free]}" if free else ""

    def _of_reason(
        self, wired: WiredLayer, layer: Layer, inputs: list[Shape], mismatch: ShapeError
    ) -> LayerRefuses:
        got, source = inputs[mismatch.input], wired.inputs[mismatch.input]
        flat = len(got.sample) < len(mismatch.takes.sample)
        undone = self.remedies.undone(source, mismatch.takes) if flat else None
        return LayerRefuses(
            span=wired.origin.span,
            layer=layer.name,
            reason=mismatch.reason,
            help=undone or mismatch.help,
            got=got,
            made=self._made(source, got),
            trail=(
                *self._made_in(source, wired),
                *_origins(wired, _told_of(wired.bound, mismatch.reason)),
                *_trail(wired.origin),
            ),
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
            shortcut=shortcut_that_fits(wired, inputs, self.state) if rank is None else None,
            fixed=self.remedies.branch_fitting(wired, inputs, mismatch),
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
        wrong = wired.bound.constant(mismatch.argument or "") if wired.bound else None
        found = self.state.found.get(hole) if isinstance(hole, Unknown) else None
        return kind(
            span=wired.origin.span,
            got=got,
            takes=mismatch.takes.solved(),
            made=self._made(source, got),
            changes=self.remedies.changes(wired, layer, mismatch),
            trail=_trail(wired.origin),
            made_in=(*self._made_in(source, wired), *_origins(wired, filter(None, [wrong]))),
            found=Label.at(found, f"`{mismatch.argument}` was found here"),
            at_least=mismatch.at_least,
            takes_rows=takes_rows(layer, mismatch.takes.solved()),
            shared=bool(wired.shares) or wired.number in self.sharing,
            between_copies=self._between_copies(source, wired),
        )

    def _branches(self, wired: WiredLayer, inputs: list[Shape]) -> tuple[Branch, ...]:
        makers = map(self.state.maker_span, wired.inputs)
        spans: list[Span | None] = [one.span for one in wired.branches]
        return tuple(zip(makers, inputs, spans or [None] * len(inputs), strict=True))

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


def _told_of(bound: BoundCall | None, reason: str) -> Iterator[Constant]:
    """The arguments of a layer that the ``reason`` tells of, by their values."""
    for name in bound.arguments if bound else ():
        constant = bound.constant(name) if bound else None
        if constant and re.search(rf"(?<!\w){re.escape(as_source(constant.plain))}(?!\w)", reason):
            yield constant


def _origins(wired: WiredLayer, constants: Iterable[Constant]) -> Iterator[Label]:
    """Where the values of a layer's arguments come from, if that is shown by nothing else."""
    for label in provenance(*constants):
        if not any(one.span.holds(label.span) for one in wired.origin.trail):
            yield label


def takes_rows(layer: Layer, takes: Shape) -> bool:
    """Whether the layer takes a row that is as long as the last dimension of what it ``takes``."""
    try:
        layer.infer(Shape(takes.sample[-1:]))
    except ShapeError:
        return False
    return True


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
