"""Names that the rows to test on write otherwise than the table."""

from __future__ import annotations

from netlang.catalogue.data import Table
from netlang.catalogue.data.columns.labels import are_numbers, as_number
from netlang.catalogue.data.pipeline.cells import Names
from netlang.lowering.lowerings import Unsupported


def respelled(data: Table) -> dict[str, dict[str, str]]:
    """The names that rows to test on write otherwise than the table, such as True for true, by
    column: an exported file finds them as they are written, and equal numbers.

    Raises Unsupported for a number that it would find and netlang does not.
    """
    found: dict[str, dict[str, str]] = {}
    columns = [one for one in data.table.columns if one.kind == "category"]
    named = [(one.name, one.categories) for one in columns]
    named += [(name, classes) for name, classes in data.rows.classes.items() if classes]
    for column, names in named if data.test_rows else ():
        assert data.test_rows
        cells, numbers = data.test_rows.cells[column], dict[str | None, str]()
        if are_numbers(names):
            numbers = {as_number(name): name for name in names}
        for text, index in zip(cells.vocabulary.texts, Names(names).of_texts(cells), strict=True):
            exported = text if text in names else numbers.get(as_number(text))
            name = names[index] if index >= 0 else None
            if name is None and exported is not None:
                help = f"write it as `{data.path}` does to export the program"
                raise Unsupported(f"`{data.test}` holds `{text}` in `{column}`: {help}")
            if name is not None and name != exported:
                found.setdefault(column, {})[text] = name
    return found
