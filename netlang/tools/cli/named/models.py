"""Commands use trained models, which a command line names by a run's folder or a model file."""

from __future__ import annotations

import click

from netlang.language.diagnostics import DiagnosticError
from netlang.runs.models.trained import TrainedModel, load_model
from netlang.tools.cli.output.printing import report_diagnostics

model_argument = click.argument("model", metavar="MODEL", type=click.Path())


def trained_model(named: str, backend: str = "tensor") -> TrainedModel:
    """The model, which ``backend`` evaluates. Where there is none, this says so, and ends the
    command with status 1.
    """
    try:
        return load_model(named, backend)
    except DiagnosticError as error:
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None
