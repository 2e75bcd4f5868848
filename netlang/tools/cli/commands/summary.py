"""``netlang summary`` shows a network's layers, their shapes, and what they cost."""

from __future__ import annotations

import click

from netlang.runs.lines.summary import summary, summary_data
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.training.backend import backend_option


@click.command("summary")
@takes_file
@click.option(
    "--expand", is_flag=True, help="Show each layer of a large network, with all of its call."
)
@backend_option
@json_option
def command(file: NetFile, backend: str, as_data: bool, expand: bool) -> None:
    """Show FILE's layers, shapes, weights, work and memory.

    The work is in multiply-adds for one sample, `MACs` where a terminal is narrow. A layer's memory
    is that of its weights, their gradients, the optimizer's state for them, and its outputs for a
    batch with their gradients. The memory below the table is that of the backend that trains. Where
    a network has convolutions or pools, an output `sees` 7 x 7 / 2: so many neighbouring numbers of
    the input, and the next output those that are 2 further on. Of a large network, its blocks are
    shown, and one copy of a repeat.

    \b
    Example:
        netlang summary models/model2.net
    """
    program = file.program()
    if as_data:
        print_json(summary_data(program, backend))
    else:
        click.echo(summary(program, backend, expand))
