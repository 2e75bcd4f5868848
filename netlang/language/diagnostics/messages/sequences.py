"""W0639, W0641: outputs that see of a sequence what they had better not."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.source import Span

_LEAVE_OUT = "`LSTM`, `GRU`, `Attention`, `Mean`, `Max` or `Last`"


class PaddingMixed(Diagnostic):
    """A ``layer`` mixes the steps of padded sequences with what is behind their ends.

    It ``averages`` over both in what it keeps. Behind the layer ``lost_by``, at ``place``, it is
    not known any more where sequences end. ``front`` is how to write it so that steps see those
    before them alone; "" if it cannot be.
    """

    code = "W0639"
    layer: str
    averages: bool
    lost_by: str
    place: Span | None
    front: str

    def message(self) -> Message:
        labels = None
        if self.place and self.place != self.span:
            labels = Label(self.place, "from here on, it is not known where sequences end")
        if self.averages:
            return Message(
                title=f"`{self.layer}` takes padding for steps of the sequences",
                label="its mean and its variance are those of both together",
                labels=labels,
                helps="take `LayerNorm`, which standardises each step by itself",
            )
        what = f"{_LEAVE_OUT} leaves padding out"
        what += f", if it stands before `{self.lost_by}`" if labels else ""
        front = f"or let steps see those before them alone: `{self.front}` without `padding`"
        return Message(
            title=f"`{self.layer}` mixes the steps of sequences with their padding",
            label="how far a sequence is padded changes what this makes of it",
            labels=labels,
            helps=(what, front) if self.front else what,
        )


class TargetsSeen(Diagnostic):
    """A ``layer`` lets outputs see later symbols, which are what they have to predict. ``help``
    says how to keep it from that.
    """

    code = "W0641"
    layer: str
    data: Span
    help: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` sees what is to be predicted",
            label="here, an output comes to see later symbols than its own",
            labels=Label(self.data, "what is to be predicted at each place is the next symbol"),
            helps=self.help,
        )
