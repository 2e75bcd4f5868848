"""The weights of a table's rows, whose mean over the rows to train on is 1."""

from __future__ import annotations

from netlang.catalogue.data import Table
from netlang.lowering.python.text import literal, statement


def weighed(data: Table) -> str:
    """Weights whose mean over the rows to train on is 1."""
    if not data.weights:
        return ""
    if data.weights == "balanced":
        return _BALANCED
    column = f"to_numbers(columns[{literal(data.weights)}])"
    return f"""\
{statement(4, "weights = ", column)}
    weights = (weights / weights[train].mean()).float().squeeze(1)
"""


_BALANCED = """\
    counts = targets[train].bincount(minlength=len(CLASSES)).double()
    weights = (len(train) / ((counts > 0).sum() * counts.clamp(min=1)))[targets].float()
"""
