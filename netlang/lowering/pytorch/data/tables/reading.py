"""What reads the files of a table: lines that give the cells of each column, by its name."""

from __future__ import annotations

from netlang.catalogue.data import Table
from netlang.catalogue.data.formats.endings import is_packed, separator
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.data.tables.spelling import respelled


def reading(data: Table) -> str:
    text = _opened("TABLE", data.path, data)
    if isinstance(data.test, str):
        target = "TARGETS[0]" if len(data.names) > 1 else "TARGET"
        text += f"    count = len(columns[{target}])\n"
        text += _opened("TEST_TABLE", data.test, data)
        text += (_AS_SPELLED if respelled(data) else "") + _TESTED_TOO
    if data.table.target.has_truths or (data.test_rows and data.test_rows.has_truths):
        text += _TRUTHS.format(names="TARGETS" if len(data.names) > 1 else "[TARGET]")
    return text


def _opened(constant: str, path: str, data: Table) -> str:
    variable, found = ("table", "columns") if constant == "TABLE" else (constant, "tests")
    opened = f'gzip.open({variable}, "rt", ' if is_packed(path) else f"open({variable}, "
    between = literal(separator(path, data.delimiter))
    return f"""\
    with {opened}encoding="utf-8-sig") as file:
        {found} = read_columns(file, {between})
"""


_AS_SPELLED = """\
    for name, spelled in SPELLED.items():
        tests[name] = [spelled.get(cell, cell) for cell in tests[name]]
"""

_TRUTHS = """\
    truths = {{"true": "1", "false": "0"}}
    for name in {names}:
        columns[name] = [truths.get(cell.lower(), cell) for cell in columns[name]]
"""

_TESTED_TOO = """\
    columns = {name: cells + tests.get(name, []) for name, cells in columns.items()}
"""
