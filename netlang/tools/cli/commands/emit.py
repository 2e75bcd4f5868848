"""``netlang emit`` prints the C that the native engine compiles for a training step."""

from __future__ import annotations

import shlex
from pathlib import Path
from textwrap import fill

import click

from netlang.engine.native.cc import compiling, machine_flags
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.lowerings import Unsupported
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.named.written_files import output_option, write_out


@click.command("emit")
@takes_file
@click.option("--double", is_flag=True, help="Compute in double, not in float.")
@output_option
def command(file: NetFile, double: bool, output: str) -> None:
    """Print FILE's training step in C.

    It is the network, the loss and the step, as `netlang run --backend native` compiles them, with
    the lines of FILE as comments. It stands alone, and begins with the command that compiles it in
    the same way.

    \b
    Example:
        netlang emit models/model2.net
    """
    program = file.program()
    if not program.loss or not program.optimizer:
        raise click.ClickException("a training step needs a `loss` and an `optimizer` in the file")
    real = "double" if double else "float"
    parts = program.graph, program.loss, program.optimizer, program.batch_size
    penalties, clipping = program.penalties, program.clipping
    try:
        emission = emit(*parts, real, comments=True, penalties=penalties, clipping=clipping)
    except Unsupported as reason:
        raise click.ClickException(f"there is no C for this file: {reason}") from None
    write_out(_how_it_is_compiled() + emission.source, output, program)


def _how_it_is_compiled() -> str:
    """A comment with a command that may be copied from it."""
    command = shlex.join(compiling(["cc"], Path("step.c"), Path("step.so"), machine_flags()))
    lines = fill(command, 90, break_long_words=False, break_on_hyphens=False).splitlines()
    shown = " \\\n       ".join(lines)
    return f"/* In a file step.c, netlang compiles it by\n\n       {shown} */\n\n"
