"""What was read, and where a file that a run keeps was.

A run's folder has the text as it was run, whose paths are seen from where it was. What it read is
in ``run.json``, with the SHA-256 of the bytes that were read, whatever has become of the file. A
kept text may read that again, although it lies elsewhere, as long as it is the same to the byte: a
folder from someone else cannot make it read what its sender does not know.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from netlang.system.files import SIZE_LIMIT, Irregular, TooLarge, read_regular
from netlang.system.record import Record

RECORD = "run.json"
_LARGEST = 1 << 24  # bytes of a record, and no reason to read more


class Gone(Exception):
    """Raised where what was read is not there as it was; its text goes on from "the path ..."."""


class Read(Record):
    """A file as it was read: by which ``path``, where it lay without links, and its SHA-256."""

    path: Path
    real: str
    sha256: str


class Located(Record):
    """A file that a text names; ``read`` and ``data`` where it had to be read to be found."""

    path: Path
    read: Read | None = None
    data: bytes = b""


def as_read(path: Path, data: bytes) -> Read:
    """The file at ``path``, in which ``data`` has just been read."""
    import hashlib

    return Read(path, os.path.realpath(path), hashlib.sha256(data).hexdigest())


def reads(source: Path | None, files: Iterable[Read]) -> list[dict[str, str]]:
    """What of ``files`` lay where, as a record has it: as seen from the folder of ``source``."""
    folder = source.parent if source else Path()
    known = {os.path.realpath(one["path"]): one["named"] for one in _recorded(folder)}
    found = []
    for file in {file.real: file for file in files}.values():
        # As the text names it, which may be by a link.
        named = known.get(file.real) or os.path.relpath(file.path, folder)
        found.append({"named": Path(named).as_posix(), "path": file.real, "sha256": file.sha256})
    return found


def original(folder: Path, path: str) -> Located | None:
    """The file that ``path`` named in the run that ``folder`` keeps, if it keeps one.

    It comes with what is in it, so that nothing can be put in its place any more.  Raises Gone.
    """
    wanted = Path(os.path.normpath(path)).as_posix()
    for one in _recorded(folder):
        if wanted not in (one["named"], one["path"]):
            continue
        file = Path(one["path"])
        try:
            data = read_regular(file, SIZE_LIMIT)
        except TooLarge:
            raise _changed(file) from None
        except (OSError, Irregular):
            raise Gone(f"was `{file}` in the run, and is not there any more") from None
        read = as_read(file, data)
        if read.sha256 != one["sha256"]:
            raise _changed(file)
        return Located(file, read, data)
    return None


def _changed(file: Path) -> Gone:
    return Gone(f"was `{file}` in the run, and has been changed since")


def _recorded(folder: Path) -> list[dict[str, str]]:
    """What the record in ``folder`` says was read; nothing where there is none, or another file."""
    record = folder / RECORD
    if not record.is_file():
        return []
    import json  # few files are kept ones, and importing it takes time

    try:
        found = json.loads(read_regular(record, _LARGEST))["reads"]
        return [
            {key: str(one[key]) for key in ("named", "path", "sha256")}
            for one in found
            if _is_a_name(one["path"])
        ]
    except (Irregular, TooLarge, OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _is_a_name(path: str) -> bool:
    try:
        return "\0" not in path and bool(os.fsencode(path))
    except UnicodeEncodeError:  # JSON has halves of characters
        return False
