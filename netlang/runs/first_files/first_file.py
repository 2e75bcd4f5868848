"""The text of a first file, by the kind of the data that it is for."""

from __future__ import annotations

from contextlib import suppress

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.new_files import NothingNamed
from netlang.language.source import SourceFile
from netlang.runs.first_files.array_file import archive_file, folder_file, text_file
from netlang.runs.first_files.columns import found_table
from netlang.runs.first_files.place import Place
from netlang.runs.first_files.table_file import table_file


def first_file(place: Place, target: str | None = None) -> SourceFile:
    """A file for the data at ``place``, which predicts the column ``target`` of a table, or that
    array of an archive.

    Raises NetError for data that cannot be used.
    """
    return SourceFile(str(place.file), _text(place, target), place.file)


def _text(place: Place, target: str | None) -> str:
    path, ending = str(place.data), place.data.suffix.lower()
    if place.data.is_dir():
        _refuse(path, target, "a folder", "a picture's class is the folder that it is in")
        return folder_file(place)
    if ending == ".npz":
        return archive_file(place, target)
    if ending == ".txt" and not _is_table(path):
        told = "a network learns to go on with it; a table has a comma between its cells"
        _refuse(path, target, "a text", told)
        return text_file(place)
    return table_file(place, target)


def _refuse(path: str, target: str | None, what: str, told: str) -> None:
    if target is not None:
        raise NetError(NothingNamed(None, path, target, what, told))


def _is_table(path: str) -> bool:
    """Whether the first line of a text names several columns, and all others have as many cells."""
    with suppress(NetError):
        return len(found_table(path).columns) > 1
    return False
