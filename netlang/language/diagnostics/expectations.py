"""E0415 and W0612: expectations that no run can meet, or that every run meets."""

from __future__ import annotations

import math
from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.source import Span

Bounds = tuple[float, float]  # the least and the largest of all values


class _OutOfReach(Diagnostic):
    """``text`` is the expectation of ``metric``, whose values have ``bounds``.

    ``meant`` is the ``bound`` that it seems to be, "" if none; ``origins`` are where that comes
    from, if that is elsewhere.
    """

    text: str
    metric: str
    bounds: Bounds
    comparison: str
    bound: float
    meant: str
    origins: tuple[Span, ...]

    @property
    def label(self) -> str:
        least, most = self.bounds
        if math.isinf(most):
            return f"`{self.metric}` is never below {least:.3g}"
        if math.isinf(least):
            return f"`{self.metric}` is never above {most:.3g}"
        return f"`{self.metric}` is between {least:.3g} and {most:.3g}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return tuple(Label(origin, "the bound comes from here") for origin in self.origins)

    @property
    def helps(self) -> tuple[str, ...]:
        least, most = self.bounds
        if self.meant:
            return (f"did you mean `{self.meant}`?",)
        if self.bound in self.bounds and self.comparison in ("<", ">"):
            return (f"write `{self.comparison}= {self.bound:g}`, or take another bound",)
        if math.isinf(most):
            return (f"take a bound above {least:.3g}",)
        if math.isinf(least):
            return (f"take a bound below {most:.3g}",)
        return (f"take a bound between {least:.3g} and {most:.3g}",)


class NeverMet(_OutOfReach):
    """``literal`` says that the bound stands at ``span`` itself, and ``meant`` is beyond doubt."""

    code: ClassVar = "E0415"
    literal: bool

    @property
    def title(self) -> str:
        return f"no run can meet `{self.text}`"

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.meant),) if self.meant and self.literal and self.span else ()


class TogetherNeverMet(Diagnostic):
    """``other``, at ``opposite``, asks for the reverse of what ``text`` does."""

    code: ClassVar = "E0415"
    text: str
    other: str
    opposite: Span

    @property
    def title(self) -> str:
        return f"no run can meet `{self.text}` and `{self.other}`"

    @property
    def label(self) -> str:
        return "no value meets both"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.opposite, "expected here"),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("remove one of the two, or change its bound or its comparison",)


class AlwaysMet(_OutOfReach):
    code: ClassVar = "W0612"

    @property
    def title(self) -> str:
        return f"every run meets `{self.text}`"
