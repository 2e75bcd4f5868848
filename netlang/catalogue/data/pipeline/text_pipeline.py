"""A text's pipeline turns its symbols into tokens, and tokens into text again.

An exported file has a copy of ``windows``, so it uses nothing but torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.data.columns.texts import BYTES
from netlang.catalogue.data.pipeline.goals import Classes
from netlang.system.lazy import torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from torch import Tensor

_BLANK = "space"  # what the symbol ` ` is called


class TextPipeline(Value):
    """How text becomes samples of ``context`` tokens: each symbol is its place among ``symbols``.

    These are characters in the order of their code points, or if ``by`` is "bytes" all 256 bytes,
    each as the character of its number.
    """

    by: str
    context: int
    symbols: tuple[str, ...]

    columns = ()  # of a table, which it needs none of
    target = ("next symbol",)

    @property
    def goal(self) -> Classes:
        """What is predicted: which symbol comes next."""
        return Classes(self.target, self.classes)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the symbols, in the order of their tokens."""
        return tuple(map(self._name, self.symbols))

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.context,)

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(f"text[{place}]" for place in range(self.context))

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text.  Raises ValueError for a character that training did not have."""
        if self.by == "bytes":
            return [*text.encode()]
        places = {symbol: place for place, symbol in enumerate(self.symbols)}
        if other := next((symbol for symbol in text if symbol not in places), None):
            raise ValueError(f"the text that the model was trained on has no {other!r}")
        return [places[symbol] for symbol in text]

    def text(self, tokens: Iterable[int]) -> str:
        """The text of tokens; bytes that are no UTF-8 become the sign for that."""
        if self.by == "bytes":
            return bytes(tokens).decode(errors="replace")
        return "".join(self.symbols[token] for token in tokens)

    def to_values(self, outputs: Tensor) -> Tensor:
        """Tokens have no units: what it takes, as it is."""
        return outputs

    def to_inputs(self, numbers: Tensor) -> Tensor:
        """Tokens [N, context] in the dtype of a network's inputs."""
        return numbers.to(torch.get_default_dtype())

    def to_numbers(self, inputs: Tensor) -> Tensor:
        """Shape: [N, context] -> [N, context] float64."""
        return inputs.double()

    def to_json(self) -> dict[str, Any]:
        """The pipeline as JSON."""
        symbols = [] if self.by == "bytes" else [*self.symbols]
        return {"text": self.by, "context": self.context, "symbols": symbols}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The pipeline that ``to_json`` made ``data`` of.  Raises ValueError if there is none."""
        match data:
            case {"text": "bytes", "context": int(context), "symbols": []} if context > 0:
                return cls("bytes", context, BYTES)
            case {"text": "characters", "context": int(context), "symbols": [_, _, *_] as symbols}:
                are_characters = all(isinstance(one, str) and len(one) == 1 for one in symbols)
                if are_characters and context > 0 and symbols == sorted({*symbols}):
                    return cls("characters", context, tuple(symbols))
        raise ValueError("this is no pipeline of text")

    def _name(self, symbol: str) -> str:
        """What a symbol is called where it stands alone: signs that nobody would see have names."""
        if symbol == " ":
            return _BLANK
        if self.by == "bytes" and not (symbol.isascii() and symbol.isprintable()):
            return f"\\x{ord(symbol):02x}"
        return symbol if symbol.isprintable() else symbol.encode("unicode_escape").decode()


def windows(
    tokens: torch.Tensor,
    context: int,
    stride: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Samples of tokens, and the token that comes next at each of their places.

    A sample begins ``stride`` tokens behind the one before, of more than ``context``
    in all.  Shape: [M] -> [N, context] in the default dtype, and [N, context] int64.
    """
    both = tokens.unfold(0, context + 1, stride)
    return both[:, :-1].to(torch.get_default_dtype()), both[:, 1:].clone()
