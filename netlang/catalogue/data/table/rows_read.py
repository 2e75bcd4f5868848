"""The rows of a table that was read, and what they hold beside inputs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from netlang.catalogue.data.columns.labels import are_numbers
from netlang.catalogue.data.columns.moments import as_moment
from netlang.catalogue.data.columns.table import Column, ReadTable, SurveyedTable
from netlang.catalogue.data.columns.texts import Symbols
from netlang.catalogue.data.description import InputColumn
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.checks import unfit
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tables import OneClass, TextsCut
from netlang.language.diagnostics.wording import counted, shortened
from netlang.language.shapes import Shape

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.gathering import Buffer

_FEW_CUT = 0.1  # of texts may lose their ends before anything is said
_FEW = 1000  # numbers that tell nearly always what all are
_DATE = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2,4}.*")


class RowsRead:
    """The rows of ``table``, as ``data`` asks for them.

    ``others`` are the columns that were asked for beside inputs and the first target, each with the
    argument that names it.
    """

    def __init__(
        self, data: TableArguments, table: ReadTable, others: Sequence[tuple[str, str]]
    ) -> None:
        self.data, self.table = data, table
        self.others = {name: one for (_, name), one in zip(others, table.others, strict=True)}

    def check(self) -> None:
        """Raise NetError for columns that do not hold what their arguments ask for."""
        for name, classes in self.classes.items():
            _ = self.numbers(name) if classes is None else self.labels(name)
        _ = self.are_labels, self.weights

    def check_classes(self) -> None:
        """Raise NetError for a target that has one class alone."""
        for name, classes in self.classes.items():
            if classes and len(classes) == 1:
                alone = OneClass(self.data.at("target"), name, classes[0], self.table.rows)
                raise NetError(alone)

    @cached_property
    def classes(self) -> dict[str, tuple[str, ...] | None]:
        """The classes of each target, None for one of numbers. Targets of both kinds are possible
        where no task is stated.
        """
        first, *others = self.data.names
        found = {first: self.table.target.classes}
        for name in others:
            column = self.others[name]
            is_named = column.kind == "category" and self.data.task == "auto"
            found[name] = column.categories if is_named else None
        return found

    @property
    def are_mixed(self) -> bool:
        """Whether there are several targets, and one of them has classes."""
        return len(self.classes) > 1 and any(self.classes.values())

    def labels(self, target: str) -> Buffer:
        """The class of each row, of a target that has classes."""
        if target == self.data.names[0]:
            return self.table.target.labels
        return self._complete("target", target).values

    @property
    def strata(self) -> Buffer | None:
        """The class of each row by the first target that has some, if there is one."""
        named = next((name for name, classes in self.classes.items() if classes), None)
        return None if named is None else self.labels(named)

    def counts(self, target: str) -> tuple[int, ...]:
        """How many rows have each class of a target, by its number."""
        if isinstance(self.table, SurveyedTable):
            return self.table.of_classes
        classes = self.classes[target] or ()
        times = Counter(self.labels(target)) if classes else Counter()
        return tuple(times[label] for label in range(len(classes)))

    @cached_property
    def are_labels(self) -> bool:
        """Whether the targets are 0 or 1 each, and so labels that do not exclude each other."""
        if any(self.classes.values()) or self.data.task == "regression":
            return False
        if len(self.data.names) == 1 and self.data.task != "labels":
            return False
        columns = {name: self.numbers(name) for name in self.data.names}
        first = next((name for name, found in columns.items() if not _hold_labels(found)), None)
        if self.data.task == "labels" and first is not None:
            what = f"`{first}` holds other numbers than 0 and 1"
            help = "write 1 where the label is given, and 0 where not, or leave out `task`"
            raise unfit(self.data, "task", what, "labels are 0 or 1", help)
        return first is None

    def numbers(self, target: str) -> Sequence[float]:
        """The numbers of a target's column."""
        if target == self.data.names[0]:
            return self.table.target.values
        column = self._complete("target", target)
        if column.kind != "number":
            what = f"`{target}` holds texts, and these targets are numbers"
            help = "write 1 where a label is given, and 0 where not; or leave out `task`"
            raise unfit(self.data, "target", what, "takes columns of numbers", help)
        return column.values

    @cached_property
    def groups(self) -> list[str] | None:
        """The group of each row, if rows are grouped."""
        if not self.data.group:
            return None
        column = self._complete("group", self.data.group)
        if column.kind == "number":
            return [f"{value:.17g}" for value in column.values]
        return [column.categories[int(value)] for value in column.values]

    @cached_property
    def keys(self) -> list[float] | None:
        """What the rows are ordered by, if they are: numbers, or moments.

        Numbers that are too large for a float come as texts, and whole ones stay exact.
        """
        if not self.data.order:
            return None
        texts = self.others[self.data.order].categories
        times = times_of(self.data, texts) if texts else []
        column = self._complete("order", self.data.order)
        if column.kind == "number":
            return [*column.values]
        return [times[int(value)] for value in column.values]

    @cached_property
    def weights(self) -> Sequence[float] | None:
        """How much each row of the table counts, if a column says that."""
        if self.data.weights == "balanced" and (self.are_mixed or self.strata is None):
            why = "there are several targets" if self.are_mixed else "the target has none"
            what = f'`weights="balanced"` has all classes count alike, and {why}'
            help = "leave it out, or name a column with the weights of the rows"
            label = "of which target is not said" if self.are_mixed else "there are no classes"
            raise unfit(self.data, "weights", what, label, help)
        if self.data.weights in ("", "balanced"):
            return None
        column, found = self.others[self.data.weights], "texts"
        if column.kind == "number":
            column = self._complete("weights", column.name)
            least, most = min(column.values), max(column.values)
            found = f"`{least:g}`" if least < 0 else "" if most > 0 else "0 alone"
        if found:
            what = f"`{column.name}` holds what is no weight: {found}"
            help = "weights are numbers from 0 on, and not all are 0"
            raise unfit(self.data, "weights", what, "takes a column of weights", help)
        return column.values

    def inputs(self) -> tuple[InputColumn, ...]:
        """The columns of inputs, and how many inputs each makes."""
        return tuple((one.name, one.kind, self.width(one)) for one in self.table.columns)

    def shapes(self) -> tuple[tuple[str, Shape], ...]:
        """The shape that each column of inputs has in a sample, where there are tokens."""
        if not (self.data.texts or self.data.codes):
            return ()
        return tuple((one.name, self._shape(one)) for one in self.table.columns)

    def _shape(self, column: Column) -> Shape:
        if column.name in self.data.codes:
            return Shape((), 1 + len(column.categories))  # and one for all others
        if column.kind != "text":
            return Shape.of(self.width(column))
        tokens = 1 + len(self.symbols.known)  # and one for all others
        return Shape((self.width(column),), tokens, padded=True)

    def width(self, column: Column) -> int:
        """How many inputs a column makes."""
        if column.kind == "text":
            return min(self.data.context, max(self.symbols.long[column.name]))
        if column.name in self.data.codes:
            return 1
        return (len(column.categories) or 1) + self.is_indicated(column)

    @cached_property
    def symbols(self) -> Symbols:
        """What the columns of texts are made of.  Raises NetError."""
        columns = {
            one.name: _rows_of_texts(one) for one in self.table.columns if one.kind == "text"
        }
        found = Symbols.of(columns, self.data.by, self.data.vocabulary)
        if empty := next((name for name, used in found.used.items() if not used), None):
            what = f"no word of `{empty}` is in two rows"
            help = 'give the file more rows, or take `by="characters"`'
            raise unfit(self.data, "text", what, "there is nothing to learn from words", help)
        return found

    def cut_texts(self) -> Iterator[TextsCut]:
        """A warning for each column of texts of which many lose their ends."""
        if not self.data.texts:
            return
        span = self.data.at("context") if "context" in self.data.spans else self.data.at("text")
        for name, long in self.symbols.long.items():
            cut = sum(length > self.data.context for length in long)
            if cut > _FEW_CUT * len(long):
                yield TextsCut(
                    span, name, len(long), cut, self.data.context, max(long), self.data.by
                )

    def is_indicated(self, column: Column) -> bool:
        """Whether an input says where cells of a column are missing; a token says it itself."""
        is_token = column.kind == "text" or column.name in self.data.codes
        return column.missing > 0 and self.data.missing == "indicator" and not is_token

    def _complete(self, argument: str, name: str) -> Column:
        """The column ``name``, which ``argument`` needs.  Raises NetError if it has gaps."""
        column = self.others[name]
        if column.missing:
            cells = f"{column.missing} of {counted(self.table.rows, 'cell')}"
            help = 'fill them in, or add `missing="drop"` to leave out all rows that lack a cell'
            raise unfit(
                self.data, argument, f"`{name}` lacks {cells}", "needs one in each row", help
            )
        return column


