"""The rows of a table become samples, column by column, by what the training rows teach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data.dataset import Samples, Split
from netlang.catalogue.data.pipeline import (
    Categories,
    Classes,
    Codes,
    Labels,
    Numbers,
    Pipeline,
    Several,
    Texts,
    Values,
)
from netlang.catalogue.data.pipeline.cells import numbers_of, tensor_of
from netlang.catalogue.data.pipeline.encoders import UNSEEN_GAP
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.checks import unfit
from netlang.catalogue.data.table.division import Division
from netlang.catalogue.data.table.rows_read import RowsRead
from netlang.language.diagnostics.wording import counted
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.columns.table import Column
    from netlang.catalogue.data.pipeline.encoders import Encoder
    from netlang.catalogue.data.pipeline.goals import Goal
    from netlang.catalogue.data.table.separate_test import SeparateTest
    from netlang.language.diagnostics import NetError

_MANY_TIMES = 16  # that a row is repeated on average, at most


def load(
    data: TableArguments,
    rows: RowsRead,
    separate: SeparateTest | None,
    division: Division,
    seed: int,
    weighs_moments: bool = False,
) -> Split:
    """The samples of each part, and the pipeline that made them; ``separate`` are the rows of a
    file to test on, if there is one. Where it ``weighs_moments``, rows teach the pipeline by their
    weights.
    """
    strata = None if rows.strata is None else _whole(rows.strata)
    train, test, validation = division.parts(seed, strata)
    loader = _Loader(data, rows, train, weighs_moments)
    numbers = {"train": train, "validation": validation, "test": test}
    parts = {part: loader.samples(some) for part, some in numbers.items() if len(some)}
    unseen = Counter(loader.unseen(torch.cat([validation, test])))
    if separate:
        parts["test"] = loader.separate_samples(separate)
        for column, names in loader.pipeline.unseen(separate.cells).items():
            unseen.update({(column, name): count for name, count in names.items()})
    for part, samples in parts.items():
        if samples.weights is not None and not samples.weights.any():
            raise _weightless(data, part, len(samples))
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

    def __init__(
        self, data: TableArguments, rows: RowsRead, train: Tensor, weighs_moments: bool
    ) -> None:
        self.data, self.rows, teaching = data, rows, train
        if weighs_moments and rows.weights is not None:
            teaching = train.repeat_interleave(_times(_floats(rows.weights)[train]))
        encoders = tuple(self._encoder(column, teaching) for column in rows.table.columns)
        self.pipeline = Pipeline(encoders, self._goal(teaching))
        self._weight_of_class = self._balanced(train)
        self._mean_weight = 1.0
        if rows.weights is not None:
            self._mean_weight = _floats(rows.weights)[train].mean().item() or 1.0

    def samples(self, some: Tensor) -> Samples:
        """The samples of ``some`` rows.  Shape: [N]."""
        columns = zip(self.pipeline.encoders, self.rows.table.columns, strict=True)
        values = (self._values(encoder, column, some) for encoder, column in columns)
        targets = self._targets(some)
        weights = None if self.rows.weights is None else _floats(self.rows.weights)[some]
        inputs = self.pipeline.encode(values, len(some))
        return Samples(inputs, targets, self._weights(weights, targets))

    def _values(self, encoder: Encoder, column: Column, some: Tensor) -> Tensor:
        """What an encoder takes of ``some`` rows of a column.  Shape: [N], or [N, length]."""
        values = tensor_of(column)[some]
        if not isinstance(encoder, Texts):
            return values
        held = torch.tensor(sorted({*values.tolist()}), device="cpu")
        tokens = encoder.tokens(_texts(column, held.tolist()))
        return tokens[torch.searchsorted(held, values.long())]

    def separate_samples(self, test: SeparateTest) -> Samples:
        """The samples of a file to test on."""
        targets = self.pipeline.targets(test.cells)
        weights = numbers_of(test.cells[test.weights]) if test.weights else None
        inputs = self.pipeline.apply(test.cells)
        return Samples(inputs, targets, self._weights(weights, targets))

    def unseen(self, some: Tensor) -> Mapping[tuple[str, str], int]:
        """How many of ``some`` rows hold each category that no training row has, by its column; or
        lack a cell, where an input would say so that no training row has taught.
        """
        counts = Counter[tuple[str, str]]()
        for encoder, column in zip(self.pipeline.encoders, self.rows.table.columns, strict=True):
            if isinstance(encoder, Categories):
                known = {name for name, is_learned in encoder.pairs if is_learned}
                found = tensor_of(column)[some].long()
                times = found[found >= 0].bincount(minlength=len(column.categories)).tolist()
                for name, count in zip(column.categories, times, strict=True):
                    if count and name not in known:
                        counts[column.name, name] += count
            if encoder.is_new_to_gaps:
                values = tensor_of(column)[some]
                missing = values.isnan() if column.kind == "number" else values < 0
                if count := int(missing.sum()):
                    counts[column.name, UNSEEN_GAP] += count
        return counts

    def _encoder(self, column: Column, train: Tensor) -> Encoder:
        values, indicated = tensor_of(column)[train], self.rows.is_indicated(column)
        fill = {"refuse": "", "drop": "", "indicator": "mean"}
        kind = fill.get(self.data.missing, self.data.missing)
        if column.kind == "text":
            length, symbols = self.rows.width(column), self.rows.symbols.known
            held = _texts(column, {*values.tolist()})
            return Texts.fit(column.name, self.data.by, length, symbols, held, bool(kind))
        if column.name in self.data.codes:
            return Codes.of(column.name, column.categories, values, bool(kind))
        if column.kind == "category":
            return Categories.fit(column.name, column.categories, values, bool(kind), indicated)
        return Numbers.fit(column.name, values, self.data.scales_by, kind, indicated)

    def _goal(self, train: Tensor) -> Goal:
        names = self.data.names
        if self.rows.are_mixed:
            return Several.of(self._one_goal((name,), train) for name in names)
        return Labels(names) if self.rows.are_labels else self._one_goal(names, train)

    def _one_goal(self, names: tuple[str, ...], train: Tensor) -> Goal:
        if classes := self.rows.classes[names[0]]:
            return Classes(names, classes)
        standardizes = self.data.standardizes_targets
        return Values.fit(names, self._numbers(names, train) if standardizes else None)

    def _targets(self, some: Tensor) -> Tensor:
        goal = self.pipeline.goal
        if isinstance(goal, Several):
            return goal.row([self._targets_of(one, some) for one in goal.goals])
        return self._targets_of(goal, some)

    def _targets_of(self, goal: Goal, some: Tensor) -> Tensor:
        match goal:
            case Classes():
                return _whole(self.rows.labels(goal.columns[0]))[some]
            case Values():
                return goal.standardised(self._numbers(goal.columns, some))
        return self._numbers(goal.columns, some).to(torch.get_default_dtype())

    def _numbers(self, names: Sequence[str], some: Tensor) -> Tensor:
        """The numbers of some targets.  Shape: [N] -> [N, targets] float64."""
        columns = [_floats(self.rows.numbers(name)) for name in names]
        return torch.stack([column[some] for column in columns], 1)

    def _balanced(self, train: Tensor) -> Tensor | None:
        """What a sample of each class counts, so that all classes do alike.  Shape: [classes].

        Source: King and Zeng 2001, as scikit-learn has it: N / (classes · samples of the class),
        where classes are those that a training row has.
        """
        classes = self.rows.table.target.classes
        if self.data.weights != "balanced" or classes is None:
            return None
        labels = _whole(self.rows.table.target.labels)
        counts = labels[train].bincount(minlength=len(classes))
        return len(train) / ((counts > 0).sum() * counts.clamp_min(1).double())

    def _weights(self, weights: Tensor | None, targets: Tensor) -> Tensor | None:
        """How much samples count: those of their class, or the ``weights`` of their rows."""
        if self._weight_of_class is not None:
            return self._weight_of_class[targets].float()
        return None if weights is None else (weights / self._mean_weight).float()


def _times(weights: Tensor) -> Tensor:
    """How often each row is there if a weight says how often; of weights that are not whole, or
    very large, a sixteenth of their mean is one row.  Shape: [N] float64 -> [N] int64.
    """
    mean = weights.mean()
    are_times = bool((weights == weights.round()).all()) and float(mean) <= _MANY_TIMES
    return (weights if are_times else weights / mean * _MANY_TIMES).round().long()


def _weightless(data: TableArguments, part: str, count: int) -> NetError:
    """The error of a part whose samples count nothing: it has no loss."""
    purpose = {"train": "learn from", "validation": "validate on", "test": "test on"}[part]
    what = f"`{data.weights}` is 0 in all {counted(count, 'row')} to {purpose}"
    help = "give more rows a weight, or have others set aside: `split_seed=1`"
    return unfit(data, "weights", what, "they have no loss", help)


def _texts(column: Column, codes: Iterable[int]) -> list[str]:
    """The texts of a column that have these codes; one that is missing, -1, is empty."""
    return [column.categories[code] if code >= 0 else "" for code in codes]


def _in_file(rows: RowsRead, some: Tensor) -> Tensor:
    """The numbers, from 1, that ``some`` rows have in the file.  Shape: [N] int64."""
    kept = rows.table.kept
    return 1 + (some if kept is None else torch.frombuffer(kept, dtype=torch.int64)[some])


def _whole(values: object) -> Tensor:
    """Whole numbers of a table, in their own memory if they are as wide.  Shape: [N] int64."""
    dtype = torch.int64 if memoryview(values).itemsize == 8 else torch.int32  # type: ignore[arg-type]
    return torch.frombuffer(values, dtype=dtype).long()


def _floats(values: object) -> Tensor:
    """Numbers of a table in their own memory.  Shape: [N] float64."""
    return torch.frombuffer(values, dtype=torch.float64)
