"""What commands share: reading and compiling files, and showing what is wrong with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import click

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, DiagnosticError
from netlang.language.syntax import read
from netlang.tools.cli.complete import net_paths

_SHOWN = 20  # mending the first mistakes of a file that has more tends to mend others

file_argument = click.argument("file", metavar="FILE", shell_complete=net_paths)
set_option = click.option(
    "--set",
    "overrides",
    metavar="NAME=VALUE",
    multiple=True,
    help="Override a constant, a setting or an argument, such as optimizer.lr=1e-3. Repeatable.",
)


allow_option = click.option(
    "--allow",
    "allowed",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Let the file read data and imports from FOLDER, too. Repeatable.",
)


def shown(path: str) -> str:
    """``path`` for a terminal, with what it would obey or hide written out."""
    from netlang.language.diagnostics.excerpt import visible

    return visible(click.format_filename(path))


def net_files(paths: Iterable[str]) -> Iterator[str]:
    """``paths``, with each folder replaced by all .net files below it.

    What a run keeps below it is left out: it is what was run, and no file to work on.
    """
    for path in paths:
        if not os.path.isdir(path):  # which, unlike Path's, is for any text
            yield path
            continue
        found = sorted(str(file) for file in Path(path).rglob("*.net") if not file.is_dir())
        kept = {str(record.parent) for record in Path(path).rglob("run.json")} - {path.rstrip("/")}
        found = [file for file in found if not _is_below(file, kept)]
        if not found:
            raise click.ClickException(f"there is no .net file in {shown(path)}")
        yield from found


def _is_below(file: str, folders: Collection[str]) -> bool:
    return any(str(parent) in folders for parent in Path(file).parents)


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics to standard error, in colour on a terminal unless NO_COLOR is set."""
    found = list(diagnostics)
    if not found:
        return
    from netlang.language.diagnostics.text import plain, render_all
    from netlang.tools.cli.colour import (
        paint,  # rendering takes time to import, and is rarely needed
    )

    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    click.echo(render_all(found[:_SHOWN], paint if colour else plain), err=True, color=colour)
    if len(found) > _SHOWN:
        click.echo(f"\n... and {len(found) - _SHOWN} more", err=True)
    if first := next((one for one in found if one.is_error), None):
        click.echo(f"\nnetlang explain {first.code} tells more about it", err=True)


def program_or_exit(
    path: str,
    overrides: Sequence[str] = (),
    allowed: tuple[Path, ...] = (),
    to_run: bool = False,
    report: Callable[[Iterable[Diagnostic]], None] = show,
    backend: str = "auto",
) -> Program:
    """The file's program; reports what is wrong, and ends with status 1 if that is an error."""
    try:
        compilation = compile_source(read(path, allowed), overrides, to_run, backend=backend)
    except DiagnosticError as error:
        report(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    report(compilation.diagnostics)
    if compilation.program is None:
        raise click.exceptions.Exit(1)
    return compilation.program


def counted(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``."""
    found = list(diagnostics)
    errors = sum(one.is_error for one in found)
    warnings = len(found) - errors
    parts = [
        f"{count} {noun}{'s' * (count > 1)}"
        for count, noun in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    return ", ".join(parts)
