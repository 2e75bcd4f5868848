"""E0401, E0402, E0408, E0426: settings that are missing, and those that do not go with the data."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import counted, either, in_code, listed
from netlang.language.source import Span


class _Missing(Diagnostic):
    """A setting is missing. If the name at ``span`` seems to stand for it, it is ``meant``."""

    meant: Guess | None

    def _missing(self, title: str, label: str, help: str, instead: str | None = None) -> Message:
        if self.meant and self.span:
            label = self.meant.question
            help = f"write `{self.meant.text} = ...` instead of `{self.span.text} = ...`"
        return Message(title, label, helps=(help, instead), fixes=self.replaced_by(self.meant))


class MissingNet(_Missing):
    code = "E0401"

    def message(self) -> Message:
        help = "define it: `net = Linear(2, 25) -> ReLU -> Linear(25, 2)`"
        return self._missing("the file defines no network", "`net` is missing", help)


class MissingSettings(_Missing):
    """``instead`` says what else would do."""

    code = "E0402"
    missing: tuple[str, ...]
    examples: tuple[str, ...] = ()
    instead: str | None = None

    def message(self) -> Message:
        title = f"training needs {listed(in_code(self.missing))}"
        help = "\n".join(["add, for example,", *self.examples])
        return self._missing(title, "not defined in this file", help, self.instead)


class TaskMismatch(Diagnostic):
    """A loss or metric is for another kind of target than the data has.

    ``choices`` go with the data, and are not used yet. ``other`` is the task that the data may
    have been meant for, if that is in doubt.
    """

    code = "E0408"
    item: str
    kind: str
    takes: str
    data: Span
    task: str
    choices: tuple[str, ...]
    other: str = ""
    target: str = ""  # the name of the target, where there are several

    def message(self) -> Message:
        of = f"`{self.target}` is" if self.target else "this is data"
        instead = f"or, {if_meant_for(self.other)}" if self.other else None
        return Message(
            title=f"the {self.kind} `{self.item}` does not go with the data",
            label=f"is for {self.takes}",
            labels=Label(self.data, f"{of} for {self.task}"),
            helps=(f"write {either(self.choices)}" if self.choices else "remove it", instead),
        )


class LossesMismatch(Diagnostic):
    """The list of losses at the span has another length than the network has ``outputs``.
    ``added`` are those of a sum, which is one loss.
    """

    code = "E0426"
    losses: int
    outputs: int
    added: tuple[str, ...] = ()

    def message(self) -> Message:
        losses, outputs = counted(self.losses, "loss", "losses"), counted(self.outputs, "output")
        return Message(
            title=f"`loss` has {losses}, and the network ends in {outputs}",
            label=losses,
            helps=self._help(),
        )

    def _help(self) -> str:
        if self.outputs == 1:
            return "give the network one loss"
        if len(self.added) == self.outputs:
            return f"a sum is one loss: a list has one for each output, `[{', '.join(self.added)}]`"
        return "give each output a loss, in the order in which the network ends in them"


def if_meant_for(task: str) -> str:
    """How to say that numbers of a target are meant for ``task``."""
    meant = "is a number to predict" if task == "regression" else "is a class's number"
    return f'if the target {meant}, add `task="{task}"` to the data'
