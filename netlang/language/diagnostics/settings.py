"""E04xx: settings, and what they need of each other."""

from __future__ import annotations

from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label, listed
from netlang.language.source import Span

_FAR = 100  # times an optimizer's default learning rate: networks are trained with less


class MissingNet(Diagnostic):
    """``meant`` is the definition at ``span`` that seems to be the network, which is ``sure`` or a
    guess.
    """

    code: ClassVar = "E0401"
    meant: str | None
    sure: bool = False

    @property
    def title(self) -> str:
        return "the file defines no network"

    @property
    def label(self) -> str:
        return "did you mean `net`?" if self.meant else "`net` is missing"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.meant:
            return (f"write `net = ...` instead of `{self.meant} = ...`",)
        return ("define it: `net = Linear(2, 25) -> ReLU -> Linear(25, 2)`",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, "net"),) if self.meant and self.sure and self.span else ()


class MissingSettings(Diagnostic):
    """``meant`` is the misspelt name at ``span``, if one is, which is ``sure`` or a guess."""

    code: ClassVar = "E0402"
    missing: tuple[str, ...]
    meant: str | None
    examples: tuple[str, ...]
    sure: bool = False

    @property
    def title(self) -> str:
        return f"training needs {listed([f'`{name}`' for name in self.missing])}"

    @property
    def label(self) -> str:
        return f"did you mean `{self.missing[0]}`?" if self.meant else "not defined in this file"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.meant:
            return (f"write `{self.missing[0]} = ...` instead of `{self.meant} = ...`",)
        lines = "\n".join(self.examples)
        return (f"add, for example,\n{lines}",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        sure = self.meant and self.sure and self.span
        return (Fix(self.span, self.missing[0]),) if sure and self.span else ()


class TaskMismatch(Diagnostic):
    """A loss or metric for another kind of target than the data has.

    ``other`` is the task that the data may have been meant for, if that is in doubt.
    """

    code: ClassVar = "E0408"
    item: str
    kind: str
    takes: str
    data: Span
    task: str
    choices: tuple[str, ...]
    other: str = ""

    @property
    def title(self) -> str:
        return f"the {self.kind} `{self.item}` does not go with the data"

    @property
    def label(self) -> str:
        return f"is for {self.takes}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, f"this is data for {self.task}"),)

    @property
    def helps(self) -> tuple[str, ...]:
        write = f"write {' or '.join(f'`{choice}`' for choice in self.choices)}"
        return (write, f"or, {if_meant_for(self.other)}") if self.other else (write,)


class UnknownExpectation(Diagnostic):
    """``meant`` is what is measured and seems to be meant, which is ``sure`` or a guess."""

    code: ClassVar = "E0409"
    metric: str
    known: tuple[str, ...]
    meant: str | None
    data: Span | None = None
    sure: bool = False

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, "sets no samples aside"),) if self.data else ()

    @property
    def title(self) -> str:
        return f"nothing measures `{self.metric}`"

    @property
    def label(self) -> str:
        return f"did you mean `{self.meant}`?" if self.meant else "not measured by this file"

    @property
    def notes(self) -> tuple[str, ...]:
        return ("a run measures " + ", ".join(f"`{name}`" for name in self.known),)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.meant:
            return (f"write `{self.meant}`",)
        if self.metric.startswith("validation."):
            return ("set samples aside: give the data set its argument `validation`",)
        return ("expect one of those, or add what you mean to `metrics`",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.meant),) if self.meant and self.sure and self.span else ()


class Diverged(Diagnostic):
    """``span`` is the optimizer's, whose learning rate, if it has one, has that ``default``;
    ``target`` is the largest number to predict, if it is large.
    """

    code: ClassVar = "E0411"
    metric: str
    value: str
    epoch: int
    lr: float | None
    default: float | None
    target: float | None = None

    @property
    def title(self) -> str:
        return f"training diverged: `{self.metric}` is {self.value} after epoch {self.epoch}"

    @property
    def label(self) -> str:
        if self._steps_are_tiny:
            return "these steps are small, and the numbers too large for them all the same"
        return "these steps are too large for this network and data"

    @property
    def notes(self) -> tuple[str, ...]:
        if self.target is None:
            return ()
        return (f"numbers to predict are as large as {self.target:g}, and outputs start near 0",)

    @property
    def helps(self) -> tuple[str, ...]:
        scaled = "scale the numbers to predict to about 1, in the data file"
        if self._steps_are_tiny:  # then it is not their size that training fails by
            inputs = "look at the data: inputs and numbers to predict are best near 1"
            return (inputs if self.target is None else scaled,)
        return (self._smaller,) if self.target is None else (scaled, f"or {self._smaller}")

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

    code: ClassVar = "E0413"
    loss: str
    value: str
    layers: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"`{self.loss}` of the network's outputs is {self.value}"

    @property
    def label(self) -> str:
        return "takes other outputs, or other targets"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.layers:
            ends = " or ".join(f"`-> {layer}`" for layer in self.layers)
            return (f"it takes probabilities: end the network with {ends}",)
        return ("outputs and targets may be too large for it: scale them down",)


class TooMuchMemory(Diagnostic):
    """``span`` is the largest layer's; ``needed`` and ``available`` are bytes."""

    code: ClassVar = "E0412"
    needed: int
    available: int

    @property
    def title(self) -> str:
        return (
            f"training takes about {_gigabytes(self.needed)}, "
            f"and this machine has {_gigabytes(self.available)}"
        )

    @property
    def label(self) -> str:
        return "the largest layer"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("make it smaller, or take a smaller `batch`",)


def if_meant_for(task: str) -> str:
    """How to say that numbers of a target are meant for ``task``."""
    meant = "is a number to predict" if task == "regression" else "is a class's number"
    return f'if the target {meant}, add `task="{task}"` to the data'


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:,.3g} GiB" if size < 1000 * 2**30 else f"{size // 2**30:,} GiB"
