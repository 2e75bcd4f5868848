"""A command line names tables for a trained network, which did not see them in training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from netlang.catalogue.data import Pipeline
from netlang.catalogue.data.tables.in_parts import in_parts
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.runs.predictions import NewTable
from netlang.runs.trained import TrainedModel
from netlang.system.files import files_beside, why_unreadable
from netlang.system.terminal import visible

_NAMED = 12  # categories that are named


@contextmanager
def new_table(named: str, model: TrainedModel) -> Iterator[NewTable]:
    """The table that the command line has ``named``, which may be ``-``, as ``model`` takes it.

    Raises DiagnosticError where it cannot be opened, and ClickException for a model that takes no
    table. To read its rows raises DiagnosticError, too.
    """
    pipeline, data = pipeline_of(model), model.program.data
    name = "<stdin>" if named == "-" else named
    # Cells are separated as those of the table that it was trained on.
    delimiter = "\t" if name.lower().endswith(".tsv") else getattr(data, "delimiter", ",")
    try:
        # Standard input stays open for others.
        stdin = nullcontext(sys.stdin.buffer)
        opened = stdin if named == "-" else open(named, "rb")  # noqa: SIM115 - entered below
    except (OSError, ValueError) as error:
        reason, help = why_unreadable(Path(named), error)
        near = nearest(Path(named).name, files_beside(Path(named)))
        meant = f"did you mean `{Path(named).with_name(near)}`?" if near else ""
        unreadable = DataFileUnreadable(None, named, reason, meant or help or "name another file")
        raise DiagnosticError(unreadable) from None
    with opened as file:
        yield NewTable(pipeline, name, in_parts(file, name, delimiter))


def pipeline_of(model: TrainedModel) -> Pipeline:
    """The pipeline of a model whose samples are rows of a table.  Raises click.ClickException."""
    pipeline = model.kept.pipeline
    if not isinstance(pipeline, Pipeline):
        raise click.ClickException("the samples of this model are no rows of a table")
    return pipeline


def say_unseen(table: NewTable) -> None:
    """Say on standard error which categories of the table no training row had."""
    for column, counts in table.unseen.items():
        cells = counted(counts.total(), "cell")
        names = listed(in_code(name for name, _ in counts.most_common()), _NAMED)
        what = f"{cells} of `{column}` hold what no training row had, and count as none: {names}"
        click.echo(visible(f"note: {what}"), err=True)
