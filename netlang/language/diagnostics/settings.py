"""E04xx: settings, and what they need of each other."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts, listed
from netlang.language.source import Span

_FAR = 100  # times an optimizer's default learning rate: networks are trained with less


class MissingNet(Diagnostic):
    """``meant`` is the definition at ``span`` that seems to be the network, which is ``sure`` or a
    guess.
    """

    code = "E0401"
    meant: str | None
    sure: bool = False

    def message(self) -> Message:
        return Message(
            title="the file defines no network",
            label="did you mean `net`?" if self.meant else "`net` is missing",
            helps=f"write `net = ...` instead of `{self.meant} = ...`"
            if self.meant
            else "define it: `net = Linear(2, 25) -> ReLU -> Linear(25, 2)`",
            fixes=self.replaced_by("net", self.sure and bool(self.meant)),
        )


class MissingSettings(Diagnostic):
    """``meant`` is the misspelt name at ``span``, if one is, which is ``sure`` or a guess."""

    code = "E0402"
    missing: tuple[str, ...]
    meant: str | None
    examples: tuple[str, ...]
    sure: bool = False

    def message(self) -> Message:
        first = self.missing[0]
        return Message(
            title=f"training needs {listed([f'`{name}`' for name in self.missing])}",
            label=f"did you mean `{first}`?" if self.meant else "not defined in this file",
            helps=f"write `{first} = ...` instead of `{self.meant} = ...`"
            if self.meant
            else "\n".join(["add, for example,", *self.examples]),
            fixes=self.replaced_by(first, self.sure and bool(self.meant)),
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
        write = f"write {' or '.join(f'`{choice}`' for choice in self.choices)}"
        return Message(
            title=f"the {self.kind} `{self.item}` does not go with the data",
            label=f"is for {self.takes}",
            labels=Label(self.data, f"this is data for {self.task}"),
            helps=(write, f"or, {if_meant_for(self.other)}" if self.other else None),
        )


class UnknownExpectation(Diagnostic):
    """``meant`` is what is measured and seems to be meant, which is ``sure`` or a guess."""

    code = "E0409"
    metric: str
    known: tuple[str, ...]
    meant: str | None
    data: Span | None = None
    sure: bool = False

    def message(self) -> Message:
        return Message(
            title=f"nothing measures `{self.metric}`",
            label=f"did you mean `{self.meant}`?" if self.meant else "not measured by this file",
            labels=Label(self.data, "sets no samples aside") if self.data else None,
            notes="a run measures " + ", ".join(f"`{name}`" for name in self.known),
            helps=self._help(),
            fixes=self.replaced_by(self.meant, self.sure),
        )

    def _help(self) -> str:
        if self.meant:
            return f"write `{self.meant}`"
        if self.metric.startswith("validation."):
            return "set samples aside: give the data set its argument `validation`"
        return "expect one of those, or add what you mean to `metrics`"


class Diverged(Diagnostic):
    """``span`` is the optimizer's, whose learning rate, if it has one, has that ``default``;
    ``target`` is the largest number to predict, if it is large.
    """

    code = "E0411"
    metric: str
    value: str
    epoch: int
    lr: float | None
    default: float | None
    target: float | None = None

    def message(self) -> Message:
        return Message(
            title=f"training diverged: `{self.metric}` is {self.value} after epoch {self.epoch}",
            label="these steps are small, but the numbers are too large even for them"
            if self._steps_are_tiny
            else "these steps are too large for this network and data",
            notes=None
            if self.target is None
            else f"numbers to predict are as large as {self.target:g}, and outputs start near 0",
            helps=self._helps(),
        )

    def _helps(self) -> Texts:
        scaled = "scale the numbers to predict to about 1, in the data file"
        if self._steps_are_tiny:  # then training fails for another reason than their size
            inputs = "look at the data: inputs and numbers to predict are best near 1"
            return inputs if self.target is None else scaled
        return self._smaller if self.target is None else (scaled, f"or {self._smaller}")

    @property
    def _smaller(self) -> str:
        """A learning rate to try: a tenth, or the default where that is far below."""
        if self.lr is None:
            return "take smaller steps"
        if self.default is not None and self.lr > _FAR * self.default:
            return f"take smaller steps, say `lr={self.default:g}`, which is the default"
        return f"take smaller steps, say `lr={self.lr / 10:g}`"

    @property
    def _steps_are_tiny(self) -> bool:
        if self.lr is None or self.default is None:
            return False
        return self.lr < self.default / _FAR**2


class NoLoss(Diagnostic):
    """The loss at ``span`` of outputs that are numbers is none; ``layers`` give what it takes."""

    code = "E0413"
    loss: str
    value: str
    layers: tuple[str, ...]

    def message(self) -> Message:
        ends = " or ".join(f"`-> {layer}`" for layer in self.layers)
        return Message(
            title=f"`{self.loss}` of the network's outputs is {self.value}",
            label="takes other outputs, or other targets",
            helps=f"it takes probabilities: end the network with {ends}"
            if ends
            else "outputs and targets may be too large for it: scale them down",
        )


class TooMuchMemory(Diagnostic):
    """``span`` is the largest layer's; ``needed`` and ``available`` are bytes."""

    code = "E0412"
    needed: int
    available: int

    def message(self) -> Message:
        needed, available = _gigabytes(self.needed), _gigabytes(self.available)
        return Message(
            title=f"training takes about {needed}, and this machine has {available}",
            label="the largest layer",
            helps="make it smaller, or take a smaller `batch`",
        )


def if_meant_for(task: str) -> str:
    """How to say that numbers of a target are meant for ``task``."""
    meant = "is a number to predict" if task == "regression" else "is a class's number"
    return f'if the target {meant}, add `task="{task}"` to the data'


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:,.3g} GiB" if size < 1000 * 2**30 else f"{size // 2**30:,} GiB"
