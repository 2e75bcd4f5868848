"""E0414, W0608 to W0611, W0613 to W0618, W0622, W0623, W0625, W0640: tables that may mislead."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts
from netlang.language.diagnostics.messages.data import NAMED, add_names
from netlang.language.diagnostics.wording import SHOWN, counted, in_code, listed, shortened
from netlang.language.source import Span
from netlang.system.record import Record


class OneClass(Diagnostic):
    code = "E0414"
    column: str
    name: str
    rows: int
    sample: str = "row"  # what one is called

    def message(self) -> Message:
        rows = f"all {counted(self.rows, self.sample)} are"
        if self.rows == 1:
            rows = f"the one {self.sample} is"
        help = f"add {self.sample}s of another class"
        if self.sample == "row":
            help = "name another column for the `target`, or give the file rows of another class"
        return Message(
            title=f"`{self.column}` has only one class",
            label=f"{rows} `{shortened(self.name)}`",
            helps=help,
        )


class Blurred(Record):
    """A column has ``different`` numbers; only ``apart`` of them differ as 32-bit floats."""

    column: str
    different: int
    apart: int
    least: float
    most: float

    @property
    def help(self) -> str:
        if self.most - self.least < 1e-3 * abs(self.least):
            return f"subtract `{self.least:.15g}` from the numbers in the file, which are near it"
        return "shift and scale the numbers in the file, so that what tells them apart is near 1"


class TooFine(Diagnostic):
    """``kind`` is what the columns are, a target or inputs that are not standardised."""

    code = "W0608"
    kind: str
    columns: tuple[Blurred, ...]
    unscaled: str  # the argument that leaves numbers as they are

    def message(self) -> Message:
        first, count = self.columns[0], len(self.columns)
        where = counted(count, "column") if count > 1 else f"column `{first.column}`"
        target = self.kind == "target"
        return Message(
            title=f"the numbers of {where} are too close to tell them apart",
            label="to predict as they are" if target else "inputs are as in the file",
            notes=self._notes(),
            helps=f"leave out `{self.unscaled}`, or {first.help}",
        )

    def _notes(self) -> Texts:
        notes = (
            f"of {counted(one.different, 'different number')} in `{one.column}`, "
            f"{one.apart:,} {'is' if one.apart == 1 else 'are'} left in 32-bit floats"
            for one in self.columns[:SHOWN]
        )
        more = len(self.columns) - SHOWN
        return (*notes, f"that is so in {counted(more, 'more column')}" if more > 0 else None)


class TargetTaken(Diagnostic):
    """A target of ``different`` whole numbers in ``rows`` rows is taken for ``classes`` or not."""

    code = "W0609"
    column: str
    classes: bool
    different: int
    rows: int

    def message(self) -> Message:
        what, task = "a number to predict", "regression"
        other = '`task="classification"` if each number is a class'
        if self.classes:
            what, task = counted(self.different, "class", "classes"), "classification"
            other = '`task="regression"` if it is a number to predict'
        numbers = counted(self.different, "different whole number")
        return Message(
            title=f"`{self.column}` is taken for {what}",
            label=f"{numbers} in {counted(self.rows, 'row')}",
            helps=f'add `task="{task}"` to say so, or {other}',
        )


class RareClasses(Diagnostic):
    """``alone`` are classes of one row, each with its row, counted from 1."""

    code = "W0610"
    alone: tuple[tuple[str, int], ...]

    def message(self) -> Message:
        count, one = len(self.alone), f"the class `{shortened(self.alone[0][0])}` has"
        rows = (f"`{shortened(name)}` in row {row}" for name, row in self.alone)
        return Message(
            title=f"{one if count == 1 else f'{count:,} classes have'} only one row",
            label="a class of one row is learnt from or tested on, not both",
            notes=listed(rows, SHOWN),
            helps="mend the row if it is misspelt; else give its class more rows, or remove it",
        )


class SimilarClasses(Diagnostic):
    """``groups`` of classes that look like one."""

    code = "W0611"
    column: str
    groups: tuple[tuple[str, ...], ...]

    def message(self) -> Message:
        first, *others = map(_alike, self.groups)
        return Message(
            title=f"{first} are different classes",
            label="they differ in capitals, blanks or ways to write the same",
            notes=f"so are {listed(others, SHOWN, '; ')}" if others else None,
            helps=f"if they are meant to be one, write them alike in the column `{self.column}`; "
            "else call one of them by another name",
        )


class ConstantColumns(Diagnostic):
    """``columns`` have the same number in all rows.

    ``ignored`` leaves them out, and those that are left out already. It is empty for the target.
    """

    code = "W0614"
    columns: tuple[str, ...]
    ignored: str

    def message(self) -> Message:
        count, several = len(self.columns), len(self.columns) > 1
        columns = f"{counted(count, 'column')} are" if several else f"`{self.columns[0]}` is"
        title = f"{columns} the same in all rows"
        if not self.ignored:
            help = "name another column for the `target`, or give the file rows with others"
            return Message(title, "leaves nothing to predict", helps=help)
        return Message(
            title=title,
            label="does not distinguish samples",
            notes=f"they are {listed(in_code(self.columns), SHOWN)}" if several else None,
            helps=f"leave {'them' if several else 'it'} out, `{self.ignored}`, or mend the file",
        )


class TooFewSamples(Diagnostic):
    """``metric`` says nothing of so few ``samples``. ``purpose`` says what they are for."""

    code = "W0615"
    metric: str
    samples: int
    purpose: str
    data: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.metric}` says nothing of {counted(self.samples, 'sample')}",
            label=f"{self.samples:,} to {self.purpose}",
            labels=Label(self.data, "of this data") if self.data != self.span else None,
            helps=f"set more samples aside, or take `metrics` without `{self.metric}`",
        )


class RepeatedRows(Diagnostic):
    """Of ``rows`` rows, ``copies`` are the same as an earlier row."""

    code = "W0616"
    copies: int
    rows: int

    def message(self) -> Message:
        return Message(
            title=f"{self.copies:,} of {counted(self.rows, 'row')} are copies of others",
            label="the network is tested on rows that it learns from",
            helps="leave one of each in the file: what is tested on has to be new",
        )


class NamesMissing(Diagnostic):
    """The first line ``names`` columns by numbers; ``line`` has names to write above it."""

    code = "W0613"
    path: str
    names: tuple[str, ...]
    line: str

    def message(self) -> Message:
        return Message(
            title=f"the first line of `{self.path}` seems to be a row of data",
            label="is taken for the columns' names",
            notes=f"it names columns {listed(in_code(self.names), NAMED)}",
            helps=add_names(self.line),
        )


class LargeTarget(Diagnostic):
    """Numbers to predict of ``column`` are ``typical`` in size, far from where outputs start."""

    code = "W0617"
    column: str
    typical: float
    unscaled: str  # the argument that leaves numbers as they are

    def message(self) -> Message:
        scale = 10 ** round(math.log10(self.typical))
        return Message(
            title=f"the numbers to predict are about {self.typical:.2g}, and outputs start near 0",
            label="stands as in the file: training diverges, or takes very long",
            helps=(
                f"leave out `{self.unscaled}`: inputs and targets are standardised then",
                f"or divide `{self.column}` by {scale:,} in the file, to have it near 1",
            ),
        )


class FarTargets(Diagnostic):
    """Numbers to predict, of no table, are as large as ``most``, and stand as they are."""

    code = "W0617"
    most: float
    is_said: bool  # whether the file says so by `standardize=false`

    def message(self) -> Message:
        scale = 10 ** round(math.log10(self.most))
        return Message(
            title=f"numbers to predict are as large as {self.most:.2g}, and outputs start near 0",
            label="stand as they are: training diverges, or takes very long",
            helps=(
                "leave out `standardize=false`: inputs and targets are standardised then"
                if self.is_said
                else None,
                f"{'or ' * self.is_said}divide them by {scale:,} in the data, to have them near 1",
            ),
        )


class NeedlessIgnore(Diagnostic):
    """``ignore`` names the target, which is no input, or one column ``twice``."""

    code = "W0618"
    column: str
    twice: bool
    others: str

    def message(self) -> Message:
        name = f"`{shortened(self.column)}`"
        help = f"write `ignore={self.others}`" if self.others else "remove the argument `ignore`"
        target = f"or, if {name} is not what to predict, name another column for the `target`"
        if self.twice:
            return Message(f"`ignore` names {name} twice", "once is enough", helps=help)
        title, label = f"`ignore` names the target {name}", "the target is no input anyway"
        return Message(title, label, helps=(help, target))


class RowNumbers(Diagnostic):
    """``columns`` number the rows, or name each by a number; ``ignored`` leaves them out."""

    code = "W0622"
    columns: tuple[str, ...]
    ignored: str

    def message(self) -> Message:
        count, several = len(self.columns), len(self.columns) > 1
        seem = f"{counted(count, 'input')} seem" if several else f"`{self.columns[0]}` seems"
        return Message(
            title=f"{seem} to number the rows",
            label="says nothing of rows that the file lacks",
            notes=f"they are {listed(in_code(self.columns), SHOWN)}" if several else None,
            helps=f"leave {'them' if several else 'it'} out: `{self.ignored}`",
        )


class GivenAway(Diagnostic):
    """The input ``column`` says the ``target`` of every row; ``ignored`` leaves it out."""

    code = "W0623"
    column: str
    target: str
    ignored: str

    def message(self) -> Message:
        column, target = f"`{shortened(self.column)}`", f"`{shortened(self.target)}`"
        return Message(
            title=f"the input {column} says the target {target} in all rows",
            label="a network that has it need learn nothing else",
            helps=f"if new samples lack it, leave it out: `{self.ignored}`",
        )


class EarlierTest(Diagnostic):
    """Of the ``rows`` in the file ``path`` to test on, ``early`` ones come before others that are
    learned from, by the column ``order``.
    """

    code = "W0625"
    path: str
    order: str
    early: int
    rows: int

    def message(self) -> Message:
        some = f"{self.early:,} of {counted(self.rows, 'row')} of `{self.path}`"
        comes = "comes" if self.early == 1 else "come"
        return Message(
            title=f"by `{self.order}`, {some} {comes} before rows to learn from",
            label="the network knows what came later",
            helps="test on what comes last: move such rows to this file, or leave out `order`",
        )


def _alike(names: Sequence[str]) -> str:
    """Names, with their code points where they would look the same."""
    looks = {unicodedata.normalize("NFKC", " ".join(name.split())) for name in names}
    seen = all(c.isprintable() for name in names for c in name)
    plain = len(looks) == len(names) and seen
    shown = [name if plain else name.encode("unicode_escape").decode() for name in names]
    return listed(in_code(map(shortened, shown)))


class TextsCut(Diagnostic):
    """Of ``texts`` in a column, ``cut`` have more tokens than the ``context`` of samples, and the
    longest has ``most`` of what tokens are, ``by``. ``row`` has that one.
    """

    code = "W0640"
    column: str
    texts: int
    cut: int
    context: int
    most: int
    by: str

    def message(self) -> Message:
        which = f"{self.cut:,} of {self.texts:,} different texts in `{self.column}`"
        lose = "loses its" if self.cut == 1 else "lose their"
        return Message(
            title=f"{which} {lose} end: samples have {self.context:,} {self.by}",
            label=f"the longest text has {self.most:,} {self.by}",
            helps=f"`context={self.most}` takes all of each; the beginnings may tell enough, too",
        )
