"""E0440, E0441, W0653, W0654: metrics that do not go with the classes, the outputs or the data."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.wording import counted, either
from netlang.language.source import Span


class MetricMisfit(Diagnostic):
    """``why`` the arguments of a ``metric`` say nothing of so ``many`` classes or labels, behind
    its name, and how to ``mend`` them.
    """

    code = "E0440"
    metric: str
    why: str
    mend: str
    many: int
    what: str  # "class" or "label"
    data: Span

    def message(self) -> Message:
        has = counted(self.many, self.what, {"class": "classes"}.get(self.what, "labels"))
        return Message(
            title=f"`{self.metric}` {self.why}",
            label=f"is not for {has}",
            labels=Label(self.data, f"has {has}"),
            helps=self.mend,
        )


class NoProbabilities(Diagnostic):
    """``metric`` takes probabilities, and the outputs that the ``loss`` takes are any numbers."""

    code = "E0441"
    metric: str
    loss: str
    at: Span
    choices: tuple[str, ...]

    def message(self) -> Message:
        losses = either([f"loss = {one}" for one in self.choices]) if self.choices else ""
        return Message(
            title=f"`{self.metric}` takes probabilities, and the network gives none",
            label="takes probabilities",
            labels=Label(self.at, f"`{self.loss}` takes any numbers for outputs"),
            helps=f"write {losses}" if losses else f"leave `{self.metric}` out",
        )


class AlwaysOne(Diagnostic):
    """``metric`` looks at as many of the largest outputs as there are ``classes``, or at more;
    ``why`` says so.
    """

    code = "W0653"
    metric: str
    why: str
    classes: int

    def message(self) -> Message:
        return Message(
            title=f"`{self.metric}` is 1 for every network",
            label=self.why,
            helps=f"take a `k` below {self.classes}, such as {max(1, self.classes // 2)}",
        )


class NotOfCharacters(Diagnostic):
    """``metric`` counts characters, and what the data predict is none."""

    code = "W0654"
    metric: str
    data: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.metric}` is of the characters of a text",
            label="would be bits of something else",
            labels=Label(self.data, "predicts no characters"),
            helps="write `log_loss`, or `perplexity` for what comes next in a sequence",
        )
