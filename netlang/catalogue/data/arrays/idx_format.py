"""The IDX format of MNIST's files: a dtype, dimensions, and the numbers in big-endian order.

Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import math
import struct
import zlib
from typing import Any

from netlang.catalogue.data.arrays.opened import Refused, check_expansion
from netlang.system.lazy import np

_DTYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_GZIP = b"\x1f\x8b"
_HELP = "IDX files are those of MNIST and its like; get this one again"
_LONGEST = 4 + 4 * 255  # bytes of a header
_MOST_DIMENSIONS = 8


def array_in(content: memoryview) -> Any:
    """The array in the bytes of an IDX file, compressed by gzip or not; they are not copied if not.

    Raises Refused for bytes that are none, or too few or too many for what their header says.
    """
    if content[:2] == _GZIP:
        shape, dtype, start = _header(_inflated(content[:_LONGEST], _LONGEST, whole=False))
        size = start + math.prod(shape) * dtype.itemsize
        check_expansion(len(content), size)
        content = memoryview(_inflated(content, size, whole=True))
    shape, dtype, start = _header(content[:_LONGEST])
    size = start + math.prod(shape) * dtype.itemsize
    if size != len(content):
        raise Refused(f"its header says {size:,} bytes, and there are {len(content):,}", _HELP)
    return np.frombuffer(content, dtype, offset=start).reshape(shape)


def _header(content: memoryview | bytes) -> tuple[tuple[int, ...], Any, int]:
    """The shape, the dtype, and where the numbers begin.  Raises Refused."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _DTYPES:
        raise Refused("it does not begin as an IDX file does", _HELP)
    dimensions, start = content[3], 4 + 4 * content[3]
    if not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise Refused(f"its header says {dimensions} dimensions", _HELP)
    if len(content) < start:
        raise Refused("it ends within its header", _HELP)
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    if 0 in shape:
        raise Refused(f"it holds nothing: its shape is {[*shape]}", _HELP)
    return shape, np.dtype(_DTYPES[content[2]]), start


def _inflated(content: memoryview, most: int, whole: bool) -> bytes:
    """The first ``most`` bytes of what gzip compressed; they must be all of it if it is ``whole``.

    Raises Refused.
    """
    stream = zlib.decompressobj(wbits=31)  # of gzip, with its checksum
    try:
        data = stream.decompress(content, most)
        beyond = stream.decompress(stream.unconsumed_tail, 1) if whole else b""
    except zlib.error:
        raise Refused("it is damaged: gzip cannot expand it", _HELP) from None
    if whole and (beyond or stream.unused_data):
        raise Refused(f"it holds more than the {most:,} bytes that its header says", _HELP)
    if whole and not stream.eof:
        raise Refused("it ends too early", _HELP)
    return data
