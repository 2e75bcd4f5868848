"""The rows of a table, however many, get what a trained network says of them.

Rows come and go in parts: no more of them are in memory than the network evaluates at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from netlang.compiler.answers import Answers
from netlang.engine.pieces import evaluation_samples
from netlang.runs.models.new_samples import NewRows, plain
from netlang.runs.models.trained import TrainedModel
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from polars import DataFrame
    from torch import Tensor

Rows = TypeVar("Rows", "DataFrame", "Tensor")


class Predictions:
    """What ``model`` says of new ``samples``, as pieces of a table: theirs, with further columns.

    A column of theirs keeps its name, and ``renamed`` says what an answer of that name is called
    instead. ``no_numbers`` counts samples of which the network gives infinity, or no number. Those
    that lack cells, as no sample that it learned from did, have empty answers.
    """

    def __init__(self, model: TrainedModel, answers: Answers, samples: NewRows) -> None:
        self.model, self.answers, self.samples = model, answers, samples
        self.renamed: dict[str, str] = {}
        self.no_numbers = 0

    def pieces(self, typed: bool) -> Iterator[DataFrame]:
        """The table, piece by piece. If it is ``typed``, numbers that came as text are numbers.

        Outputs are those that the network gives for the whole table at once, to the bit.
        Raises NetError.
        """
        import polars

        size = evaluation_samples(self.model.program.graph)
        for frame, inputs in regrouped(self.samples.frames(typed), size, _joined):
            outputs = self.model.outputs(inputs)
            lacking = inputs.flatten(1).isnan().all(1)
            self.no_numbers += int((~outputs.isfinite().flatten(1).all(1) & ~lacking).sum())
            answers = zip(self._names(frame.columns), self.answers.columns(outputs), strict=True)
            columns = (polars.Series(name, plain(cells)) for name, cells in answers)
            if lacking.any():
                columns = (one.set(polars.Series(lacking.numpy()), None) for one in columns)
            yield frame.with_columns(columns)

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


def _joined(frames: list[DataFrame]) -> DataFrame:
    """One table of all; where a column has whole numbers here and others there, all are others."""
    import polars

    return polars.concat(frames, how="vertical_relaxed")


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
