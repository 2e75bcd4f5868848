"""W0614 to W0617: what a table holds that is of no use, or makes its test say nothing."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, listed
from netlang.language.source import Span

_NAMED = 6  # columns that are named


class ConstantColumns(Diagnostic):
    """``columns`` hold only one number; ``ignored`` is how to leave them out, together with those
    that are left out already, or empty if it is the target that is constant.
    """

    code = "W0614"
    columns: tuple[str, ...]
    ignored: str

    def message(self) -> Message:
        named = [f"`{name}`" for name in self.columns[:_NAMED]]
        more = len(self.columns) - len(named)
        several = len(self.columns) > 1
        columns = f"{len(self.columns)} columns are" if several else f"{named[0]} is"
        return Message(
            title=f"{columns} the same in all rows",
            label="does not distinguish samples" if self.ignored else "leaves nothing to predict",
            notes=f"they are {listed([*named, f'{more} more'] if more else named)}"
            if several
            else None,
            helps=f"leave {'them' if several else 'it'} out, `{self.ignored}`, or mend the file"
            if self.ignored
            else "name another column for the `target`, or give the file rows with others",
        )


class TooFewSamples(Diagnostic):
    """``metric`` says nothing of so few samples as there are to do ``purpose``."""

    code = "W0615"
    metric: str
    samples: int
    purpose: str
    data: Span

    def message(self) -> Message:
        samples = "1 sample" if self.samples == 1 else f"{self.samples} samples"
        return Message(
            title=f"`{self.metric}` says nothing of {samples}",
            label=f"{self.samples} to {self.purpose}",
            labels=Label(self.data, "of this data") if self.data != self.span else None,
            helps=f"set more samples aside, or take `metrics` without `{self.metric}`",
        )


class RepeatedRows(Diagnostic):
    """``copies`` of so many ``rows`` are the same as an earlier one."""

    code = "W0616"
    copies: int
    rows: int

    def message(self) -> Message:
        return Message(
            title=f"{self.copies:,} of {self.rows:,} rows are copies of others",
            label="the network is tested on rows that it learns from",
            helps="leave one of each in the file: what is tested on has to be new",
        )


class LargeTarget(Diagnostic):
    """Numbers to predict of ``column`` are ``typical`` in size, far from where outputs start."""

    code = "W0617"
    column: str
    typical: float
    scale: float

    def message(self) -> Message:
        return Message(
            title=f"the numbers to predict are about {self.typical:.2g}, and outputs start near 0",
            label="is not scaled, as inputs are: training diverges, or takes very long",
            helps=f"divide `{self.column}` by {self.scale:,.0f} in the file, to have it near 1",
        )
