"""``netlang diff``: what changed in meaning between two files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from netlang.compiler.ir import Change, compare
from netlang.tools.cli.complete import net_paths
from netlang.tools.cli.sources import allow_option, program_or_exit

_SIGNS = {"added": "+", "removed": "-"}


@click.command("diff")
@click.argument("before", metavar="BEFORE", shell_complete=net_paths)
@click.argument("after", metavar="AFTER", shell_complete=net_paths)
@allow_option
@click.option("--json", "as_data", is_flag=True, help="One JSON object instead of text.")
@click.option("--exit-code", is_flag=True, help="Exit with status 1 if anything changed.")
def command(
    before: str, after: str, allowed: tuple[Path, ...], as_data: bool, exit_code: bool
) -> None:
    """Show what changed in meaning from BEFORE to AFTER: layers, wiring, settings, sizes.

    How the files are written makes no difference: names, comments, blocks and repeats.

    \b
    Example:
        git show HEAD:net.net | netlang diff - net.net
    """
    programs = [program_or_exit(file, (), allowed) for file in (before, after)]
    changes = compare(*programs)
    if as_data:
        click.echo(json.dumps({"changes": [_as_data(change) for change in changes]}))
    elif changes:
        width = max(len(change.what) for change in changes)
        click.echo("\n".join(_line(change, width) for change in changes))
    else:
        click.echo("no change in meaning")
    raise click.exceptions.Exit(1 if changes and exit_code else 0)


def _line(change: Change, width: int) -> str:
    texts = " -> ".join(text for text in (change.before, change.after) if text is not None)
    lines = " -> ".join(
        dict.fromkeys(map(str, filter(None, (change.line_before, change.line_after))))
    )
    where = f"  (line {lines})" if lines else ""
    return f"{_SIGNS.get(change.kind, '~')} {change.what:{width}}  {texts}{where}"


def _as_data(change: Change) -> dict[str, object]:
    return {name: getattr(change, name) for name in change._fields}
