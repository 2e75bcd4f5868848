"""A first file for a table: it predicts one column from the others."""

from __future__ import annotations

from netlang.catalogue.data import Table
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.new_files import ColumnHeld, NoTarget, UnfitTarget
from netlang.runs.first_files.answers import settled
from netlang.runs.first_files.columns import FoundColumn, FoundTable, found_table, likely_target
from netlang.runs.first_files.draft import draft
from netlang.runs.first_files.place import Place
from netlang.runs.first_files.table_text import text_of


def table_file(place: Place, target: str | None) -> str:
    """The text of a file that predicts the column ``target`` of a table.

    Raises NetError for a table that cannot be used, where there is no such column or none is
    named, and where no other is fit to learn from.
    """
    found = found_table(str(place.data))
    column = _target(place, found, target)
    draft_of, described = settled(draft(place.named, found, column), place.folder)
    return text_of(draft_of, described, place.file.name)


def _target(place: Place, found: FoundTable, target: str | None) -> FoundColumn:
    likely = likely_target(found.columns)
    meant = likely.name if likely else ""
    path = str(place.data)
    if target is None:
        held = tuple(ColumnHeld(one.name, one.called, one.holds) for one in found.columns)
        raise NetError(NoTarget(None, path, held, meant))
    if target not in found.by_name or found.by_name[target].kind == "unnamed":
        Table(path, target=target, delimiter=found.delimiter).describe()  # which says why
    column = found.by_name[target]
    if column.unfit:
        mends = column.kind == "notation"
        raise NetError(UnfitTarget(None, path, target, column.unfit, mends, meant))
    return column
