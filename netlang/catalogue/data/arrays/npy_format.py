"""The NPY format of NumPy's arrays, and NPZ, a ZIP archive of them; never of Python objects.

Source: numpy.lib.format, "NPY format".
"""

from __future__ import annotations

import io
import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from netlang.catalogue.data.arrays.opened import Refused, check_expansion
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.lazy import np

_ANEW = "write it anew by `numpy.save`"
_LOCAL = struct.Struct("<4s22xHH")  # of a member's own header in an archive
_LONGEST = 1 << 16  # bytes of a header that are looked at
_MOST_DIMENSIONS = 8
_MOST_NAMED = 12
_OTHER = {
    "O": "Python objects, which can run code when they are read",
    "V": "records of several fields",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
}


def array_in(content: memoryview) -> Any:
    """The array in the bytes of an NPY file, which are not copied.

    Raises Refused for bytes that are none, for an array of what is neither numbers nor texts, and
    for bytes that are too few or too many for what the header says.
    """
    shape, fortran, dtype, start = _header(content)
    if dtype.hasobject or dtype.names or dtype.kind in _OTHER:
        kind = "O" if dtype.hasobject else "V" if dtype.names else dtype.kind
        help = "save one array of plain numbers, such as by `x.astype(float)`"
        raise Refused(f"it holds {_OTHER[kind]}", help)
    if min(shape, default=1) <= 0 or not dtype.itemsize:
        raise Refused(f"it holds nothing: its shape is {[*shape]}", "save an array of samples")
    if not 1 <= len(shape) <= _MOST_DIMENSIONS:
        raise Refused(f"it has {len(shape)} dimensions", "save an array with a row for each sample")
    size, there = math.prod(shape) * dtype.itemsize, len(content) - start
    if size != there:
        raise Refused(f"its header says {size:,} bytes of numbers, and there are {there:,}", _ANEW)
    flat = np.frombuffer(content, dtype, offset=start)
    return flat.reshape(shape, order="F" if fortran else "C")


def member_in(content: memoryview, name: str) -> Any:
    """The array ``name`` of an NPZ archive; its bytes are not copied if they are not compressed.

    Raises Refused.
    """
    anew = "write it anew by `numpy.savez`"
    try:
        with zipfile.ZipFile(io.BufferedReader(_Bytes(content))) as archive:
            there = {one.removesuffix(".npy"): one for one in archive.namelist()}
            return array_in(_member(archive, _named(name, there), content))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise Refused(f"it is no NPZ archive that is whole: {error}", anew) from None
    except (NotImplementedError, RuntimeError) as error:  # an encryption, another compression
        raise Refused(f"it is an archive of another kind: {error}", anew) from None


def _named(name: str, there: Mapping[str, str]) -> str:
    if name in there:
        return there[name]
    meant = nearest(name, [*there])
    help = f"did you mean `{meant}`?" if meant else 'name two of them: `inputs="...", target="..."`'
    has = listed(in_code(there), _MOST_NAMED) if there else "nothing"
    raise Refused(f"it has no array `{name}`; it has {has}", help)


def _member(archive: zipfile.ZipFile, name: str, content: memoryview) -> memoryview:
    found = archive.getinfo(name)
    check_expansion(found.compress_size, found.file_size)
    if found.compress_type != zipfile.ZIP_STORED or found.flag_bits & 1:
        return memoryview(archive.read(found))
    header = content[found.header_offset :][: _LOCAL.size]
    sign, *lengths = _LOCAL.unpack(header)
    start = found.header_offset + _LOCAL.size + sum(lengths)
    data = content[start : start + found.file_size]
    if sign != b"PK\3\4" or len(data) != found.file_size or zlib.crc32(data) != found.CRC:
        raise zipfile.BadZipFile(f"the bytes of `{name}` are not those that were written")
    return data


def _header(content: memoryview) -> tuple[tuple[int, ...], bool, Any, int]:
    """The shape, whether it is in Fortran's order, the dtype, and where the numbers begin."""
    beginning = io.BytesIO(content[:_LONGEST])
    try:
        version = np.lib.format.read_magic(beginning)
    except ValueError:
        raise Refused("it does not begin as an NPY file does", _ANEW) from None
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in read:
        raise Refused(f"it is of the NPY format's version {version[0]}.{version[1]}", _ANEW)
    try:
        with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
            shape, fortran, dtype = read[version](beginning)
    except Exception:  # the header is an expression of Python, which may be wrong in many ways
        raise Refused("its header is damaged", _ANEW) from None
    return shape, fortran, dtype, beginning.tell()


class _Bytes(io.RawIOBase):
    """A file to read, of bytes that are there."""

    def __init__(self, content: memoryview) -> None:
        self.content, self.place = content, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        some = self.content[self.place : self.place + len(buffer)]
        buffer[: len(some)] = some
        self.place += len(some)
        return len(some)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: len(self.content)}[whence]
        if start + offset < 0:
            raise ValueError("it ends too early")
        self.place = start + offset
        return self.place
