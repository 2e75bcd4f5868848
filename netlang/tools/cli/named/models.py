"""Commands use trained models, which a command line names by a run's folder or a model file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.shell import shell_word
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import is_of_a_run
from netlang.runs.folders.kept_run import NotARun, kept_run
from netlang.runs.models.model_path import model_path
from netlang.runs.models.trained import TrainedModel, load_model
from netlang.system.file_kinds import TABLE, TENSORS, kind_of
from netlang.system.terminal import visible
from netlang.tools.cli.output.printing import report_diagnostics

model_argument = click.argument("model", metavar="MODEL", type=click.Path())


def trained_model(named: str, backend: str = "tensor") -> TrainedModel:
    """The model, which ``backend`` evaluates. Where there is none, this says so, and ends the
    command with status 1. Standard error says so where its run has not come to its end.
    """
    try:
        model = load_model(named, backend)
    except NetError as error:
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    report_diagnostics(model.warnings)
    if so_far := _so_far(model_path(named)):
        click.echo(visible(so_far), err=True)
    return model


def answering_by(backend: str, trained: TrainedModel, for_many: bool = False) -> TrainedModel:
    """The model in C where ``backend`` is "native" and it can be had. Standard error says why it
    cannot.
    """
    from netlang.engine.native.cc import NotCompiled  # who compiles nothing loads none
    from netlang.lowering.lowerings import Unsupported

    if backend == "native":
        try:
            return trained.in_c(for_many)
        except (Unsupported, NotCompiled) as reason:
            click.echo(visible(f"note: answered on tensors: {reason}"), err=True)
    return trained


def check_order(model: str, table: str | None) -> None:
    """Raises click.UsageError where both are named, and ``table`` is the model."""
    if table and kind_of(Path(model)) == TABLE and _is_model(Path(table)):
        name = click.get_current_context().info_name
        command = " ".join(("netlang", str(name), *map(shell_word, (table, model))))
        raise click.UsageError(f"MODEL comes before TABLE: `{command}`")


def _is_model(path: Path) -> bool:
    return is_of_a_run(path) if os.path.isdir(path) else kind_of(path) == TENSORS


def _so_far(file: Path) -> str:
    """How far the run has come whose model ``file`` is, if that is not its end."""
    try:
        return kept_run(file.parent).model_so_far if file.name == MODEL_FILE else ""
    except NotARun:
        return ""
