"""The constants above the ``load_data`` of a table: where it is, and what its columns are."""

from __future__ import annotations

from pathlib import Path

from netlang.catalogue.data import Table
from netlang.catalogue.data.columns.table import Column
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.data.tables.spelling import respelled
from netlang.lowering.pytorch.paths import path_of


def constants(data: Table, folder: Path) -> str:
    """Where the table is, and what its columns are."""
    columns, classes = data.table.columns, data.table.target.classes
    named = zip(("TABLE", "TEST_TABLE"), data.files, strict=False)
    found = [(name, path_of(file.path, folder)) for name, file in named]
    inputs = literal([column.name for column in columns])
    if any(column.kind == "category" for column in columns):
        inputs = ", ".join(f"{literal(one.name)}: {_categories(one)}" for one in columns)
        inputs = f"{{{inputs}}}"
    found.append(("INPUTS", inputs))
    if data.texts:
        each = ", ".join(f"{literal(one.name)}: {_symbols(data, one)}" for one in columns
                         if one.kind == "text")  # fmt: skip
        found.append(("TEXTS", f"{{{each}}}"))
    if data.codes:
        found.append(("CODES", literal([*data.codes])))
    if indicated := [one.name for one in columns if data.rows.is_indicated(one)]:
        found.append(("INDICATED", literal(indicated)))
    target = ("TARGETS", data.names) if len(data.names) > 1 else ("TARGET", data.names[0])
    found.append((target[0], literal(target[1])))
    if data.rows.are_mixed:
        found.append(("CLASSES", _classes(data)))
    elif classes:
        found.append(("CLASSES", literal(classes)))
    if spelled := respelled(data):
        by_column = [f"{literal(name)}: {_dictionary(one)}" for name, one in spelled.items()]
        found.append(("SPELLED", f"{{{', '.join(by_column)}}}"))
    return "".join(statement(0, f"{name} = ", text) + "\n" for name, text in found)


def _categories(column: Column) -> str:
    return literal(column.categories) if column.kind == "category" else "None"


def _symbols(data: Table, column: Column) -> str:
    """How many tokens a text has, and which symbols they are."""
    known = literal([*data.rows.symbols.known])
    return f"({data.rows.width(column)}, {'BYTES' if data.by == 'bytes' else known})"


def _dictionary(texts: dict[str, str]) -> str:
    pairs = (f"{literal(key)}: {literal(text)}" for key, text in texts.items())
    return f"{{{', '.join(pairs)}}}"


def _classes(data: Table) -> str:
    """The classes of each target that has some, by its name, as Python."""
    named = ((name, one) for name, one in data.rows.classes.items() if one)
    return f"{{{', '.join(f'{literal(name)}: {literal(one)}' for name, one in named)}}}"
