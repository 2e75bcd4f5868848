"""Commands print diagnostics and the names of files, in colour on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.wording import counted
from netlang.system.terminal import visible
from netlang.tools.cli.output.json_answers import print_event, print_json, takes_diagnostics

_SHOWN = 20  # mending the first mistakes of a file that has more tends to mend others


def visible_path(path: str) -> str:
    """``path`` with its control characters written out, as a terminal would obey them."""
    return visible(click.format_filename(path))


def report_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Show diagnostics, or print them as one ``diagnostics`` object if the command has --json.

    Warnings beside a command's only answer are shown all the same.
    """
    found = list(diagnostics)
    failed = any(diagnostic.is_error for diagnostic in found)
    if found and takes_diagnostics(failed):
        from netlang.language.diagnostics.rendering.json import as_json

        answer = print_json if failed else print_event
        answer({"event": "diagnostics", "diagnostics": list(map(as_json, found))})
    else:
        show_diagnostics(found)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics to standard error, in colour on a terminal."""
    found = list(diagnostics)
    if not found:
        return
    # Rendering takes time to import, and is rarely needed.
    from netlang.language.diagnostics.rendering.colours import coloured
    from netlang.language.diagnostics.rendering.text import plain, render_all

    colour = has_colour(sys.stderr)
    click.echo(render_all(found[:_SHOWN], coloured if colour else plain), err=True, color=colour)
    if len(found) > _SHOWN:
        click.echo(f"\n... and {len(found) - _SHOWN} more", err=True)
    if first := next((diagnostic for diagnostic in found if diagnostic.is_error), None):
        click.echo(f"\nnetlang explain {first.code} tells more about it", err=True)


def show_own_error(text: str, error: Exception) -> None:
    """Say that netlang itself is at fault. Where NETLANG_DEBUG is set, ``error`` is raised."""
    if os.environ.get("NETLANG_DEBUG"):
        raise error
    click.echo(visible(f"{text}, not yours: {error!r}"), err=True)
    click.echo("Set NETLANG_DEBUG=1 to see where, and please report it.", err=True)


def has_colour(stream: TextIO) -> bool:
    """Whether what is written there is in colour: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``."""
    found = list(diagnostics)
    errors = sum(diagnostic.is_error for diagnostic in found)
    counts = (errors, "error"), (len(found) - errors, "warning")
    return ", ".join(counted(count, noun) for count, noun in counts if count)
