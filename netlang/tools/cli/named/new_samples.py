"""A command line names samples for a trained network, which did not see them in training."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from netlang.catalogue.data import ArrayPipeline, Pipeline, TextPipeline
from netlang.catalogue.data.arrays.in_parts import Asked
from netlang.catalogue.data.arrays.in_parts import in_parts as array_parts
from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.header import check_names
from netlang.catalogue.data.formats.opening import of_stream, opened_for, slices, telling
from netlang.catalogue.data.formats.request import new_table
from netlang.catalogue.data.named_file import locate, unreadable
from netlang.catalogue.data.pipeline import Inputs, SeveralArrays
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.language.run_record import is_of_a_run
from netlang.language.source import Span
from netlang.runs.models.new_samples import NewArray, NewRows, NewSamples, NewTable
from netlang.runs.models.texts import NewText
from netlang.runs.models.trained import TrainedModel
from netlang.system.file_kinds import TABLE, kind_of
from netlang.system.terminal import visible

_NAMED = 12  # columns that are named


def judged_samples(named: str, model: TrainedModel) -> NewSamples:
    """The samples with targets that the command line has ``named``, as ``model`` takes them: a
    text, or rows as those of ``new_rows``.

    Raises NetError and ClickException as that does.
    """
    if isinstance(model.kept.pipeline, TextPipeline):
        return NewText(model.kept.pipeline, named)
    return new_rows(named, model, with_targets=True)


def new_rows(named: str, model: TrainedModel, with_targets: bool = False) -> NewRows:
    """The table that the command line has ``named``, which may be ``-``, or the arrays or pictures,
    as ``model`` takes them.

    Raises NetError, as to read them does, and ClickException for a model that takes neither.
    """
    match model.kept.pipeline:
        case Pipeline() as pipeline:
            # Cells are likely to stand apart as those of the table that it was trained on.
            asked = getattr(model.program.data, "delimiter", ",")
            drops = getattr(model.program.data, "missing", "") == "drop"
            return _of_table(named, pipeline, asked, drops)
        case ArrayPipeline() | SeveralArrays() as pipeline:
            classes = bool(getattr(model.program.data, "classes", ()))
            needs_targets = with_targets and not isinstance(pipeline.goal, Inputs)
            asked = Asked(pipeline, needs_targets, named=classes)
            return NewArray(pipeline, named, array_parts(Path(named), asked))
    raise click.ClickException("this model takes neither tables nor arrays")


def _of_table(named: str, pipeline: Pipeline, delimiter: str, drops: bool) -> NewTable:
    """Raises NetError."""
    request = new_table("<stdin>" if named == "-" else named, delimiter)
    if why := _why_no_table(Path(named)):
        takes = listed(in_code(pipeline.columns), _NAMED)
        raise unreadable(request, why, f"name a table that has the columns {takes}")
    if named == "-":
        content = of_stream(request, sys.stdin.buffer)
    elif Path(named).is_fifo():
        content = of_stream(request, Path(named).open("rb"))  # noqa: SIM115
    else:
        content = read(request, locate(request), as_a_whole=False)
    source = opened_for(content, pipeline.columns)
    check_names(source, request)
    names = source.header

    def where(row: int, column: str) -> Span | None:
        with telling(request, source):
            return source.cell(row, names.index(column)) if column in names else None

    rows = slices(request, source)
    return NewTable(pipeline, request.path, rows, where, source.delimiter, drops)


def _why_no_table(path: Path) -> str:
    """What ``path`` is in the place of a table; an empty text if it may be one."""
    if os.path.isdir(path):  # Path's own raises for some texts
        return "it is the folder of a run" if is_of_a_run(path) else "it is a folder"
    kind = kind_of(path)
    if kind == "JSON":
        return "it is JSON, and a table in JSON has an object in each line, and ends in `.ndjson`"
    return "" if kind in ("", TABLE) else f"it is {kind}"


def say_unseen(samples: NewSamples, without_cells: str) -> None:
    """Say on standard error which categories of a table no training row had, which cells are filled
    in, what becomes of rows ``without_cells``, and how many have no target.
    """
    if not isinstance(samples, NewTable):
        return
    for said in samples.unread():
        _note(said)
    if filled := samples.filled.total():
        each = (f"{count:,} of `{name}`" for name, count in samples.filled.items())
        are = "cell is" if filled == 1 else "cells are"
        _note(f"{filled:,} missing {are} filled in as in training: {listed(each, _NAMED)}")
    if samples.lacking:
        rows = counted(samples.lacking, "row")
        lack = "lacks" if samples.lacking == 1 else "lack"
        _note(f"{rows} {lack} cells, as no training row did: {without_cells}")
    if samples.without_target:
        rows = counted(samples.without_target, "row")
        have = "has" if samples.without_target == 1 else "have"
        _note(f"{rows} {have} no target, and {have} no part in this")


def _note(what: str) -> None:
    click.echo(visible(f"note: {what}"), err=True)
