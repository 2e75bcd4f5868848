"""Where a command's text goes: to the terminal, or to a file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from netlang.compiler.ir import Program
from netlang.system.files import write_whole
from netlang.tools.cli.sources import shown

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    default="-",
    help="Write to this file, and not to the terminal.",
)


def write_out(text: str, output: str, program: Program) -> None:
    """To ``output``, which is ``-`` for the terminal.

    Raises UsageError where that is a file that the program reads, and ClickException where it
    cannot be written.
    """
    if output == "-":
        click.echo(text, nl=False)
        return
    path = Path(output)
    try:
        if os.path.realpath(path) in [file.real for file in program.files]:
            raise click.UsageError(f"-o names {shown(output)} itself, which would be lost")
        if _is_device(path):
            path.write_text(text, encoding="utf-8")
        else:
            write_whole(path, text)
    except OSError as error:
        raise click.ClickException(f"cannot write {shown(output)}: {error.strerror}") from None


def _is_device(path: Path) -> bool:
    """Whether it exists and is no regular file: it is written into, and not replaced."""
    return path.exists() and not path.is_file()
