"""The rows of a table that stay in its file become samples a block at a time.

One pass over the file teaches the pipeline, in the order of the rows. Which part a row is in is a
function of its number and the seed, so that no list of rows is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data.columns.survey import KnownTargets
from netlang.catalogue.data.columns.table import SurveyedTable
from netlang.catalogue.data.dataset import Samples, Split
from netlang.catalogue.data.formats.blocks import RowBlocks
from netlang.catalogue.data.formats.opening import changed, telling
from netlang.catalogue.data.pipeline import (
    Categories,
    Classes,
    Codes,
    Numbers,
    Pipeline,
    Values,
)
from netlang.catalogue.data.pipeline.cells import ColumnError
from netlang.catalogue.data.pipeline.encoders import UNSEEN_GAP
from netlang.catalogue.data.pipeline.scales import Moments
from netlang.catalogue.data.streamed import WINDOW, StreamedSamples, ahead
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.division import Division
from netlang.catalogue.data.table.rows_read import RowsRead
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
_PIECE = 1 << 12  # rows that become inputs at once


def load_streamed(
    data: TableArguments, file: Path, rows: RowsRead, division: Division, seed: int
) -> Split:
    """The samples of each part, and the pipeline that makes them.

    Raises NetError for a file that is not as it was.
    """
    table = rows.table
    assert isinstance(table, SurveyedTable)
    with telling(data.request):
        stream = _Rows(data, RowBlocks(file), table, division, seed)
    learned = _Learned(data, rows)
    sizes = [learned.add(*block) for block in stream.to_learn()]
    stream.pipeline = pipeline = learned.pipeline()
    width = sum(len(one.input_names) for one in pipeline.encoders) + 1
    blocks = max(1, WINDOW // (width * stream.blocks.size))
    parts = dict[str, Samples]()
    for part, name in enumerate(_PARTS):
        of_part = [one[part] for one in sizes]
        if not any(of_part):
            continue
        samples = StreamedSamples(partial(stream.samples, part), of_part, blocks)
        is_held = part and _BYTES * width * len(samples) <= HELD
        parts[name] = samples.whole() if is_held else samples
    unseen = learned.unseen()
    return Split(parts["train"], parts.get("test"), parts.get("validation"), pipeline, unseen)


class _Rows:
    """The rows of a file, by their blocks and parts. Once there is a ``pipeline``, they become
    samples.
    """

    pipeline: Pipeline

    def __init__(
        self,
        data: TableArguments,
        blocks: RowBlocks,
        table: SurveyedTable,
        division: Division,
        seed: int,
    ) -> None:
        self.data, self.blocks, self.table = data, blocks, table
        self.division, self.seed = division, seed
        self.columns = [*table.names, data.names[0]]
        self._known = KnownTargets(table.target.classes)
        self._before = [0, *accumulate(table.in_blocks)]  # rows that are kept before each block
        if len(blocks) != len(table.in_blocks):
            raise changed(data.request)

    def to_learn(self) -> Iterator[tuple[DataFrame, Tensor]]:
        """Each block, with the part of each row."""
        return ahead(self._block, (range(one, one + 1) for one in range(len(self.blocks))))

    def samples(self, part: int, block: int) -> Samples:
        """The samples of a part in a block."""
        frame, parts = self._block(range(block, block + 1))
        rows = (parts == part).nonzero().flatten()
        pipeline, target = self.pipeline, self.data.names[0]
        inputs = _plain_inputs(pipeline, frame)
        if inputs is None:
            frame = frame[rows.numpy()]
        with told(self.data):
            if inputs is None:
                inputs = pipeline.apply({name: _cells(frame, name) for name in pipeline.columns})
                return Samples(inputs, pipeline.targets({target: _cells(frame, target)}))
            targets = pipeline.targets({target: _cells(frame, target)})
            return Samples(inputs.index_select(0, rows), targets.index_select(0, rows))

    def _block(self, blocks: range) -> tuple[DataFrame, Tensor]:
        """The rows of the only one of the blocks that have a target, and the part of each."""
        (block,) = blocks
        with telling(self.data.request):
            frame = self.blocks.read(block, self.columns)
            if self.table.without_target:
                frame = frame.filter(self._known.of(frame[self.data.names[0]]))
        first, end = self._before[block : block + 2]
        if len(frame) != end - first:
            raise changed(self.data.request)
        rows = torch.arange(first, end, device="cpu")
        return frame, self.division.part_of(rows, self.seed)


@contextmanager
def told(data: TableArguments) -> Iterator[None]:
    """Raises NetError for cells that were others when the file was read first."""
    try:
        yield
    except ColumnError:
        raise changed(data.request) from None


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
        train = parts == 0
        with told(self.data):
            for name in self.moments:
                numbers = _numbers(name, frame, self.filled)
                self.moments[name] += Moments.of(numbers[train])
                if name in self.gaps:
                    self.gaps[name] += int(numbers[~train].isnan().sum())
            for name, counts in self.counts.items():
                names, fill = self.named[name], self.named[name][0] if self.filled else None
                encoder = Categories(name, names, (True,) * len(names), fill)
                cells = encoder.gathered(_cells(frame, name))
                encoder.check(cells)
                codes = encoder.values(cells)
                places = torch.where(codes < 0, len(names), codes) + parts * (len(names) + 1)
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


def _plain_inputs(pipeline: Pipeline, frame: DataFrame) -> Tensor | None:
    """The inputs of all rows, where columns are plain numbers: some rows at a time, so that a
    processor's cache holds them.  Shape: [N, inputs].
    """
    frame = frame.select(pipeline.columns)
    if not all(one.is_numeric() for one in frame.dtypes):
        return None
    numbers = frame.to_numpy()
    inputs = torch.empty(*numbers.shape, device="cpu")
    for first in range(0, len(numbers), _PIECE):
        rows = slice(first, first + _PIECE)
        found = pipeline.of_array(numbers[rows])
        if found is None:
            return None
        inputs[rows] = torch.from_numpy(found)
    return inputs


def _cells(frame: DataFrame, name: str) -> Any:
    """The cells of a column, as pipelines take them."""
    return frame[name]


def _numbers(name: str, frame: DataFrame, filled: bool) -> Tensor:
    """The numbers of a column, NaN where one is missing.  Shape: [N] float64.

    Raises ColumnError.
    """
    series = frame[name]
    if series.dtype.is_numeric():
        return torch.tensor(series.cast(float).to_numpy())
    encoder = Numbers(name, fill=0.0 if filled else None)
    cells = encoder.gathered(_cells(frame, name))
    encoder.check(cells)
    return encoder.values(cells)
