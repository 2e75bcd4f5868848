"""``netlang fmt`` puts files into one style."""

from __future__ import annotations

import click

from netlang.compiler.passes.reword import reworded
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.rendering.json import as_json
from netlang.language.syntax import format_source, read
from netlang.tools.cli.named.sources import files_argument, net_files
from netlang.tools.cli.named.written_files import rewrite
from netlang.tools.cli.output.difference import show_difference
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import show_diagnostics, visible_path


@click.command("fmt")
@files_argument
@click.option("--check", is_flag=True, help="Write nothing; show what would change, and exit 1.")
@json_option
def command(files: tuple[str, ...], check: bool, as_data: bool) -> None:
    """Put FILEs into netlang's style.

    That is spaces, indentation, blank lines, and a break before `->`. Every comment stays, and so
    does what the files mean. A folder stands for all .net files below it; `-` reads standard input
    and writes standard output. A file with a syntax error is left as it is, and the exit status is
    1.

    \b
    Example:
        netlang fmt models/
    """
    if as_data and "-" in files and not check:
        raise click.UsageError("--json and the text of standard input would be mixed: add --check.")
    changed: list[str] = []
    unwritten: list[str] = []
    found: list[Diagnostic] = []
    for path in net_files(files):
        try:
            source = read(path)
            text = format_source(source)
        except NetError as error:
            mistakes = [*map(reworded, error.diagnostics)]
            found += mistakes
            if not as_data:
                show_diagnostics(mistakes)
            continue
        if path == "-" and not check:
            click.echo(text, nl=False)
        elif text != source.text:
            if not check and not rewrite(path, text):
                unwritten.append(path)
                continue
            changed.append(path)
            if check and not as_data:
                show_difference(source, text, "formatted")
            elif not as_data:
                click.echo(f"formatted {visible_path(source.name)}")
    sound = not found and not unwritten and not (check and changed)
    if as_data:
        diagnostics = [as_json(diagnostic) for diagnostic in found]
        result = {"ok": sound, "changed": changed, "unwritten": unwritten}
        print_json({**result, "diagnostics": diagnostics})
    raise click.exceptions.Exit(0 if sound else 1)
