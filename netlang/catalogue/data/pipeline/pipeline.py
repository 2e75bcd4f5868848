"""A pipeline turns a table into inputs and targets, by what it learned from the training rows.

It is plain data, and its JSON keeps every bit: whoever reads it makes the same inputs of other
tables as training made of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline.array_pipeline import ArrayPipeline
from netlang.catalogue.data.pipeline.cells import Cells, ColumnError, column_of
from netlang.catalogue.data.pipeline.encoders import (
    PIECE,
    Encoder,
    Numbers,
    are_names,
    encoder_of,
)
from netlang.catalogue.data.pipeline.goals import Classes, Goal, Values, goal_of
from netlang.catalogue.data.pipeline.plain import plain_inputs
from netlang.catalogue.data.pipeline.scales import Curve, shift_and_scale
from netlang.catalogue.data.pipeline.several_arrays import SeveralArrays
from netlang.catalogue.data.pipeline.text_pipeline import TextPipeline
from netlang.catalogue.data.pipeline.texts import Texts
from netlang.language.diagnostics.wording import type_of
from netlang.system.lazy import np, torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor


class Pipeline(Value):
    """How a table becomes inputs and targets: ``encoders`` say it of each column of inputs, in
    order, and ``goal`` of the columns that are predicted.
    """

    encoders: tuple[Encoder, ...]
    goal: Goal

    @classmethod
    def fit(
        cls,
        columns: tuple[str, ...],
        train: Tensor | None,
        target: str,
        classes: tuple[str, ...] | None,
    ) -> Self:
        """A pipeline of numbers, which are standardised by the mean and deviation of the training
        rows ``train``; if there are none, inputs stay the numbers of the table.

        Shape: [N, columns] float64.
        """
        goal = Values.fit((target,)) if classes is None else Classes((target,), classes)
        return cls.of_numbers(columns, train, goal)

    @classmethod
    def of_numbers(cls, columns: tuple[str, ...], train: Tensor | None, goal: Goal) -> Self:
        """The same for any ``goal``."""
        if train is None:
            return cls(tuple(map(Numbers, columns)), goal)
        shift, scale = shift_and_scale(train)
        learned = zip(columns, shift.tolist(), scale.tolist(), strict=True)
        return cls(tuple(Numbers(*one) for one in learned), goal)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's columns that are inputs."""
        return tuple(encoder.name for encoder in self.encoders)

    @property
    def input_names(self) -> tuple[str, ...]:
        """A name for each input: a column of categories makes several."""
        return tuple(name for encoder in self.encoders for name in encoder.input_names)

    @property
    def target(self) -> tuple[str, ...]:
        """The names of the columns that are predicted."""
        return self.goal.columns

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, in the order of their numbers; None where there are none."""
        return self.goal.classes

    def gathered(self, columns: Mapping[str, Cells]) -> dict[str, Gathering]:
        """The cells of the columns of inputs, which stand for these columns everywhere here.

        Raises ColumnError, and TypeError for what has no names of columns.
        """
        if not has_names(columns):
            table = ", ".join(f'"{name}": [...]' for name in self.columns)
            what = f"columns by name, {{{table}}}, not {type_of(columns)}"
            raise TypeError(f"a pipeline is applied to {what}")
        taken = self.columns
        found = {
            one.name: one.gathered(column_of(one.name, columns, taken=taken))
            for one in self.encoders
        }
        first, rows = taken[0], found[taken[0]].rows
        for name, cells in found.items():
            if cells.rows != rows:
                long = f"is {cells.rows} long, and column `{first}` {rows} long"
                raise ColumnError(name, None, long)
        return found

    def apply(self, columns: Mapping[str, Cells]) -> Tensor:
        """The inputs of a table, whose columns are found by name and may stand beside others.

        Shape: [N, inputs].  Raises ColumnError, and TypeError for what has no names of columns.
        """
        found = self.gathered(columns)
        for encoder in self.encoders:
            encoder.check(found[encoder.name])
        values = (encoder.values(found[encoder.name]) for encoder in self.encoders)
        return self.encode(values, found[self.columns[0]].rows)

    def of_array(self, numbers: Any) -> Any:
        """The inputs of rows that are plain ``numbers``, at once; None where a column is more than
        scaled, or ``apply`` would find something wrong.  Shape: [N, columns].
        """
        if self._plain_scaling is None or numbers.ndim != 2:
            return None
        shift, scale = self._plain_scaling
        return plain_inputs(numbers, shift, scale) if numbers.shape[1] == len(shift) else None

    @cached_property
    def _plain_scaling(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """The shift and the scale of each column, if all are numbers that are scaled alone."""
        plain = [
            (one.shift, one.scale)
            for one in self.encoders
            if isinstance(one, Numbers) and not (one.may_lack or one.indicated or one.curve)
        ]
        if len(plain) < len(self.encoders):
            return None
        shift, scale = np.array(plain, "f8").T
        return shift, scale

    def encode(self, columns: Iterable[Tensor], rows: int) -> Tensor:
        """The inputs for the values of all ``columns``, as ``Encoder.values`` gives them.

        Shape: [rows] or [rows, length] each -> [rows, inputs].  Raises ColumnError.
        """
        widths = [len(encoder.input_names) for encoder in self.encoders]
        dtype = torch.get_default_dtype()
        inputs = torch.empty(rows, sum(widths), dtype=dtype, device="cpu")
        places = torch.split(inputs, widths, 1)
        for encoder, values, place in zip(self.encoders, columns, places, strict=True):
            encoder.encode(values, place)
        return inputs

    def unseen(self, columns: Mapping[str, Cells]) -> dict[str, Mapping[str, int]]:
        """By column, the names of categories that no training row had, and how many cells hold
        each. Their inputs are all 0.
        """
        found = self.gathered(columns)
        counts = {encoder.name: encoder.unseen(found[encoder.name]) for encoder in self.encoders}
        return {name: names for name, names in counts.items() if names}

    def lacking(self, columns: Mapping[str, Cells]) -> Tensor:
        """Which rows lack a cell of an input, where all others can be used.  Shape: [N] bool."""
        found = self.gathered(columns)
        return torch.stack([one.lacks(found[one.name]) for one in self.encoders]).any(0)

    def filled(self, columns: Mapping[str, Cells]) -> dict[str, int]:
        """By column, how many missing cells something is taken for that training has learned."""
        found, filling = self.gathered(columns), self.filling().encoders
        both = zip(self.encoders, filling, strict=True)
        fills = [one for one, taking in both if one == taking]  # those that have learned it
        counts = {one.name: int(one.lacks(found[one.name]).sum()) for one in fills}
        return {name: count for name, count in counts.items() if count}

    def cut(self, columns: Mapping[str, Cells]) -> dict[str, int]:
        """By column, how many texts are longer than samples, and lose their ends."""
        found = self.gathered(columns)
        texts = [one for one in self.encoders if isinstance(one, Texts)]
        counts = {one.name: one.cut(found[one.name]) for one in texts}
        return {name: count for name, count in counts.items() if count}

    def filling(self) -> Self:
        """The same pipeline, which takes something for each missing cell."""
        return self.replace(encoders=tuple(one.filling() for one in self.encoders))

    def known_targets(self, columns: Mapping[str, Cells]) -> tuple[Tensor, Tensor]:
        """The targets of a table, as ``targets`` gives them, and which of its rows have one.

        Shape: [N] bool for the rows.  Raises ColumnError.
        """
        found = self.goal.gathered(columns)
        self.goal.check(found, may_lack=True)
        targets = self.goal.targets(found)
        return targets, self.goal.are_known(targets)

    def targets(self, columns: Mapping[str, Cells] | Cells) -> Tensor:
        """The targets of a table, or of its one target's column alone: class numbers [N] (int64),
        or values [N, targets].

        Raises ColumnError.
        """
        if has_names(columns):
            table: Any = columns
        else:
            table = {self.target[0]: columns}
        return self.goal.of_table(table)

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the target's own units, if they are numbers to predict; class
        numbers, probabilities and labels as they are.

        Shape: [N, targets] -> [N, targets] float64.
        """
        return self.goal.to_values(outputs)

    def to_inputs(self, numbers: Tensor) -> Tensor:
        """The inputs that ``to_numbers`` gives these numbers for.

        Shape: [N, inputs] float64 -> [N, inputs].
        """
        inputs = numbers.new_empty(numbers.shape, dtype=torch.get_default_dtype())
        shift, scale = self._scaling(numbers)
        for first in range(0, len(numbers), PIECE):
            rows = slice(first, first + PIECE)
            scaled = (numbers[rows] - shift).div_(scale)
            for place, curve in self._curves:
                scaled[:, place] = curve.bent(scaled[:, place])
            inputs[rows] = scaled
        return inputs

    def to_numbers(self, inputs: Tensor) -> Tensor:
        """Inputs as a table's own numbers; those of categories, 0 and 1, stay as they are.

        Shape: [N, inputs] -> [N, inputs] float64.
        """
        numbers = inputs.double()
        shift, scale = self._scaling(numbers)
        if self._curves:
            numbers = numbers.clone()
        for place, curve in self._curves:
            numbers[:, place] = curve.straight(numbers[:, place])
        return numbers * scale + shift

    def to_json(self) -> dict[str, Any]:
        """The pipeline as JSON, which keeps every bit of its numbers."""
        inputs = [encoder.to_json() for encoder in self.encoders]
        return {"inputs": inputs, "target": self.goal.to_json()}

    @classmethod
    def from_json(cls, data: object) -> Self | ArrayPipeline | SeveralArrays | TextPipeline:
        """The pipeline, of columns, of arrays or of text, that ``to_json`` made ``data`` of.

        Raises ValueError if there is none.
        """
        if isinstance(data, dict) and "array" in data:
            return ArrayPipeline.from_json(data)
        if isinstance(data, dict) and "arrays" in data:
            return SeveralArrays.from_json(data)
        if isinstance(data, dict) and "text" in data:
            return TextPipeline.from_json(data)
        match data:
            case {"inputs": [_, *_] as inputs, "target": target}:
                found = cls(tuple(map(_encoder_of, inputs)), goal_of(target))
                if are_names((*found.columns, *found.target)):
                    return found
        raise ValueError("this is no pipeline")

    @property
    def _curves(self) -> list[tuple[int, Curve]]:
        """What bends inputs when they are scaled, each with the input's place."""
        each = (curve for encoder in self.encoders for curve in encoder.curves)
        return [(place, curve) for place, curve in enumerate(each) if curve]

    def _scaling(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """What is taken from each input's number, and what that is divided by.

        Shape: [inputs] each.
        """
        pairs = [pair for encoder in self.encoders for pair in encoder.scaling]
        shift, scale = zip(*pairs, strict=True)
        return like.new_tensor(shift), like.new_tensor(scale)


def _encoder_of(data: object) -> Encoder:
    """The encoder that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
    match data:
        case {"kind": "text"}:
            return Texts.from_json(data)
    return encoder_of(data)


def has_names(columns: object) -> bool:
    """Whether it is a table, as a data frame is as well, and not a column alone."""
    return isinstance(columns, Mapping) or hasattr(columns, "columns")
