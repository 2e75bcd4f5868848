"""Whether an output of the network is what its loss takes.

Each loss says what it expects, and each layer what it gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue import registry
from netlang.catalogue.data import Description
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Graph, Node
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings import Data
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.lints import (
    OneClassEach,
    Remark,
    SharedProbability,
    WrongOutputs,
)
from netlang.language.diagnostics.wording import either


class Ending:
    """An output of the network, the node of that ``number``, and what it has to predict, if that is
    known.
    """

    def __init__(self, graph: Graph, number: int, target: Description | None) -> None:
        self.graph, self.number = graph, number
        self.shape = graph.nodes[number].shape
        self.one_output = self.shape.last == 1
        self.task = target.task if target else ""
        self.maker = graph.maker(number)

    def problem(self, call: BoundCall, data: Data | None) -> Diagnostic | None:
        """The report of a loss that takes other outputs."""
        loss, last = call.declared(), self.maker
        if not isinstance(loss, Loss) or last is None:
            return None
        if data and loss.of_shares and self.task == "classification" and not self.one_output:
            gives = last.layer.gives if last.layer.gives in _OTHERS else "logits"
            usual = registry.losses_on(gives, self.task)
            instead = usual or registry.losses_taking(gives, self.task)
            others = tuple(name for name in instead if name != loss.name)
            return OneClassEach(call.span, loss.name, data.span, others)
        if self.one_output and loss.expects and not loss.takes_one_output:
            return self._one_logit(loss, last)
        if loss.expects == "means and variances":
            node = self._last_half()
            is_wrong = node is not None and node.layer.bounds[0] < 0
            return self._wrong("variances", call, loss, node) if node and is_wrong else None
        if loss.expects in ("probabilities", "log-probabilities"):
            if last.layer.gives != loss.expects:
                return self._wrong(loss.expects, call, loss, last)
            if self.task == "labels" and last.layer.sums_to_one and data:
                return self._shared(last, data)
            return None
        if loss.expects == "means":
            return self._wrong("means", call, loss, last) if last.layer.bounds[0] < 0 else None
        return self._bounded(call, loss, last, data)

    def _shared(self, last: Node, data: Data) -> SharedProbability:
        """The report of labels that share one probability."""
        instead = registry.layers_giving("probabilities", self.shape, shared=False)
        return SharedProbability(last.origin.span, last.layer.name, data.span, instead)

    def _bounded(
        self, call: BoundCall, loss: Loss, last: Node, data: Data | None
    ) -> Diagnostic | None:
        """The report of a loss that gets numbers within bounds, and takes any, or 0 and 1."""
        of_numbers = self.task in ("", "regression", "several")
        if self.task == "labels" and last.layer.sums_to_one and data:
            return self._shared(last, data)
        if (not loss.expects and of_numbers) or last.layer.remark(*last.takes):
            return None
        outputs = self.shape.sizes[-1] if self.shape.sizes else 1
        is_given = loss.expects == "logits" and last.layer.gives in _OTHERS
        if not is_given and loss.can_be_met(last.layer.bounds, outputs):
            return None
        return self._wrong(loss.expects or "values of 0 and 1", call, loss, last)

    def _wrong(self, takes: str, call: BoundCall, loss: Loss, node: Node) -> WrongOutputs:
        gives, ends = node.layer.gives, self._ends(takes, loss, node)
        losses, is_branch = self._losses(takes, call, loss, gives), node is not self.maker
        about = call.span, gives, node.layer.bounds, ends, losses, is_branch
        return WrongOutputs(node.origin.span, loss.name, takes, *about)

    def _ends(self, takes: str, loss: Loss, node: Node) -> tuple[str, ...]:
        """What the network may end in, so that it gives what the loss takes."""
        if takes == "variances" and node is self.maker:
            size = self.shape.sizes[-1] // 2
            half = f"Linear(_, {size})"
            return (f"[{half}, {half} -> {loss.ends_in[0]}] -> Concat",)
        if takes in ("variances", "means"):
            return tuple(f"-> {name}" for name in loss.ends_in)
        if takes in ("probabilities", "log-probabilities"):
            return tuple(f"-> {name}" for name in registry.layers_giving(takes, self.shape))
        return ()

    def _losses(self, takes: str, call: BoundCall, loss: Loss, gives: str) -> tuple[str, ...]:
        """The losses that take what the network gives."""
        if takes in ("means", "logarithms"):
            return _turned(call, loss)
        if self.task == "regression" or (takes in _FREE and gives not in _OTHERS):
            return ()
        found = gives if takes in _FREE else "logits"
        task = self.task or "classification"
        usual = registry.losses_on(found, "one output" if self.one_output else task)
        return usual or registry.losses_taking(found, task)

    def _last_half(self) -> Node | None:
        """What gives the last half of the numbers of the output; None if that is not known."""
        last = self.maker
        if last is None or len(last.inputs) == 1:
            return last
        if not last.layer.puts_beside or len(last.inputs) != 2:
            return None
        halves = [self.graph.nodes[number].shape.last for number in last.inputs]
        is_last = last.shape.last != halves[1] and halves[0] == halves[1]
        return self.graph.maker(last.inputs[1]) if is_last else None

    def _one_logit(self, loss: Loss, last: Node) -> Remark:
        """The report of a loss that takes a logit for each class, and gets one number."""
        outputs = "probabilities" if last.layer.gives == "probabilities" else "logits"
        instead = either(f"loss = {name}" for name in registry.losses_on(outputs, "one output"))
        help = f"give the network an output for each class, or take {instead}"
        return Remark(last.origin.span, loss.name, "of one number is always 0", help)


_FREE = "logits", "values of 0 and 1"  # what losses take of classes without knowing more
_OTHERS = "probabilities", "log-probabilities"  # that layers give, and that are no logits


def lint_endings(
    graph: Graph,
    ends: Sequence[tuple[int, Sequence[BoundCall]]],
    targets: Sequence[Description],
    data: Data | None,
    sink: Sink,
) -> None:
    """Report each output that is not what its losses take."""
    for (number, losses), target in zip(ends, [*targets, *[None] * len(ends)], strict=False):
        ending = Ending(graph, number, target)
        for loss in losses:
            if problem := ending.problem(loss, data):
                sink.report(problem)


def _turned(call: BoundCall, loss: Loss) -> tuple[str, ...]:
    """The call of the same loss of other outputs, by a switch among its arguments."""
    for argument in loss.arguments:
        value = loss.values.get(argument.name)
        if isinstance(value, bool):
            other = loss.declared({**loss.values, argument.name: not value})
            if other.expects != loss.expects:
                return (call.written_with({argument.name: str(not value).lower()}),)
    return ()
