"""Commands print diagnostics, names of files, text in columns, and JSON."""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.wording import counted
from netlang.system import interruption
from netlang.system.terminal import visible, width

if TYPE_CHECKING:
    from netlang.language.diagnostics.excerpt import Style

_SHOWN = 20  # mending the first mistakes of a file that has more tends to mend others
_BETWEEN = "  "  # columns
_COLOURS = {  # of a message's pieces
    "error": "red",
    "warning": "yellow",
    "gutter": "blue",
    "primary": "red",
    "secondary": "blue",
    "help": "green",
}

# The keys by which click keeps whether an answer in JSON is still to be given, and whether that is
# an object for each event.
_JSON, _EVENTS = "netlang: JSON", "netlang: events"


def _json_option(events: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def note(context: click.Context, option: click.Parameter, value: bool) -> bool:
        context.meta[_JSON], context.meta[_EVENTS] = value, value and events
        if value:
            context.call_on_close(interruption.at_signal(lambda: _print_interrupted(context)))
        return value

    help = "Print JSON, for programs."
    return click.option("--json", "as_data", is_flag=True, callback=note, help=help)


json_option = _json_option(events=False)  # the command answers one object or list
events_option = _json_option(events=True)


def _print_interrupted(context: click.Context) -> None:
    """Print an ``interrupted`` object, if the command has not answered and somebody reads."""
    if not context.meta[_JSON]:
        return
    with suppress(OSError, ValueError):  # standard output is closed
        output = sys.stdout.fileno()
        if select.select([], [output], [], 0)[1]:
            os.write(output, b'{"event": "interrupted"}\n')


def show_error_as_data(error: click.ClickException, context: click.Context) -> None:
    """Print an ``error`` object, if the command has --json and has not answered."""
    if context.meta.get(_JSON):
        print_event({"event": "error", "message": error.format_message()})


def print_json(data: object) -> None:
    """Print ``data``, which is all that a command answers, as one line."""
    click.get_current_context().meta[_JSON] = False
    click.echo(json.dumps(data))


def print_event(data: Mapping[str, object]) -> None:
    """Print one object of those that a command answers, as one line."""
    click.echo(json.dumps(data))


def shown(path: str) -> str:
    """``path`` for a terminal: control characters, which that would obey, are written out."""
    return visible(click.format_filename(path))


def report(diagnostics: Iterable[Diagnostic]) -> None:
    """Show diagnostics, or print them as one ``diagnostics`` object if the command has --json.

    Warnings beside a command's only answer are shown all the same.
    """
    found = list(diagnostics)
    context = click.get_current_context(silent=True)
    asked = context.meta if context else {}
    failed = any(diagnostic.is_error for diagnostic in found)
    if found and (asked.get(_EVENTS) or (asked.get(_JSON) and failed)):
        from netlang.language.diagnostics.json import as_json

        print_event({"event": "diagnostics", "diagnostics": list(map(as_json, found))})
    else:
        show(found)


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics to standard error, in colour on a terminal."""
    found = list(diagnostics)
    if not found:
        return
    # Rendering takes time to import, and is rarely needed.
    from netlang.language.diagnostics.text import plain, render_all

    colour = has_colour(sys.stderr)
    click.echo(render_all(found[:_SHOWN], _paint if colour else plain), err=True, color=colour)
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


def _paint(text: str, style: Style) -> str:
    return click.style(text, fg=_COLOURS.get(style), bold=style != "gutter")


def has_colour(stream: TextIO) -> bool:
    """Whether what is written there is in colour: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``."""
    found = list(diagnostics)
    errors = sum(diagnostic.is_error for diagnostic in found)
    counts = (errors, "error"), (len(found) - errors, "warning")
    return ", ".join(counted(count, noun) for count, noun in counts if count)


def aligned(rows: Iterable[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """A line for each row of cells. A column is as wide as its widest cell; the columns whose
    numbers are in ``right`` are flush right. (A library's table takes a millisecond a row.)

    >>> aligned([("Linear", "6"), ("ReLU", "12")], right=[1])
    ['Linear   6', 'ReLU    12']
    """
    padded = []
    for number, cells in enumerate(zip(*rows, strict=True)):
        spaces = [" " * (max(map(width, cells)) - width(cell)) for cell in cells]
        both = zip(cells, spaces, strict=True)
        padded.append([space + cell if number in right else cell + space for cell, space in both])
    return [_BETWEEN.join(row).rstrip() for row in zip(*padded, strict=True)]
