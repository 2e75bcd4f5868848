"""The rows of a table that stay in their file.

One pass over them teaches the pipeline, in their order, and further ones make samples, a block at a
time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data.columns.table import SurveyedTable
from netlang.catalogue.data.dataset import Samples, Split
from netlang.catalogue.data.formats.blocks import RowBlocks
from netlang.catalogue.data.formats.opening import telling
from netlang.catalogue.data.pipeline import (
    Categories,
    Classes,
    Codes,
    Numbers,
    Pipeline,
    Values,
)
from netlang.catalogue.data.pipeline.encoders import UNSEEN_GAP
from netlang.catalogue.data.pipeline.scales import Moments
from netlang.catalogue.data.streamed import WINDOW, StreamedSamples
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.division import Division
from netlang.catalogue.data.table.rows_read import RowsRead
from netlang.catalogue.data.table.streamed_rows import PartOfRows, StreamedRows, cells_of, told
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from pathlib import Path

    from polars import DataFrame
    from torch import Tensor

    from netlang.catalogue.data.columns.table import Column
    from netlang.catalogue.data.pipeline.encoders import Encoder

HELD = 1 << 28
"""Bytes of a part to test or to validate on, at most, that are read once and kept."""

_PARTS = ("train", "test", "validation")
_BYTES = 4  # of a number of a sample


def load_streamed(
    data: TableArguments, file: Path, rows: RowsRead, division: Division, seed: int
) -> Split:
    """The samples of each part, and the pipeline that makes them.

    Raises NetError for a file that is not as it was.
    """
    table = rows.table
    assert isinstance(table, SurveyedTable)
    with telling(data.request):
        stream = StreamedRows(data, RowBlocks(file, table.inputs), table, division, seed)
    learned = _Learned(data, rows)
    sizes = [learned.add(*block) for block in stream.to_learn()]
    stream.pipeline = pipeline = learned.pipeline()
    width = len(pipeline.input_names) + 1
    counts = [sum(one[part] for one in sizes) for part in range(len(_PARTS))]
    samples: dict[int, Samples] = {
        part: StreamedSamples(PartOfRows(stream, part, [*each]), WINDOW // width)
        for part, each in enumerate(zip(*sizes, strict=True))
        if counts[part]
    }
    few = [part for part in samples if part and _BYTES * width * counts[part] <= HELD]
    samples |= stream.held({part: counts[part] for part in few})
    train, test, validation = map(samples.get, range(len(_PARTS)))
    assert train is not None
    return Split(train, test, validation, pipeline, learned.unseen())


class _Learned:
    """What the training rows teach of each column, and what others hold that these do not."""

    def __init__(self, data: TableArguments, rows: RowsRead) -> None:
        self.data, self.rows = data, rows
        self.filled = data.missing != "refuse"
        named = [one for one in rows.table.columns if one.kind != "number"]
        numbers = [one.name for one in rows.table.columns if one.kind == "number"]
        self.classes = rows.classes[data.names[0]]
        self.moments = {name: Moments() for name in numbers}
        if self.classes is None:
            self.moments[data.names[0]] = Moments()
        # How many rows of each part hold each category, and behind them how many hold none
        counts = {one.name: torch.zeros(3, len(one.categories) + 1).long() for one in named}
        self.counts, self.named = counts, {one.name: one.categories for one in named}
        self.gaps = dict.fromkeys(numbers, 0)  # cells that rows lack which teach nothing

    def add(self, frame: DataFrame, parts: Tensor) -> list[int]:
        """Learn from the rows of a block that are to be learned from; how many each part has."""
        is_train = (parts == 0).numpy()
        train, others = frame.filter(is_train), frame.filter(~is_train)
        with told(self.data):
            for name in self.moments:
                self.moments[name] += Moments.of(_numbers(name, train, self.filled))
                if name in self.gaps:
                    self.gaps[name] += int(_numbers(name, others, self.filled).isnan().sum())
            for name, counts in self.counts.items():
                names, fill = self.named[name], self.named[name][0] if self.filled else None
                encoder = Categories(name, names, (True,) * len(names), fill)
                cells = encoder.gathered(cells_of(frame, [name])[name])
                encoder.check(cells)
                codes = encoder.values(cells)
                places = torch.where(codes < 0, len(names), codes) + parts.long() * (len(names) + 1)
                counts += places.bincount(minlength=counts.numel()).view_as(counts)
        return parts.bincount(minlength=len(_PARTS)).tolist()

    def pipeline(self) -> Pipeline:
        return Pipeline(tuple(map(self._encoder, self.rows.table.columns)), self._goal())

    def unseen(self) -> Mapping[tuple[str, str], int]:
        """How many rows that teach nothing hold each category that no training row has, by its
        column; or lack a cell, where an input would say so that no training row has taught.
        """
        found = dict[tuple[str, str], int]()
        for name, counts in self.counts.items():
            others = counts[1:].sum(0)
            new = (others * (counts[0] == 0)).tolist()
            for category, count in zip(self.named[name], new, strict=False):
                found[name, category] = count
            if self._is_indicated(name):
                found[name, UNSEEN_GAP] = new[-1]
        for name, count in self.gaps.items():
            if self._is_indicated(name) and not self.moments[name].missing:
                found[name, UNSEEN_GAP] = count
        return {where: count for where, count in found.items() if count}

    def _encoder(self, column: Column) -> Encoder:
        name, indicated = column.name, self.rows.is_indicated(column)
        if column.kind == "number":
            scale = self.data.scales_by
            return Numbers.of_moments(name, self.moments[name], scale, self.filled, indicated)
        train = self.counts[name][0]
        counts, missing = train[:-1], int(train[-1])
        if name in self.data.codes:
            learned = tuple((counts > 0).tolist())
            return Codes(name, column.categories, learned, filled=self.filled)
        about = missing, self.filled, indicated
        return Categories.of_counts(name, column.categories, counts, *about)

    def _goal(self) -> Classes | Values:
        names = self.data.names
        if self.classes:
            return Classes(names, self.classes)
        if not self.data.standardizes_targets:
            return Values.fit(names)
        shift, scale = self.moments[names[0]].shift_and_scale
        return Values(names, (shift,), (scale,))

    def _is_indicated(self, name: str) -> bool:
        return any(one.name == name and self.rows.is_indicated(one) for one in self._columns)

    @property
    def _columns(self) -> Sequence[Column]:
        return self.rows.table.columns


def _numbers(name: str, frame: DataFrame, filled: bool) -> Tensor:
    """The numbers of a column, NaN where one is missing.  Shape: [N] float64.

    Raises ColumnError.
    """
    series = frame[name]
    if series.dtype.is_numeric():
        return torch.tensor(series.to_numpy(), dtype=torch.float64)
    encoder = Numbers(name, fill=0.0 if filled else None)
    gathered = encoder.gathered(cells_of(frame, [name])[name])
    encoder.check(gathered)
    return encoder.values(gathered)
