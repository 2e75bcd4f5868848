"""``netlang check``: say what is wrong with files, and run nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click

from netlang.cli.sources import allow_option, counted, set_option, show
from netlang.diagnostics import Diagnostic, DiagnosticError
from netlang.diagnostics.json import as_json
from netlang.passes import compile_source
from netlang.syntax import read


@click.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@set_option
@allow_option
@click.option("--json", "as_data", is_flag=True, help="One JSON object instead of text.")
def command(
    files: tuple[str, ...], overrides: tuple[str, ...], allowed: tuple[Path, ...], as_data: bool
) -> None:
    """Check FILEs: names, arguments, shapes, and the data at both ends. Nothing is trained.

    `-` reads standard input. The exit status is 1 if there is an error; warnings are none.

    \b
    Example:
        netlang check models/*.net
    """
    ok = True
    found: list[Diagnostic] = []
    for index, file in enumerate(files):
        diagnostics, sound = _check(file, overrides, allowed)
        ok &= sound
        found += diagnostics
        if not as_data:
            if index and diagnostics:
                click.echo(err=True)
            show(diagnostics)
            click.echo(f"{_shown(file)}: {counted(diagnostics) or 'ok'}", err=not sound)
    if as_data:
        click.echo(json.dumps({"ok": ok, "diagnostics": [as_json(one) for one in found]}))
    raise click.exceptions.Exit(0 if ok else 1)


def _check(
    file: str, overrides: tuple[str, ...], allowed: tuple[Path, ...]
) -> tuple[tuple[Diagnostic, ...], bool]:
    try:
        compilation = compile_source(read(file, allowed), overrides, library=True)
    except DiagnosticError as error:
        return error.diagnostics, False
    return compilation.diagnostics, compilation.ok


def _shown(file: str) -> str:
    return "<stdin>" if file == "-" else click.format_filename(file)
