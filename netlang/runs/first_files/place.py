"""Where a first file lies, and what it calls its data: it may read what lies in its own folder."""

from __future__ import annotations

import os
from pathlib import Path

from netlang.catalogue.data.formats.endings import ending_of
from netlang.system.record import Record


class Place(Record):
    """The ``data`` that a user has named, and the ``file`` to write."""

    data: Path
    file: Path

    @property
    def folder(self) -> Path:
        return self.file.parent

    @property
    def named(self) -> str:
        """The path of the data as the file writes it."""
        return Path(_below(self.data, self.folder) or self.data.name).as_posix()

    @property
    def is_allowed(self) -> bool:
        """Whether the data lie in the file's folder, or below it."""
        return _below(self.data, self.folder) is not None


def place_of(data: Path) -> Place:
    """The file in this folder that is called like the data; beside them, if they are elsewhere."""
    name = data.name or data.resolve().name
    stem = name.removesuffix(".gz").removesuffix(".GZ")
    if not data.is_dir():
        stem = stem[: len(stem) - len(ending_of(name))] or stem
    here = Path(f"{stem}.net")
    return Place(data, here if _below(data, Path()) is not None else data.parent / here)


def _below(data: Path, folder: Path) -> str | None:
    """The path of the data from a folder on; None if they are not in it."""
    path = os.path.relpath(os.path.abspath(data), os.path.abspath(folder))
    return None if path.split(os.sep)[0] == ".." else path
