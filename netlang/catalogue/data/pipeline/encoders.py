"""An encoder turns a column of a table into inputs, by what it learned from training rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.data.columns.missing import marks_no_number
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline.cells import (
    MISSING,
    Cells,
    ColumnError,
    Names,
    check_numbers,
    gathered,
    numbers_of,
)
from netlang.catalogue.data.pipeline.scales import (
    Curve,
    Moments,
    Quantiles,
    Scale,
    SmoothClip,
    curve_of,
    median_and_range,
    shift_and_scale,
)
from netlang.system.lazy import torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from torch import Tensor

_NUMBER = VALUE_TYPES["float"]

PIECE = 1 << 16
"""Rows that become inputs at once, so that few numbers take 64 bits each."""

UNSEEN_GAP = "is missing"
"""What counts of unseen categories call a missing cell, where no training row lacked one."""


class Encoder(Value, ABC):
    """What became of the column ``name`` in training.

    With ``indicated``, an input behind the others is 1 where a cell is missing, and else 0; it is
    always 0 unless training has ``seen_gaps``, and so learned what it says. A missing cell is
    refused unless training learned what fills it.
    """

    name: str
    as_text: ClassVar[bool] = False  # whether a number in a cell is a name, too

    @property
    @abstractmethod
    def input_names(self) -> tuple[str, ...]:
        """A name for each input."""

    @property
    @abstractmethod
    def scaling(self) -> tuple[tuple[float, float], ...]:
        """For each input, what is taken from its number, and what that is divided by."""

    @property
    def curves(self) -> tuple[Curve | None, ...]:
        """For each input, what bends it when it is scaled, if anything does."""
        return (None,) * len(self.input_names)

    @abstractmethod
    def check(self, cells: Gathering) -> None:
        """Raises ColumnError for the first cell that cannot be used."""

    @abstractmethod
    def unusable(self, cells: Gathering) -> int:
        """How many cells ``check`` refuses."""

    @abstractmethod
    def lacks(self, cells: Gathering) -> Tensor:
        """Which cells are missing, of those that can be used.  Shape: [N] bool."""

    @abstractmethod
    def filling(self) -> Self:
        """The same encoder, which takes something for a missing cell."""

    @abstractmethod
    def values(self, cells: Gathering) -> Tensor:
        """What ``encode`` takes, of cells that can be used.  Shape: [N], or [N, length]."""

    @abstractmethod
    def encode(self, values: Tensor, inputs: Tensor) -> None:
        """Write the inputs for ``values``.  Shape: [N] or [N, length] -> [N, inputs]."""

    @property
    @abstractmethod
    def is_new_to_gaps(self) -> bool:
        """Whether an input would say of missing cells what no training row has taught."""

    def gathered(self, cells: Cells) -> Gathering:
        """The cells of a new table.  Raises ColumnError."""
        return gathered(self.name, cells, self.as_text)

    def unseen(self, cells: Gathering) -> Mapping[str, int]:
        """How many cells hold each name that no training row had; or are missing, as none was."""
        missing = int(self.lacks(cells).sum()) if self.is_new_to_gaps else 0
        return {UNSEEN_GAP: missing} if missing else {}

    @abstractmethod
    def to_json(self) -> dict[str, Any]: ...


class Numbers(Encoder):
    """Each number, less ``shift`` and over ``scale``, and then bent by a ``curve``, if there is
    one; ``fill`` stands for a missing number.
    """

    shift: float = 0.0
    scale: float = 1.0
    fill: float | None = None
    indicated: bool = False
    seen_gaps: bool = True
    curve: Curve | None = None

    @classmethod
    def fit(
        cls, name: str, train: Tensor, scale: Scale, fill: str = "", indicated: bool = False
    ) -> Self:
        """Learn from the training rows ``train``, NaN where a number is missing.

        ``fill`` is "mean" or "median", or "" if missing numbers are refused. Their place is filled
        before their ``scale`` is learned.  Shape: [N] float64.
        """
        filled, seen_gaps = None, not indicated or bool(train.isnan().any())
        if fill:
            present = train[~train.isnan()]
            filled = _middle(present, fill) if len(present) else 0.0
            train = train.where(~train.isnan(), filled)
        about = filled, indicated, seen_gaps
        if scale == "none":
            return cls(name, 0.0, 1.0, *about)
        learn = median_and_range if scale == "robust" else shift_and_scale
        shift, width = (one.item() for one in learn(train.unsqueeze(1)))
        curve: Curve | None = SmoothClip() if scale == "robust" else None
        if scale == "quantile":
            curve = Quantiles.fit((train - shift) / width)
        return cls(name, shift, width, *about, curve)

    @classmethod
    def of_moments(
        cls, name: str, learned: Moments, scale: Scale, filled: bool, indicated: bool = False
    ) -> Self:
        """The same, by the moments of the training rows, and standardised if it has a ``scale``;
        the mean stands for a missing number if that is ``filled``.
        """
        fill = learned.mean if filled else None
        about = fill, indicated, not indicated or learned.missing > 0
        shift, width = (0.0, 1.0) if scale == "none" else learned.shift_and_scale
        return cls(name, shift, width, *about)

    @property
    def input_names(self) -> tuple[str, ...]:
        return (self.name, *_indicator(self.name, self.indicated))

    @property
    def scaling(self) -> tuple[tuple[float, float], ...]:
        return ((self.shift, self.scale), *[(0.0, 1.0)] * self.indicated)

    @property
    def curves(self) -> tuple[Curve | None, ...]:
        return (self.curve, *[None] * self.indicated)

    @property
    def may_lack(self) -> bool:
        """Whether something stands for a missing cell."""
        return self.fill is not None

    @property
    def is_new_to_gaps(self) -> bool:
        return self.indicated and not self.seen_gaps

    def check(self, cells: Gathering) -> None:
        check_numbers(self.name, cells, may_lack=self.may_lack)

    def unusable(self, cells: Gathering) -> int:
        filled = marks_no_number if self.fill is not None else lambda text: False
        counts = cells.vocabulary.by_count().items()
        return sum(count for text, count in counts if not filled(text))

    def lacks(self, cells: Gathering) -> Tensor:
        return numbers_of(cells).isnan()

    def filling(self) -> Self:
        return self if self.fill is not None else self.replace(fill=self.shift)

    def values(self, cells: Gathering) -> Tensor:
        return numbers_of(cells)

    def encode(self, values: Tensor, inputs: Tensor) -> None:
        for first in range(0, len(values), PIECE):
            rows = slice(first, first + PIECE)
            numbers = values[rows]
            missing = numbers.isnan()
            if self.fill is not None:
                numbers = numbers.where(~missing, self.fill)
            numbers = (numbers - self.shift).div_(self.scale)
            inputs[rows, 0] = self.curve.bent(numbers) if self.curve else numbers
            if self.indicated:
                inputs[rows, 1] = missing.to(inputs.dtype) if self.seen_gaps else 0

    def to_json(self) -> dict[str, Any]:
        learned = {"shift": self.shift, "scale": self.scale, "fill": self.fill}
        about = {"column": self.name, "kind": "number", **learned}
        about |= self.curve.to_json() if self.curve else {}
        return about | _indication(self.indicated, self.seen_gaps)


class Categories(Encoder):
    """An input for each of ``names``, which is 1 where a cell holds that name, and else 0.

    No training row had the names that ``learned`` is false for: their inputs are always 0, as all
    are for a name that is not there. ``fill`` is the name that takes a missing cell's place.
    """

    names: tuple[str, ...]
    learned: tuple[bool, ...]
    fill: str | None = None
    indicated: bool = False
    seen_gaps: bool = True
    as_text: ClassVar[bool] = True

    @classmethod
    def fit(
        cls,
        name: str,
        names: tuple[str, ...],
        train: Tensor,
        filled: bool = False,
        indicated: bool = False,
    ) -> Self:
        """Learn from the training rows ``train``, which are indices of ``names``, or -1 where a
        cell is missing. If that is ``filled``, the most frequent name takes its place.

        Shape: [N].
        """
        counts = train[train >= 0].long().bincount(minlength=len(names))
        return cls.of_counts(name, names, counts, int((train < 0).sum()), filled, indicated)

    @classmethod
    def of_counts(
        cls,
        name: str,
        names: tuple[str, ...],
        counts: Tensor,
        missing: int,
        filled: bool = False,
        indicated: bool = False,
    ) -> Self:
        """The same, by how many training rows have each name, and in how many it is ``missing``."""
        fill = names[int(counts.argmax())] if filled else None
        seen_gaps = not indicated or missing > 0
        return cls(name, names, tuple((counts > 0).tolist()), fill, indicated, seen_gaps)

    @property
    def input_names(self) -> tuple[str, ...]:
        each = (f"{self.name} = {name}" for name in self.names)
        return (*each, *_indicator(self.name, self.indicated))

    @property
    def scaling(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 1.0),) * len(self.input_names)

    @property
    def may_lack(self) -> bool:
        """Whether something stands for a missing cell."""
        return self.fill is not None

    @property
    def pairs(self) -> Iterable[tuple[str, bool]]:
        """Each name, and whether a training row had it."""
        return zip(self.names, self.learned, strict=True)

    @property
    def is_new_to_gaps(self) -> bool:
        return self.indicated and not self.seen_gaps

    def check(self, cells: Gathering) -> None:
        indices = Names(self.names).of_texts(cells)
        if not self.may_lack and MISSING in indices:
            code = indices.index(MISSING)
            text, row = cells.vocabulary.texts[code], cells.vocabulary.rows[code]
            raise ColumnError.of_cell(self.name, row, text, "takes the name of a category")

    def unusable(self, cells: Gathering) -> int:
        if self.may_lack:
            return 0
        indices = Names(self.names).of_texts(cells)
        counts = zip(indices, cells.vocabulary.counts, strict=True)
        return sum(count for index, count in counts if index == MISSING)

    def lacks(self, cells: Gathering) -> Tensor:
        return Names(self.names).indices(cells) == MISSING

    def filling(self) -> Self:
        return self if self.fill is not None else self.replace(fill=self.names[0])

    def values(self, cells: Gathering) -> Tensor:
        return Names(self.names).indices(cells)

    def encode(self, values: Tensor, inputs: Tensor) -> None:
        # UNKNOWN and MISSING, counted from the end, are the last two.
        ones = torch.tensor([*self.learned, False, False], dtype=inputs.dtype, device="cpu")
        inputs.zero_()
        for first in range(0, len(values), PIECE):
            rows = slice(first, first + PIECE)
            found = values[rows].long()
            missing = found == MISSING
            if self.fill is not None:
                found = found.where(~missing, self.names.index(self.fill))
            inputs[rows].scatter_(1, found.clamp(min=0).unsqueeze(1), ones[found].unsqueeze(1))
            if self.indicated:
                inputs[rows, -1] = missing.to(inputs.dtype) if self.seen_gaps else 0

    def unseen(self, cells: Gathering) -> Mapping[str, int]:
        learned = [*self.learned, False, True]  # UNKNOWN and MISSING are the last two
        indices = Names(self.names).of_texts(cells)
        counts = zip(cells.vocabulary.by_count().items(), indices, strict=True)
        named = {text: count for (text, count), index in counts if not learned[index]}
        return {**named, **super().unseen(cells)}

    def to_json(self) -> dict[str, Any]:
        learned = {"names": [*self.names], "learned": [*self.learned], "fill": self.fill}
        about = {"column": self.name, "kind": "category", **learned}
        return about | _indication(self.indicated, self.seen_gaps)


class Codes(Categories):
    """One input, the token of a category: its place among the names, counted from 1. 0 is any name
    that no training row had, and a missing cell, if such are ``filled``.
    """

    filled: bool = False

    @classmethod
    def of(cls, name: str, names: tuple[str, ...], train: Tensor, filled: bool) -> Self:
        """Learn from the training rows ``train``, as ``fit`` does."""
        counts = train[train >= 0].long().bincount(minlength=len(names))
        return cls(name, names, tuple((counts > 0).tolist()), filled=filled)

    @property
    def input_names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def may_lack(self) -> bool:
        return self.filled

    def filling(self) -> Self:
        return self.replace(filled=True)

    def encode(self, values: Tensor, inputs: Tensor) -> None:
        # UNKNOWN and MISSING, counted from the end, are the last two.
        tokens = [place * known for place, known in enumerate(self.learned, 1)]
        known = torch.tensor([*tokens, 0, 0], dtype=inputs.dtype, device="cpu")
        inputs[:, 0] = known[values.long()]

    def to_json(self) -> dict[str, Any]:
        learned = {"names": [*self.names], "learned": [*self.learned], "filled": self.filled}
        return {"column": self.name, "kind": "code", **learned}


def encoder_of(data: object) -> Encoder:
    """The encoder that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
    match data:
        case {"column": str(name), "kind": "number", "shift": shift, "scale": scale,
              "fill": fill, "indicated": bool(indicated), **more} if (
            _NUMBER.accepts(shift) and _NUMBER.accepts(scale) and scale > 0
            and (fill is None or _NUMBER.accepts(fill))
        ):  # fmt: skip
            filled = None if fill is None else float(fill)
            bent = {key: more.pop(key) for key in ("curve", "values") if key in more}
            about = filled, indicated, _seen_gaps(more), curve_of(bent)
            return Numbers(name, float(shift), float(scale), *about)
        case {"column": str(name), "kind": "category", "names": [_, *_] as names,
              "learned": list(learned), "fill": None | str() as fill,
              "indicated": bool(indicated), **more} if (
            are_names(names) and len(learned) == len(names)
            and all(isinstance(one, bool) for one in learned) and (fill is None or fill in names)
        ):  # fmt: skip
            seen_gaps = _seen_gaps(more)
            return Categories(name, tuple(names), tuple(learned), fill, indicated, seen_gaps)
        case {"column": str(name), "kind": "code", "names": [_, *_] as names,
              "learned": list(learned), "filled": bool(filling), **more} if (
            not more and are_names(names) and len(learned) == len(names)
            and all(isinstance(one, bool) for one in learned)
        ):  # fmt: skip
            return Codes(name, tuple(names), tuple(learned), filled=filling)
    raise ValueError("this is no input of a pipeline")


def _indication(indicated: bool, seen_gaps: bool) -> dict[str, bool]:
    """What JSON says of the input for missing cells; that it is unlearned, where it is."""
    return {"indicated": indicated} | ({} if seen_gaps else {"seen_gaps": False})


def _seen_gaps(more: Mapping[Any, object]) -> bool:
    """Raises ValueError for anything else than what ``_indication`` adds."""
    if more and more != {"seen_gaps": False}:
        raise ValueError("this is no input of a pipeline")
    return not more


def are_names(names: object) -> bool:
    """Whether it is a list of texts, of which no two are the same."""
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return False
    return len({*names}) == len(names)


def _middle(present: Tensor, kind: str) -> float:
    if kind == "mean":
        return float(present.mean())
    ordered, half = present.sort().values, len(present) // 2
    return float(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2)


def _indicator(name: str, indicated: bool) -> tuple[str, ...]:
    return (f"{name} is missing",) if indicated else ()
