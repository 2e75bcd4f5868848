"""The rows of a table, however many, get what a trained network says of them.

Rows come and go in parts: no more of them are in memory than the network evaluates at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from netlang.catalogue.data.pipeline import ColumnError, Numbers, Pipeline
from netlang.catalogue.data.tables.table import Column
from netlang.engine.pieces import evaluation_samples
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.models import TableUnfit
from netlang.runs.answers import Answers
from netlang.runs.trained import TrainedModel
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from polars import DataFrame, Series
    from torch import Tensor

    # The number of a part's first row, and the cells of each column.
    Part = tuple[int, Mapping[str, Any]]

Rows = TypeVar("Rows", "DataFrame", "Tensor")


class NewTable:
    """Makes inputs of the ``parts`` of the table ``named``, and targets where they are asked for.

    ``rows`` counts the rows that have been read; ``unseen`` counts by column, and by name, the
    cells that hold a category which no training row had: their inputs are all 0.
    """

    def __init__(self, pipeline: Pipeline, named: str, parts: Iterable[Part]) -> None:
        self.pipeline, self.named, self._parts = pipeline, named, parts
        self.rows = 0
        self.unseen: dict[str, Counter[str]] = {}

    def parts(self) -> Iterator[tuple[int, Mapping[str, Any], Tensor]]:
        """The number of each part's first row, its columns, and its inputs.

        Raises DiagnosticError for a table, or a cell of it, that the model cannot take.
        """
        for first, columns in self._parts:
            try:
                inputs = self.pipeline.apply(columns)
            except ColumnError as error:
                raise self._unfit(error, first, self.pipeline.columns) from None
            for column, names in self.pipeline.unseen(columns).items():
                self.unseen.setdefault(column, Counter()).update(names)
            self.rows += len(inputs)
            yield first, columns, inputs

    def samples(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The targets and the inputs of each part.

        Raises DiagnosticError, also for a table without targets.
        """
        for first, columns, inputs in self.parts():
            try:
                targets = self.pipeline.targets(columns)
            except ColumnError as error:
                takes = *self.pipeline.columns, *self.pipeline.target
                raise self._unfit(error, first, takes) from None
            yield targets, inputs

    def _unfit(self, error: ColumnError, first: int, takes: tuple[str, ...]) -> DiagnosticError:
        row = None if error.row is None else first - 1 + error.row
        unfit = TableUnfit(None, self.named, error.column, row, error.problem, takes)
        return DiagnosticError(unfit)


class Predictions:
    """What ``model`` says of the rows of ``table``, as pieces of a table with further columns.

    A column of the table keeps its name, and ``renamed`` says what an answer of that name is called
    instead. ``no_numbers`` counts the rows of which the network gives infinity, or no number.
    """

    def __init__(self, model: TrainedModel, answers: Answers, table: NewTable) -> None:
        self.model, self.answers, self.table = model, answers, table
        self.renamed: dict[str, str] = {}
        self.no_numbers = 0

    def pieces(self, typed: bool) -> Iterator[DataFrame]:
        """The table, piece by piece. If it is ``typed``, numbers that came as text are numbers.

        Outputs are those that the network gives for the whole table at once, to the bit.
        Raises DiagnosticError.
        """
        import polars

        size = evaluation_samples(self.model.program.graph)
        for frame, inputs in regrouped(self._frames(typed), size, polars.concat):
            outputs = self.model.outputs(inputs)
            self.no_numbers += int((~outputs.isfinite().flatten(1).all(1)).sum())
            answers = zip(self._names(frame.columns), self.answers.columns(outputs), strict=True)
            yield frame.with_columns(polars.Series(name, _plain(cells)) for name, cells in answers)

    def _frames(self, typed: bool) -> Iterator[tuple[DataFrame, Tensor]]:
        import polars

        encoders = self.table.pipeline.encoders if typed else ()
        numbers = {one.name for one in encoders if isinstance(one, Numbers)}
        for _, columns, inputs in self.table.parts():
            cells = (_series(name, each, name in numbers) for name, each in columns.items())
            yield polars.DataFrame(cells), inputs

    def _names(self, taken: Sequence[str]) -> list[str]:
        """The answers' names, each another than those that are ``taken``."""
        found: list[str] = []
        for name in self.answers.names:
            free, number = name, 1
            while free in taken or free in found:
                number += 1
                free = f"{name} {number}"
            if free != name:
                self.renamed[name] = free
            found.append(free)
        return found


def regrouped(
    parts: Iterable[tuple[Rows, Tensor]], size: int, joined: Callable[[list[Rows]], Rows]
) -> Iterator[tuple[Rows, Tensor]]:
    """The same rows in parts of ``size``, and what is left in the last. There is one at least.

    A part has inputs, and beside them other rows of as many, which ``joined`` makes one.
    """
    others: list[Rows] = []
    inputs: list[Tensor] = []
    for part in parts:
        others.append(part[0])
        inputs.append(part[1])
        while sum(map(len, inputs)) > size:  # so that something is left for the last
            other, tensor = joined(others), torch.cat(inputs)
            yield other[:size], tensor[:size]
            others, inputs = [other[size:]], [tensor[size:]]
    yield joined(others), torch.cat(inputs)


def _series(name: str, cells: Any, as_numbers: bool) -> Series:
    """A column as it came, without cells that hold no text; ``as_numbers`` if that is asked for."""
    import polars

    found = polars.Series(name, _plain(cells), strict=False)
    if found.dtype == polars.String:
        found = found.set(found == "", None)
        if as_numbers:
            return found.str.strip_chars().cast(polars.Float64, strict=False)
    return found


def _plain(cells: Any) -> Any:
    """Cells as polars takes them."""
    match cells:
        case torch.Tensor():
            return cells.numpy()
        case Column(kind="number"):
            return [None if number != number else number for number in cells.values.tolist()]
        case Column():
            names = (*cells.categories, None)  # -1, a missing cell, takes the last
            return [names[int(index)] for index in cells.values.tolist()]
    return cells
