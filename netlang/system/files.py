"""Reads files once, and writes them whole or not at all, despite full disks and signals."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, FileIO
from pathlib import Path

from netlang.system.interruption import at_signal, uninterrupted

PART = ".part-"  # begins the name of a file or folder that is not whole yet
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # Windows has no quota's error


class Irregular(Exception):
    """Raised for what is no regular file, such as a folder or a pipe."""


class TooLarge(Exception):
    """Raised for a file that is larger than any that is read."""


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file, which may have at most ``limit`` bytes. To read never waits for
    a pipe, not even if one replaces the file just before it is opened.

    Raises Irregular, TooLarge, OSError and ValueError.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise TooLarge
        data = file.read(size + 1)
        if len(data) > size:  # it grows, or has no size, as files in /proc
            data += file.read(limit)
    if len(data) > limit:
        raise TooLarge
    return data


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file to read its bytes, without waiting for a pipe.

    Raises Irregular, OSError and ValueError.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a device may do something
        raise Irregular
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Irregular
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def why_unreadable(path: Path, error: OSError | ValueError) -> tuple[str, str | None]:
    """Why a file cannot be read, as what follows "cannot", and what to do, if that is plain."""
    mend = "mend the link, or name another file"
    if isinstance(error, FileNotFoundError) and os.path.islink(path):
        return f"it is a link to `{os.readlink(path)}`, which is not there", mend
    if getattr(error, "errno", None) == errno.ELOOP:
        return "a link in its path leads to itself", mend
    reason = getattr(error, "strerror", None) or str(error)
    denied = isinstance(error, PermissionError)
    return reason.lower(), "change its permissions, or name another file" if denied else None


def files_beside(path: Path) -> list[str]:
    """The names of the files beside ``path``, if it is not there: one of them may be meant."""
    if os.path.lexists(path):
        return []
    try:
        return [one.name for one in path.parent.iterdir() if one.is_file()]
    except (OSError, ValueError):
        return []


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace the file by ``content`` at once, or create it. If it is a link, its target is
    replaced. The file keeps its permissions, and a signal waits until it is written. Then it
    outlasts a machine that loses power.

    Raises OSError, which names ``path``, if the file cannot be written; it then stays as it was.
    """
    try:
        with uninterrupted():
            _write_whole(path.resolve(), content)
    except RuntimeError:  # a link that leads to itself, for Python before 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def _write_whole(target: Path, content: str | bytes) -> None:
    with replacing(target) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new file beside ``target``, which is no link, for a body that writes it. It takes the place
    of ``target`` when the body has come to its end, and is removed where it does not, or where a
    signal ends the process meanwhile. Then it outlasts a machine that loses power.

    Raises OSError.
    """
    temporary = target.with_name(f"{PART}{os.urandom(8).hex()}")
    withdraw = at_signal(lambda: temporary.unlink(missing_ok=True))
    try:
        temporary.touch(exist_ok=False)
        mode = target.stat().st_mode & 0o7777 if target.exists() else None
        if mode is not None:  # nobody may read before what the file's owner alone may read
            temporary.chmod(0o600)
        yield temporary
        with uninterrupted():
            sync(temporary)
            if mode is not None:
                temporary.chmod(mode)
            temporary.replace(target)
            _sync_folder(target.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        withdraw()


def sync(path: Path) -> None:
    """Have the disk keep what the file at ``path`` has.  Raises OSError."""
    with path.open("rb+") as opened:
        os.fsync(opened.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the disk keep which files are in ``folder``, where the system can."""
    with suppress(OSError):  # Windows opens no folders, and some file systems do not sync them
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def write_whole_or_in_place(path: Path, text: str) -> None:
    """Replace the file by ``text`` at once, or write over it if the disk has no room for both.

    It is written over only by a text that is not longer, which takes no new room.  Raises OSError
    otherwise; the file then stays as it was.
    """
    data = text.encode()
    try:
        write_whole(path, text)
    except OSError as error:
        if error.errno not in _NO_ROOM or not path.exists() or len(data) > path.stat().st_size:
            raise
        with uninterrupted(), path.open("r+b") as file:
            file.write(data)
            file.truncate()


class GrowingFile:
    """A file that grows by whole lines. It stays open between them, as to open it takes longer than
    to write a line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: FileIO | None = None

    def append(self, line: str) -> None:
        """Put ``line`` at the file's end.  Raises OSError; the file then stays as it was."""
        with uninterrupted():
            if self._file is None:
                self._file = FileIO(self.path, "ab")
            state = os.fstat(self._file.fileno())
            if not state.st_nlink:
                raise FileNotFoundError(errno.ENOENT, "it has been removed", str(self.path))
            left = f"{line}\n".encode()
            try:
                while left:  # a disk may take a part
                    left = left[self._file.write(left) :]
            except OSError as error:
                self._file.truncate(state.st_size)
                raise OSError(error.errno, error.strerror, str(self.path)) from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def append_line(path: Path, line: str) -> None:
    """Put ``line`` at the file's end.  Raises OSError; the file then stays as it was."""
    file = GrowingFile(path)
    try:
        file.append(line)
    finally:
        file.close()
