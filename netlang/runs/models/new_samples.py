"""New samples come to a trained network from outside: rows of a table, or arrays.

They come in parts, so that there may be more of them than memory holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data.arrays.in_parts import Part as ArrayPart
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Categories,
    ColumnError,
    Inputs,
    Numbers,
    Pipeline,
    SampleError,
    SeveralArrays,
)
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.messages.models import TableUnfit
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.language.source import Span
from netlang.runs.models.columns import bad_cells, check_columns
from netlang.system.files import files_beside, why_unreadable
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from polars import DataFrame, Series
    from torch import Tensor

    # The number of a slice's first row, and the cells of each column.
    Slice = tuple[int, Mapping[str, Any]]

_NAMED = 12  # categories that are named


class NewSamples(ABC):
    """Samples that the command line has ``named``. ``count`` is how many have come so far."""

    def __init__(self, named: str) -> None:
        self.named, self.count = named, 0

    @abstractmethod
    def samples(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The targets and the inputs of each part.

        Raises NetError, also for samples without targets.
        """


class NewRows(NewSamples):
    """Samples that make a table with their answers. ``separator`` stands between its cells."""

    def __init__(self, named: str, separator: str = ",") -> None:
        super().__init__(named)
        self.separator = separator

    @abstractmethod
    def frames(self, typed: bool) -> Iterator[tuple[DataFrame, Tensor]]:
        """What each part has for people to read, and its inputs. If it is ``typed``, numbers that
        came as text are numbers.

        Raises NetError for samples that the model cannot take.
        """

    @abstractmethod
    def inputs(self) -> Iterator[Tensor]:
        """The inputs of each part.  Raises NetError as ``frames`` does."""


