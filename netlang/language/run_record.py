"""What ``run.json`` says of what was run, so that a text kept beside it can be read again.

A run's folder keeps the text that was run, but the paths in it are relative to the folder where it
was run. So the record lists each file that was read, with the SHA-256 of its bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from netlang.language.source import SourceFile
from netlang.system.files import Irregular, TooLarge, read_regular
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record

RECORD = "run.json"
STREAMED = "streamed"
"""The key of whether the rows of a table stayed in their file."""
PLUGIN = ".py"
"""The ending of a plugin: Python with layers of one's own."""
_LARGEST = 1 << 24  # bytes of a record that is read


class ReadFile(Record):
    """A file that was read: how the text names it, its real path, and the SHA-256 of its bytes."""

    named: str
    path: str
    sha256: str


class WhatWasRun(Record):
    """The file that was run, what --set changed, the files that were read, and how the text that is
    ``kept`` beside the record is called; it is empty where none is.

    The names of the fields are the keys of the record, and those of ReadFile the keys in "reads".
    """

    file: str = ""
    overrides: tuple[str, ...] = ()
    reads: tuple[ReadFile, ...] = ()
    kept: str = ""

    @property
    def as_data(self) -> dict[str, object]:
        return self.as_dict() | {"reads": [read.as_dict() for read in self.reads]}


def what_is_run(
    source: SourceFile, overrides: Iterable[str], files: Iterable[Fingerprint], kept: str
) -> WhatWasRun:
    """What the record of a run of ``source`` that reads ``files`` has to say, each file once."""
    # The text may name a file by a link; a text that a run keeps, as that run's text did.
    known = {os.path.realpath(one.path): one.named for one in kept_beside(source).reads}
    reads = []
    for file in {file.real: file for file in files}.values():
        named = known.get(file.real) or os.path.relpath(file.path, source.folder)
        reads.append(ReadFile(Path(named).as_posix(), file.real, file.sha256))
    return WhatWasRun(source.name, tuple(overrides), tuple(reads), kept)


def is_of_a_run(folder: Path) -> bool:
    """Whether a run made ``folder``: other programs, too, call a file ``run.json``."""
    return record_in(folder).keys() >= {*WhatWasRun.fields}


def status_of(folder: Path) -> str:
    """``running``, or how the run in ``folder`` ended; an empty text if no run made it."""
    return str(record_in(folder).get("status", ""))


def kept_beside(source: SourceFile) -> WhatWasRun:
    """What the record in the folder of ``source`` says; nothing if a run does not keep it."""
    record = record_in(source.folder) if source.path else {}
    changes = record.get("overrides")
    overrides = tuple(map(str, changes)) if isinstance(changes, list) else ()
    file, kept = (str(record.get(key, "")) for key in ("file", "kept"))
    return WhatWasRun(file, overrides, _reads(record), kept)


def was_streamed(source: SourceFile) -> bool | None:
    """Whether the run that keeps ``source`` left the rows of its table in their file; None if no
    run keeps it, or if it does not say.
    """
    found = record_in(source.folder).get(STREAMED) if source.path else None
    return found if isinstance(found, bool) else None


def texts_read(folder: Path) -> tuple[ReadFile, ...]:
    """The texts that the run in ``folder`` has read, its own and those that it imports."""
    return tuple(one for one in _reads(record_in(folder)) if one.path.endswith(".net"))


def data_read(folder: Path) -> tuple[ReadFile, ...]:
    """The files of data and of weights that the run in ``folder`` has read. If it has read any of
    data, the first one has the samples that it was trained on.
    """
    files = _reads(record_in(folder))
    return tuple(one for one in files if not one.path.endswith((".net", PLUGIN)))


def plugins_read(folder: Path) -> dict[str, str]:
    """The SHA-256 of each plugin that the run in ``folder`` was trained with, by its name."""
    files = _reads(record_in(folder))
    return {Path(one.path).name: one.sha256 for one in files if one.path.endswith(PLUGIN)}


def _reads(record: dict[str, Any]) -> tuple[ReadFile, ...]:
    """The files that the record lists; none if one of them is not listed as runs list them."""
    try:
        found = [ReadFile(*(str(one[key]) for key in ReadFile.fields)) for one in record["reads"]]
        return tuple(one for one in found if "\0" not in one.path and os.fsencode(one.path))
    # A ValueError may be of halves of characters, which JSON can have and a file's name cannot.
    except (ValueError, KeyError, TypeError):
        return ()


def record_in(folder: Path) -> dict[str, Any]:
    """The record in ``folder``; an empty one if there is none that can be read."""
    file = folder / RECORD
    if not file.is_file():
        return {}
    import json  # takes time, and few texts are kept ones

    try:
        found = json.loads(read_regular(file, _LARGEST))
    except (Irregular, TooLarge, OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
