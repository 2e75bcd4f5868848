"""``netlang ir``: the compiler's result, as text."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.compiler.ir import print_program
from netlang.tools.cli.sources import allow_option, file_argument, program_or_exit, set_option


@click.command("ir")
@file_argument
@set_option
@allow_option
def command(file: str, overrides: tuple[str, ...], allowed: tuple[Path, ...]) -> None:
    """Print the graph that FILE compiles to: every layer with its arguments, shape and line.

    \b
    Example:
        netlang ir models/model2.net
    """
    click.echo(print_program(program_or_exit(file, overrides, allowed)))
