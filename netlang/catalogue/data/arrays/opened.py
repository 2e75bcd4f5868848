"""A file of arrays is found and opened here, or a message says why it cannot be."""

from __future__ import annotations

import hashlib
import os
from io import BufferedReader
from pathlib import Path

from netlang.catalogue.data import named_file
from netlang.catalogue.data.dataset import DataSet
from netlang.catalogue.data.named_file import NamedFile, check_expected, unreadable, way_out
from netlang.language import paths
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.suggest import nearest
from netlang.system.files import Irregular, files_beside, open_regular, why_unreadable
from netlang.system.fingerprint import Fingerprint
from netlang.system.lazy import np
from netlang.system.machine import memory_limit
from netlang.system.record import Record

_PIECE = 1 << 18  # bytes that are read at once, and are hashed while the processor has them at hand
_FREE = 64 << 20  # bytes that anything may expand to
_TIMES = 200  # how many times its size larger data may expand to; deflate reaches 1032


class Refused(Exception):
    """Why a file cannot be used, as what follows "cannot read it", and a way out."""

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason)
        self.reason, self.help = reason, help


class Opened(Record):
    """A file, and the bytes that it had when it was read. They are in memory, where nobody changes
    them: a mapped file would end the process if somebody made it shorter.
    """

    fingerprint: Fingerprint
    content: memoryview


def locate(data: DataSet, path: str, folder: str = "") -> paths.Located:
    """Where ``path`` is, whether or not it exists. ``data`` names it, or the ``folder`` around it.

    Raises NetError.
    """
    return named_file.locate(_named(data, path), told=folder)


def opened(data: DataSet, path: str, found: paths.Located, argument: str = "path") -> Opened:
    """The file that ``locate`` found, of the ``path`` in an argument.  Raises NetError."""
    if found.fingerprint:
        return Opened(found.fingerprint, memoryview(found.data))
    file = found.path
    try:
        with open_regular(file) as stream:
            content, sha256 = _content(stream)
    except Refused as why:
        raise refusal(data, path, why, argument) from None
    except Irregular:
        reason, help = "it is no regular file", "name a file of arrays"
        if file.is_dir():
            reason, help = "it is a folder", f'name a file in it; of pictures, `Images("{path}")`'
    except (OSError, ValueError) as error:
        reason, remedy = why_unreadable(file, error)
        meant = nearest(Path(path).name, files_beside(file))
        help = remedy or way_out(_named(data, path), meant)
    else:
        fingerprint = Fingerprint(file, os.path.realpath(file), sha256)
        check(data, path, found, fingerprint)
        return Opened(fingerprint, content)
    raise refusal(data, path, Refused(reason, help), argument)


def _content(stream: BufferedReader) -> tuple[memoryview, str]:
    """All bytes of a file, and their SHA-256.  Raises Refused, OSError."""
    found = os.fstat(stream.fileno())
    size = found.st_size
    if not size:
        raise Refused("it is empty", "name another file")
    if size > memory_limit():
        raise Refused("it is larger than this machine's memory", "take a part of it")
    content = np.empty(size, np.uint8).data
    digest, place = hashlib.sha256(), 0
    while count := stream.readinto(content[place : place + _PIECE]):
        digest.update(content[place : place + count])
        place += count
    now = os.fstat(stream.fileno())
    if place < size or (now.st_size, now.st_mtime_ns) != (size, found.st_mtime_ns):
        raise Refused("it changed while it was read", "read it when it is whole")
    return content.toreadonly(), digest.hexdigest()


def check(data: DataSet, path: str, found: paths.Located, fingerprint: Fingerprint) -> None:
    """Raises NetError if what was ``found`` is not what the run has read whose text this
    is.
    """
    check_expected(_named(data, path), found, fingerprint)


def refusal(data: DataSet, path: str, why: Refused, argument: str = "path") -> NetError:
    return unreadable(_named(data, path, argument), why.reason, why.help)


def check_expansion(packed: int, expanded: int) -> None:
    """Raises Refused for data of ``packed`` bytes that claim to be far larger when expanded."""
    if expanded > max(_FREE, _TIMES * packed):
        sizes = f"{packed:,} bytes of it claim to become {expanded:,}"
        raise Refused(sizes, "write it anew, without compression if it is right")


def _named(data: DataSet, path: str, argument: str = "path") -> NamedFile:
    """The file at the ``path`` that an argument says."""
    return NamedFile(path, data.span, lambda _: data.at(argument))


def no_folder(data: DataSet, path: str, folder: Path) -> Refused:
    """Why a folder of data cannot be used that is not there, or is none."""
    if os.path.lexists(folder):
        help = "name a folder"
        if folder.suffix.lower() in (".npz", ".npy"):
            help = f'name a file of arrays as `Arrays("{path}")`'
        elif folder.suffix.lower() in (".zip", ".gz", ".tar", ".tgz"):
            help = "unpack it, and name the folder"
        return Refused("it is no folder", help)
    try:
        beside = [one.name for one in folder.parent.iterdir() if one.is_dir()]
    except (OSError, ValueError):
        beside = []
    meant = nearest(Path(path).name, beside)
    return Refused("no such folder", way_out(_named(data, path), meant))
