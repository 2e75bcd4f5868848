"""Where a file that a run keeps was, and what it read there.

A run's folder has the text as it was run, whose paths are seen from where it was. What it read is
in ``run.json``, with its SHA-256. A kept text may read that again, although it lies elsewhere, as
long as it is the same to the byte: a folder from someone else cannot make it read what its sender
does not know.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from netlang.files import SIZE_LIMIT

RECORD = "run.json"
_LARGEST = 1 << 24  # bytes of a record, and no reason to read more


class Gone(Exception):
    """Raised where what was read is not there as it was; its text goes on from "the path ..."."""


def reads(source: Path | None, files: Iterable[Path]) -> list[dict[str, str]]:
    """What of ``files`` lies where, as a record has it: as seen from the folder of ``source``."""
    folder = source.parent if source else Path()
    known = {os.path.realpath(one["path"]): one["named"] for one in _recorded(folder)}
    found = []
    for file in dict.fromkeys(files):
        path = os.path.realpath(file)
        named = known.get(path) or os.path.relpath(path, os.path.realpath(folder))
        with suppress(OSError):  # what is gone by now is not read again
            if digest := _digest(path):
                found.append({"named": Path(named).as_posix(), "path": path, "sha256": digest})
    return found


def original(folder: Path, path: str) -> Path | None:
    """The file that ``path`` named in the run that ``folder`` keeps, if it keeps one.

    Raises Gone.
    """
    wanted = Path(os.path.normpath(path)).as_posix()
    for one in _recorded(folder):
        if wanted not in (one["named"], one["path"]):
            continue
        try:
            if _digest(one["path"]) == one["sha256"]:
                return Path(one["path"])
        except OSError:
            raise Gone(f"was `{one['path']}` in the run, and is not there any more") from None
        raise Gone(f"was `{one['path']}` in the run, and has been changed since") from None
    return None


def _recorded(folder: Path) -> list[dict[str, str]]:
    """What the record in ``folder`` says was read; nothing where there is none, or another file."""
    record = folder / RECORD
    if not record.is_file():
        return []
    import json  # few files are kept ones, and importing it takes time

    try:
        if record.stat().st_size > _LARGEST:
            return []
        found = json.loads(record.read_bytes())["reads"]
        return [
            {key: str(one[key]) for key in ("named", "path", "sha256")}
            for one in found
            if _is_a_name(one["path"])
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _is_a_name(path: str) -> bool:
    try:
        return "\0" not in path and bool(os.fsencode(path))
    except UnicodeEncodeError:  # JSON has halves of characters
        return False


def _digest(path: str) -> str | None:
    """None for a file that no run reads, as it is too large.  Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # of a pipe
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(path)
        if status.st_size > SIZE_LIMIT:
            return None
        import hashlib

        return hashlib.sha256(file.read(SIZE_LIMIT)).hexdigest()
