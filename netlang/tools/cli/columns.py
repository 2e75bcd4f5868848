"""Rows of text in columns. It is our own, as a library's table takes a millisecond for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from netlang.language.diagnostics.excerpt import width
from netlang.system.record import Record

_BETWEEN = "  "


class Column(Record):
    """``cells`` have no line breaks, and stand at the left, or at the ``right``."""

    title: str
    cells: Sequence[str]
    footer: str = ""
    right: bool = False


def table(columns: Sequence[Column]) -> str:
    """Lines of columns with as many cells each, as wide as the widest; the ends are bold."""
    padded = [list(_padded(column)) for column in columns]
    first, *rows, last = (_BETWEEN.join(row).rstrip() for row in zip(*padded, strict=True))
    return "\n".join([click.style(first, bold=True), *rows, click.style(last, bold=True)])


def _padded(column: Column) -> Iterator[str]:
    cells = [column.title, *column.cells, column.footer]
    widths = [width(cell) for cell in cells]
    widest = max(widths)
    for cell, taken in zip(cells, widths, strict=True):
        space = " " * (widest - taken)
        yield space + cell if column.right else cell + space
