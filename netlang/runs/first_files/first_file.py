"""The text of a first file, by the kind of the data that it is for."""

from __future__ import annotations

from netlang.language.source import SourceFile
from netlang.runs.first_files.place import Place
from netlang.runs.first_files.table_file import table_file


def first_file(place: Place, target: str | None = None) -> SourceFile:
    """A file for the data at ``place``, which predicts the column ``target`` of a table.

    Raises DiagnosticError for data that cannot be used.
    """
    return SourceFile(str(place.file), table_file(place, target), place.file)
