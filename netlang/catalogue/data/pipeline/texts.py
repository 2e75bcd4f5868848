"""Texts in a column of a table become sequences of tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, ClassVar, Self

from netlang.catalogue.data.columns.texts import BYTES, symbols_of
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline.cells import ColumnError
from netlang.catalogue.data.pipeline.encoders import Encoder, are_names
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

OTHER = 0
"""The token of all symbols that no training row has; an empty text is one of it."""


class Texts(Encoder):
    """The first ``length`` symbols of a text, with NaN behind its end. The token of one of
    ``symbols`` is its place among them, counted from 1; those that no training row has are not
    ``learned``. What a symbol is, ``by`` says. A missing text is empty, if such are ``filled``.
    """

    by: str
    length: int
    symbols: tuple[str, ...]
    learned: tuple[bool, ...]
    filled: bool = False
    as_text: ClassVar[bool] = True

    @classmethod
    def fit(
        cls,
        name: str,
        by: str,
        length: int,
        symbols: tuple[str, ...],
        train: Iterable[str],
        filled: bool,
    ) -> Self:
        """Learn from the texts ``train`` which of the ``symbols`` there are."""
        seen = {symbol for text in train for symbol in symbols_of(text, by)[:length]}
        learned = tuple(symbol in seen for symbol in symbols)
        return cls(name, by, length, symbols, learned, filled)

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}[{place}]" for place in range(self.length))

    @property
    def scaling(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 1.0),) * self.length

    @property
    def is_new_to_gaps(self) -> bool:
        return False

    def check(self, cells: Gathering) -> None:
        texts = cells.vocabulary.texts
        if "" in texts and not self.filled:
            row = cells.vocabulary.rows[texts.index("")]
            raise ColumnError.of_cell(self.name, row, "", "takes a text")

    def unusable(self, cells: Gathering) -> int:
        return 0 if self.filled else cells.vocabulary.by_count().get("", 0)

    def lacks(self, cells: Gathering) -> Tensor:
        empty = torch.tensor([not text for text in cells.vocabulary.texts], device="cpu")
        return empty[_codes(cells)]

    def filling(self) -> Self:
        return self.replace(filled=True)

    def cut(self, cells: Gathering) -> int:
        """How many texts are longer than those of samples."""
        counts = cells.vocabulary.by_count().items()
        return sum(n for text, n in counts if len(symbols_of(text, self.by)) > self.length)

    def times(self, texts: Iterable[str]) -> dict[str, int]:
        """How often each of the symbols is in samples of these texts, the most frequent first."""
        found = Counter(one for text in texts for one in self._symbols(text))
        order = sorted(self.symbols, key=lambda symbol: -found[symbol])
        return {symbol: found[symbol] for symbol in order}

    def _symbols(self, text: str) -> list[str]:
        return symbols_of(text, self.by)[: self.length]

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """Shape: [texts, length] in the default dtype."""
        places = zip(self.symbols, range(1, len(self.symbols) + 1), strict=True)
        known = dict(compress(places, self.learned))
        dtype = torch.get_default_dtype()
        found = torch.full((len(texts), self.length), torch.nan, dtype=dtype, device="cpu")
        for row, text in zip(found, texts, strict=True):
            own = [known.get(one, OTHER) for one in self._symbols(text)]
            row[: max(1, len(own))] = torch.tensor(own or [OTHER], dtype=dtype, device="cpu")
        return found

    def values(self, cells: Gathering) -> Tensor:
        """Shape: [N, length]."""
        return self.tokens(cells.vocabulary.texts)[_codes(cells)]

    def encode(self, values: Tensor, inputs: Tensor) -> None:
        inputs.copy_(values)

    def to_json(self) -> dict[str, Any]:
        symbols = [] if self.by == "bytes" else [*self.symbols]
        learned = {"symbols": symbols, "learned": [*self.learned], "filled": self.filled}
        return {"column": self.name, "kind": "text", "by": self.by, "length": self.length} | learned

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Raises ValueError for what ``to_json`` did not make."""
        match data:
            case {
                "column": str(name),
                "kind": "text",
                "by": "words" | "characters" | "bytes" as by,
                "length": int(length),
                "symbols": list(symbols),
                "learned": list(learned),
                "filled": bool(filled),
            } if length > 0 and all(isinstance(one, bool) for one in learned):
                known = BYTES if by == "bytes" else tuple(symbols)
                if are_names(known) and len(known) == len(learned) > 0:
                    return cls(name, by, length, known, tuple(learned), filled)
        raise ValueError("this is no input of a pipeline")


def _codes(cells: Gathering) -> Tensor:
    """Which of the different texts each cell holds.  Shape: [N] int64."""
    if not cells.rows:
        return torch.zeros(0, dtype=torch.int64, device="cpu")
    return torch.frombuffer(cells.values, dtype=torch.int32).long()
