"""The targets of a table: lines that make numbers of its columns to predict."""

from __future__ import annotations

from netlang.catalogue.data import Table


def predicted(data: Table) -> str:
    if data.rows.are_mixed:
        return f"{len(data.names)} targets, classes and numbers to predict"
    if classes := data.table.target.classes:
        return f"{len(classes)} classes"
    many, one = ("labels", "a label") if data.rows.are_labels else ("numbers", "a number")
    return f"{len(data.names)} {many} to predict" if len(data.names) > 1 else f"{one} to predict"


def targets(data: Table) -> str:
    if data.rows.are_mixed:
        return _SEVERAL
    if data.table.target.classes:
        text = "places(columns[TARGET], CLASSES)"
    elif len(data.names) > 1:
        text = "torch.cat([to_numbers(columns[name]) for name in TARGETS], 1)"
    else:
        text = "to_numbers(columns[TARGET])"
    return f"    targets = {text}\n"


_SEVERAL = """\
    named = [name in CLASSES for name in TARGETS]
    targets = []
    for name, cells in ((name, columns[name]) for name in TARGETS):
        one = places(cells, CLASSES[name]) if name in CLASSES else to_numbers(cells)
        targets.append(one)
    targets = torch.cat(targets, 1)
"""
