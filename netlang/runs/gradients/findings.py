"""What a gradient check found, and the messages about what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlang.compiler.ir import Node, Program
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.training import WrongGradient
from netlang.system.record import Record


class Agreement(Record):
    """How well gradients agree with differences, for ``checked`` of their ``of`` numbers.

    ``error`` is the largest distance, relative to the largest gradient of the same tensor. Beside
    them, ``kinks`` were left out, as a difference across a kink says nothing.
    """

    error: float
    checked: int
    of: int
    kinks: int

    @classmethod
    def together(cls, parts: Sequence[Agreement]) -> Agreement | None:
        """All ``parts`` as one; None if there are none."""
        if not parts:
            return None
        error = max(one.error for one in parts)
        checked, of, kinks = (
            sum(getattr(one, name) for one in parts) for name in ("checked", "of", "kinks")
        )
        return cls(error, checked, of, kinks)


class NodeCheck(Record):
    """The gradients of a node's weights, if it has any, and at its inputs, if it gives any."""

    node: Node
    weights: Agreement | None
    inputs: Agreement | None

    @property
    def error(self) -> float:
        """The largest of both."""
        return max((one.error for one in (self.weights, self.inputs) if one), default=0.0)


class Findings(Record):
    """What was found of each node, of the loss if there is one, and of the weights through the
    whole network and the loss, if any are trained.
    """

    nodes: Sequence[NodeCheck]
    loss: Agreement | None
    network: Agreement | None

    @property
    def agreements(self) -> list[Agreement]:
        """All there are."""
        parts = [part for one in self.nodes for part in (one.weights, one.inputs)]
        return [one for one in (*parts, self.loss, self.network) if one]

    def wrong(self, program: Program, threshold: float) -> list[Diagnostic]:
        """A message for each layer, and for the loss, whose gradient is off by more than
        ``threshold``; the whole network has one only where none of them explains it.
        """
        found: list[Diagnostic] = [*self._wrong_nodes(threshold)]
        if self.loss and self.loss.error > threshold and program.loss:
            span, name = program.spans.get("loss"), program.loss.name
            facts = f"the gradient of `{name}`", f"{name}.gradient", self.loss.error
            found.append(WrongGradient(span, *facts, threshold))
        if not found and self.network and self.network.error > threshold:
            title = "the gradient of the whole network, whose layers are right,"
            facts = title, "Network.backward", self.network.error
            found.append(WrongGradient(None, *facts, threshold))
        return found

    def _wrong_nodes(self, threshold: float) -> Iterator[Diagnostic]:
        for one in self.nodes:
            parts = {"of the weights": one.weights, "at the input": one.inputs}
            wrong = [name for name, part in parts.items() if part and part.error > threshold]
            if wrong:
                node = one.node
                title = f"the gradient {' and '.join(wrong)} of `{node.name}`"
                method = f"{node.layer.name}.backward"
                yield WrongGradient(node.origin.span, title, method, one.error, threshold)
