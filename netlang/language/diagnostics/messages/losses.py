"""E0319, E0320, E0428: losses that do not fit the outputs, the targets, or each other."""

from __future__ import annotations

import math

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.source import Span


class LossMisfit(Diagnostic):
    """What is wrong with the ``argument`` of a ``loss``, as ``text`` says behind its name; ``data``
    is where the classes or numbers come from, if that is known.
    """

    code = "E0319"
    loss: str
    text: str
    argument: str
    data: Span | None = None

    def message(self) -> Message:
        is_argument = bool(self.argument)
        return Message(
            title=f"`{self.loss}` {self.text}",
            label="does not fit",
            labels=Label(self.data, "the targets come from here") if self.data else (),
            helps=f"change `{self.argument}`, or leave it out"
            if is_argument
            else "take another loss, such as `SoftmaxCrossEntropy`",
        )


class TargetsOutOfRange(Diagnostic):
    """A ``loss`` takes numbers to predict between ``bounds``, and those of ``target`` go from one
    of ``ends`` to the other, where they are ``standardized`` or as they are.
    """

    code = "E0428"
    loss: str
    bounds: tuple[float, float]
    target: str
    ends: tuple[float, float]
    data: Span
    standardized: bool

    def message(self) -> Message:
        (least, most), (low, high) = self.bounds, self.ends
        takes = f"of {least:g} or more" if math.isinf(most) else f"from {least:g} to {most:g}"
        what = f"`{self.target}`" if self.target else "the target"
        then = "standardised, " * self.standardized
        return Message(
            title=f"`{self.loss}` takes numbers {takes}, and {what} goes from {low:.3g} to "
            f"{high:.3g}",
            label=f"takes numbers {takes}",
            labels=Label(self.data, f"{then}what is to predict goes from {low:.3g} to {high:.3g}"),
            helps="add `standardize=false` to the data, so that numbers stay as they are"
            if self.standardized
            else "take a loss of any numbers, such as `MSE` or `Huber`",
        )


class SumOfOthers(Diagnostic):
    """A ``loss`` is added to one ``before`` it that takes outputs of another shape."""

    code = "E0320"
    loss: str
    before: str
    before_span: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.loss}` takes outputs of another shape than `{self.before}`",
            label="cannot be added to it",
            labels=Label(self.before_span, "of the same outputs"),
            helps="leave one of them out, or give the network an output for each, and write a "
            "list: `loss = [A, B]`",
        )
