"""Reports of outputs that are not what the data has to be predicted."""

from __future__ import annotations

from netlang.catalogue import registry
from netlang.catalogue.data import Description
from netlang.catalogue.layers.windowed import Windowed
from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import Join
from netlang.compiler.passes.infer.consequences import Consequences
from netlang.compiler.passes.infer.remedies import Remedies
from netlang.compiler.passes.infer.state import InferenceState
from netlang.compiler.passes.settings import Data
from netlang.compiler.passes.wiring import WiredLayer
from netlang.language.diagnostics import Cause, Label, Sink
from netlang.language.diagnostics.messages.settings import if_meant_for
from netlang.language.diagnostics.messages.shapes import (
    OutputMismatch,
    OutputsOutOfOrder,
    TargetsMismatch,
)
from netlang.language.diagnostics.wording import SHOWN, counted, either, listed, shortened
from netlang.language.shapes import Shape
from netlang.language.source import Span


class TargetReports:
    """Reports each output that does not go with its target, unless that may follow from what
    is ``known`` already.
    """

    def __init__(
        self, state: InferenceState, known: Consequences, remedies: Remedies, sink: Sink
    ) -> None:
        self.state, self.known, self.remedies, self.sink = state, known, remedies, sink
        self.apart = False  # whether outputs and targets were reported: neither tells a size

    def check(self) -> None:
        """Whether each output of the network is what a target of the data takes; else reported."""
        state, data = self.state, self.state.data
        if data is None:
            return
        targets = data.description.for_outputs(len(state.outputs))
        if targets is None:
            tasks = data.description.tasks or [("", data.description)]
            known = tuple((name, _target(one), one.output) for name, one in tasks)
            count = len(state.outputs)
            self.sink.report(TargetsMismatch(state.outputs[0].span, count, known, data.span))
            self.apart = True
            return
        names = tuple(name for name, _ in targets)
        if misplaced := state.wiring.misplaced(names):
            found = OutputsOutOfOrder(misplaced.span, misplaced.name, names, data.span)
            self.sink.report(found)
            self.apart = True
            return
        for output, target, loss in zip(state.outputs, targets, state.losses, strict=False):
            self._check(output.number, *target, loss, data)

    def _check(
        self, result: int, name: str, description: Description, loss: Loss | None, data: Data
    ) -> None:
        output = self.state.shapes[result]
        if output is None:
            return
        if loss and loss.unfit(description.outputs):
            self.apart = True  # what to predict is for another loss
            return
        goes = loss is not None and description.task in loss.tasks  # else that is the mistake
        wanted = loss.outputs_for(description.output) if loss and goes else description.output
        shape = output.solved()
        is_one = shape == Shape((*description.output.sample[:-1], 1))
        one_for_two = is_one and description.classes is not None and description.outputs == 2
        if (one_for_two and (loss is None or loss.takes_one_output)) or shape.unify(wanted):
            return
        if self.known.in_doubt(result) or self.known.output_may_follow(result, shape, wanted):
            return
        self.apart = self.apart or len(shape.sample) != len(wanted.sample)
        maker, other = self.state.maker(result), description.other_task
        # A network that predicts a number has one output; one that classifies has more.
        meant = other in (loss or Loss).tasks and is_one == (other == "regression")
        more = f"or, {if_meant_for(other)}" if meant else None
        span = maker.origin.span if maker else self.state.span
        target, fix = _target(description), self.remedies.fitting(result, wanted)
        fix = fix or self._classes_last(result, shape, wanted)
        kept = self.remedies.kept(result, wanted)
        ends = self.state.layers[result].layer if result in self.state.layers else None
        if one_for_two and ends and ends.gives == "probabilities":
            usual = registry.losses_on("probabilities", "one output")
            losses = either(f"loss = {name}" for name in usual)
            kept = f"take {losses}: the output is one probability, that of the second class"
            instead = f"`{fix[1]}`" if fix else "two outputs"
            more, fix = f"or write {instead}, and leave `{ends.name}` out", None
        elif one_for_two:
            more = more or _by_one_probability(shape)
        target = f"`{name}`, {target}" if name else target
        if loss and wanted != description.output:
            target += f", for which `{loss.name}` takes {wanted}"
            many, *_ = wanted.sample
            lacks_one = len(wanted.sample) > max(len(shape.sample), len(description.output.sample))
            if lacks_one and isinstance(many, int):  # vectors that are compared
                branches = ", ".join("ABC"[:many])
                more = more or f"or end the network in branches: `[{branches}] -> Stack`"
        joined = self._joined(maker) if maker else ()
        last, steps = self._behind_windows(), self._reads_steps()
        found = OutputMismatch(
            span, shape, wanted, data.span, target, fix, more, joined, last, steps, kept
        )
        causes = [Cause.TASK.at(data.span)] if meant else []
        if len(shape.sample) > len(wanted.sample):
            causes.append(Cause.ROWS.at(data.span))
        self.sink.report(found, *causes)

    def _classes_last(self, result: int, got: Shape, wanted: Shape) -> tuple[Span, str] | None:
        """The last layer as it would fit if its channels, of which it has too many or too few, came
        last.
        """
        (_, *places), rank = got.sample or [None], len(got.sample)
        if rank < 2 or (*places,) != wanted.sample[:-1]:
            return None
        fix = self.remedies.fitting(result, Shape((wanted.sample[-1], *places)))
        return fix and (fix[0], f"{fix[1]} -> Permute({[*range(1, rank), 0]})")

    def _behind_windows(self) -> str:
        """The last layer with weights that has no windows, if others before it have: they take
        pictures, and what is behind them may take rows.
        """
        last, windows_seen = "", False
        for wired in self.state.layers.values():
            if (layer := wired.layer) is None:
                continue
            if isinstance(layer, Windowed):
                last, windows_seen = "", True
            elif windows_seen and layer.declared_weights():
                last = wired.origin.span.text
        return last

    def _reads_steps(self) -> bool:
        """Whether some layer reads sequences, and gives something at each of their steps."""
        for number, wired in self.state.layers.items():
            given, taken = self.state.shapes[number], self.state.inputs(wired)
            if not (wired.layer and given and taken):
                continue
            if len(given.sample) > 1 and wired.layer.honours_lengths(*taken):
                return True
        return False

    def _joined(self, maker: WiredLayer) -> tuple[Label, ...]:
        """The layers whose outputs a join takes; none if the layer is no join."""
        if not isinstance(maker.layer, Join):
            return ()
        found = {self.state.maker_span(n): f"gives {self.state.shapes[n]}" for n in maker.inputs}
        return tuple(Label(span, text) for span, text in found.items() if span)


def _by_one_probability(shape: Shape) -> str:
    """How one output, of that ``shape``, can tell two classes apart."""
    ends = either(f"-> {name}" for name in registry.layers_giving("probabilities", shape))
    usual = registry.losses_on("probabilities", "one output")
    losses = either(f"loss = {name}" for name in usual)
    logits = either(f"loss = {name}" for name in registry.losses_on("logits", "one output"))
    return f"or take {logits}, or end the network with {ends} and take {losses}"


def _target(description: Description) -> str:
    """What the network has to predict, in words."""
    if description.classes is None:
        return f"{counted(description.targets, 'number')} to predict"
    names = listed(map(shortened, description.classes), SHOWN)
    return f"{counted(description.outputs, 'class', 'classes')}: {names}"
