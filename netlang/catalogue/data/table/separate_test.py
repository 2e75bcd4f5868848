"""A file of rows to test on has the same columns as the file of rows to learn from."""

from __future__ import annotations

from netlang.catalogue.data.columns.table import ReadTable
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.checks import unfit
from netlang.catalogue.data.table.rows_read import RowsRead
from netlang.language.diagnostics.wording import in_code, listed
from netlang.system.fingerprint import Fingerprint

_MOST_NAMED = 8


def read_test(data: TableArguments, train: ReadTable, path: str) -> tuple[Fingerprint, RowsRead]:
    """The file at ``path`` as it was read, and its rows; ``train`` is what ``data`` learns from.

    Raises DiagnosticError for a file that cannot be read, or has other columns or classes.
    """
    from netlang.catalogue.data.columns.reader import read_table

    named = [column.name for column in train.columns if column.kind == "category"]
    task = "regression" if train.target.classes is None else "classification"
    others = [one for one in data.request.others if one[0] in ("target", "weights")]
    request = data.request.replace(
        path=path,
        task=task,
        categories=tuple(named),
        others=tuple(others),
        at=lambda argument: data.at("test" if argument == "path" else argument),
    )
    file, table = read_table(request)
    found = {column.name: column for column in table.columns}
    for column in train.columns:
        if column.name not in found:
            what = f"`{path}` has no column `{column.name}`, which `{data.path}` has"
            help = "give both files the same columns, or leave it out by `ignore`"
            raise unfit(data, "test", what, "has to have the same columns", help)
        if found[column.name].kind != column.kind:
            what = f"`{column.name}` holds numbers in `{data.path}` and texts in `{path}`"
            raise unfit(data, "test", what, "has to have the same columns", "mend one of the files")
    if others_classes := {*(table.target.classes or ())} - {*(train.target.classes or ())}:
        names = listed(in_code(sorted(others_classes)), _MOST_NAMED)
        what = f"`{path}` has classes that `{data.path}` lacks: {names}"
        raise unfit(data, "test", what, "no row teaches them", "mend one of the files")
    in_order = tuple(found[column.name] for column in train.columns)
    return file, RowsRead(data, table.replace(columns=in_order), others)
