"""W06xx: what looks like a mistake, and is none for sure."""

from __future__ import annotations

from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.source import Span


class Unused(Diagnostic):
    """``meant`` is the setting that it seems to be, which is ``sure`` or a guess."""

    code: ClassVar = "W0601"
    name: str
    meant: str | None
    argument: str | None = None
    sure: bool = False

    @property
    def title(self) -> str:
        return f"nothing uses `{self.name}`"

    @property
    def label(self) -> str:
        return f"did you mean the setting `{self.meant}`?" if self.meant else "defined here"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.meant:
            return (f"write `{self.meant} = ...`",)
        if self.argument:
            return (f"it is an argument: write `{self.argument}`",)
        return ("use it, or remove it",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.meant),) if self.meant and self.sure and self.span else ()


class WrongOutputs(Diagnostic):
    """``span`` is the network's last layer; the loss at ``loss_span`` ``takes`` something else.

    ``layers`` would give it what it takes, ``losses`` take what the network gives.
    """

    code: ClassVar = "W0602"
    loss: str
    takes: str
    loss_span: Span
    layers: tuple[str, ...]
    losses: tuple[str, ...]

    @property
    def title(self) -> str:
        given = "other numbers" if self.takes == "probabilities" else "probabilities"
        gives = "may give" if self.takes == "probabilities" else "gives"
        return f"`{self.loss}` takes {self.takes}, and the network {gives} {given}"

    @property
    def label(self) -> str:
        return "the output comes from here"

    @property
    def labels(self) -> tuple[Label, ...]:
        takes = "numbers from 0 to 1" if self.takes == "probabilities" else "any numbers"
        return (Label(self.loss_span, f"takes {takes}"),)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.layers:
            ends = "end the network with " + _either([f"-> {name}" for name in self.layers])
            return (ends, *(f"or take `loss = {name}`" for name in self.losses))
        return ("remove this layer, or take " + _either(list(self.losses)) + " for the loss",)


class Pointless(Diagnostic):
    """A layer on whose inputs, which come from ``before``, it is wasted."""

    code: ClassVar = "W0603"
    layer: str
    before: str
    made: Span
    gives: str

    @property
    def title(self) -> str:
        return f"`{self.layer}` is wasted behind `{self.before}`"

    @property
    def label(self) -> str:
        return f"its input holds {self.gives} already"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.made, f"gives {self.gives}"),)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.made == self.span:
            help = f"`*` repeats `{self.layer}` alone: write `(... -> {self.layer}) * n` for more"
            return (help,)
        return ("remove one of the two, or put a layer with weights between them",)


class DropoutLast(Diagnostic):
    code: ClassVar = "W0604"

    @property
    def title(self) -> str:
        return "the network ends in dropout"

    @property
    def label(self) -> str:
        return "zeroes some of the outputs while training"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("remove it, or put it before the last layer with weights",)


class NeverUsed(Diagnostic):
    """A layer whose output goes nowhere: its weights never get a gradient."""

    code: ClassVar = "W0605"
    layer: str

    @property
    def title(self) -> str:
        return f"nothing uses the output of `{self.layer}`"

    @property
    def label(self) -> str:
        return "what it gives is thrown away, and it never gets a gradient"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("join it to the others, or remove it",)


class Remark(Diagnostic):
    """What a layer, or a loss, says of itself for the inputs that it gets."""

    code: ClassVar = "W0606"
    item: str
    text: str
    help: str = "take another layer, or give it more inputs"

    @property
    def title(self) -> str:
        return f"`{self.item}` {self.text}"

    @property
    def label(self) -> str:
        return "no gradient gets through here"

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help,)


class BatchTooLarge(Diagnostic):
    code: ClassVar = "W0607"
    batch: int
    train: int
    data: Span

    @property
    def title(self) -> str:
        return f"a batch of {self.batch:,} is more than the {self.train:,} samples to learn from"

    @property
    def label(self) -> str:
        return "an epoch is one step"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, f"{self.train:,} samples to learn from"),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("take a smaller batch: more steps an epoch learn faster",)


def _either(names: list[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
