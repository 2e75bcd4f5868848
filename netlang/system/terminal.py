"""Text for a terminal: with all that it would obey written out, and how many cells it takes up."""

from __future__ import annotations

import unicodedata

_TAB = "    "


def visible(text: str) -> str:
    r"""``text`` with all that a terminal would obey or hide written out.

    >>> visible("red: \x1b[31m, right to left: \u202e")
    'red: \\x1b[31m, right to left: \\u202e'
    """
    return text if text.isprintable() else "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character == "\t":
        return _TAB
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """The cells that ``text``, already visible, takes up in a terminal."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):  # drawn onto the character before
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
