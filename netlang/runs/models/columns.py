"""A new table has to have the columns that a model was trained on, and in them what it can use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netlang.catalogue.data.columns.missing import marks_no_number
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.numbers import is_number
from netlang.catalogue.data.pipeline import ColumnError, Pipeline
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.models import ColumnsMissing, TableUnfit


def check_columns(
    columns: Iterable[str], pipeline: Pipeline, named: str, with_targets: bool
) -> None:
    """Raises NetError, which names all columns that a table ``named`` so lacks.

    ``with_targets``, it has to have those that the model predicts, too.
    """
    found, takes = tuple(columns), pipeline.columns
    targets = pipeline.target if with_targets else ()
    if missing := tuple(name for name in (*takes, *targets) if name not in found):
        has_none = not {*found} & {*takes, *targets}
        is_row = has_none and any(is_number(name.strip()) for name in found)
        raise NetError(ColumnsMissing(None, named, missing, found, takes, is_row, targets))


def bad_cells(
    pipeline: Pipeline, cells: Mapping[str, Gathering], named: str, first: int
) -> TableUnfit:
    """What to say of rows of the table ``named`` so, from row ``first`` on, where cells of inputs
    cannot be used: which is the first of them, and how many there are in which columns.
    """
    found: list[ColumnError] = []
    counts: dict[str, int] = {}
    for encoder in pipeline.encoders:
        try:
            encoder.check(cells[encoder.name])
        except ColumnError as error:
            found.append(error)
            counts[encoder.name] = encoder.unusable(cells[encoder.name])
    rows = cells[pipeline.columns[0]].rows
    worst = min(found, key=lambda one: one.row or 0)  # a column that is wrong has no row
    of = f"the first {rows:,} rows" if first == 1 else f"rows {first:,} to {first + rows - 1:,}"
    if rows == 1:
        of = f"row {first:,}"
    row = None if worst.row is None else first - 1 + worst.row
    each, lacks = tuple(counts.items()), marks_no_number(worst.cell)
    about = worst.column, row, worst.problem, pipeline.columns
    return TableUnfit(None, named, *about, each, of, lacks)
