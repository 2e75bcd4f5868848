"""Data from a CSV file."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from netlang.arguments import arg
from netlang.data.dataset import DataSet, Description, Samples, Split, standardised
from netlang.diagnostics import DiagnosticError
from netlang.diagnostics.data import EmptyData
from netlang.lazy import torch
from netlang.randomness import generator
from netlang.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.data.columns import Table


class CSV(DataSet):
    """A table whose first line names its columns; one of them is the target, the rest are inputs.

    Inputs: [N, columns].  A target of text or whole numbers makes classes, in alphabetical or
    numerical order; one with decimals is a number to predict. The share ``test`` is set aside,
    the same share of every class.
    """

    path: str = arg(doc="the file, relative to the folder of the file that names it")
    target: str = arg(doc="the column to predict")
    test: float = arg(default=0.2, above=0.0, below=1.0, doc="the share of rows to test on")
    standardize: bool = arg(
        default=True, doc="shift and scale inputs by the training rows' mean and deviation"
    )
    task: str = arg(
        default="auto",
        choices=("auto", "classification", "regression"),
        doc="what the target is; auto takes decimals for regression",
    )
    ignore: tuple[str, ...] = arg(default=(), doc="columns that are no inputs")
    delimiter: str = arg(
        default=",",
        choices=(",", ";", "\t", "|"),
        doc="what stands between cells",
        known_as=("sep",),
    )

    @cached_property
    def table(self) -> Table:
        from netlang.data.columns import read_table  # a file without a table need not wait for it

        return read_table(
            self.path, self.target, self.ignore, self.task, self.delimiter, self.place
        )

    def describe(self) -> Description:
        table = self.table
        test = sum(self._test_count(len(group)) for group in table.groups)
        train = table.rows - test
        if not train or not test:
            what = f"test={self.test} of {table.rows} rows leaves no rows to "
            what += "learn from" if not train else "test on"
            help = "give the file more rows, or `test` another share"
            if table.classes and 2 * len(table.classes) > table.rows:
                help = f'if `{self.target}` is a number to predict, add `task="regression"`'
            raise DiagnosticError(EmptyData(self.place, what, help))
        return Description(Shape.of(len(table.inputs)), train, test, table.classes)

    def load(self, seed: int = 0) -> Split:
        self.describe()
        table = self.table
        inputs = torch.tensor(list(table.inputs.values()), dtype=torch.float64).t()
        train, test = self._rows(seed)
        train_inputs, test_inputs = inputs[train], inputs[test]
        if self.standardize:
            train_inputs, test_inputs = standardised(train_inputs, test_inputs)
        dtype = torch.get_default_dtype()
        if table.classes is not None:
            targets = torch.tensor(table.labels)
        else:
            targets = torch.tensor(table.values, dtype=dtype).unsqueeze(1)
        return Split(
            Samples(train_inputs.to(dtype).contiguous(), targets[train]),
            Samples(test_inputs.to(dtype).contiguous(), targets[test]),
        )

    def _rows(self, seed: int) -> tuple[Tensor, Tensor]:
        """The numbers of the rows to learn from and to test on, each in the file's order."""
        source = generator(seed, "split")
        train, test = [], []
        for group in self.table.groups:
            rows = torch.tensor(group)[torch.randperm(len(group), generator=source)]
            count = self._test_count(len(group))
            test.append(rows[:count])
            train.append(rows[count:])
        return torch.cat(train).sort().values, torch.cat(test).sort().values

    def _test_count(self, rows: int) -> int:
        return round(self.test * rows)
