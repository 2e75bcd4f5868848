"""Samples that stay in their file: a window of them is read, while another is computed on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netlang.catalogue.data.dataset import Samples
from netlang.system.ahead import ahead
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

WINDOW = 1 << 25
"""Numbers of the samples that are read at once, about."""


class InBlocks(ABC):
    """A part of the rows of a file. ``sizes`` says how many of its samples are in each block."""

    sizes: Sequence[int]

    @abstractmethod
    def room(self, count: int) -> Samples:
        """So many samples, of any numbers."""

    @abstractmethod
    def rows(self, block: int) -> int:
        """How many samples ``read`` makes of a block: those of other parts may be among them."""

    @abstractmethod
    def read(self, block: int, room: Samples) -> Tensor:
        """Put the samples of a block into a ``room`` for them; which of these are of the part.

        Shape: [n] int64, ascending.
        """


class Window(NamedTuple):
    """Samples in a ``room``, where they are at some ``places``.  Shape: places [n] int64."""

    room: Samples
    places: Tensor

    def samples(self) -> Samples:
        """The samples, in their order."""
        if len(self.places) == len(self.room):
            return self.room
        inputs, targets = self.room.inputs, self.room.targets
        return Samples(inputs.index_select(0, self.places), targets.index_select(0, self.places))


class StreamedSamples(Samples):
    """The samples of a part, which are ``read`` some blocks at a time: those of a window, of which
    so many fit ``at_once``, or one block.

    ``inputs`` and ``targets`` are all of them: they are read for whoever cannot take ``pieces``.
    """

    part: InBlocks = NotImplemented
    at_once: int = 1

    def __init__(self, part: InBlocks, at_once: int) -> None:
        self.__dict__.update(part=part, at_once=at_once)

    def __getattr__(self, name: str) -> Tensor:
        if name not in ("inputs", "targets"):
            raise AttributeError(name)
        found: Tensor = getattr(self.whole(), name)
        return found

    def __len__(self) -> int:
        return sum(self.part.sizes)

    def __repr__(self) -> str:
        return f"StreamedSamples({len(self)} of {len(self.part.sizes)} blocks)"

    def whole(self) -> Samples:
        """All of them, in the order of the file."""
        return self.window(self.blocks).samples()

    def some(self) -> Samples:
        return self.window(self.blocks[:1]).samples()

    def pieces(self) -> Iterator[Samples]:
        for window in ahead(self.window, self.windows(self.blocks)):
            yield window.samples()

    @property
    def blocks(self) -> list[int]:
        """The blocks that have samples."""
        return [block for block, size in enumerate(self.part.sizes) if size]

    def windows(self, blocks: Iterable[int]) -> list[list[int]]:
        """The blocks of each window, where they come in this order."""
        windows, left = list[list[int]](), 0
        for block in blocks:
            size = self.part.sizes[block]
            if not windows or size > left:
                windows.append([])
                left = self.at_once
            windows[-1].append(block)
            left -= size
        return windows

    def window(self, blocks: Sequence[int], spare: int = 0) -> Window:
        """The samples of some blocks, one behind the other, and ``spare`` room behind them."""
        rows = [*map(self.part.rows, blocks)]
        room, end = self.part.room(sum(rows) + spare), 0
        places: list[Tensor] = []
        for block, count in zip(blocks, rows, strict=True):
            begin, end = end, end + count
            own = Samples(room.inputs[begin:end], room.targets[begin:end])
            places.append(self.part.read(block, own).add_(begin))
        for one in (room.inputs, room.targets):
            one[end:] = 0  # which any network takes
        return Window(room, torch.cat(places))
