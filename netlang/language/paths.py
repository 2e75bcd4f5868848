"""The paths in a text: which file each names, and whether the text may read it.

A text reads what lies in its own folder or below it, and in the folders that the command line has
allowed. A text that a run keeps may also read what the run has read, wherever that is, if no byte
of it has changed. So a folder from someone else cannot make netlang read a file whose content its
sender does not know.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from netlang.language import run_record
from netlang.language.source import SourceFile
from netlang.system.files import Irregular, TooLarge, read_regular
from netlang.system.fingerprint import Fingerprint
from netlang.system.pattern import files_of, is_pattern
from netlang.system.record import Record

DATA_LIMIT = 1 << 25  # bytes of a file that is read here; whoever reads a larger one checks it


class OutOfBounds(Exception):
    """Raised for a path that a file may not read; its text goes on from "the path ...".

    ``outside`` says that the path leads to another folder, which could be allowed.
    """

    def __init__(self, reason: str, outside: bool = False) -> None:
        super().__init__(reason)
        self.outside = outside


class Gone(Exception):
    """Raised if the ``file`` that a run read is ``changed``, or not there any more."""

    def __init__(self, file: Path, changed: bool) -> None:
        super().__init__(file, changed)
        self.file, self.changed = file, changed


class Located(Record):
    """A file that a text names; its ``fingerprint`` and ``data`` if finding it meant reading it.

    Whoever reads one that is ``expected`` to have a SHA-256 has to check that it has, and else to
    raise Gone: a run has read it, and it is a folder, several files, or too large to be read here.
    """

    path: Path
    fingerprint: Fingerprint | None = None
    data: bytes = b""
    expected: str = ""

    def check(self, found: Fingerprint) -> None:
        """Raises Gone if what was ``found`` is not what the run has read."""
        if self.expected and found.sha256 != self.expected:
            raise Gone(self.path, changed=True)


def locate(source: SourceFile, path: str) -> Located:
    """The file that ``path``, written in ``source``, names, whether or not it exists.

    Raises OutOfBounds and Gone.
    """
    if not path or "\0" in path:
        raise OutOfBounds("is no file's name")
    if "://" in path:
        raise OutOfBounds("is an address; netlang uses no network")
    if source.together is not None:
        return _together(source, source.together, path)
    try:
        found = _within_bounds(source, path)
        if os.path.lexists(found):
            return Located(found)
        if is_pattern(found) and (each := files_of(found)):
            for one in each:  # each may be a link
                _within_bounds(source, str(Path(path).parent / one.name))
            return Located(found)
    except OutOfBounds:
        if original := _original(source, path):
            return original
        raise
    return _original(source, path) or Located(found)


def _together(source: SourceFile, texts: Mapping[str, str], path: str) -> Located:
    """The text that is kept together with ``source``.  Raises OutOfBounds."""
    found = Path(os.path.normpath(source.folder / path))
    if found.as_posix() not in texts:
        raise OutOfBounds("is not kept together with this text")
    data = texts[found.as_posix()].encode()
    return Located(found, Fingerprint.of(found, data), data)


def _within_bounds(source: SourceFile, path: str) -> Path:
    found = source.folder / path
    try:
        real = found.resolve()
        inside = real.is_relative_to(source.folder.resolve())
        allowed = any(real.is_relative_to(folder.resolve()) for folder in source.allowed)
    except (OSError, RuntimeError):
        raise OutOfBounds("is a link that leads to itself") from None
    if allowed:
        return found
    if Path(path).is_absolute() or re.match(r"[A-Za-z]:|\\", path):
        raise OutOfBounds("is absolute", outside=True)
    if ".." in re.split(r"[/\\]", path):
        raise OutOfBounds("leaves the folder by `..`", outside=True)
    if not inside:
        raise OutOfBounds("leads out of the folder through a link", outside=True)
    return found


def _original(source: SourceFile, path: str) -> Located | None:
    """The file that ``path`` named in the run whose folder keeps ``source``, if one does.

    It comes with its bytes, so that nobody can replace it after the check; or its reader checks
    them.  Raises Gone.
    """
    wanted = Path(os.path.normpath(path)).as_posix()
    run = run_record.kept_beside(source)
    read = next((one for one in run.reads if wanted in (one.named, one.path)), None)
    if read is None:
        return None
    file = Path(read.path)
    if file.is_dir() or is_pattern(file):
        return Located(file, expected=read.sha256)
    try:
        data = read_regular(file, DATA_LIMIT)
    except TooLarge:
        return Located(file, expected=read.sha256)
    except (OSError, Irregular):
        raise Gone(file, changed=False) from None
    found = Fingerprint.of(file, data)
    if found.sha256 != read.sha256:
        raise Gone(file, changed=True)
    return Located(file, found, data)
