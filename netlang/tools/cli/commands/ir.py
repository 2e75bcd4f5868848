"""``netlang ir`` prints the compiler's result as text."""

from __future__ import annotations

import click

from netlang.compiler.ir import print_program
from netlang.tools.cli.sources import NetFile, takes_file


@click.command("ir")
@takes_file
def command(file: NetFile) -> None:
    """Print the graph that FILE compiles to.

    It has every layer with its arguments, shape and line.

    \b
    Example:
        netlang ir models/model2.net
    """
    click.echo(print_program(file.program()))
