"""``netlang run``: train a file, and show how it goes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from netlang.backends import BACKENDS
from netlang.cli.display import Display, JsonLines, PlainLines, show_as_data
from netlang.cli.sources import allow_option, file_argument, program_or_exit, set_option, show
from netlang.diagnostics import DiagnosticError
from netlang.ir import Program
from netlang.runner import Finished, Training


@click.command("run")
@file_argument
@set_option
@allow_option
@click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    default="auto",
    show_default=True,
    help="On tensors, in compiled C, or whichever is done sooner.",
)
@click.option("--json", "as_data", is_flag=True, help="One JSON object per line and event.")
def command(
    file: str,
    overrides: tuple[str, ...],
    allowed: tuple[Path, ...],
    backend: str,
    as_data: bool,
) -> None:
    """Train FILE, and measure it on its test data.

    The exit status is 1 if the file has an error, training diverges, or an `expect` is missed.

    \b
    Example:
        netlang run models/model2.net --set epochs=50 --set optimizer.lr=3e-3
    """
    report = show_as_data if as_data else show
    program = program_or_exit(file, overrides, allowed, to_run=True, report=report)
    try:
        finished = _train(program, backend, _display(program.source.name, as_data))
    except DiagnosticError as error:
        report(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    except KeyboardInterrupt:
        click.echo("interrupted: training stopped, and its weights are gone", err=True)
        raise click.exceptions.Exit(130) from None
    raise click.exceptions.Exit(0 if finished.ok else 1)


def _train(program: Program, backend: str, display: Display) -> Finished:
    try:
        for event in Training(program, backend).events():
            display.show(event)
    finally:
        display.close()
    assert isinstance(event, Finished), "a run that is not broken off ends so"
    return event


def _display(name: str, as_data: bool) -> Display:
    if as_data:
        return JsonLines()
    if sys.stdout.isatty():
        from netlang.cli.progress import ProgressBar

        return ProgressBar(name)
    return PlainLines(name)
