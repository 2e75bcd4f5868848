"""W0643, W0660 to W0664, W0668: steps of training that are unlikely to do what is meant."""

from __future__ import annotations

import math
from collections.abc import Callable

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts
from netlang.language.diagnostics.wording import counted
from netlang.language.source import Span

_BEYOND = 1e9  # from such a factor on, it is the schedule that is wrong


class UnusualRate(Diagnostic):
    """``lr`` is what the file says, and ``default`` what the optimizer has without it. ``reasons``
    say what makes another ``rate`` of it, and where. ``usual`` are the least and the largest rate
    by which networks learn.
    """

    code = "W0660"
    optimizer: str
    lr: float
    rate: float
    usual: tuple[float, float]
    default: float | None
    reasons: tuple[tuple[str, Span], ...]

    def message(self) -> Message:
        least, most = self.usual
        size = "large" if self.rate > most else "small"
        rate = f"a learning rate of {self.rate:.3g}" if self.reasons else f"`lr={self.lr:g}`"
        return Message(
            title=f"{rate} is unusually {size} for `{self.optimizer}`",
            label=f"networks learn by {least:g} to {most:g}",
            labels=tuple(Label(span, text) for text, span in self.reasons),
            helps=self._helps(),
        )

    def _helps(self) -> Texts:
        if not self.rate:
            return "no step changes anything: train for more epochs, or leave the schedule out"
        return self._usual(), "or look for one: `netlang lr-find FILE` tries many"

    def _usual(self) -> str:
        """What to write for a rate by which networks learn."""
        if not self.reasons and self.default not in (None, self.lr):
            return f"begin with the default, `lr={self.default:g}`"
        if not 1 / _BEYOND < self.rate / self.lr < _BEYOND:
            return "let the schedule change it less: no `lr` suits such a factor"
        least, most = (self.lr * end / self.rate for end in self.usual)
        if self.lr > most:
            return f"write `lr={_one_digit(most, math.floor)}`, or less"
        return f"write `lr={_one_digit(least, math.ceil)}`, or more"


class UnusuallyLarge(Diagnostic):
    """``what`` is a number that ``doc`` explains, and its ``value`` is above the usual ``most``."""

    code = "W0643"
    what: str
    doc: str
    value: float
    most: float

    def message(self) -> Message:
        return Message(
            title=f"{self.what} is unusually large",
            label=f"usually at most {self.most:g}",
            notes=f"it is {self.doc}",
            helps=f"write a number of at most {self.most:g}, and see whether more helps",
        )


def _one_digit(number: float, rounded: Callable[[float], int]) -> str:
    """The number with one digit that counts: ``0.02``."""
    unit = 10.0 ** math.floor(math.log10(number))
    return f"{rounded(number / unit) * unit:g}"


class DecayScaled(Diagnostic):
    """Decay is a part of the gradient, which the optimizer divides by its size. ``instead`` is how
    to write it apart from that, and ``penalty`` what the gradient now belongs to.
    """

    code = "W0661"
    optimizer: str
    instead: str
    penalty: str

    def message(self) -> Message:
        return Message(
            title=f"in `{self.optimizer}`, weights with large gradients hardly decay",
            label="is added to the gradient, and divided by its size with it",
            helps=(
                f"write `{self.instead}`, in which all decay alike",
                f"or, if that is meant, a penalty, which says so: `penalty = {self.penalty}`",
            ),
        )


class DecayTwice(Diagnostic):
    """A penalty, at ``penalty``, draws the same weights to 0 that decay."""

    code = "W0662"
    penalty: Span

    def message(self) -> Message:
        return Message(
            title="weights are drawn to 0 twice",
            label="once by the optimizer",
            labels=Label(self.penalty, "and once by the penalty"),
            helps="keep one of them: then one number says how much",
        )


class OneStepEpoch(Diagnostic):
    """An epoch has fewer ``batches`` than are taken for a step."""

    code = "W0663"
    accumulate: int
    batches: int
    train: int
    data: Span

    def message(self) -> Message:
        batches = counted(self.batches, "batch", "batches")
        return Message(
            title=f"a step takes {self.accumulate:,} batches, and an epoch has {self.batches:,}",
            label="an epoch is one step",
            labels=Label(self.data, f"{counted(self.train, 'sample')} make {batches}"),
            helps="accumulate fewer: more steps an epoch learn faster",
        )


class AverageOfBeginning(Diagnostic):
    """After the last of so many ``steps``, a ``share`` of the average is the weights of the first.

    With an ``argument`` of ``instead``, hardly anything is.
    """

    code = "W0664"
    average: str
    steps: int
    share: float
    argument: str
    instead: float

    def message(self) -> Message:
        return Message(
            title=f"`{self.average}` keeps much of the weights that training began with",
            label=f"after {counted(self.steps, 'step')}, {self.share:.0%} are those of the first",
            helps=f"write `{self.argument}={self.instead:g}`, or train for more epochs",
        )


class OtherSamples(Diagnostic):
    """An optimizer remembers how the loss of a step's samples is curved, and the next step is of
    others: of ``train``, it has ``step``, as is ``stated``.
    """

    code = "W0668"
    optimizer: str
    step: int
    train: int
    stated: Span | None
    data: Span

    def message(self) -> Message:
        samples = counted(self.step, "sample")
        return Message(
            title=f"`{self.optimizer}` gets other samples in each step",
            label="learns from its last steps, which were of other samples",
            labels=(
                Label.at(self.stated, f"a step has {samples}"),
                Label(self.data, f"has {self.train:,} to learn from"),
            ),
            helps=(
                f"write `batch = {self.train}`, or `accumulate` as many batches",
                "or take an optimizer of batches, such as `Adam`",
            ),
        )
