"""The NPY format of NumPy's arrays, and NPZ, a ZIP archive of them; never of Python objects.

Source: numpy.lib.format, "NPY format".
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeVar

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.arrays.opened import Refused, check_expansion
from netlang.catalogue.data.arrays.stored import Stored
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.lazy import np, zipfile

SIGN, _ARCHIVE = b"\x93NUMPY", b"PK"  # begin the files
_ANEW = "write it anew by `numpy.save`"
_ARCHIVE_ANEW = "write it anew by `numpy.savez`"
_LOCAL = struct.Struct("<4s22xHH")  # of a member's own header in an archive
_LONGEST = 1 << 16  # bytes of a header that are looked at
_LONGEST_SIGN = 8
_SAVED = "load it where it was made, and save its arrays by `numpy.savez`"
_KINDS = {  # by the first bytes of files that are taken for one another
    SIGN: ("one array, an NPY file", "let its name end in `.npy`"),
    _ARCHIVE: ("an NPZ file, or another ZIP archive", "name an NPZ file alone: it has both arrays"),
    b"\x89HDF": ("an HDF5 file", _SAVED),
    b"MATLAB": ("a MATLAB file", _SAVED),
    b"\x80": ("a pickle, which can run code when it is read", _SAVED),
    b"\0\0\x08": ("an IDX file, as those of MNIST", 'name its folder: `IDX("...")`'),
    b"PAR1": ("a Parquet file", 'name it as a table: `Table("...", target="...")`'),
}
_OF_KERAS = {  # what Keras calls the arrays of its data sets
    **{"inputs": "x_train", "target": "y_train"},
    **{"test_inputs": "x_test", "test_target": "y_test"},
}
_MOST_DIMENSIONS = 8
_MOST_NAMED = 12
_OTHER = {
    "O": "Python objects, which can run code when they are read",
    "V": "records of several fields",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
}


Found = TypeVar("Found")


def array_in(content: memoryview) -> Any:
    """The array in the bytes of an NPY file, which are not copied.

    Raises Refused for bytes that are none, for an array of what is neither numbers nor texts, and
    for bytes that are too few or too many for what the header says.
    """
    start = io.BytesIO(content[:_LONGEST])
    stored = stored_in(start, len(content))
    flat = np.frombuffer(content, stored.dtype, offset=stored.start)
    return flat.reshape(stored.shape, order="F" if stored.fortran else "C")


def _check_kind(start: bytes, wanted: bytes) -> None:
    """Raises Refused for a file that begins as one of another kind than the ``wanted`` does."""
    for sign, (kind, help) in _KINDS.items():
        if sign != wanted and start.startswith(sign):
            raise Refused(f"it is {kind}", help)


def stored_in(stream: IO[bytes], length: int) -> Stored:
    """The array in an NPY file of so many bytes, which ``stream`` is at the beginning of.

    Raises Refused as ``array_in`` does.
    """
    shape, fortran, dtype, start = _header(stream)
    if dtype.hasobject or dtype.names or dtype.kind in _OTHER:
        kind = "O" if dtype.hasobject else "V" if dtype.names else dtype.kind
        help = "save one array of plain numbers, such as by `x.astype(float)`"
        raise Refused(f"it holds {_OTHER[kind]}", help)
    if min(shape, default=1) <= 0 or not dtype.itemsize:
        raise Refused(f"it holds nothing: its shape is {[*shape]}", "save an array of samples")
    if not 1 <= len(shape) <= _MOST_DIMENSIONS:
        raise Refused(f"it has {len(shape)} dimensions", "save an array with a row for each sample")
    stored, there = Stored(stream, start, shape, dtype, _ANEW, fortran), length - start
    if stored.size != there:
        says = f"its header says {stored.size:,} bytes of numbers"
        raise Refused(f"{says}, and there are {there:,}", _ANEW)
    return stored


class Archive:
    """An NPZ archive that is open. ``names`` has the member with the array of each name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self.names = archive, _names(archive)

    def stored(self, name: str, help: str) -> Stored:
        """The array ``name``.  Raises Refused; ``help`` is the way out if there is none."""
        found = self._archive.getinfo(_named(name, self.names, help))
        check_expansion(found.compress_size, found.file_size)
        stream = self._archive.open(found)
        return _of_member(name, lambda: stored_in(stream, found.file_size))


