"""What a run's record says that a text kept beside it needs: the files read, and the overrides.

The folder keeps the text that was run, but the paths in it are relative to the place where it was
run. So ``run.json`` lists each file that was read, with the SHA-256 of its bytes. The kept text may
read these files again, wherever they are, if no byte has changed. So a folder from someone else
cannot make netlang read a file whose content the sender does not know.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from netlang.system.files import DATA_LIMIT, Irregular, TooLarge, read_regular
from netlang.system.record import Record

RECORD = "run.json"
_LARGEST = 1 << 24  # bytes of a record that is read


class Gone(Exception):
    """Raised if the ``file`` that a run read is ``changed``, or not there any more."""

    def __init__(self, file: Path, changed: bool) -> None:
        super().__init__(file, changed)
        self.file, self.changed = file, changed


class Fingerprint(Record):
    """A file as it was read: the ``path`` to it, its ``real`` path without links, its SHA-256."""

    path: Path
    real: str
    sha256: str


class Located(Record):
    """A file that a text names; its ``fingerprint`` and ``data`` if finding it meant reading it."""

    path: Path
    fingerprint: Fingerprint | None = None
    data: bytes = b""


def fingerprint(path: Path, data: bytes) -> Fingerprint:
    """The fingerprint of the file at ``path``, which was just read and holds ``data``."""
    import hashlib

    return Fingerprint(path, os.path.realpath(path), hashlib.sha256(data).hexdigest())


def listed(source: Path | None, files: Iterable[Fingerprint]) -> list[dict[str, str]]:
    """``files`` for a record: each once, named relative to the folder of ``source``."""
    folder = source.parent if source else Path()
    known = {os.path.realpath(one["path"]): one["named"] for one in _recorded(folder)}
    found = []
    for file in {file.real: file for file in files}.values():
        # The text may name it by a link.
        named = known.get(file.real) or os.path.relpath(file.path, folder)
        found.append({"named": Path(named).as_posix(), "path": file.real, "sha256": file.sha256})
    return found


def original(folder: Path, path: str) -> Located | None:
    """The file that ``path`` named in the run that ``folder`` keeps, if it keeps a run.

    It comes with its bytes, so that nobody can replace it after the check.  Raises Gone.
    """
    wanted = Path(os.path.normpath(path)).as_posix()
    for one in _recorded(folder):
        if wanted not in (one["named"], one["path"]):
            continue
        file = Path(one["path"])
        try:
            data = read_regular(file, DATA_LIMIT)
        except TooLarge:
            raise Gone(file, changed=True) from None
        except (OSError, Irregular):
            raise Gone(file, changed=False) from None
        read = fingerprint(file, data)
        if read.sha256 != one["sha256"]:
            raise Gone(file, changed=True)
        return Located(file, read, data)
    return None


def overrides(folder: Path) -> tuple[str, list[str]]:
    """The file whose run ``folder`` keeps, and what --set changed; two empty values if it keeps
    none.
    """
    record = _record(folder)
    changes = record.get("overrides")
    return str(record.get("file", "")), [*map(str, changes)] if isinstance(changes, list) else []


def _recorded(folder: Path) -> list[dict[str, str]]:
    """The files that the record in ``folder`` lists; none if there is no record of a run."""
    try:
        return [
            {key: str(one[key]) for key in ("named", "path", "sha256")}
            for one in _record(folder)["reads"]
            if "\0" not in one["path"] and os.fsencode(one["path"])
        ]
    # A ValueError may be of halves of characters, which JSON can have and a file's name cannot.
    except (ValueError, KeyError, TypeError):
        return []


def _record(folder: Path) -> dict[str, Any]:
    """The record in ``folder``; an empty one if there is none that can be read."""
    record = folder / RECORD
    if not record.is_file():
        return {}
    import json  # takes time, and few texts are kept ones

    try:
        found = json.loads(read_regular(record, _LARGEST))
    except (Irregular, TooLarge, OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
