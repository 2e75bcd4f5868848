"""Samples that stay in their file: a window of them is read, while another is computed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from netlang.catalogue.data.dataset import Samples
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_Window = TypeVar("_Window")
_Read = TypeVar("_Read")

WINDOW = 1 << 24
"""Numbers of the samples that are read at once, about."""


class StreamedSamples(Samples):
    """The samples of a part, of which ``read`` gives those of a block, and ``sizes`` says how many
    these are. A window of them is so many ``blocks`` at a time.

    ``inputs`` and ``targets`` are all of them: they are read for whoever cannot take ``pieces``.
    """

    read: Callable[[int], Samples] = NotImplemented
    sizes: Sequence[int] = ()
    blocks: int = 1

    def __init__(self, read: Callable[[int], Samples], sizes: Sequence[int], blocks: int) -> None:
        self.__dict__.update(read=read, sizes=sizes, blocks=blocks)

    def __getattr__(self, name: str) -> Tensor:
        if name not in ("inputs", "targets"):
            raise AttributeError(name)
        found: Tensor = getattr(self.whole(), name)
        return found

    def __len__(self) -> int:
        return sum(self.sizes)

    def __repr__(self) -> str:
        return f"StreamedSamples({len(self)} of {len(self.sizes)} blocks)"

    def whole(self) -> Samples:
        """All of them, in the order of the file."""
        return self.window(range(len(self.sizes)))

    def some(self) -> Samples:
        return self.read(next(block for block, size in enumerate(self.sizes) if size))

    def window(self, blocks: Iterable[int], places: Tensor | None = None) -> Samples:
        """The samples of some blocks, one behind the other, or each at a place of its own.

        Shape: places [N] int64, a permutation.
        """
        some = [block for block in blocks if self.sizes[block]]
        if places is None:
            places = torch.arange(sum(self.sizes[block] for block in some), device="cpu")
        rooms: list[Tensor] = []
        end = 0
        for block in some:
            found = self.read(block)
            both = found.inputs, found.targets
            rooms = rooms or [one.new_empty(len(places), *one.shape[1:]) for one in both]
            begin, end = end, end + len(found)
            for room, one in zip(rooms, both, strict=True):
                room.index_copy_(0, places[begin:end], one)
        return Samples(*rooms)

    def pieces(self) -> Iterator[Samples]:
        firsts = range(0, len(self.sizes), self.blocks)
        windows = (range(len(self.sizes))[first : first + self.blocks] for first in firsts)
        filled = (one for one in windows if any(self.sizes[block] for block in one))
        yield from ahead(self.window, filled)


def ahead(read: Callable[[_Window], _Read], windows: Iterable[_Window]) -> Iterator[_Read]:
    """What ``read`` gives for each of the windows: the next one is read while one is used."""
    with ThreadPoolExecutor(1) as beside:
        coming = None
        for window in windows:
            ready, coming = coming, beside.submit(read, window)
            if ready:
                yield ready.result()
        if coming:
            yield coming.result()