@contextmanager
def opened_archive(file: IO[bytes]) -> Iterator[Archive]:
    """The NPZ archive in a file.  Raises Refused, also for what is read in the body."""
    with _refusing_damage(), zipfile.ZipFile(file) as archive:
        yield Archive(archive)


def member_in(content: memoryview, name: str) -> Any:
    """The array ``name`` of an NPZ archive; its bytes are not copied if they are not compressed.

    Raises Refused.
    """
    _check_kind(bytes(content[:_LONGEST_SIGN]), _ARCHIVE)
    with _refusing_damage(), zipfile.ZipFile(io.BufferedReader(_Bytes(content))) as archive:
        there = _names(archive)
        data = _member(archive, _named(name, there, _which(name, there)), content)
    return _of_member(name, lambda: array_in(data))


@contextmanager
def _refusing_damage() -> Iterator[None]:
    """Raise Refused where an archive is damaged, or of another kind."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise Refused(f"it is no NPZ archive that is whole: {error}", _ARCHIVE_ANEW) from None
    except (NotImplementedError, RuntimeError):  # another compression, an encryption
        reason = "it is a ZIP archive that is encrypted, or packed in a way of its own"
        raise Refused(reason, _ARCHIVE_ANEW) from None


def _names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The member with the array of each name."""
    return {one.removesuffix(".npy"): one for one in archive.namelist()}


def _named(name: str, there: Mapping[str, str], help: str) -> str:
    if name in there:
        return there[name]
    meant = nearest(name, [*there])
    help = f"did you mean `{meant}`?" if meant else help
    has = listed(in_code(there), _MOST_NAMED) if there else "nothing"
    raise Refused(f"it has no array `{name}`; it has {has}", help)


def _which(name: str, there: Mapping[str, str]) -> str:
    """The arrays that are likely to be meant by one that is not there."""
    if name.endswith(".npy"):
        return "name an array in the NPZ file, or two NPY files"
    if {*_OF_KERAS.values()} <= there.keys():
        return f"write `{_arguments(_OF_KERAS)}`"
    if len(there) == 2:
        return f"write `{_arguments(dict(zip(('inputs', 'target'), there, strict=True)))}`"
    return 'name two of them: `inputs="...", target="..."`'


def _arguments(named: Mapping[str, str]) -> str:
    return ", ".join(f"{argument}={as_source(name)}" for argument, name in named.items())


def _of_member(name: str, read: Callable[[], Found]) -> Found:
    """What ``read`` gives; if it refuses, that names the array in the archive."""
    try:
        return read()
    except Refused as why:
        raise Refused(f"its array `{name}`: {why.reason}", why.help) from None


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


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, Any, int]:
    """The shape, whether it is in Fortran's order, the dtype, and where the numbers begin."""
    start = stream.read(_LONGEST_SIGN)
    _check_kind(start, SIGN)
    if len(start) < _LONGEST_SIGN or not start.startswith(SIGN):
        raise Refused("it does not begin as an NPY file does", _ANEW)
    read = {
        (1, 0): (np.lib.format.read_array_header_1_0, "<H"),
        (2, 0): (np.lib.format.read_array_header_2_0, "<I"),
    }
    version = start[6], start[7]
    if version not in read:
        raise Refused(f"it is of the NPY format's version {version[0]}.{version[1]}", _ANEW)
    read_header, form = read[version]
    length = stream.read(struct.calcsize(form))
    try:
        (size,) = struct.unpack(form, length)
        text = stream.read(min(size, _LONGEST))
        with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
            shape, fortran, dtype = read_header(io.BytesIO(length + text))
    except Exception:  # the header is an expression of Python, which may be wrong in many ways
        raise Refused("its header is damaged", _ANEW) from None
    return shape, fortran, dtype, len(start + length + text)


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
