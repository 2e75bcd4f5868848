"""Answers in JSON, for programs that run a command with --json."""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import click

from netlang.system import interruption

# Click keeps two answers under these keys: whether JSON is still to be printed, and whether that is
# an object for each event.
_JSON, _EVENTS = "netlang: JSON", "netlang: events"


def _json_option(events: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def note(context: click.Context, option: click.Parameter, value: bool) -> bool:
        context.meta[_JSON], context.meta[_EVENTS] = value, value and events
        if value:
            context.call_on_close(interruption.at_signal(lambda: _print_interrupted(context)))
        return value

    help = "Print JSON, for programs."
    # It is eager, so that it is noted before another option can be wrong.
    return click.option("--json", "as_data", is_flag=True, is_eager=True, callback=note, help=help)


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


def takes_diagnostics(failed: bool) -> bool:
    """Whether an answer in JSON has room for diagnostics: among events, or as the only one."""
    context = click.get_current_context(silent=True)
    asked = context.meta if context else {}
    return bool(asked.get(_EVENTS) or (asked.get(_JSON) and failed))


def show_error_as_data(message: str, context: click.Context, words: Sequence[str]) -> None:
    """Print an ``error`` object, if the command has --json and has not answered.

    A command line that click cannot parse is not noted: then the ``words`` of the command decide.
    """
    if context.meta.get(_JSON, "--json" in words):
        print_json({"event": "error", "message": message})


def print_json(data: object) -> None:
    """Print ``data``, all that a command answers or the last of it, as one line."""
    click.get_current_context().meta[_JSON] = False
    click.echo(json.dumps(data))


def print_event(data: Mapping[str, object]) -> None:
    """Print one object of those that a command answers, and not the last, as one line."""
    click.echo(json.dumps(data))
