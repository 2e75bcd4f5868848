"""The colours of messages on a terminal."""

from __future__ import annotations

import click

from netlang.language.diagnostics.text import Role

_COLOURS = {
    Role.ERROR: "red",
    Role.WARNING: "yellow",
    Role.GUTTER: "blue",
    Role.PRIMARY: "red",
    Role.SECONDARY: "blue",
    Role.HELP: "green",
}


def paint(text: str, role: Role) -> str:
    return click.style(text, fg=_COLOURS.get(role), bold=role is not Role.GUTTER)
