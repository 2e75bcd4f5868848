"""``Table`` is the data set whose samples are the rows of a table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.dataset import DataSet, Description, Samples, Split
from netlang.catalogue.data.pipeline import Categories, Classes, Numbers, Pipeline, Values
from netlang.catalogue.data.pipeline.cells import tensor_of
from netlang.catalogue.data.tables.request import TableRequest
from netlang.catalogue.data.tables.splits import part_sizes, split
from netlang.catalogue.randomness import generator
from netlang.language.diagnostics import Diagnostic, DiagnosticError
from netlang.language.diagnostics.messages.data import EmptyData
from netlang.language.diagnostics.messages.tables import OneClass
from netlang.language.diagnostics.wording import counted
from netlang.language.shapes import Shape
from netlang.system.fingerprint import Fingerprint
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.pipeline.encoders import Encoder
    from netlang.catalogue.data.tables.table import Column
    from netlang.catalogue.data.tables.table import Table as ReadTable


class Table(DataSet):
    """A table whose first line names its columns; one of them is the target, the rest are inputs.

    Inputs: [N, inputs].  A column of numbers makes one input, and one of text an input for each of
    its categories, which is 1 in the rows of that category and else 0. A target of text makes
    classes, sorted by code point (`Zebra` before `apple`), and one with decimals is a number to
    predict. Whole numbers make classes, in their order, if there are up to 20 different ones and
    two rows of each on average, or if they count up from 0 or 1 without a gap and have ten rows
    each; else they are numbers to predict. The share ``test`` is set aside, of every class as
    nearly the same as whole rows allow.
    """

    for_path = '`Table({}, target="...")`, with the column to predict'

    path: str = arg(
        doc="the file, relative to the folder of the file that names it",
        known_as=("file", "filename", "file_path", "filepath"),
    )
    target: str = arg(doc="the column to predict", known_as=("label", "labels", "y", "column"))
    test: float = arg(
        default=0.2,
        at_least=0.0,
        below=1.0,
        doc="the share of rows to test on; 0 to learn from all of them",
        known_as=("test_size", "test_split"),
    )
    standardize: bool = arg(
        default=True,
        doc="shift and scale inputs and numbers to predict, by the mean and deviation of the "
        "training rows",
    )
    task: str = arg(
        default="auto",
        choices=("auto", "classification", "regression"),
        doc="what the target is; auto takes text and few whole numbers for classes, other numbers "
        "for regression",
    )
    ignore: tuple[str, ...] = arg(
        default=(), doc="columns that are no inputs", known_as=("drop", "exclude", "skip")
    )
    delimiter: str = arg(
        default=",",
        choices=(",", ";", "\t", "|"),
        doc="what stands between cells",
        known_as=("sep",),
    )
    validation: float = arg(
        default=0.0, at_least=0.0, below=1.0, doc="the share of rows to choose between models by"
    )

    categories: tuple[str, ...] = arg(
        default=(), doc="columns of numbers that name categories", known_as=("categorical",)
    )
    missing: str = arg(
        default="refuse",
        choices=("refuse", "mean", "median", "indicator"),
        doc="what becomes of missing cells of inputs: the mean or the median of the training rows, "
        "or the most frequent category; indicator says besides, in an input, which were missing",
        known_as=("na", "impute", "fill"),
    )

    @property
    def _request(self) -> TableRequest:
        asked = self.path, self.target, self.ignore, self.task, self.delimiter
        return TableRequest(*asked, self.span, self.at, self.categories, self.missing)

    @cached_property
    def _read(self) -> tuple[Fingerprint, ReadTable]:
        from netlang.catalogue.data.tables.reader import read_table  # most files name no table

        return read_table(self._request)

    @property
    def table(self) -> ReadTable:
        return self._read[1]

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        return (self._read[0],)

    def describe(self) -> Description:
        table, target = self.table, self.table.target
        ((train, test, validation),) = part_sizes([table.rows], self.test, self.validation)
        self._check_sizes(train, test, validation)
        if target.classes and len(target.classes) == 1:
            alone = OneClass(self.at("target"), self.target, target.classes[0], table.rows)
            raise DiagnosticError(alone)
        return Description(
            Shape.of(sum(map(self._inputs, table.columns))),
            train,
            test,
            target.classes,
            validation=validation,
            other_task=target.other_task,
        )

    def _inputs(self, column: Column) -> int:
        """How many inputs a column makes."""
        return (len(column.categories) or 1) + self._indicated(column)

    def _indicated(self, column: Column) -> bool:
        return self.missing == "indicator" and column.missing > 0

    def _check_sizes(self, train: int, test: int, validation: int) -> None:
        """Raises DiagnosticError where a part that is asked for has no rows."""
        aside = [part for part in ("test", "validation") if getattr(self, part)]
        too_large = round(self.test + self.validation, 9) >= 1
        if too_large or not train:
            shares, purpose = aside, "learn from"
        elif self.test and not test:
            shares, purpose = ["test"], "test on"
        elif self.validation and not validation:
            shares, purpose = ["validation"], "validate on"
        else:
            return
        help = "give the file more rows"
        if too_large:
            help = "take shares that sum to less than 1: what they leave is to learn from"
        elif self.table.rows > len(aside):
            help += f", or `{shares[-1]}` another share"
        written = " and ".join(f"{share}={getattr(self, share):g}" for share in shares)
        leave = "leave" if len(shares) > 1 else "leaves"
        what = f"{written} of {counted(self.table.rows, 'row')} {leave} no rows to {purpose}"
        raise DiagnosticError(EmptyData(self.at(shares[-1]), what, "", help))

    def warnings(self) -> tuple[Diagnostic, ...]:
        from netlang.catalogue.data.tables.oddities import oddities

        return tuple(oddities(self._request, self.table, self.standardize))

    def load(self, seed: int = 0) -> Split:
        self.describe()
        parts = self._parts(seed)
        pipeline = self._learned(parts[0])
        train, test, validation = (self._samples(pipeline, rows) for rows in parts)
        return Split(train, test or None, validation or None, pipeline)

    def _parts(self, seed: int) -> list[Tensor]:
        """The rows to learn from, to test on and to validate on."""
        groups = [torch.arange(self.table.rows, device="cpu")]
        if self.table.target.classes is not None:
            labels = self._targets
            groups = [*torch.split(labels.argsort(stable=True), labels.bincount().tolist())]
        return split(groups, self.test, self.validation, generator(seed, "split"))

    @property
    def _targets(self) -> Tensor:
        """Class numbers [N] int64, or the numbers to predict [N, 1] float64."""
        target = self.table.target
        if target.classes is None:
            return torch.frombuffer(target.values, dtype=torch.float64).unsqueeze(1)
        return torch.frombuffer(target.labels, dtype=torch.int64)

    def _learned(self, train: Tensor) -> Pipeline:
        """The pipeline that the rows ``train`` teach."""
        encoders = tuple(self._encoder(column, train) for column in self.table.columns)
        names, classes = (self.target,), self.table.target.classes
        if classes is not None:
            return Pipeline(encoders, Classes(names, classes))
        return Pipeline(
            encoders, Values.fit(names, self._targets[train] if self.standardize else None)
        )

    def _encoder(self, column: Column, train: Tensor) -> Encoder:
        """What the rows ``train`` of a column teach."""
        values, indicated = tensor_of(column)[train], self._indicated(column)
        fill = {"refuse": "", "indicator": "mean"}.get(self.missing, self.missing)
        if column.kind == "category":
            names = column.categories
            return Categories.fit(column.name, names, values, bool(fill), indicated)
        return Numbers.fit(column.name, values, self.standardize, fill, indicated)

    def _samples(self, pipeline: Pipeline, rows: Tensor) -> Samples:
        values = (tensor_of(column)[rows] for column in self.table.columns)
        targets = self._targets[rows]
        if isinstance(pipeline.goal, Values):
            targets = pipeline.goal.standardised(targets)
        return Samples(pipeline.encode(values, len(rows)), targets)


class CSV(Table):
    """A table of text with commas between cells, or with another ``delimiter``.

    Inputs: [N, inputs].
    """

    for_path = ""
