"""A new table has to have the columns that a model was trained on, by their names."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.catalogue.data.formats.numbers import is_number
from netlang.catalogue.data.pipeline import Pipeline
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.models import ColumnsMissing


def check_columns(
    columns: Iterable[str], pipeline: Pipeline, named: str, with_targets: bool
) -> None:
    """Raises DiagnosticError, which names all columns that a table ``named`` so lacks.

    ``with_targets``, it has to have those that the model predicts, too.
    """
    found, takes = tuple(columns), pipeline.columns
    targets = pipeline.target if with_targets else ()
    if missing := tuple(name for name in (*takes, *targets) if name not in found):
        has_none = not {*found} & {*takes, *targets}
        is_row = has_none and any(is_number(name.strip()) for name in found)
        raise DiagnosticError(ColumnsMissing(None, named, missing, found, takes, is_row, targets))
