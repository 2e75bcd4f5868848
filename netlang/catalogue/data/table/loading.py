"""The rows of a table become samples, column by column, by what the training rows teach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from netlang.catalogue.data.dataset import Samples, Split
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline import Categories, Classes, Labels, Numbers, Pipeline, Values
from netlang.catalogue.data.pipeline.cells import MISSING, Names, tensor_of
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.division import Division
from netlang.catalogue.data.table.rows_read import RowsRead
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.columns.table import Column
    from netlang.catalogue.data.pipeline.encoders import Encoder
    from netlang.catalogue.data.pipeline.goals import Goal


def load(
    data: TableArguments, rows: RowsRead, of_test: RowsRead | None, division: Division, seed: int
) -> Split:
    """The samples of each part, and the pipeline that made them; ``of_test`` are rows of a file to
    test on, if there is one.
    """
    classes = rows.table.target.classes
    train, test, validation = division.parts(seed, _labels(rows) if classes else None)
    loader = _Loader(data, rows, train)
    numbers = {"train": train, "validation": validation, "test": test}
    parts = {part: loader.samples(rows, some) for part, some in numbers.items() if len(some)}
    unseen = Counter(loader.unseen(rows, torch.cat([validation, test])))
    if of_test:
        every = torch.arange(of_test.table.rows, device="cpu")
        parts["test"] = loader.samples(of_test, every)
        unseen.update(loader.unseen(of_test, every))
    return Split(
        parts["train"],
        parts.get("test"),
        parts.get("validation"),
        loader.pipeline,
        unseen,
        {part: _in_file(rows, some) for part, some in numbers.items() if len(some)},
    )


class _Loader:
    """Makes samples of a table, by what the rows ``train`` of it teach."""

    def __init__(self, data: TableArguments, rows: RowsRead, train: Tensor) -> None:
        self.data, self.rows = data, rows
        encoders = tuple(self._encoder(column, train) for column in rows.table.columns)
        self.pipeline = Pipeline(encoders, self._goal(train))
        self._weight_of_class = self._balanced(train)
        self._mean_weight = 1.0
        if rows.weights is not None:
            self._mean_weight = _floats(rows.weights)[train].mean().item() or 1.0

    def samples(self, rows: RowsRead, some: Tensor) -> Samples:
        """The samples of ``some`` rows.  Shape: [N]."""
        pairs = zip(self.pipeline.encoders, rows.table.columns, strict=True)
        values = (self._values(rows, encoder, column, some) for encoder, column in pairs)
        targets = self._targets(rows, some)
        return Samples(
            self.pipeline.encode(values, len(some)), targets, self._weights(rows, some, targets)
        )

    def unseen(self, rows: RowsRead, some: Tensor) -> Mapping[tuple[str, str], int]:
        """How many of ``some`` rows hold each category that no training row has, by its column."""
        counts = Counter[tuple[str, str]]()
        for encoder, column in zip(self.pipeline.encoders, rows.table.columns, strict=True):
            if isinstance(encoder, Categories):
                known = {name for name, is_learned in encoder.pairs if is_learned}
                found = tensor_of(column)[some].long()
                times = found[found >= 0].bincount(minlength=len(column.categories)).tolist()
                for name, count in zip(column.categories, times, strict=True):
                    if count and name not in known:
                        counts[column.name, name] += count
        return counts

    def _values(self, rows: RowsRead, encoder: Encoder, column: Column, some: Tensor) -> Tensor:
        """What ``encoder`` takes of some rows of a column."""
        values = tensor_of(column)[some]
        if rows is self.rows or not isinstance(encoder, Categories):
            return values
        own = Gathering(as_text=True)  # the names of another file have other indices
        own.add(column.categories)
        return torch.tensor([*Names(encoder.names).of_texts(own), MISSING])[values.long()]

    def _encoder(self, column: Column, train: Tensor) -> Encoder:
        values, indicated = tensor_of(column)[train], self.rows.is_indicated(column)
        fill = {"refuse": "", "drop": "", "indicator": "mean"}
        kind = fill.get(self.data.missing, self.data.missing)
        if column.kind == "category":
            return Categories.fit(column.name, column.categories, values, bool(kind), indicated)
        return Numbers.fit(column.name, values, self.data.standardize, kind, indicated)

    def _goal(self, train: Tensor) -> Goal:
        names, classes = self.data.names, self.rows.table.target.classes
        if classes is not None:
            return Classes(names, classes)
        if self.rows.are_labels:
            return Labels(names)
        return Values.fit(names, self._numbers(self.rows, train) if self.data.standardize else None)

    def _targets(self, rows: RowsRead, some: Tensor) -> Tensor:
        match self.pipeline.goal:
            case Classes(names=names):
                own = rows.table.target.classes or ()
                labels = torch.tensor([names.index(name) for name in own], device="cpu")
                return labels[_labels(rows)[some]]
            case Values() as goal:
                return goal.standardised(self._numbers(rows, some))
        return self._numbers(rows, some).to(torch.get_default_dtype())

    def _numbers(self, rows: RowsRead, some: Tensor) -> Tensor:
        """The numbers of all targets.  Shape: [N] -> [N, targets] float64."""
        return torch.stack([_floats(rows.numbers(name))[some] for name in self.data.names], 1)

    def _balanced(self, train: Tensor) -> Tensor | None:
        """What a sample of each class counts, so that all classes do alike.  Shape: [classes].

        Source: King and Zeng 2001, as scikit-learn has it: N / (classes · samples of the class).
        """
        classes = self.rows.table.target.classes
        if self.data.weights != "balanced" or classes is None:
            return None
        counts = _labels(self.rows)[train].bincount(minlength=len(classes))
        return len(train) / (len(classes) * counts.clamp_min(1).double())

    def _weights(self, rows: RowsRead, some: Tensor, targets: Tensor) -> Tensor | None:
        if self._weight_of_class is not None:
            return self._weight_of_class[targets].float()
        if rows.weights is None:
            return None
        return (_floats(rows.weights)[some] / self._mean_weight).float()


def _in_file(rows: RowsRead, some: Tensor) -> Tensor:
    """The numbers, from 1, that ``some`` rows have in the file.  Shape: [N] int64."""
    kept = rows.table.kept
    return 1 + (some if kept is None else torch.frombuffer(kept, dtype=torch.int64)[some])


def _labels(rows: RowsRead) -> Tensor:
    """The class of each row of a table.  Shape: [N] int64."""
    return torch.frombuffer(rows.table.target.labels, dtype=torch.int64)


def _floats(values: object) -> Tensor:
    """Numbers of a table in their own memory.  Shape: [N] float64."""
    return torch.frombuffer(values, dtype=torch.float64)
