"""Where a command's text goes: to the terminal, or to a file."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.cli.sources import shown
from netlang.ir import Program

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    default="-",
    help="Write to this file, and not to the terminal.",
)


def write_out(text: str, output: str, program: Program) -> None:
    """To ``output``, which is ``-`` for the terminal.

    Raises UsageError where that is the program's own file, and ClickException where it cannot be
    written.
    """
    if output == "-":
        click.echo(text, nl=False)
        return
    source = program.source.path
    if source and Path(output).resolve() == source.resolve():
        raise click.UsageError(f"-o names {shown(output)} itself, which would be lost")
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {shown(output)}: {error.strerror}") from None
