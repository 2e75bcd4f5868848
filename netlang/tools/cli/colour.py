"""Messages on a terminal have these colours."""

from __future__ import annotations

import click

from netlang.language.diagnostics.text import Style

_COLOURS = {
    Style.ERROR: "red",
    Style.WARNING: "yellow",
    Style.GUTTER: "blue",
    Style.PRIMARY: "red",
    Style.SECONDARY: "blue",
    Style.HELP: "green",
}


def paint(text: str, style: Style) -> str:
    return click.style(text, fg=_COLOURS.get(style), bold=style is not Style.GUTTER)
