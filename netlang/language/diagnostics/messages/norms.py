"""E0427, W0631 to W0633: norms that cannot be trained, or that undo what is beside them."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.source import Span


class BatchOfOne(Diagnostic):
    """A layer that needs the variance of a batch, and one of an epoch's batches is one sample.

    ``cause`` is where the size of a batch or the data is said. By ``other``, which is None if there
    is a single sample in all, the samples could be divided.
    """

    code = "E0427"
    layer: str
    batch: int
    samples: int
    cause: Span
    other: int | None

    def message(self) -> Message:
        leaves = f"{self.samples:,} samples in batches of {self.batch:,} leave one for the last"
        if self.samples == 1:
            leaves = "there is one sample to train on"
        elif self.batch == 1:
            leaves = "each batch is one sample"
        instead = "`LayerNorm` or `GroupNorm` takes each sample by itself"
        return Message(
            title=f"`{self.layer}` cannot be trained on a batch of one sample",
            label="takes the variance of a batch, and one number has none",
            labels=Label(self.cause, leaves),
            helps=(f"write `batch = {self.other}`", f"or {instead}") if self.other else instead,
        )


class BiasLost(Diagnostic):
    """``call`` is the layer as a file writes it, and ``norm`` the one behind it, at ``place``."""

    code = "W0631"
    call: str
    layer: str
    norm: str
    place: Span

    def message(self) -> Message:
        call = " ".join(self.call.split())
        written = f"{call.removesuffix(')').rstrip(', ')}, bias=false)"
        return Message(
            title=f"the bias of `{self.layer}` changes nothing before `{self.norm}`",
            label="adds a number to each channel",
            labels=None if self.place == self.span else Label(self.place, "subtracts its mean"),
            helps=f"write `{written}`, which has fewer weights for the same function",
        )


class DropoutBeforeNorm(Diagnostic):
    """A layer ``before``, at ``place``, drops numbers in training alone."""

    code = "W0632"
    layer: str
    before: str
    place: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` behind `{self.before}` meets another variance when evaluated",
            label="keeps the variance that it sees in training",
            labels=None
            if self.place == self.span
            else Label(self.place, "raises the variance, in training alone"),
            helps=f"put `{self.before}` behind `{self.layer}`",
        )


class NormLast(Diagnostic):
    code = "W0633"
    layer: str

    def message(self) -> Message:
        return Message(
            title=f"the network ends in `{self.layer}`",
            label="gives numbers of one size, whatever is to be predicted",
            helps="remove it, or put it before the last layer with weights",
        )
