"""Commands print diagnostics, in colour on a terminal, and the names of files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from netlang.language.diagnostics import Diagnostic
from netlang.system.terminal import visible

_SHOWN = 20  # mending the first mistakes of a file that has more tends to mend others


def shown(path: str) -> str:
    """``path`` for a terminal: control characters, which that would obey, are written out."""
    return visible(click.format_filename(path))


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics to standard error."""
    found = list(diagnostics)
    if not found:
        return
    # Rendering takes time to import, and is rarely needed.
    from netlang.language.diagnostics.text import plain, render_all
    from netlang.tools.cli.colour import paint

    colour = has_colour(sys.stderr)
    click.echo(render_all(found[:_SHOWN], paint if colour else plain), err=True, color=colour)
    if len(found) > _SHOWN:
        click.echo(f"\n... and {len(found) - _SHOWN} more", err=True)
    if first := next((one for one in found if one.is_error), None):
        click.echo(f"\nnetlang explain {first.code} tells more about it", err=True)


def has_colour(stream: TextIO) -> bool:
    """Whether what is written there is in colour: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def counted(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``."""
    found = list(diagnostics)
    errors = sum(one.is_error for one in found)
    counts = (errors, "error"), (len(found) - errors, "warning")
    return ", ".join(f"{count} {noun}{'s' * (count > 1)}" for count, noun in counts if count)
