"""The row groups of a Parquet file, each of which is packed by itself: how many rows it has.

The end of the file says so, in Thrift's compact protocol. Polars reads that too, and tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_END = 8  # bytes: how long the part before is, and a mark
_MARK = b"PAR1"
_GROUPS, _ROWS = 4, 3  # fields: the row groups of a file, and the rows of a group
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12


def rows_of_groups(file: Path) -> tuple[int, ...]:
    """How many rows each row group has.  Raises ValueError for a file that has no such end, and
    OSError.
    """
    with file.open("rb") as opened:
        length = opened.seek(0, 2)
        opened.seek(max(0, length - _END))
        end = opened.read()
        size = int.from_bytes(end[:4], "little")
        if end[4:] != _MARK or size > length - _END:
            raise ValueError("a Parquet file ends in its description")
        opened.seek(length - _END - size)
        description = opened.read(size)
    try:
        return tuple(_groups(_Compact(description)))
    except IndexError:
        raise ValueError("a Parquet file's description is cut off") from None


def _groups(description: _Compact) -> Iterator[int]:
    for field, kind in description.fields():
        if field != _GROUPS:
            description.skip(kind)
            continue
        count, _ = description.items()
        for _ in range(count):
            for its, its_kind in description.fields():
                if its == _ROWS:
                    yield description.number()
                else:
                    description.skip(its_kind)


class _Compact:
    """Values one behind the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """The number of each field of a struct, and its kind. Its value has to be read next."""
        field = 0
        while head := self._byte():
            step = head >> 4
            field = field + step if step else self.number()
            yield field, head & 15

    def items(self) -> tuple[int, int]:
        """How many items a list has, and their kind."""
        head = self._byte()
        count = head >> 4
        return (self._word() if count == 15 else count), head & 15

    def number(self) -> int:
        word = self._word()
        return word >> 1 ^ -(word & 1)

    def skip(self, kind: int) -> None:
        """Pass by the value of a field; the field's own head holds a truth value."""
        if kind in (_TRUE, _FALSE):
            return
        if kind == _BINARY:
            size = self._word()
            self._at += size
        elif kind == _STRUCT:
            for _, its_kind in self.fields():
                self.skip(its_kind)
        elif kind in (_LIST, _SET):
            count, its_kind = self.items()
            for _ in range(count):
                self._skip_item(its_kind)
        elif kind == _MAP:
            if count := self._word():
                kinds = self._byte()
                for _ in range(count):
                    self._skip_item(kinds >> 4)
                    self._skip_item(kinds & 15)
        elif kind in (_BYTE, _DOUBLE):
            self._at += 1 if kind == _BYTE else 8
        else:
            self._word()

    def _skip_item(self, kind: int) -> None:
        self.skip(_BYTE if kind in (_TRUE, _FALSE) else kind)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _word(self) -> int:
        """A number without a sign, the lowest seven bits first."""
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
