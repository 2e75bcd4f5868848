"""An array in a file is read at once, or some samples at a time, however many there are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import IO, Any

from netlang.catalogue.data.arrays.opened import Refused
from netlang.system.lazy import np
from netlang.system.machine import memory_limit
from netlang.system.record import Record

_PIECE = 1 << 20  # bytes that are read at once


class Stored(Record):
    """An array of ``shape`` and ``dtype``, whose numbers ``stream`` is about to give. They stand
    behind a header of ``start`` bytes, in the order of Fortran if it is ``fortran``. ``anew`` says
    how to get a file that is not damaged.
    """

    stream: IO[bytes]
    start: int
    shape: tuple[int, ...]
    dtype: Any
    anew: str
    fortran: bool = False

    @property
    def size(self) -> int:
        """The bytes of its numbers."""
        return int(math.prod(self.shape) * self.dtype.itemsize)

    def whole(self) -> Any:
        """The array.  Raises Refused, and what reading the stream raises."""
        if self.size > memory_limit():
            raise Refused("it is larger than this machine's memory", "take a part of it")
        numbers = self._next(self.size)
        self._end()
        return numbers.view(self.dtype).reshape(self.shape, order="F" if self.fortran else "C")

    def parts(self, count: int) -> Iterator[Any]:
        """``count`` samples at a time.  Raises as ``whole`` does."""
        samples, *shape = self.shape
        if self.fortran and shape:  # the numbers of a sample are all over the file
            whole = self.whole()
            yield from (whole[first : first + count] for first in range(0, samples, count))
            return
        each = self.size // samples
        for first in range(0, samples, count):
            numbers = self._next(each * min(count, samples - first))
            yield numbers.view(self.dtype).reshape(-1, *shape)
        self._end()

    def _next(self, size: int) -> Any:
        """So many bytes."""
        numbers, place = np.empty(size, np.uint8), 0
        while place < size:
            some = self.stream.read(min(size - place, _PIECE))
            if not some:
                raise Refused("it ends too early", self.anew)
            numbers[place : place + len(some)] = np.frombuffer(some, np.uint8)
            place += len(some)
        return numbers

    def _end(self) -> None:
        if self.stream.read(1):
            size = self.start + self.size
            raise Refused(f"it holds more than the {size:,} bytes that its header says", self.anew)
