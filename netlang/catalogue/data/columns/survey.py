"""A survey says of a table what reading it does, and keeps no more of its cells than the first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlang.catalogue.data.columns.labels import as_number
from netlang.catalogue.data.columns.missing import marks_no_number
from netlang.catalogue.data.columns.reader import Reader, read_table
from netlang.catalogue.data.columns.table import Column, ReadTable, SurveyedTable
from netlang.catalogue.data.formats.blocks import RowBlocks
from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.frames import InBlocks
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.opening import telling, without_rows
from netlang.catalogue.data.formats.request import TableRequest, lacking
from netlang.catalogue.data.formats.series import add_series
from netlang.catalogue.data.formats.source import Source
from netlang.system.fingerprint import Fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from polars import Series


def survey(request: TableRequest) -> tuple[Fingerprint, ReadTable]:
    """The file as it was read, and what is in it.

    Raises NetError for a file, row or cell that cannot be used.
    """
    return read_table(request, _surveyed)


def _surveyed(request: TableRequest, content: Content) -> ReadTable:
    """The table in a file.  Raises NetError."""
    with telling(request):
        blocks = RowBlocks(content.file)
        if not blocks.header:
            raise without_rows(request)
        return _Surveyor(InBlocks(blocks), request, blocks).table()


class KnownTargets:
    """Tells which rows have a target: a class that is among ``classes``, or a number."""

    def __init__(self, classes: Sequence[str] | None) -> None:
        self._classes = None if classes is None else {*classes}

    def named(self, text: str) -> str | None:
        """The class that a text names; None if it names none."""
        classes = self._classes or ()
        return next((one for one in (text, as_number(text)) if one in classes), None)

    def of(self, series: Series) -> NDArray[np.bool_]:
        """Which cells of a target's column are targets."""
        cells = Gathering(self._classes is not None)
        add_series(cells, series)
        if self._classes is None:
            nothing = np.zeros(cells.rows, np.bool_)
            return nothing if cells.coded else ~np.isnan(np.asarray(cells.values))
        names = [self.named(text) is not None for text in cells.vocabulary.texts]
        return np.array(names, np.bool_)[np.asarray(cells.values, np.int64)]


class _Surveyor(Reader):
    def __init__(self, source: Source, request: TableRequest, blocks: RowBlocks) -> None:
        super().__init__(source, request)
        self.blocks, self.target = blocks, Gathering()

    def table(self) -> ReadTable:
        table = super().table()
        inputs = sum(inputs_of(one, self.request) for one in table.columns)
        self.blocks = RowBlocks(self.blocks.file, inputs)
        classes, texts = table.target.classes, self.target.vocabulary.by_count()
        of_classes, known = dict.fromkeys(classes or (), 0), KnownTargets(classes)
        for text, count in texts.items():
            if (name := known.named(text)) is not None:
                of_classes[name] += count
        without = table.rows - sum(of_classes.values())
        if classes is None:
            without = sum(count for text, count in texts.items() if marks_no_number(text))
        if without == table.rows:
            help = "name another column for the `target`"
            raise lacking(self.request, "row with a target", help)
        in_blocks = tuple(self._kept(known) if without else self.blocks.sizes)
        about = table.as_dict() | {"rows": table.rows - without}
        about |= {"dropped": without, "without_target": without, "inputs": inputs}
        return SurveyedTable(**about, in_blocks=in_blocks, of_classes=tuple(of_classes.values()))

    def _gathered(
        self, columns: Sequence[int], as_text: Collection[int], inputs: Collection[int]
    ) -> Mapping[int, Gathering]:
        found = super()._gathered(columns, as_text, inputs)
        self.target = found[columns[-1]]
        return found

    def _without_gaps(self, table: ReadTable) -> ReadTable:
        return table

    def _kept(self, known: KnownTargets) -> Iterator[int]:
        """How many rows of each block have a target."""
        for block in range(len(self.blocks)):
            frame = self.blocks.read(block, [self.request.target])
            yield int(known.of(frame.to_series()).sum())


def inputs_of(column: Column, request: TableRequest) -> int:
    """How many inputs a column makes: an input of its own may say which cells are missing."""
    is_several = column.kind == "category" and column.name not in request.codes
    return (len(column.categories) if is_several else 1) + (request.missing == "indicator")
