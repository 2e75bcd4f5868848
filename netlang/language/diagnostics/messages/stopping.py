"""E0416, W0619: stopping rules that look at the test data, or that never end a training."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import counted
from netlang.language.source import Span


class StopsByTest(Diagnostic):
    """``instead`` is the same metric of the validation part; without such a part, ``data`` is where
    the data is named, and ``aside`` the argument that sets samples aside. ``kind`` is what looks at
    the metric.
    """

    code = "E0416"
    metric: str
    instead: str
    data: Span | None
    aside: str
    kind: str = "stopping rule"

    def message(self) -> Message:
        helps = f"write `{self.instead}`"
        if self.data:
            helps += f", and give the data set its argument `{self.aside}`"
        return Message(
            title=f"`{self.metric}` cannot decide "
            + ("how fast it learns" if self.kind == "schedule" else "which epoch is the result"),
            label="the test data would choose the network that it then judges",
            labels=Label.at(self.data, "sets no samples aside for validation"),
            helps=helps,
            fixes=() if self.data else self.replaced_by(Guess(self.instead)),
        )


class NeverStops(Diagnostic):
    code = "W0619"
    rule: str
    patience: int
    epochs: int
    stated: Span | None

    def message(self) -> Message:
        return Message(
            title=f"`{self.rule}` never ends this training early",
            label=f"waits for {counted(self.patience, 'epoch')} behind the best one",
            labels=Label.at(self.stated, f"training has {counted(self.epochs, 'epoch')}"),
            helps="take a smaller `patience` or more `epochs`, or `Best`, which has no patience",
        )
