"""Texts in pictures have a width; they are cut to fit, and show what the font cannot draw."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

_UNITS = 64 * 72  # in an inch: a font measures in 64ths of a point
_LONGEST = 300  # characters, more than fit into any picture


def end_of(text: str, inches: float, size: float) -> str:
    """Cut the beginning of each line of ``text`` that is wider than ``inches``."""
    lines = drawable(text).split("\n")
    return "\n".join(_fitted(one, inches, size, lambda line, n: f"…{line[-n:]}") for one in lines)


def beginning_of(text: str, inches: float, size: float) -> str:
    """Make ``text`` one line, and cut its end if it is wider than ``inches``."""
    line = drawable(text).replace("\n", " ")
    return _fitted(line, inches, size, lambda line, n: f"{line[:n].rstrip()}…")


def width(line: str, size: float) -> float:
    """The width in inches of a line of text, in letters of ``size`` points."""
    letters = font()
    letters.set_size(size, 72)
    letters.set_text(line)
    return float(letters.get_width_height()[0]) / _UNITS


def drawable(text: str) -> str:
    """Replace each character that the font lacks by its number."""
    has = font().get_charmap()
    return "".join(
        one if one == "\n" or (one.isprintable() and ord(one) in has) else _escaped(one)
        for one in text
    )


def _fitted(line: str, inches: float, size: float, cut: Callable[[str, int], str]) -> str:
    line = line[:_LONGEST] + line[-_LONGEST:] if len(line) > 2 * _LONGEST else line
    if width(line, size) <= inches:
        return line
    fits = bisect(range(1, len(line)), inches, key=lambda n: width(cut(line, n), size))
    return cut(line, fits) if fits else "…"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


@cache
def font() -> FT2Font:
    """The font that matplotlib ships and draws in."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return FT2Font(findfont("DejaVu Sans"))
