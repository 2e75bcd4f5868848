"""Settings that are missing, and a loss or metric that does not go with the data."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.wording import either, in_code, listed
from netlang.language.source import Span

_NO_NET = "the file defines no network"


class MissingNet(Diagnostic):
    """``meant`` is the definition at ``span`` that seems to be the network, which is ``sure`` or a
    guess.
    """

    code = "E0401"
    meant: str | None
    sure: bool = False

    def message(self) -> Message:
        if not self.meant:
            example = "net = Linear(2, 25) -> ReLU -> Linear(25, 2)"
            return Message(_NO_NET, "`net` is missing", helps=f"define it: `{example}`")
        return Message(
            title=_NO_NET,
            label="did you mean `net`?",
            helps=f"write `net = ...` instead of `{self.meant} = ...`",
            fixes=self.replaced_by("net", self.sure),
        )


class MissingSettings(Diagnostic):
    """``meant`` is the misspelt name at ``span``, if one is, which is ``sure`` or a guess."""

    code = "E0402"
    missing: tuple[str, ...]
    meant: str | None
    examples: tuple[str, ...]
    sure: bool = False

    def message(self) -> Message:
        first, title = self.missing[0], f"training needs {listed(in_code(self.missing))}"
        if not self.meant:
            help = "\n".join(["add, for example,", *self.examples])
            return Message(title, "not defined in this file", helps=help)
        return Message(
            title=title,
            label=f"did you mean `{first}`?",
            helps=f"write `{first} = ...` instead of `{self.meant} = ...`",
            fixes=self.replaced_by(first, self.sure),
        )


class TaskMismatch(Diagnostic):
    """A loss or metric for another kind of target than the data has.

    ``other`` is the task that the data may have been meant for, if that is in doubt.
    """

    code = "E0408"
    item: str
    kind: str
    takes: str
    data: Span
    task: str
    choices: tuple[str, ...]
    other: str = ""

    def message(self) -> Message:
        instead = f"or, {if_meant_for(self.other)}" if self.other else None
        return Message(
            title=f"the {self.kind} `{self.item}` does not go with the data",
            label=f"is for {self.takes}",
            labels=Label(self.data, f"this is data for {self.task}"),
            helps=(f"write {either(self.choices)}", instead),
        )


def if_meant_for(task: str) -> str:
    """How to say that numbers of a target are meant for ``task``."""
    meant = "is a number to predict" if task == "regression" else "is a class's number"
    return f'if the target {meant}, add `task="{task}"` to the data'
