"""What takes time to read is read beside the work on what was read before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Asked = TypeVar("_Asked")
_Read = TypeVar("_Read")


def ahead(read: Callable[[_Asked], _Read], each: Iterable[_Asked]) -> Iterator[_Read]:
    """What ``read`` gives for each: the next one is read in a thread while one is used.

    >>> [*ahead(str.upper, "abc")]
    ['A', 'B', 'C']
    """
    with ThreadPoolExecutor(1) as beside:
        coming = None
        for asked in each:
            ready, coming = coming, beside.submit(read, asked)
            if ready:
                yield ready.result()
        if coming:
            yield coming.result()
