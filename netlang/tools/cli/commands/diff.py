"""``netlang diff`` shows what changed in meaning between two files."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.compiler.ir import compare
from netlang.system.terminal import aligned
from netlang.tools.cli.completion.words import net_paths
from netlang.tools.cli.named.sources import NetFile, allow_option, refuse_twice
from netlang.tools.cli.output.difference import change_rows
from netlang.tools.cli.output.json_answers import json_option, print_json


@click.command("diff")
@click.argument("before", metavar="BEFORE", shell_complete=net_paths)
@click.argument("after", metavar="AFTER", shell_complete=net_paths)
@allow_option
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with status 1 if anything changed.")
def command(
    before: str, after: str, allowed: tuple[Path, ...], as_data: bool, exit_code: bool
) -> None:
    """Show what changed in meaning from BEFORE to AFTER.

    Layers, wiring, settings and sizes count; names, comments, blocks and repeats do not. One of the
    two may be `-`, standard input.

    \b
    Example:
        git show HEAD:net.net | netlang diff - net.net
    """
    refuse_twice((before, after))
    changes = compare(*[NetFile(path, (), allowed).program() for path in (before, after)])
    if as_data:
        print_json({"changes": [change.as_dict() for change in changes]})
    elif changes:
        click.echo("\n".join(aligned(change_rows(changes))))
    else:
        click.echo("no change in meaning")
    raise click.exceptions.Exit(1 if changes and exit_code else 0)