class NewTable(NewRows):
    """Rows of a table, which come by ``slices``; ``where`` finds a cell in the table's file, by its
    row, from 0, and its column.

    ``unseen`` counts by column, and by name, the cells that hold a category which no training row
    had: their inputs are all 0. ``filled`` counts by column the missing cells that are filled in,
    and ``cut`` the texts that are longer than those of samples.
    If training ``drops`` rows that lack cells, such rows have NaN for inputs here, and nothing is
    judged by them; ``lacking`` counts them. ``without_target`` counts rows that cannot be judged,
    ``left_out`` has the numbers of all that are not, from 1.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        named: str,
        slices: Iterable[Slice],
        where: Callable[[int, str], Span | None] = lambda row, column: None,
        separator: str = ",",
        drops: bool = False,
    ) -> None:
        super().__init__(named, separator)
        self.lacking, self.without_target, self.left_out = 0, 0, list[int]()
        self._taking = pipeline.filling() if drops else pipeline
        self.pipeline, self._slices, self._where = pipeline, slices, where
        self._numbers = {one.name for one in pipeline.encoders if isinstance(one, Numbers)}
        self.unseen: dict[str, Counter[str]] = {}
        self.filled: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()

    def meant_category(self, column: str, name: str) -> str | None:
        """The category of training that the ``name`` in a column is near to; None if it is to none
        or is a category itself.
        """
        encoder = next(one for one in self.pipeline.encoders if one.name == column)
        names = encoder.names if isinstance(encoder, Categories) else ()
        return None if name in names else nearest(name, names)

    def unread(self) -> Iterator[str]:
        """What the network is not told of the cells so far, a sentence for each column."""
        for column, counts in self.unseen.items():
            names = listed(in_code(name for name, _ in counts.most_common()), _NAMED)
            cells = f"{counted(counts.total(), 'cell')} with a category that no training row had"
            meant = self.meant_category(column, counts.most_common(1)[0][0])
            question = f"; did you mean `{meant}`?" if meant else ""
            yield f"`{column}` has {cells}, whose inputs are 0: {names}{question}"
        for column, count in self.cut.items():
            texts, lose = ("text", "loses its") if count == 1 else ("texts", "lose their")
            why = "they are longer than those of training"
            yield f"{count:,} {texts} in `{column}` {lose} end: {why}"

    def frames(self, typed: bool) -> Iterator[tuple[DataFrame, Tensor]]:
        import polars

        numbers = self._numbers if typed else ()
        for _, columns, inputs in self._encoded(with_targets=False):
            cells = (_series(name, each, name in numbers) for name, each in columns.items())
            yield polars.DataFrame(cells), inputs

    def samples(self) -> Iterator[tuple[Tensor, Tensor]]:
        for first, columns, inputs in self._encoded(with_targets=True):
            try:
                targets, known = self.pipeline.known_targets(columns)
            except ColumnError as error:
                takes = *self.pipeline.columns, *self.pipeline.target
                raise self._unfit(error, first, takes) from None
            self.without_target += int((~known).sum())
            judged = known & ~inputs.isnan().all(1)
            self.left_out += (first + (~judged).nonzero().flatten()).tolist()
            yield targets[judged], inputs[judged]

    def inputs(self) -> Iterator[Tensor]:
        for _, _, inputs in self._encoded(with_targets=False):
            yield inputs

    def row_of(self, sample: int) -> int:
        """The row of a sample that is judged, both counted from 1."""
        row = sample
        for other in self.left_out:
            if other > row:
                break
            row += 1
        return row

    def _encoded(self, with_targets: bool) -> Iterator[tuple[int, Mapping[str, Any], Tensor]]:
        """The number of each slice's first row, its columns, and its inputs.

        Raises NetError.
        """
        for first, columns in self._slices:
            check_columns(columns, self.pipeline, self.named, with_targets)
            try:
                cells = self.pipeline.gathered(columns)
            except ColumnError as error:
                raise self._unfit(error, first, self.pipeline.columns) from None
            try:
                inputs = self._taking.apply(cells)
            except ColumnError:
                unfit = bad_cells(self._taking, cells, self.named, first)
                span = self._where(unfit.row - 1, unfit.column) if unfit.row else None
                raise NetError(unfit.replace(span=span)) from None
            for column, names in self.pipeline.unseen(cells).items():
                self.unseen.setdefault(column, Counter()).update(names)
            self.filled.update(self.pipeline.filled(cells))
            self.cut.update(self.pipeline.cut(cells))
            if self._taking is not self.pipeline:
                lacking = self.pipeline.lacking(cells)
                inputs[lacking] = torch.nan
                self.lacking += int(lacking.sum())
            self.count += len(inputs)
            yield first, columns, inputs

    def _unfit(self, error: ColumnError, first: int, takes: tuple[str, ...]) -> NetError:
        row, span = None, None
        if error.row is not None:
            row = first - 1 + error.row
            span = self._where(row - 1, error.column)
        unfit = TableUnfit(span, self.named, error.column, row, error.problem, takes)
        return NetError(unfit)


class NewArray(NewRows):
    """Samples of an array, which come by ``parts``."""

    def __init__(
        self,
        pipeline: ArrayPipeline | SeveralArrays,
        named: str,
        parts: Iterable[ArrayPart],
    ) -> None:
        super().__init__(named)
        self.pipeline, self._parts = pipeline, parts

    def frames(self, typed: bool) -> Iterator[tuple[DataFrame, Tensor]]:
        import polars

        for part, inputs in self._encoded():
            yield polars.DataFrame({part.called: part.names}), inputs

    def inputs(self) -> Iterator[Tensor]:
        for _, inputs in self._encoded():
            yield inputs

    def samples(self) -> Iterator[tuple[Tensor, Tensor]]:
        for part, inputs in self._encoded():
            if isinstance(self.pipeline.goal, Inputs):
                yield inputs, inputs
                continue
            first = next(iter(part.targets.values()))
            if getattr(first, "ndim", 1) > 1:  # a class at each place
                yield torch.from_numpy(first), inputs
                continue
            try:
                targets = self.pipeline.targets(part.targets)
            except ColumnError as error:
                row = None if error.row is None else self.count - len(inputs) + error.row
                unfit = TableUnfit(None, self.named, error.column, row, error.problem, ())
                raise NetError(unfit) from None
            yield targets, inputs

    def _encoded(self) -> Iterator[tuple[ArrayPart, Tensor]]:
        """Each part with its inputs.  Raises NetError."""
        try:
            for part in self._parts:
                inputs = self.pipeline.apply(part.samples)
                self.count += len(inputs)
                yield part, inputs
        except Refused as why:
            raise self._unreadable(why.reason, why.help) from None
        except SampleError as wrong:  # which counts from the beginning of its part
            wrong = SampleError(self.count + wrong.sample, wrong.array, wrong.wrong)
            raise self._unreadable(str(wrong), "mend or remove the sample") from None
        except NetError:  # which is a ValueError, too
            raise
        except OSError as error:
            path = Path(self.named)
            reason, help = why_unreadable(path, error)
            near = nearest(path.name, files_beside(path))
            meant = f"did you mean `{path.with_name(near)}`?" if near else ""
            raise self._unreadable(reason, meant or help or "name another file") from None
        except ValueError as error:
            raise self._unreadable(str(error), "save samples as those of training") from None

    def _unreadable(self, reason: str, help: str) -> NetError:
        return NetError(DataFileUnreadable(None, self.named, reason, help))


def _series(name: str, cells: Any, as_numbers: bool) -> Series:
    """A column as it came, without cells that hold no text; ``as_numbers`` if that is asked for."""
    import polars

    found = polars.Series(name, plain(cells), strict=False)
    if found.dtype == polars.String:
        found = found.set(found == "", None)
        if as_numbers:
            return found.str.strip_chars().cast(polars.Float64, strict=False)
    return found


def plain(cells: Any) -> Any:
    """Cells as polars takes them."""
    match cells:
        case torch.Tensor():
            return cells.numpy()
    return cells
