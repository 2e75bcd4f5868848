"""The IDX format of MNIST's files: a dtype, dimensions, and the numbers in big-endian order.

Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from netlang.catalogue.data.arrays.opened import Refused, check_expansion
from netlang.catalogue.data.arrays.stored import Stored
from netlang.system.lazy import np

_DTYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_GZIP = b"\x1f\x8b"
_ANEW = "IDX files are those of MNIST and its like; get this one again"
_PICTURES = re.compile(r"images(.*)idx[2-4](-ubyte)$")
_MOST_DIMENSIONS = 8
_LONGEST = 4 + 4 * _MOST_DIMENSIONS  # bytes of a header


def labels_of(name: str) -> list[str]:
    """What the file with the labels of the pictures in the file ``name`` may be called; nothing if
    that is no such file.

    >>> labels_of("t10k-images-idx3-ubyte.gz")
    ['t10k-labels-idx1-ubyte.gz', 't10k-labels-idx1-ubyte']
    """
    labels, count = _PICTURES.subn(r"labels\g<1>idx1\g<2>", name.removesuffix(".gz"))
    both = [labels, f"{labels}.gz"]
    return [] if not count else both[::-1] if name.endswith(".gz") else both


def array_in(content: memoryview) -> Any:
    """The array in the bytes of an IDX file, compressed by gzip or not; they are not copied if not.

    Raises Refused for bytes that are none, or too few or too many for what their header says.
    """
    if content[:2] == _GZIP:
        with opened(io.BytesIO(content), len(content)) as stored:
            return stored.whole()
    start = io.BytesIO(content[:_LONGEST])
    stored = _stored(start)
    _check_length(stored, len(content))
    return np.frombuffer(content, stored.dtype, offset=stored.start).reshape(stored.shape)


@contextmanager
def opened(file: IO[bytes], length: int) -> Iterator[Stored]:
    """The array in an IDX file of so many bytes, compressed by gzip or not.

    Raises Refused as ``array_in`` does.
    """
    # gzip takes time to import, and a file of tables does without.
    from gzip import BadGzipFile, GzipFile

    is_packed = file.read(2) == _GZIP
    file.seek(0)
    try:
        stream: Any = GzipFile(fileobj=file) if is_packed else file
        stored = _stored(stream)
        if is_packed:
            check_expansion(length, stored.start + stored.size)
        else:
            _check_length(stored, length)
        yield stored
    except EOFError:
        raise Refused("it ends too early", _ANEW) from None
    except (BadGzipFile, zlib.error):
        raise Refused("it is damaged: gzip cannot expand it", _ANEW) from None


def _check_length(stored: Stored, length: int) -> None:
    """Raises Refused if header and numbers are not all of the ``length`` bytes that there are."""
    size = stored.start + stored.size
    if size != length:
        raise Refused(f"its header says {size:,} bytes, and there are {length:,}", _ANEW)


def _stored(stream: IO[bytes]) -> Stored:
    """The array whose header ``stream`` is at the beginning of.  Raises Refused."""
    sign = stream.read(4)
    if len(sign) < 4 or sign[:2] != b"\0\0" or sign[2] not in _DTYPES:
        raise Refused("it does not begin as an IDX file does", _ANEW)
    dimensions = sign[3]
    if not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise Refused(f"its header says {dimensions} dimensions", _ANEW)
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise Refused("it ends within its header", _ANEW)
    shape = struct.unpack(f">{dimensions}I", sizes)
    if 0 in shape:
        raise Refused(f"it holds nothing: its shape is {[*shape]}", _ANEW)
    return Stored(stream, 4 + len(sizes), shape, np.dtype(_DTYPES[sign[2]]), _ANEW)