def _rows_of_texts(column: Column) -> dict[str, int]:
    """How many rows have each text of a column of texts."""
    times = Counter(column.values)
    return {text: times[code] for code, text in enumerate(column.categories)}


def _hold_labels(numbers: Sequence[float]) -> bool:
    """Whether all are 0 or 1; a million of other numbers is no set that anybody should make."""
    return all({*some} <= {0.0, 1.0} for some in (numbers[:_FEW], numbers))


def times_of(data: TableArguments, texts: Sequence[str]) -> Sequence[float]:
    """The times of moments in the column that rows are ordered by; or the numbers, if it holds
    numbers alone.

    Raises NetError for other texts.
    """
    if are_numbers(texts):
        numbers = map(Decimal, texts)
        return [int(one) if one == one.to_integral_value() else float(one) for one in numbers]
    moments = [*map(as_moment, texts)]
    if None in moments:
        wrong = texts[moments.index(None)]
        what = f"`{data.order}` holds `{shortened(wrong)}`, which has no place in an order"
        help = "name a column of numbers, or of dates such as 2024-05-31 or 2024-05-31T14:30Z"
        if _DATE.fullmatch(wrong):
            help = "write its dates with the year first: 2024-05-31"
        raise unfit(data, "order", what, "takes numbers or dates", help)
    found = [moment for moment in moments if moment]
    by_zone = {moment.has_zone: text for moment, text in zip(found, texts, strict=True)}
    if len(by_zone) > 1:
        what = (
            f"`{data.order}` holds `{by_zone[True]}` and `{by_zone[False]}`, which has no time zone"
        )
        help = "give all of them a zone, such as `Z`, or none"
        raise unfit(data, "order", what, "cannot put these in an order", help)
    return [moment.time for moment in found]
