"""A command line names samples for a trained network, which did not see them in training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from netlang.catalogue.data import ArrayPipeline, Pipeline
from netlang.catalogue.data.arrays.in_parts import Asked
from netlang.catalogue.data.arrays.in_parts import in_parts as array_parts
from netlang.catalogue.data.formats.in_parts import Part, in_parts
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.runs.models.new_samples import NewArray, NewSamples, NewTable
from netlang.runs.models.trained import TrainedModel
from netlang.system.files import files_beside, why_unreadable
from netlang.system.terminal import visible

_NAMED = 12  # categories that are named


def new_samples(named: str, model: TrainedModel, with_targets: bool = False) -> NewSamples:
    """The table that the command line has ``named``, which may be ``-``, or the arrays or pictures,
    as ``model`` takes them.

    To read them raises DiagnosticError.  Raises ClickException for a model that takes neither.
    """
    match model.kept.pipeline:
        case Pipeline() as pipeline:
            name = "<stdin>" if named == "-" else named
            # Cells are separated as those of the table that it was trained on.
            delimiter = getattr(model.program.data, "delimiter", ",")
            return NewTable(pipeline, name, _opened(in_parts(named, delimiter), named))
        case ArrayPipeline() as pipeline:
            classes = bool(getattr(model.program.data, "classes", ()))
            asked = Asked(pipeline, with_targets, named=classes)
            return NewArray(pipeline, named, array_parts(Path(named), asked))
    raise click.ClickException("this model takes neither tables nor arrays")


def _opened(parts: Iterator[Part], named: str) -> Iterator[Part]:
    """The parts.  Raises DiagnosticError where the file cannot be read."""
    try:
        yield from parts
    except OSError as error:
        reason, help = why_unreadable(Path(named), error)
        near = nearest(Path(named).name, files_beside(Path(named)))
        meant = f"did you mean `{Path(named).with_name(near)}`?" if near else ""
        unreadable = DataFileUnreadable(None, named, reason, meant or help or "name another file")
        raise DiagnosticError(unreadable) from None


def say_unseen(samples: NewSamples) -> None:
    """Say on standard error which categories of a table no training row had."""
    if not isinstance(samples, NewTable):
        return
    for column, counts in samples.unseen.items():
        names = listed(in_code(name for name, _ in counts.most_common()), _NAMED)
        cells = f"{counted(counts.total(), 'cell')} with a category that no training row had"
        what = f"`{column}` has {cells}, whose inputs are all 0: {names}"
        click.echo(visible(f"note: {what}"), err=True)
