"""A network as another framework's file says it, in netlang's layers.

Every reader makes one of its file, and one writer makes a .net file of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import PlainValue
from netlang.language.source import Span
from netlang.system.record import Record, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Formula(Value):
    """A value that is found or computed in the .net file, as its text."""

    text: str


HOLE = Formula("_")  # a size that netlang finds
Argument = PlainValue | Formula
Size = int | None  # None for a size that the file leaves open, such as the length of a sequence


class ForeignInput(Record):
    """An input of the network: the shape of one sample without the batch, None if unknown; and how
    many ``tokens`` there are, if it holds some.
    """

    name: str
    shape: tuple[Size, ...] | None = None
    span: Span | None = None
    tokens: int | None = None


class ForeignLayer(Record):
    """A layer of netlang's that does what one of the foreign file does.

    ``name`` is its own in the foreign file, or made of it: no two layers or inputs have the same.
    ``call`` is the layer's name in the catalogue, and ``inputs`` are the names of what it gets, in
    order. ``arguments`` are by netlang's names; a needed one that is left out is written as ``_``.
    ``tensors`` are its weights and statistics by netlang's names, where the file has them.
    ``shares`` names the earlier layer whose weights are this one's, too. ``remark`` is a comment.

    Where the catalogue has no such layer, ``lacks`` says why, and perhaps what comes near it;
    ``call`` is then a name of the foreign framework's.
    """

    name: str
    call: str
    inputs: tuple[str, ...]
    arguments: Mapping[str, Argument] = {}
    span: Span | None = None
    tensors: Mapping[str, NDArray[Any]] = {}
    shares: str | None = None
    remark: str = ""
    lacks: str = ""


class ForeignGraph(Record):
    """All of a foreign file that netlang can say.

    ``layers`` stand in topological order, and ``outputs`` are the names of those that the network
    ends in. ``settings`` are netlang's text by the name of a setting, such as ``loss``. ``remarks``
    are sentences about what the .net file says otherwise, or not at all.
    """

    name: str
    inputs: tuple[ForeignInput, ...]
    layers: tuple[ForeignLayer, ...]
    outputs: tuple[str, ...]
    settings: Mapping[str, str] = {}
    remarks: tuple[str, ...] = ()

    @cached_property
    def lacking(self) -> tuple[ForeignLayer, ...]:
        """The layers that the catalogue has not."""
        return tuple(layer for layer in self.layers if layer.lacks)
