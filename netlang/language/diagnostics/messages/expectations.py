"""E0409, E0415, W0612, W0675: expectations that nothing measures, or that no or every run meets."""

from __future__ import annotations

import math
from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import in_code, listed
from netlang.language.source import Span

Bounds = tuple[float, float]  # the least and the largest of all values


class Unmeasured(Diagnostic):
    """``metric`` is a path that is expected, or that decides something; ``verb`` says which.

    ``aside`` is the data set's argument that sets samples aside for validation, and ``call`` the
    metric that would measure it. ``elsewhere`` says what to do about a metric of other frameworks.
    """

    code = "E0409"
    metric: str
    known: tuple[str, ...]
    meant: Guess | None
    data: Span | None = None
    call: str | None = None
    verb: str = "expect"
    aside: str = "validation"
    elsewhere: str | None = None

    def message(self) -> Message:
        return Message(
            title=f"nothing measures `{self.metric}`",
            label=self.meant.question if self.meant else "not measured by this file",
            labels=Label.at(self.data, "sets no samples aside"),
            notes=f"a run measures {listed(in_code(self.known))}",
            helps=self._help(),
            fixes=self.replaced_by(self.meant),
        )

    def _help(self) -> str:
        if self.meant:
            return f"write `{self.meant.text}`"
        part, _, name = self.metric.rpartition(".")
        if part.startswith("val") and not any(map(_is_of_validation, self.known)):
            aside = f"set samples aside: give the data set its argument `{self.aside}`"
            of_output = ".".join(self.metric.split(".")[1:])
            written = f"{aside}, and write `validation.{of_output or name}`"
            return aside if part == "validation" else written
        if part == "test" and self.data:
            aside = "set samples aside by the argument `test` of the data set"
            return f"{aside}, or {self.verb} one of those"
        if self.elsewhere:
            return self.elsewhere
        written = f", and write `{part}.{self.call}`" if self.call and self._is_called() else ""
        added = f", or add `{self.call}` to `metrics`{written}" if self.call else ""
        return f"{self.verb} one of those{added}"

    def _is_called(self) -> bool:
        """Whether the metric that would measure it has another name."""
        name = self.metric.rpartition(".")[2]
        return self.call is not None and "(" not in self.call and self.call != name


def _is_of_validation(path: str) -> bool:
    return path.startswith("validation.")


class _OutOfReach(Diagnostic):
    """``text`` is the expectation of ``metric``, whose values have ``bounds``.

    ``meant`` is what the ``bound`` should be; ``origins`` are where it comes from, if that is not
    its own span.
    """

    what: ClassVar[str]
    text: str
    metric: str
    bounds: Bounds
    comparison: str
    bound: float
    meant: Guess | None
    origins: tuple[Span, ...]

    def message(self) -> Message:
        least, most = self.bounds
        if math.isinf(most):
            never, within = f"never below {least:.3g}", f"above {least:.3g}"
        elif math.isinf(least):
            never, within = f"never above {most:.3g}", f"below {most:.3g}"
        else:
            never = within = f"between {least:.3g} and {most:.3g}"
            if self.bound in self.bounds:  # which says nothing, or cannot be met
                within = f"above {least:.3g}" if self.bound == least else f"below {most:.3g}"
        helps = f"take a bound {within}"
        if self.meant:
            helps = self.meant.question
        elif self.bound in self.bounds and self.comparison in ("<", ">"):
            helps = f"write `{self.comparison}= {self.bound:g}`, or take another bound"
        labels = tuple(Label(origin, "the bound comes from here") for origin in self.origins)
        title, label = f"{self.what} `{self.text}`", f"`{self.metric}` is {never}"
        return Message(title, label, labels, helps=helps, fixes=self.replaced_by(self.meant))


class NeverMet(_OutOfReach):
    code = "E0415"
    what = "no run can meet"


class ShareInPercent(Diagnostic):
    """The ``bound`` of a ``metric`` that is a share, and may be above 1, seems to be in percent."""

    code = "W0675"
    metric: str
    bound: float
    share: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.metric}` is a share: {self.bound:g} is {self.bound:,.0%}",
            label="seems to be in percent",
            helps=f"write `{self.share}` for {self.bound:g}%",
        )


class TogetherNeverMet(Diagnostic):
    """``other``, at ``opposite``, asks for the reverse of what ``text`` does."""

    code = "E0415"
    text: str
    other: str
    opposite: Span

    def message(self) -> Message:
        return Message(
            title=f"no run can meet `{self.text}` and `{self.other}`",
            label="no value meets both",
            labels=Label(self.opposite, "expected here"),
            helps="remove one of the two, or change its bound or its comparison",
        )


class AlwaysMet(_OutOfReach):
    code = "W0612"
    what = "every run meets"
