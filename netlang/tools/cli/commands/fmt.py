"""``netlang fmt``: files in one style."""

from __future__ import annotations

import click

from netlang.language.diagnostics import DiagnosticError
from netlang.language.syntax import format_source, read
from netlang.tools.cli.difference import show_difference
from netlang.tools.cli.messages import show, shown
from netlang.tools.cli.output import rewrite
from netlang.tools.cli.sources import files_argument, net_files


@click.command("fmt")
@files_argument
@click.option("--check", is_flag=True, help="Write nothing; show what would change, and exit 1.")
def command(files: tuple[str, ...], check: bool) -> None:
    """Put files into netlang's style: spaces, indentation, blank lines, a break before `->`.

    A folder means all .net files below it; `-` reads standard input and writes standard output.
    Every comment stays, and what the files mean does too. A file with a syntax error is left as
    it is, and the exit status is 1.

    \b
    Example:
        netlang fmt models/
    """
    sound = True
    for path in net_files(files):
        try:
            source = read(path)
            text = format_source(source)
        except DiagnosticError as error:
            show(error.diagnostics)
            sound = False
            continue
        changed = text != source.text
        if check:
            sound &= not changed
            show_difference(source, text, "formatted")
        elif path == "-":
            click.echo(text, nl=False)
        elif changed:
            rewrite(path, text)
            click.echo(f"formatted {shown(path)}")
    raise click.exceptions.Exit(0 if sound else 1)
