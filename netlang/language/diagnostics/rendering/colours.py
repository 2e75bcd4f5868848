"""The colours of a message on a terminal, and in notebooks, which obey the same codes.

A notebook shows them in the colours of its own theme, light or dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlang.language.diagnostics.rendering.excerpt import Style

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_RED, _GREEN, _YELLOW, _BLUE = (f"\x1b[{code}m" for code in (31, 32, 33, 34))
_COLOURS = {  # of a message's pieces
    "error": _RED,
    "warning": _YELLOW,
    "gutter": _BLUE,
    "primary": _RED,
    "secondary": _BLUE,
    "help": _GREEN,
}


def coloured(text: str, style: Style) -> str:
    """The paint for what shows colours."""
    bold = _BOLD if style != "gutter" else ""
    return f"{_COLOURS.get(style, '')}{bold}{text}{_PLAIN}"
