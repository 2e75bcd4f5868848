"""W0614 to W0617: what a table holds that is of no use, or makes its test say nothing."""

from __future__ import annotations

from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, listed
from netlang.language.source import Span

_NAMED = 6  # columns of which the name is told


class ConstantColumns(Diagnostic):
    """``columns`` hold one number alone; ``ignored`` are those to leave out, with the ones that
    are left out already, or none if it is the target that is constant.
    """

    code: ClassVar = "W0614"
    columns: tuple[str, ...]
    ignored: str

    @property
    def title(self) -> str:
        if len(self.columns) > 1:
            return f"{len(self.columns)} columns are the same in all rows"
        return f"`{self.columns[0]}` is the same in all rows"

    @property
    def label(self) -> str:
        return "tells no sample from another" if self.ignored else "leaves nothing to predict"

    @property
    def notes(self) -> tuple[str, ...]:
        if len(self.columns) == 1:
            return ()
        named = [f"`{name}`" for name in self.columns[:_NAMED]]
        more = len(self.columns) - len(named)
        return (f"they are {listed([*named, f'{more} more'] if more else named)}",)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.ignored:
            them = "them" if len(self.columns) > 1 else "it"
            return (f"leave {them} out, `{self.ignored}`, or mend the file",)
        return ("name another column for the `target`, or give the file rows with others",)


class TooFewSamples(Diagnostic):
    """``metric`` says nothing of so few samples as there are to do ``purpose``."""

    code: ClassVar = "W0615"
    metric: str
    samples: int
    purpose: str
    data: Span

    @property
    def title(self) -> str:
        samples = "1 sample" if self.samples == 1 else f"{self.samples} samples"
        return f"`{self.metric}` says nothing of {samples}"

    @property
    def label(self) -> str:
        return f"{self.samples} to {self.purpose}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return () if self.data == self.span else (Label(self.data, "of this data"),)

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"set more samples aside, or take `metrics` without `{self.metric}`",)


class RepeatedRows(Diagnostic):
    """``copies`` of so many ``rows`` are the same as an earlier one."""

    code: ClassVar = "W0616"
    copies: int
    rows: int

    @property
    def title(self) -> str:
        return f"{self.copies:,} of {self.rows:,} rows are copies of others"

    @property
    def label(self) -> str:
        return "the network is tested on rows that it learns from"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("leave one of each in the file: what is tested on has to be new",)


class LargeTarget(Diagnostic):
    """Numbers to predict of ``column`` are ``typical`` in size, far from where outputs start."""

    code: ClassVar = "W0617"
    column: str
    typical: float
    scale: float

    @property
    def title(self) -> str:
        return f"the numbers to predict are about {self.typical:.2g}, and outputs start near 0"

    @property
    def label(self) -> str:
        return "is not scaled, as inputs are: training diverges, or takes very long"

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"divide `{self.column}` by {self.scale:,.0f} in the file, to have it near 1",)
