"""``netlang ir`` prints the compiler's result as text."""

from __future__ import annotations

import click

from netlang.compiler.ir import print_program
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.named.written_files import output_option, write_out


@click.command("ir")
@takes_file
@output_option
def command(file: NetFile, output: str) -> None:
    """Print the graph that FILE compiles to.

    It has every layer with its arguments, shape and line.

    \b
    Example:
        netlang ir models/model2.net
    """
    program = file.program()
    write_out(f"{print_program(program)}\n", output, program)
