"""What a command changes in a file, or would change."""

from __future__ import annotations

import difflib
import os
import sys

import click

from netlang.cli.sources import shown
from netlang.source import SourceFile

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show_difference(source: SourceFile, text: str, done: str, context: int = 3) -> None:
    """Print the lines that differ from ``source`` in ``text``, which was ``done`` to it."""
    before, after, name = source.text.splitlines(), text.splitlines(), shown(source.name)
    lines = difflib.unified_diff(before, after, name, f"{name} ({done})", lineterm="", n=context)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in lines:
        if colour and (shade := _COLOURS.get(line[:1])):
            line = click.style(line, fg=shade)
        click.echo(line, color=colour)
