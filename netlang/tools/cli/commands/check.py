"""``netlang check``: say what is wrong with files, and run nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, DiagnosticError
from netlang.language.diagnostics.json import as_json
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.system.record import Record
from netlang.tools.cli.complete import net_paths
from netlang.tools.cli.sources import allow_option, counted, net_files, set_option, show, shown


@click.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=net_paths)
@set_option
@allow_option
@click.option("--fix", is_flag=True, help="Make the changes that netlang is sure of.")
@click.option("--json", "as_data", is_flag=True, help="One JSON object instead of text.")
def command(
    files: tuple[str, ...],
    overrides: tuple[str, ...],
    allowed: tuple[Path, ...],
    fix: bool,
    as_data: bool,
) -> None:
    """Check FILEs: names, arguments, shapes, and the data at both ends. Nothing is trained.

    A folder means all .net files below it; `-` reads standard input. The exit status is 1 if
    there is an error; warnings are none. With --fix, files are mended where only one change can be
    meant and it brings no other message, and what is left is shown.

    \b
    Example:
        netlang check models/*.net
    """
    if fix and "-" in files:
        raise click.UsageError("--fix changes files, and standard input is none.")
    ok = True
    found: list[Diagnostic] = []
    for index, file in enumerate(net_files(files)):
        checked = _check(file, overrides, allowed, fix, quiet=as_data)
        diagnostics = checked.diagnostics
        sound = not any(one.is_error for one in diagnostics)
        ok &= sound and not checked.kept
        found += diagnostics
        if not as_data:
            if index and diagnostics:
                click.echo(err=True)
            show(diagnostics)
            mended = f"{checked.fixed} fixed, " if checked.fixed else ""
            verdict = counted(diagnostics) or "ok"
            if sound and checked.lacks:
                verdict += f" (to run, it needs {' and '.join(checked.lacks)})"
            click.echo(f"{_shown(file)}: {mended}{verdict}", err=not sound)
    if as_data:
        click.echo(json.dumps({"ok": ok, "diagnostics": [as_json(one) for one in found]}))
    raise click.exceptions.Exit(0 if ok else 1)


class _Checked(Record):
    """What is wrong with a file, how many mistakes were mended before, and what it lacks of what
    training needs, if it is meant for that; ``kept`` says that it could not be written.
    """

    diagnostics: tuple[Diagnostic, ...]
    fixed: int = 0
    lacks: Sequence[str] = ()
    kept: bool = False


def _check(
    file: str, overrides: tuple[str, ...], allowed: tuple[Path, ...], fix: bool, quiet: bool
) -> _Checked:
    try:
        source = read(file, allowed)
    except DiagnosticError as error:
        return _Checked(error.diagnostics)
    better, count = _mended(source) if fix else (source, 0)
    kept = count > 0 and not _written(file, source, better, quiet)
    if kept:
        better, count = source, 0
    compilation = compile_source(better, overrides, library=True)
    return _Checked(compilation.diagnostics, count, _lacking(compilation.program), kept)


def _mended(source: SourceFile) -> tuple[SourceFile, int]:
    """The file with its fixes made, and how many; what the command line sets is no part of it."""
    from netlang.language.diagnostics.fixes import mended

    return mended(source, lambda source: compile_source(source, library=True).diagnostics)


def _written(file: str, source: SourceFile, better: SourceFile, quiet: bool) -> bool:
    """Whether the file could be overwritten with ``better``; shows why, if not."""
    from netlang.tools.cli.difference import show_difference
    from netlang.tools.cli.rewrite import rewrite

    try:
        rewrite(file, better.text)
    except click.ClickException as problem:
        problem.show()
        return False
    if not quiet:
        show_difference(source, better.text, "mended", context=0)
    return True


def _lacking(program: Program | None) -> list[str]:
    """The settings to train with that are not there, if some of them are."""
    if program is None:
        return []
    needed = [name for name, setting in SETTINGS.items() if setting.to_run]
    missing = [f"`{name}`" for name in needed if name not in program.settings]
    return missing if len(missing) < len(needed) else []


def _shown(file: str) -> str:
    return "<stdin>" if file == "-" else shown(file)
