"""A command line names samples for a trained network, which did not see them in training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from netlang.catalogue.data import ArrayPipeline, Pipeline
from netlang.catalogue.data.arrays.in_parts import in_parts as array_parts
from netlang.catalogue.data.tables.in_parts import in_parts
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.runs.new_samples import NewArray, NewSamples, NewTable
from netlang.runs.trained import TrainedModel
from netlang.system.files import files_beside, why_unreadable
from netlang.system.terminal import visible

_NAMED = 12  # categories that are named


@contextmanager
def new_samples(
    named: str, model: TrainedModel, with_targets: bool = False
) -> Iterator[NewSamples]:
    """The table that the command line has ``named``, which may be ``-``, or the file of arrays, as
    ``model`` takes it.

    Raises DiagnosticError where it cannot be opened, and ClickException for a model that takes
    neither. To read its samples raises DiagnosticError, too.
    """
    match model.kept.pipeline:
        case Pipeline() as pipeline:
            with _opened(named) as file:
                name = "<stdin>" if named == "-" else named
                yield NewTable(pipeline, name, in_parts(file, name, _delimiter(name, model)))
        case ArrayPipeline() as pipeline:
            parts = array_parts(Path(named), pipeline, with_targets)
            yield NewArray(pipeline, named, parts)
        case None:
            raise click.ClickException("this model takes neither tables nor arrays")


def _delimiter(name: str, model: TrainedModel) -> str:
    """What separates the cells of a table: what does so in that which the model was trained on."""
    return "\t" if name.lower().endswith(".tsv") else getattr(model.program.data, "delimiter", ",")


@contextmanager
def _opened(named: str) -> Iterator[IO[bytes]]:
    """The file, or standard input, which stays open.  Raises DiagnosticError."""
    if named == "-":
        yield sys.stdin.buffer
        return
    try:
        opened = open(named, "rb")  # noqa: SIM115 - entered below
    except (OSError, ValueError) as error:
        reason, help = why_unreadable(Path(named), error)
        near = nearest(Path(named).name, files_beside(Path(named)))
        meant = f"did you mean `{Path(named).with_name(near)}`?" if near else ""
        unreadable = DataFileUnreadable(None, named, reason, meant or help or "name another file")
        raise DiagnosticError(unreadable) from None
    with opened as file:
        yield file


def say_unseen(samples: NewSamples) -> None:
    """Say on standard error which categories of a table no training row had."""
    if not isinstance(samples, NewTable):
        return
    for column, counts in samples.unseen.items():
        cells = counted(counts.total(), "cell")
        names = listed(in_code(name for name, _ in counts.most_common()), _NAMED)
        what = f"{cells} of `{column}` hold what no training row had, and count as none: {names}"
        click.echo(visible(f"note: {what}"), err=True)
