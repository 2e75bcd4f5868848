"""The rows of a table that stay in their file, by blocks and parts, become samples there.

Which part a row is in is a function of its number and the seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data.columns.survey import KnownTargets
from netlang.catalogue.data.columns.table import SurveyedTable
from netlang.catalogue.data.dataset import Samples
from netlang.catalogue.data.formats.blocks import RowBlocks
from netlang.catalogue.data.formats.opening import changed, telling
from netlang.catalogue.data.pipeline import Classes, Pipeline
from netlang.catalogue.data.pipeline.cells import ColumnError
from netlang.catalogue.data.streamed import InBlocks
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.division import Division
from netlang.system.ahead import ahead
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from polars import DataFrame
    from torch import Tensor

_PIECE = 1 << 13  # rows that become inputs at once
_FEW = 2  # of a block's rows, at most one of so many: they are taken out before they become inputs


class StreamedRows:
    """The rows that have a target. Once there is a ``pipeline``, they become samples."""

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
        self._before = [0, *accumulate(table.in_blocks)]  # rows before each block
        # The part of each row, in two bits: to find it anew in each epoch takes time.
        self._parts: dict[int, tuple[NDArray[Any], NDArray[Any]]] = {}
        if len(blocks) != len(table.in_blocks):
            raise changed(data.request)

    def to_learn(self) -> Iterator[tuple[DataFrame, Tensor]]:
        """Each block, with the part of each row."""
        blocks = range(len(self.blocks))
        return zip(ahead(self.block, blocks), map(self.parts_of, blocks), strict=True)

    def block(self, block: int) -> DataFrame:
        """The rows of a block.  Raises NetError."""
        with telling(self.data.request):
            frame = self.blocks.read(block, self.columns)
            if self.table.without_target:
                frame = frame.filter(self._known.of(frame[self.data.names[0]]))
        if len(frame) != self.table.in_blocks[block]:
            raise changed(self.data.request)
        return frame

    def parts_of(self, block: int) -> Tensor:
        """The part of each of these rows.  Shape: [N] uint8."""
        first, end = self._before[block : block + 2]
        if block not in self._parts:
            rows = torch.arange(first, end, device="cpu")
            parts = self.division.part_of(rows, self.seed).numpy()
            self._parts[block] = np.packbits(parts == 1), np.packbits(parts == 2)
        tested, validated = (np.unpackbits(one, count=end - first) for one in self._parts[block])
        return torch.from_numpy(tested + 2 * validated)

    def of_part(self, part: int, block: int) -> Tensor:
        """Which rows of a block are in a part.  Shape: [n] int64."""
        return (self.parts_of(block) == part).nonzero().flatten()

    def room(self, count: int) -> Samples:
        """So many samples, of any numbers."""
        inputs = torch.empty(count, len(self.pipeline.input_names), device="cpu")
        if isinstance(self.pipeline.goal, Classes):
            return Samples(inputs, torch.empty(count, dtype=torch.int64, device="cpu"))
        return Samples(inputs, torch.empty(count, len(self.pipeline.target), device="cpu"))

    def fill(self, room: Samples, frame: DataFrame) -> None:
        """Put the samples of some rows into a room for them.  Raises NetError."""
        pipeline, target = self.pipeline, self.data.names[0]
        with told(self.data):
            if not _put_plain(pipeline, frame, room.inputs):
                room.inputs[:] = pipeline.apply(cells_of(frame, pipeline.columns))
            room.targets[:] = pipeline.targets(cells_of(frame, [target]))

    def held(self, sizes: Mapping[int, int]) -> dict[int, Samples]:
        """All samples of some parts, which have so many, in the order of the file."""
        rooms = {part: self.room(size) for part, size in sizes.items()}
        ends = dict.fromkeys(rooms, 0)
        for block, frame in enumerate(ahead(self.block, range(len(self.blocks) if rooms else 0))):
            for part, room in rooms.items():
                rows = self.of_part(part, block)
                begin, ends[part] = ends[part], ends[part] + len(rows)
                place = slice(begin, ends[part])
                self.fill(Samples(room.inputs[place], room.targets[place]), frame[rows.numpy()])
        return rooms


class PartOfRows(InBlocks):
    """A part of the rows."""

    def __init__(self, of: StreamedRows, part: int, sizes: Sequence[int]) -> None:
        self.of, self.part, self.sizes = of, part, sizes

    def room(self, count: int) -> Samples:
        return self.of.room(count)

    def rows(self, block: int) -> int:
        size, whole = self.sizes[block], self.of.table.in_blocks[block]
        return size if _FEW * size < whole else whole

    def read(self, block: int, room: Samples) -> Tensor:
        frame, rows = self.of.block(block), self.of.of_part(self.part, block)
        if len(frame) > len(room):
            frame, rows = frame[rows.numpy()], torch.arange(len(rows), device="cpu")
        self.of.fill(room, frame)
        return rows


@contextmanager
def told(data: TableArguments) -> Iterator[None]:
    """Raises NetError for cells that were others when the file was read first."""
    try:
        yield
    except ColumnError:
        raise changed(data.request) from None


def cells_of(frame: DataFrame, columns: Sequence[str]) -> dict[str, Any]:
    """The cells of some columns, as pipelines take them."""
    return {name: frame[name] for name in columns}


def _put_plain(pipeline: Pipeline, frame: DataFrame, inputs: Tensor) -> bool:
    """Whether columns are plain numbers. Then they become ``inputs``, some rows at a time, so that
    a processor's cache holds them.  Shape: inputs [N, inputs].
    """
    frame = frame.select(pipeline.columns)
    if not all(one.is_numeric() for one in frame.dtypes):
        return False
    for first in range(0, len(frame), _PIECE):
        rows = slice(first, first + _PIECE)
        found = pipeline.of_array(frame[rows].to_numpy())
        if found is None:
            return False
        inputs[rows] = torch.from_numpy(found)
    return True
