"""``Table`` is the data set whose samples are the rows of a table."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Self

from netlang.catalogue.data.dataset import Split
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.ranges import range_of
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.checks import check_arguments, check_sizes
from netlang.catalogue.data.table.division import Division
from netlang.catalogue.data.table.loading import load
from netlang.catalogue.data.table.rows_read import RowsRead
from netlang.catalogue.data.table.streamable import is_streamed
from netlang.language.diagnostics import Diagnostic
from netlang.language.shapes import Shape
from netlang.system.fingerprint import Fingerprint
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.columns.table import ReadTable
    from netlang.catalogue.data.table.separate_test import SeparateTest


_OF_A_COLUMN = 4 * 8  # bytes for each row: its place, its number, and what is made of it
_WINDOWS = 3  # of a stream that are in memory at once
_BLOCKS, _TIMES = 40 << 20, 4  # bytes to read a file, and times its table for a small one


class Table(TableArguments):
    """A table whose first line names its columns; some are to predict, the rest are inputs.

    Inputs: [N, inputs].  A column of numbers makes one input, and one of text an input for each of
    its categories, which is 1 in the rows of that category and else 0. A column that ``text`` names
    is a sequence of tokens, with padding behind the end of each text: 0 is any symbol that no
    training row has, and the others count from 1, in all such columns alike. One that ``codes``
    names is one token, the category's number from 1 on. A target of text makes
    classes, sorted by code point (`Zebra` before `apple`), and one with decimals is a number to
    predict. Whole numbers make classes, in their order, if there are up to 20 different ones and
    two rows of each on average, or if they count up from 0 or 1 without a gap and have ten rows
    each; else they are numbers to predict. Several targets are numbers, or labels where all of them
    are 0 or 1; a column of text among them has classes, and so has one of ``categories``: then the
    network ends in an output for each target. The share ``test`` is set aside, of every class as
    nearly the same as whole rows allow.
    """

    for_path = '`Table({}, target="...")`, with the column to predict'

    all_classes: tuple[str, ...] = ()
    """The names of the classes, where rows have their numbers, and need not have them all."""

    weighs_moments: bool = False
    """Whether the weights of rows count in means and deviations, too: as if a row were repeated."""

    @cached_property
    def _read(self) -> tuple[Fingerprint | None, ReadTable]:
        # Most files name no table.
        from netlang.catalogue.data.columns.reader import read_table, table_of

        check_arguments(self)
        if self.is_streamed:
            from netlang.catalogue.data.columns.survey import survey

            return survey(self.request.replace(streamed=True))
        if self.held is None:
            return read_table(self.request)
        table = table_of(self.request, self.held)
        if self.all_classes:
            table = table.replace(target=table.target.of_classes(self.all_classes))
        return None, table

    @property
    def is_streamed(self) -> bool:
        return self._is_streamed

    @cached_property
    def _is_streamed(self) -> bool:
        return is_streamed(self)

    @property
    def as_read(self) -> Self:
        """The same table, which says whether its rows are streamed: memory decides that where the
        file does not.
        """
        return self.declared({**self.values, "stream": self.is_streamed})

    @property
    def table(self) -> ReadTable:
        return self._read[1]

    @cached_property
    def rows(self) -> RowsRead:
        """The rows that are divided, and what they hold."""
        return RowsRead(self, self.table, self.request.others)

    @cached_property
    def test_rows(self) -> SeparateTest | None:
        """The rows of the file to test on, if there is one."""
        if not isinstance(self.test, str):
            return None
        from netlang.catalogue.data.table.leaks import check_leaks  # few tables have such a file
        from netlang.catalogue.data.table.separate_test import SeparateTest

        found = SeparateTest(self, self.rows, self.test)
        file, _ = self._read
        if file:
            check_leaks(self.rows, file, found)
        return found

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        of_test = (self.test_rows.file,) if self.test_rows else ()
        file, _ = self._read
        return (*((file,) if file else ()), *of_test)

    @cached_property
    def division(self) -> Division:
        """How the rows of the file are divided."""
        rows = self.rows
        test = 0.0 if isinstance(self.test, str) else self.test
        folds = self.folds, (self.fold or 1) - 1
        return Division(self.table.rows, test, self.validation, rows.groups, rows.keys, *folds)

    def describe(self, seed: int = 0) -> Description:
        rows = self.rows
        rows.check()
        train, test, validation = self.division.sizes(self._split_seed(seed))
        if self.folds > (self.table.rows if rows.groups is None else len({*rows.groups})):
            test = 0  # in the last of the folds
        check_sizes(self, self.table.rows, train, test, validation)
        dropped, without_target = self.table.dropped, self.table.without_target
        missing = Counter({one.name: one.missing for one in self.table.columns})
        if of_test := self.test_rows:
            missing += of_test.missing
            test, dropped = of_test.count, dropped + of_test.dropped
            without_target += of_test.without_target
        rows.check_classes()
        columns, shapes = rows.inputs(), rows.shapes()
        row = Shape.of(sum(inputs for _, _, inputs in columns))
        found = Description(
            shapes[0][1] if len(shapes) == 1 and not self.codes else row,
            train,
            test,
            rows.classes[self.names[0]],
            target_shape=() if rows.classes[self.names[0]] else (len(self.names),),
            validation=validation,
            other_task=self.table.target.other_task if len(self.names) == 1 else "",
            labels=rows.are_labels,
            target=self.names,
            columns=columns,
            counts=rows.counts(self.names[0]),
            dropped=dropped,
            without_target=without_target,
            filled=tuple((name, cells) for name, cells in missing.items() if cells),
            inputs=shapes if len(shapes) > 1 or self.codes else (),
        )
        if not rows.are_mixed:
            return found
        alone = {
            name: found.replace(
                classes=classes,
                target_shape=() if classes else (1,),
                target=(name,),
                counts=rows.counts(name),
            )
            for name, classes in rows.classes.items()
        }
        return Description.of_tasks(alone)

    def warnings(self) -> tuple[Diagnostic, ...]:
        from netlang.catalogue.data.columns.oddities import oddities

        if self.is_streamed:  # the first rows alone say nothing of all
            return ()
        found = [*oddities(self.request, self.table, self.unscaled)]
        found += self.rows.cut_texts()
        if self.test_rows and self.order:
            from netlang.catalogue.data.table.leaks import earlier_tests

            found += earlier_tests(self.rows, self.test_rows)
        return tuple(found)

    def range_of(self, target: str = "") -> tuple[float, float] | None:
        return range_of(self.rows.numbers(target), self.standardizes_targets)

    @property
    def bytes_kept(self) -> int:
        return self.table.size + (self.test_rows.size if self.test_rows else 0)

    def bytes_to_load(self, found: Description) -> int:
        """A column at a time becomes inputs; to read the file took some blocks of it."""
        return _OF_A_COLUMN * self.samples_held(found) + min(_BLOCKS, _TIMES * self.bytes_kept)

    def samples_held(self, found: Description) -> int:
        """Of a stream, the windows that are read, used and mixed, and parts that are kept."""
        if not self.is_streamed:
            return found.samples
        from netlang.catalogue.data.streamed import WINDOW
        from netlang.catalogue.data.table.streaming import HELD

        held = _WINDOWS * WINDOW + 2 * HELD // 4
        return min(found.samples, held // found.input.size)

    def load(self, seed: int = 0) -> Split:
        self.describe(seed)
        seed, weighed = self._split_seed(seed), self.weighs_moments
        if self.is_streamed:
            from netlang.catalogue.data.table.streaming import load_streamed

            file, _ = self._read
            assert file
            return load_streamed(self, file.path, self.rows, self.division, seed)
        return load(self, self.rows, self.test_rows, self.division, seed, weighed)

    def places(self, rows: Tensor) -> Tensor:
        """Where the table's columns have some rows of the file, which are numbered from 1.

        Shape: [N] int64.
        """
        kept = self.table.kept
        if kept is None:
            return rows - 1
        return torch.searchsorted(torch.frombuffer(kept, dtype=torch.int64), rows - 1)

    def _split_seed(self, seed: int) -> int:
        return seed if self.split_seed is None else self.split_seed


class CSV(Table):
    """A table of text with commas between cells, or with another ``delimiter``.

    Inputs: [N, inputs].
    """

    for_path = ""
