"""E0430 to E0433: optimizers in a list that have no weights, and arguments that exclude others."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Worded
from netlang.language.source import Span


class FirstSelects(Diagnostic):
    """The ``argument`` of the first optimizer, ``name``, or of the ``only`` one."""

    code = "E0430"
    name: str
    argument: str
    alone: bool

    def message(self) -> Message:
        if not self.alone:
            return Message(
                title="the first optimizer takes all weights that no other takes",
                label=f"says which these are: leave out `{self.argument}`",
                helps="each optimizer behind it says what it takes, and the first has the rest",
            )
        return Message(
            title="the only optimizer takes all weights that no other takes",
            label=f"leaves weights out, which nothing would train: leave out `{self.argument}`",
            helps=(
                "`freeze` holds parts of the network as they are",
                f"`[Adam(1e-3), {self.name}({self.argument}=...)]` trains the others, too",
            ),
        )


class SelectsAll(Diagnostic):
    """``name`` is not the first optimizer, which is at ``first``, and may name ``no_parts``."""

    code = "E0431"
    name: str
    first: Span
    no_parts: bool

    def message(self) -> Message:
        return Message(
            title=f"`{self.name}` does not say which weights it takes from the first optimizer",
            label="is of no part of the network",
            labels=Label(self.first, "takes all weights that no other takes"),
            helps="it changes all weights of a network at once: write it alone"
            if self.no_parts
            else 'name a part, as in `on=head`, or write `only="biases"`',
        )


class SelectsNothing(Diagnostic):
    """The optimizer ``name`` selects no weight that is trained; or all that it selects are taken by
    optimizers behind it, of which one is at ``taker``.
    """

    code = "E0432"
    name: str
    taker: Span | None

    def message(self) -> Message:
        return Message(
            title=f"`{self.name}` has no weights to train",
            label="others behind it take all that it names"
            if self.taker
            else "what it names has no such weights, or they are frozen",
            labels=Label.at(self.taker, "of two that name a weight, the last one takes it"),
            helps="put the narrower one behind the wider one"
            if self.taker
            else "name a part that has some, or remove it",
        )


class ArgumentsExclude(Worded):
    """Two arguments of an optimizer or a schedule that cannot both be so."""

    code = "E0433"
