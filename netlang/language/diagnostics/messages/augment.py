"""E0444, E0445, W0655: augmentations that the samples, or their targets, cannot have."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.source import Span


class SamplesNotAugmented(Diagnostic):
    """``reason`` goes on after the augmentation's name; ``data`` is where the data are named."""

    code = "E0444"
    reason: str
    help: str
    data: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` {self.reason}",
            label="these samples cannot be changed so",
            labels=Label.at(self.data, "the samples are from here"),
            helps=self.help,
        )


class TargetsNotAugmented(Diagnostic):
    """``reason`` goes on after the augmentation's name; ``loss`` is where the loss is named."""

    code = "E0445"
    reason: str
    help: str
    loss: Span | None

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` {self.reason}",
            label="the targets cannot be changed so",
            labels=Label.at(self.loss, "the loss compares outputs with the targets"),
            helps=self.help,
        )


class DrownedInNoise(Diagnostic):
    """The data at ``data`` are standardised, so that the noise is in their deviations."""

    code = "W0655"
    std: float
    data: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` is as large as the numbers that it is added to",
            label=f"{self.std:g} standard deviations of the training samples",
            labels=Label.at(self.data, "these are standardised, so that their deviation is 1"),
            helps="write less, such as `Noise(0.1)`, or leave the data as they are by "
            "`standardize=false`",
        )
